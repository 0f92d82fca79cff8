"""How many jobs of each step a target of the workflow has, all of them, as if nothing was done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import NamedTuple

from frism.config.layout import REFERENCES, Layout
from frism.errors import ConfigError
from frism.planning.needs import users
from frism.planning.shards import shares
from frism.results.figures.kinds import MAIN

ALL, EVERYTHING, MERGES, EVALUATIONS = "all", "everything", "merges", "evaluations"


class Kind(NamedTuple):
    """Jobs that cost the same.

    Attributes:
        pair: Name of the pair; empty for files that all pairs share.
        step: The step.
        detail: The role of a `download` or an `svd`, the method of a `merge`.
    """

    pair: str
    step: str
    detail: str = ""


def jobs(run: Layout, target: str = EVERYTHING) -> Counter[Kind]:
    """Returns the number of jobs of each kind, pair by pair.

    Args:
        run: The paths of the run.
        target: `all`, `everything`, `merges`, `evaluations` or the name of an experiment.

    Raises:
        ConfigError: there is no such target.
    """
    targets = [ALL, EVERYTHING, MERGES, EVALUATIONS, *run.setup.config.experiments]
    if target not in targets:
        raise ConfigError(f"target: found {target}; expected one of {', '.join(targets)}")
    count: Counter[Kind] = Counter()
    read: set[str] = set()
    for pair in run.pairs:
        work = _Work(run, pair, target)
        count += work.jobs()
        read |= set(work.models())
    for folder in (each for each in run.downloads if each in read):
        pair, role = users(run, folder)[0]
        count[Kind(pair, "download", role)] += 1
    files = set(run.suite_files) if target in (EVALUATIONS, EVERYTHING) else set()
    files |= {run.fetched[kind.pair] for kind in count if _draws(run, kind)}
    count[Kind("", "prefetch")] += len(files)
    return +count


def _draws(run: Layout, kind: Kind) -> bool:
    return kind.step == "calibration" and kind.pair in run.fetched


class _Work:
    """What a target asks of one pair."""

    def __init__(self, run: Layout, pair: str, target: str) -> None:
        self.run, self.pair = run, pair
        experiments = list(run.setup.config.experiments)
        chosen = {ALL: experiments[:1], EVERYTHING: experiments, MERGES: [], EVALUATIONS: []}
        named = chosen.get(target) if target in chosen else run.part_of(target)
        self.experiments = (named or []) if pair in run.evaluated else []
        suite = pair in run.on_suite and target in (EVALUATIONS, EVERYTHING)
        self.evaluations = run.evaluations(pair) if suite else []
        wanted = target in (EVERYTHING, MERGES) or (target == ALL and pair not in run.evaluated)
        # one job serves all families: those of the first one stand for all
        self.first = run.each(pair)[0] + "/"
        self.merges = self._of_first(run.merges(pair)) if wanted or suite else []

    def jobs(self) -> Counter[Kind]:
        """Counts the jobs of the pair, downloads aside."""
        run, pair = self.run, self.pair
        if not (self.experiments or self.merges or self.evaluations):
            return Counter()
        trained, curved = self._trained(), self._curved()
        families = len(run.seeds(pair))
        found = Counter({Kind(pair, role): families for role in self._made()})
        asked = any(run.methods(each) for each in self.experiments)
        found[Kind(pair, "questions")] = pair in run.embedded and bool(asked or trained or curved)
        found[Kind(pair, "calibration")] = pair in run.drawn and bool(trained or curved)
        for role in self.roles():
            found[Kind(pair, "svd", role)] = run.svd_parts(pair)
        found[Kind(pair, "curvature")] = curved
        found[Kind(pair, "gates")] = len(trained)
        for slug in map(self._slug, self.merges):
            found[Kind(pair, "merge", slug)] += 1
        asking = len(shares(run.setup.config))
        found[Kind(pair, "answers")] = asking * len(self.evaluations)
        found[Kind(pair, "scores" if asking else "eval")] = len(self.evaluations)
        found[Kind(pair, "compare")] = bool(self.evaluations)
        return found + self._reported()

    def models(self) -> Iterable[str]:
        """Yields the folders of the models that the pair's jobs read."""
        if self.experiments or self.merges or self.evaluations:
            roles = ["vlm", "base", "lrm"]
            yield from (path for role in roles for path in self.run.model(self.pair, role))
            if "vlm" in self.roles() or any(self.run.vlm_base(self.pair, s) for s in self._slugs()):
                yield from self.run.bases(self.pair, "vlm")

    def roles(self) -> list[str]:
        """Returns the roles whose task vectors are decomposed."""
        if self.experiments:
            return self.run.tuned(self.pair)
        read = {role for s in self._slugs() for role in self._decomposed(s)}
        return [role for role in self.run.tuned(self.pair) if role in read]

    def _decomposed(self, slug: str) -> list[str]:
        roles = [r for r in ("lrm", "vlm") if self.run.decomposed(self.pair, slug, r)]
        # the curvature is one along the LRM's directions
        return [*roles, "lrm"] if self.run.curvature(self.pair, slug) else roles

    def _made(self) -> list[str]:
        return ["base", "lrm", "vlm"] if self.pair in self.run.embedded else []

    def _slug(self, path: str) -> str:
        return path.split("/merged/")[1].split("/")[0]

    def _slugs(self) -> list[str]:
        swept = [s for each in self.experiments for s in self.run.methods(each)]
        return list(dict.fromkeys([*map(self._slug, self.merges), *swept]))

    def _trained(self) -> set[str]:
        """Returns the gates that are learned, one folder for each job."""
        run, pair = self.run, self.pair
        of_merges = [
            path
            for merge in self.merges
            for path in run.gates_of(pair, self._slug(merge), merge.rpartition("/")[2])
        ]
        of_sweeps = [
            path
            for each in self.experiments
            for slug in run.methods(each)
            for path in run.gates(pair, each, slug)
        ]
        return set(self._of_first([*of_merges, *of_sweeps]))

    def _of_first(self, paths: list[str]) -> list[str]:
        return [path for path in paths if path.startswith(self.first)]

    def _curved(self) -> bool:
        run, pair = self.run, self.pair
        return any(run.curvature(pair, slug) for slug in self._slugs())

    def _reported(self) -> Counter[Kind]:
        """Counts sweeps, references, tables and figures."""
        found: Counter[Kind] = Counter()
        run, pair = self.run, self.pair
        for each in self.experiments:
            swept = len(run.methods(each))
            found[Kind(pair, "sweep")] += swept
            found[Kind(pair, "tables")] += bool(swept)
            found[Kind(pair, "figures")] += 1
            main = run.setup.config.experiments[each].figure == MAIN
            found[Kind(pair, "samples")] += main
            found[Kind(pair, "times")] += main
        found[Kind(pair, "references")] = len(REFERENCES) if found[Kind(pair, "sweep")] else 0
        return found
