"""Where each step reads and writes: every path of a run, in lists with one entry per family.

results/<name>/<pair>/seed-<seed>/ holds what belongs to one family of models:
    models/{base,lrm,vlm}/  data/  [vlm_]task_vectors.safetensors  [vlm_]subspaces.safetensors
    curvature.safetensors  gates/<method>/<parameters>/  merges/<method>/<parameters>/model/
    references/<model>/records/  store/
results/<name>/<pair>/experiments/<experiment>/<method>/ holds what a sweep found.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from frism.config.experiments import ALL
from frism.config.load import Setup
from frism.config.tree import PairEmbedded
from frism.methods.registry import method, methods, parameters_slug, reduced

REFERENCES = ("vlm", "lrm")


@dataclass(frozen=True)
class Layout:
    """The paths of a configuration's results."""

    setup: Setup

    @property
    def root(self) -> str:
        """The folder of all results."""
        return f"results/{self.setup.config.name}"

    @property
    def pairs(self) -> list[str]:
        """All pairs; the first one's tables and figures stand at the top."""
        return list(self.setup.config.pairs)

    @property
    def embedded(self) -> list[str]:
        """The pairs whose models the workflow trains."""
        return [name for name in self.pairs if isinstance(self.setup.pairs[name], PairEmbedded)]

    def seeds(self, pair: str) -> list[int]:
        """Seeds of the families; a pair of checkpoints is one family, of seed 0."""
        settings = self.setup.pairs[pair]
        return list(settings.seeds) if isinstance(settings, PairEmbedded) else [0]

    def each(self, pair: str, path: str = "") -> list[str]:
        """Returns `path` in the folder of each family of `pair`; wildcards stay as they are."""
        folders = [f"{self.root}/{pair}/seed-{seed}" for seed in self.seeds(pair)]
        return [f"{folder}/{path}" if path else folder for folder in folders]

    def model(self, pair: str, role: str) -> list[str]:
        """Returns the checkpoint of a role (base, lrm, vlm) for each family."""
        settings = self.setup.pairs[pair]
        if isinstance(settings, PairEmbedded):
            return self.each(pair, f"models/{role}")
        return [str(getattr(settings, role))]

    def data(self, pair: str) -> list[str]:
        """Returns the folder of benchmarks and calibration questions for each family."""
        settings = self.setup.pairs[pair]
        return self.each(pair, "data") if isinstance(settings, PairEmbedded) else [settings.data]

    def tuned(self, pair: str) -> list[str]:
        """Returns the roles whose task vectors are known: the VLM's own where its base is given."""
        return ["lrm", "vlm"] if self.bases(pair, "vlm") else ["lrm"]

    def bases(self, pair: str, role: str) -> list[str]:
        """Returns the checkpoints that a role was tuned from; none where the pair has none."""
        settings = self.setup.pairs[pair]
        if role == "lrm" or isinstance(settings, PairEmbedded):
            return self.model(pair, "base")
        return [settings.vlm_base] if settings.vlm_base else []

    def derived(self, pair: str, name: str, role: str = "lrm") -> list[str]:
        """Returns the task vectors or subspaces of a role for each family, none if unknown."""
        prefix = "" if role == "lrm" else f"{role}_"
        return self.each(pair, f"{prefix}{name}") if role in self.tuned(pair) else []

    def methods(self, experiment: str) -> list[str]:
        """Returns the methods of an experiment; `all` is every one with candidates of its own."""
        given = self.setup.config.experiments[experiment].methods
        every = [s for s, each in methods().items() if not each.missing] if ALL in given else ()
        return list(dict.fromkeys([*(slug for slug in given if slug != ALL), *every]))

    def published(self, pair: str) -> str:
        """Returns the pair's name among the published numbers."""
        return getattr(self.setup.pairs[pair], "published", None) or pair

    def candidates(self, experiment: str, slug: str) -> list[str]:
        """Returns the parameters of every candidate of a method in an experiment."""
        chosen = method(slug)
        given = self.setup.config.experiments[experiment].methods.get(slug, {})
        grid = {n: p.default for n, p in chosen.parameters.items() if p.default} | given
        return [
            parameters_slug(reduced(chosen, dict(zip(grid, values, strict=True))))
            for values in product(*grid.values())
        ]

    def undefined(self, pair: str, slug: str) -> bool:
        """Tells whether a method is not defined for a pair."""
        given = {"curvature", *(("vlm_base",) if self.bases(pair, "vlm") else ())}
        return method(slug).undefined(given) is not None

    def derived_for(self, pair: str, slug: str, need: str, name: str) -> list[str]:
        """Returns a file for each family where a method needs it (`NEEDS`), else none."""
        if need not in method(slug).needs or self.undefined(pair, slug):
            return []
        return self.derived(pair, name, "vlm") if need == "vlm_base" else self.each(pair, name)

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
            for path in self.each(pair, f"gates/{trainer}/{parameters}")
        ]

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

    def part_of(self, experiment: str) -> list[str]:
        """Returns the experiments of a target: its own and those whose names extend it."""
        names = self.setup.config.experiments
        return [each for each in names if each == experiment or each.startswith(f"{experiment}_")]


def trained_methods() -> list[str]:
    """Returns the slugs of the methods that train gates of their own."""
    return [slug for slug, each in methods().items() if each.gates == slug]
