"""The jobs of the workflow, as its rules define them.

tests/test_status_jobs.py holds them against the jobs that Snakemake plans.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from frism.config.layout import Layout
from frism.results.figures.kinds import MAIN
from frism.status.job import WorkflowJob
from frism.status.pair_jobs import PairJobs


def jobs_for(run: Layout, targets: Iterable[str]) -> list[WorkflowJob]:
    """Returns the jobs that lead to some outputs: what all pairs share, then pair by pair."""
    jobs = [*_downloads(run), *_benchmarks(run)]
    jobs += [job for pair in run.pairs for job in PairJobs(run, pair)]
    wanted = _leading_to(jobs, targets)
    return [job for job in jobs if job in wanted]


def default_targets(run: Layout) -> list[str]:
    """Returns what `snakemake` makes where no target is named."""
    paths = results_of(run, next(iter(run.setup.config.experiments)))
    merged = [pair for pair in run.pairs if pair not in run.evaluated]
    return [*paths, *(path for pair in merged for path in run.merges(pair))]


def all_targets(run: Layout) -> list[str]:
    """Returns what the targets `everything` and `evaluations` make."""
    merged = [path for pair in run.pairs for path in run.merges(pair)]
    experiments = run.setup.config.experiments
    return [
        *run.compared,
        *merged,
        *(path for each in experiments for path in results_of(run, each)),
    ]


def results_of(run: Layout, experiment: str) -> list[str]:
    """Returns what the target of an experiment makes, for all pairs."""
    names = [("figures", f"{experiment}.png"), ("tables", f"{experiment}.csv")]
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
