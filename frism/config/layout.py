"""Where each step reads and writes: every path of a run, in lists with one entry per family.

results/hub/<owner>--<name>@<revision>/ is a model of the hub; all configurations share it.
results/<name>/<pair>/seed-<seed>/ holds what belongs to one family of models:
    models/{base,lrm,vlm}/  data/  [calibration/]  [vlm_]subspaces/part-<k>-of-<n>/
    curvature.safetensors  gates/<method>/<parameters>/  merges/<method>/<parameters>/model/
    merged/<method>/<parameters>/  references/<model>/records/  store/
    [answers/<model>/<benchmark>/<k>-of-<n>/]  evaluations/vlm/  evaluations/<method>/<parameters>/
results/<name>/<pair>/experiments/<experiment>/<method>/ holds what a sweep found.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from frism.config.calibration_checks import is_fetched
from frism.config.experiments import ALL
from frism.config.places import PairPlaces
from frism.methods.registry import method, methods, parameters_slug, reduced

REFERENCES = ("vlm", "lrm")


class Layout(PairPlaces):
    """The paths of a configuration's results."""

    def methods(self, experiment: str) -> list[str]:
        """Returns the methods of an experiment; `all` is every one with candidates of its own."""
        given = self.setup.config.experiments[experiment].methods
        every = [s for s, each in methods().items() if not each.missing] if ALL in given else ()
        return list(dict.fromkeys([*(slug for slug in given if slug != ALL), *every]))

    @property
    def fetched(self) -> dict[str, str]:
        """The notes that benchmarks to calibrate on are there, by the pairs that draw from them."""
        config = self.setup.config
        return {
            pair: f"{config.prefetch.data}/{source.benchmark}.md5"
            for pair, source in self.drawn.items()
            if is_fetched(source, config)
        }

    def published(self, pair: str) -> str:
        """Returns the pair's name among the published numbers."""
        return getattr(self.setup.pairs[pair], "published", None) or pair

    def candidates(self, experiment: str, slug: str) -> list[str]:
        """Returns the parameters of every candidate of a method in an experiment."""
        return self._candidates(slug, self.setup.config.experiments[experiment].methods)

    def merges(self, pair: str) -> list[str]:
        """Returns the merged checkpoints that the target `merges` writes for a pair."""
        chosen = self.setup.config.merges
        return [
            path
            for slug in chosen
            if not self.undefined(pair, slug)
            for parameters in self._candidates(slug, chosen)
            for path in self.each(pair, f"merged/{slug}/{parameters}")
        ]

    def evaluations(self, pair: str) -> list[str]:
        """Returns the folders of results on the suite: of the VLM, then of all merges."""
        if pair not in self.on_suite:
            return []
        (merged,) = self.each(pair, "merged")
        names = ["vlm", *(path.removeprefix(f"{merged}/") for path in self.merges(pair))]
        return [path for name in names for path in self.each(pair, f"evaluations/{name}")]

    def asked(self, pair: str, name: str) -> list[str]:
        """Returns the checkpoint whose results lie in evaluations/<name>."""
        return self.model(pair, name) if name == "vlm" else self.each(pair, f"merged/{name}")

    def _candidates(self, slug: str, methods: Mapping[str, Mapping[str, Any]]) -> list[str]:
        chosen, given = method(slug), methods.get(slug, {})
        own = {n: p.default for n, p in chosen.parameters.items() if p.default}
        grid: dict[str, Any] = {**own, **given}
        return [
            parameters_slug(reduced(chosen, dict(zip(grid, values, strict=True))))
            for values in product(*grid.values())
        ]

    def undefined(self, pair: str, slug: str) -> bool:
        """Tells whether a method is not defined for a pair."""
        return self.reason(pair, slug) is not None

    def reason(self, pair: str, slug: str) -> str | None:
        """Returns why a method is not defined for a pair, to be read after its name, or None."""
        given = {"vlm_base"} if self.bases(pair, "vlm") else set()
        if self.calibration(pair):
            return method(slug).undefined({*given, "curvature"})
        if method(slug).learned or "curvature" in method(slug).needs:
            return "needs calibration questions; name their source as calibration of the pair"
        return method(slug).undefined(given)

    def merge_inputs(self, pair: str, slug: str) -> dict[str, list[str]]:
        """Returns what merges of a method read beside VLM, base, LRM and gates, as it is made."""
        return {
            "subspaces": self.parts(pair) if self.decomposed(pair, slug, "lrm") else [],
            "vlm_base": self.vlm_base(pair, slug),
            "vlm_subspaces": self.parts(pair, "vlm") if self.decomposed(pair, slug, "vlm") else [],
            "curvature": self.curvature(pair, slug),
        }

    def merge_flags(self, pair: str, slug: str) -> dict[str, list[str]]:
        """Returns the same as the command line takes it, one path for each family."""
        roles = {"subspaces": "lrm", "vlm_subspaces": "vlm"}
        folders = {name: self.decomposed(pair, slug, role) for name, role in roles.items()}
        return self.merge_inputs(pair, slug) | folders

    def decomposed(self, pair: str, slug: str, role: str) -> list[str]:
        """Returns the folders of subspaces of a role that a method reads, none if it does not."""
        read = role in method(slug).decomposed and not self.undefined(pair, slug)
        return self.subspaces(pair, role) if read else []

    def vlm_base(self, pair: str, slug: str) -> list[str]:
        """Returns the VLM's own base for each family where a method needs it, else none."""
        needed = "vlm_base" in method(slug).needs and not self.undefined(pair, slug)
        return self.bases(pair, "vlm") if needed else []

    def curvature(self, pair: str, slug: str) -> list[str]:
        """Returns the curvature for each family where a method needs it, else none."""
        needed = "curvature" in method(slug).needs and not self.undefined(pair, slug)
        return self.each(pair, "curvature.safetensors") if needed else []

    def curvature_of(self, pair: str, experiment: str) -> list[str]:
        """Returns the curvature of each family where a method of an experiment needs it."""
        needed = any("curvature" in method(slug).needs for slug in self.methods(experiment))
        return self.each(pair, "curvature.safetensors") if needed else []

    def gates(self, pair: str, experiment: str, slug: str) -> list[str]:
        """Returns the gates that a method's candidates need, none where it learns none."""
        trainer = method(slug).gates
        if trainer is None or self.undefined(pair, slug):
            return []
        return [
            path
            for parameters in self.candidates(experiment, slug)
            for path in self.gates_of(pair, slug, parameters)
        ]

    def gates_of(self, pair: str, slug: str, parameters: str) -> list[str]:
        """Returns the gates of one candidate for each family, none where it learns none."""
        trainer = method(slug).gates
        return self.each(pair, f"gates/{trainer}/{parameters}") if trainer else []

    def sweep(self, pair: str, experiment: str, slug: str) -> str:
        """Returns the folder of what the sweep of a method found."""
        return f"{self.root}/{pair}/experiments/{experiment}/{slug}"

    def sweeps(self, pair: str, experiment: str) -> list[str]:
        """Returns the folders of all sweeps of an experiment."""
        return [self.sweep(pair, experiment, slug) for slug in self.methods(experiment)]

    def references(self, pair: str) -> list[str]:
        """Returns the folders of the records of the unmerged models."""
        return [r for model in REFERENCES for r in self.each(pair, f"references/{model}/records")]

    def output(self, pair: str, kind: str) -> str:
        """Returns the folder of tables or figures: the first pair's stand at the top."""
        return f"{self.root}/{kind}" if pair == self.pairs[0] else f"{self.root}/{kind}/{pair}"

    @property
    def compared(self) -> list[str]:
        """The tables of VLM and merges on the suite, of pairs without questions of their own."""
        return [f"{self.output(pair, 'tables')}/evaluations.csv" for pair in self.on_suite]

    def part_of(self, experiment: str) -> list[str]:
        """Returns the experiments of a target: its own and those whose names extend it."""
        names = self.setup.config.experiments
        return [each for each in names if each == experiment or each.startswith(f"{experiment}_")]


def trained_methods() -> list[str]:
    """Returns the slugs of the methods that train gates of their own."""
    return [slug for slug, each in methods().items() if each.gates == slug]
