"""The jobs of the workflow, as its rules define them.

tests/test_status_jobs.py holds them against the jobs that Snakemake plans.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from frism.config.layout import Layout
from frism.dag.job import WorkflowJob
from frism.dag.pair_jobs import PairJobs
from frism.errors import ConfigError
from frism.results.figures.kinds import MAIN

ALL, EVERYTHING, MERGES, EVALUATIONS = "all", "everything", "merges", "evaluations"


def jobs_for(run: Layout, targets: Iterable[str]) -> list[WorkflowJob]:
    """Returns the jobs that lead to some outputs: what all pairs share, then pair by pair."""
    jobs = [*_downloads(run), *_benchmarks(run)]
    jobs += [job for pair in run.pairs for job in PairJobs(run, pair)]
    wanted = _leading_to(jobs, targets)
    return [job for job in jobs if job in wanted]


def outputs_of(run: Layout, target: str) -> list[str]:
    """Returns what a target of the workflow makes.

    Args:
        run: The paths of the run.
        target: `all`, `everything`, `merges`, `evaluations` or the name of an experiment.

    Raises:
        ConfigError: there is no such target.
    """
    experiments = list(run.setup.config.experiments)
    if target in experiments:
        return _results(run, run.part_of(target))
    merges = {pair: run.merges(pair) for pair in run.pairs}
    unevaluated = [path for p in run.pairs if p not in run.evaluated for path in merges[p]]
    merged = [path for paths in merges.values() for path in paths]
    found = {
        ALL: [*_results(run, experiments[:1]), *unevaluated],
        EVERYTHING: [*run.compared, *merged, *_results(run, experiments)],
        MERGES: merged,
        EVALUATIONS: run.compared,
    }
    if target not in found:
        expected = ", ".join([*found, *experiments])
        raise ConfigError(f"target: found {target}; expected one of {expected}")
    return found[target]


def _results(run: Layout, experiments: Iterable[str]) -> list[str]:
    """Returns the tables and figures of some experiments, for all pairs."""
    return [path for each in experiments for path in _results_of(run, each)]


def _results_of(run: Layout, experiment: str) -> list[str]:
    names = [("tables", f"{experiment}.csv"), ("figures", f"{experiment}.png")]
    if run.setup.config.experiments[experiment].figure == MAIN:
        names += [("figures", "samples.html"), ("tables", "times.md")]
    return [f"{run.output(pair, kind)}/{name}" for pair in run.evaluated for kind, name in names]


def _downloads(run: Layout) -> Iterator[WorkflowJob]:
    for folder in run.downloads:
        name = Path(folder).name
        yield WorkflowJob("", "download", name, Path(run.root, f"logs/hub/{name}.log"), (folder,))


def _benchmarks(run: Layout) -> Iterator[WorkflowJob]:
    for note in dict.fromkeys([*run.fetched.values(), *run.suite_files]):
        name = Path(note).stem
        log = Path(run.root, f"logs/benchmarks/{name}.log")
        yield WorkflowJob("", "prefetch", name, log, (note,))


def _leading_to(jobs: Iterable[WorkflowJob], targets: Iterable[str]) -> set[WorkflowJob]:
    makers = {output: job for job in jobs for output in job.outputs}
    found: set[WorkflowJob] = set()
    waiting = [makers[path] for path in targets if path in makers]
    while waiting:
        job = waiting.pop()
        if job not in found:
            found.add(job)
            waiting += [makers[path] for path in job.inputs if path in makers]
    return found
