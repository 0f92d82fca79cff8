"""Where each step reads and writes: every path of a run, in lists with one entry per family.

results/<name>/<pair>/seed-<seed>/ holds what belongs to one family of models:
    models/{base,lrm,vlm}/  data/  task_vectors.safetensors  subspaces.safetensors
    references/<model>/records/  merges/<method>/<parameters>/{gates,model,records}/
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product

from frism.config.load import Setup
from frism.config.tree import PairEmbedded
from frism.methods.registry import method, methods, parameters_slug

ROLES = ("base", "lrm", "vlm")
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

    def candidates(self, learned: bool | None = None) -> list[tuple[str, str]]:
        """Returns method and parameters of every merge; `learned` keeps those with gates or not."""
        return [
            (slug, parameters_slug(dict(zip(grid, values, strict=True))))
            for slug, grid in self.setup.config.methods.items()
            if learned is None or (method(slug).gates is not None) == learned
            for values in product(*grid.values())
        ]

    def merges(self, pair: str, name: str, learned: bool | None = None) -> list[str]:
        """Returns `merges/<method>/<parameters>/<name>` of all candidates and families."""
        return [
            path
            for slug, parameters in self.candidates(learned)
            for path in self.each(pair, f"merges/{slug}/{parameters}/{name}")
        ]

    def gates(self, pair: str, method: str, parameters: str) -> list[str]:
        """Returns the gates that a candidate needs: none where its method learns none."""
        learns = method in learned_methods()
        return self.each(pair, f"merges/{method}/{parameters}/gates") if learns else []

    def records(self, pair: str) -> list[str]:
        """Returns the folders of all records of `pair`."""
        references = [
            r for model in REFERENCES for r in self.each(pair, f"references/{model}/records")
        ]
        return references + self.merges(pair, "records")

    def output(self, pair: str, kind: str) -> str:
        """Returns the folder of tables or figures: the first pair's stand at the top."""
        return f"{self.root}/{kind}" if pair == self.pairs[0] else f"{self.root}/{kind}/{pair}"

    def gate_figures(self, pair: str) -> list[str]:
        """Returns the stems of the figures that need learned gates: `gates` shows FRISM's."""
        learned = {slug for slug, _ in self.candidates(learned=True)}
        stems = ["training"] if learned else []
        stems += ["gates"] if "frism" in learned else []
        return [f"{self.output(pair, 'figures')}/{stem}" for stem in stems]


def learned_methods() -> list[str]:
    """Returns the slugs of the methods that learn gates."""
    return [slug for slug, each in methods().items() if each.gates is not None]
