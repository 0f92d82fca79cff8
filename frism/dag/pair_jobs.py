"""The jobs of one pair, from its models to its tables."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from frism.config.layout import REFERENCES, Layout, trained_methods
from frism.dag.job import WorkflowJob
from frism.planning.shards import answers
from frism.results.figures.kinds import MAIN

Paths = Iterable[str]


class PairJobs:
    """The jobs of a pair, one method for each file of `workflow/rules`.

    Args:
        run: The paths of the run.
        pair: Name of the pair.
    """

    def __init__(self, run: Layout, pair: str) -> None:
        self.run, self.pair = run, pair
        self.logs = Path(run.root, "logs", pair)

    def __iter__(self) -> Iterator[WorkflowJob]:
        if self.pair in self.run.embedded:
            yield from self._family()
        yield from self._calibration()
        yield from self._subspaces()
        yield from self._gates()
        yield from self._merges()
        yield from self._suite()
        if self.pair in self.run.evaluated:
            yield from self._references()
            for experiment in self.run.setup.config.experiments:
                yield from self._sweeps(experiment)
                yield from self._report(experiment)

    def _job(
        self, step: str, what: str, log: str, outputs: Paths, inputs: Paths = (), detail: str = ""
    ) -> WorkflowJob:
        log_file = self.logs / f"{log}.log"
        return WorkflowJob(self.pair, step, what, log_file, tuple(outputs), tuple(inputs), detail)

    def _family(self) -> Iterator[WorkflowJob]:
        seeds = self.run.seeds(self.pair)
        for role in ("base", "lrm", "vlm"):
            bases = self.run.model(self.pair, "base")
            folders = zip(seeds, self.run.model(self.pair, role), bases, strict=True)
            for seed, folder, base in folders:
                needed = [] if role == "base" else [base]
                log = f"seed-{seed}/{role}"
                yield self._job("train", role, log, [folder], needed, f"seed={seed}")
        yield self._job("questions", "", "questions", self.run.data(self.pair))

    def _calibration(self) -> Iterator[WorkflowJob]:
        if self.pair in self.run.drawn:
            given = [self.run.fetched[self.pair]] if self.pair in self.run.fetched else []
            yield self._job(
                "calibration", "", "calibration", self.run.calibration(self.pair), given
            )

    def _subspaces(self) -> Iterator[WorkflowJob]:
        run, pair, count = self.run, self.pair, self.run.svd_parts(self.pair)
        for role in run.tuned(pair):
            models = [*run.bases(pair, role), *run.model(pair, role)]
            for part in range(1, count + 1):
                name = f"part-{part}-of-{count}"
                folders = [f"{folder}/{name}" for folder in run.subspaces(pair, role)]
                yield self._job("svd", role, f"svd_{role}-{part}-of-{count}", folders, models, name)
        if pair in run.calibrated:
            outputs = run.each(pair, "curvature.safetensors")
            yield self._job("curvature", "", "curvature", outputs, self._training())

    def _training(self) -> list[str]:
        """Returns what gates and curvature read."""
        run, pair = self.run, self.pair
        return [*run.model(pair, "vlm"), *run.parts(pair), *run.calibration(pair)]

    def _gates(self) -> Iterator[WorkflowJob]:
        if self.pair not in self.run.calibrated:
            return
        for slug, parameters in self._candidates():
            if slug in trained_methods():
                unit = f"gates/{slug}/{parameters}"
                outputs = self.run.each(self.pair, unit)
                yield self._job("gates", slug, unit, outputs, self._training(), parameters)

    def _candidates(self) -> dict[tuple[str, str], None]:
        """Returns trainer and parameters of all gates that experiments and merges use."""
        run, pair = self.run, self.pair
        used = [gates for merge in self._merged() for gates in run.gates_of(pair, *merge)]
        for experiment in run.setup.config.experiments if pair in run.evaluated else ():
            used += [g for s in run.methods(experiment) for g in run.gates(pair, experiment, s)]
        return {(Path(path).parent.name, Path(path).name): None for path in used}

    def _merged(self) -> dict[tuple[str, str], None]:
        """Returns method and parameters of all merges that are asked for."""
        paths = map(Path, self.run.merges(self.pair))
        return {(path.parent.name, path.name): None for path in paths}

    def _merges(self) -> Iterator[WorkflowJob]:
        for slug, parameters in self._merged():
            unit = f"merged/{slug}/{parameters}"
            gates = self.run.gates_of(self.pair, slug, parameters)
            inputs = [*self._models(), *self._merge_inputs(slug), *gates]
            outputs = self.run.each(self.pair, unit)
            yield self._job("merge", slug, unit, outputs, inputs, parameters)

    def _models(self) -> list[str]:
        return [p for role in ("vlm", "base", "lrm") for p in self.run.model(self.pair, role)]

    def _merge_inputs(self, slug: str) -> list[str]:
        read = self.run.merge_inputs(self.pair, slug)
        return [path for paths in read.values() for path in paths]

    def _suite(self) -> Iterator[WorkflowJob]:
        run, pair = self.run, self.pair
        for results in run.evaluations(pair):
            name = results.partition("/evaluations/")[2]
            what, _, parameters = name.partition("/")
            inputs = [*run.asked(pair, name), *run.suite_files]
            for folder in answers(run, pair, name):
                share = folder.partition(f"/answers/{name}/")[2]
                detail = " ".join(filter(None, (parameters, share)))
                log = f"answers/{name}/{share}"
                yield self._job("answers", what, log, [folder], inputs, detail)
            inputs += answers(run, pair, name)
            yield self._job("eval", what, f"evaluations/{name}", [results], inputs, parameters)
        if pair in run.on_suite:
            table = f"{run.output(pair, 'tables')}/evaluations.csv"
            yield self._job("compare", "", "evaluations", [table], run.evaluations(pair))

    def _references(self) -> Iterator[WorkflowJob]:
        run, pair = self.run, self.pair
        for role in REFERENCES:
            records = run.each(pair, f"references/{role}/records")
            inputs = [*run.model(pair, role), *run.data(pair)]
            yield self._job("evaluate", role, f"references/{role}/evaluate", records, inputs)

    def _sweeps(self, experiment: str) -> Iterator[WorkflowJob]:
        run, pair = self.run, self.pair
        for slug in run.methods(experiment):
            inputs = [*self._models(), *self._merge_inputs(slug), *run.data(pair)]
            inputs += run.each(pair, "references/vlm/records")
            inputs += run.gates(pair, experiment, slug)
            log = f"experiments/{experiment}/{slug}"
            folder = run.sweep(pair, experiment, slug)
            yield self._job("sweep", slug, log, [folder], inputs, experiment)

    def _report(self, experiment: str) -> Iterator[WorkflowJob]:
        run, pair = self.run, self.pair
        tables, figures = (run.output(pair, kind) for kind in ("tables", "figures"))
        table, figure = f"{tables}/{experiment}.csv", f"{figures}/{experiment}.png"
        methods = run.methods(experiment)
        if methods:
            inputs = [*run.sweeps(pair, experiment), *run.references(pair)]
            inputs += run.curvature_of(pair, experiment)
            yield self._job("tables", experiment, f"tables/{experiment}", [table], inputs)
        inputs = [path for role in run.tuned(pair) for path in run.parts(pair, role)]
        inputs += [table] if methods else []
        yield self._job("figures", experiment, f"figures/{experiment}", [figure], inputs)
        if run.setup.config.experiments[experiment].figure == MAIN:
            page = f"{figures}/samples.html"
            yield self._job("samples", experiment, "samples", [page], [table])
            yield self._job("times", experiment, "times", [f"{tables}/times.md"], [page, figure])
