"""Where the models of a pair lie, and what is derived from them: lists, one entry per family."""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass

from frism.config.calibration import Calibration
from frism.config.calibration_checks import drawn_from
from frism.config.load import Setup
from frism.config.pair_tree import PairCheckpoints, PairEmbedded
from frism.config.size import threads_of
from frism.config.suites import load_suite
from frism.hub.reference import parse_reference

HUB = "results/hub"


@dataclass(frozen=True)
class Download:
    """A model that comes from the hub.

    Args:
        reference: As in the pair, `owner/name@revision`.
        allow_pickle: Whether weights may be pickle files.
        trust_remote_code: Whether its Python code is needed.
    """

    reference: str
    allow_pickle: bool
    trust_remote_code: bool

    @property
    def flags(self) -> str:
        """Its settings as flags."""
        given = {"--allow-pickle": self.allow_pickle, "--trust-remote-code": self.trust_remote_code}
        return " ".join(flag for flag, on in given.items() if on)


def place(model: str) -> str:
    """Returns the folder of a model: of one of the hub where it is put, else what is given."""
    reference = parse_reference(model)
    return f"{HUB}/{reference.folder}" if reference else model


@dataclass(frozen=True)
class PairPlaces:
    """The paths of models and of what is derived from them, pair by pair."""

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
        return [place(getattr(settings, role))]

    @property
    def downloads(self) -> dict[str, Download]:
        """What comes from the hub, by the folder that it is put into."""
        given = [pair for pair in self.setup.pairs.values() if isinstance(pair, PairCheckpoints)]
        users: dict[str, list[PairCheckpoints]] = {}
        for pair in given:
            for text in (pair.base, pair.vlm, pair.lrm, pair.vlm_base):
                if text and parse_reference(text):
                    users.setdefault(text, []).append(pair)
        # what one pair allows is allowed: the other one would stop at the same model
        return {
            place(text): Download(
                text,
                any(pair.allow_pickle for pair in pairs),
                any(pair.trust_remote_code for pair in pairs),
            )
            for text, pairs in users.items()
        }

    def data(self, pair: str) -> list[str]:
        """Returns the folder of benchmarks of each family; none of a pair that is only merged."""
        settings = self.setup.pairs[pair]
        if isinstance(settings, PairEmbedded):
            return self.each(pair, "data")
        return [settings.data] if settings.data else []

    def calibration(self, pair: str) -> list[str]:
        """Returns the folder of calibration questions of each family that has one."""
        if pair in self.drawn:
            return self.each(pair, "calibration")
        own = getattr(self.setup.pairs[pair], "calibration", None)
        return [own] if own else self.data(pair)

    @property
    def drawn(self) -> dict[str, Calibration]:
        """What calibration questions are drawn from, by the pairs that name no finished folder."""
        return {
            name: drawn_from(pair.calibration, self.setup.config)
            for name, pair in self.setup.pairs.items()
            if isinstance(pair, PairCheckpoints) and isinstance(pair.calibration, Calibration)
        }

    @property
    def calibrated(self) -> list[str]:
        """The pairs with calibration questions: gates can be learned for them."""
        return [pair for pair in self.pairs if self.calibration(pair)]

    @property
    def evaluated(self) -> list[str]:
        """The pairs with benchmarks."""
        return [pair for pair in self.pairs if self.data(pair)]

    @property
    def on_suite(self) -> list[str]:
        """The pairs whose merges are evaluated on the suite: those without questions."""
        chosen = self.setup.config.suite is not None
        return [pair for pair in self.pairs if chosen and not self.data(pair)]

    @property
    def suite_files(self) -> list[str]:
        """The notes that the benchmark files of the suite are there; none where none is needed."""
        config = self.setup.config
        names = load_suite(config.suite).names if config.suite and self.on_suite else ()
        return [f"{config.prefetch.data}/{name}.md5" for name in names]

    def tuned(self, pair: str) -> list[str]:
        """Returns the roles whose task vectors are known: the VLM's own where its base is given."""
        return ["lrm", "vlm"] if self.bases(pair, "vlm") else ["lrm"]

    def bases(self, pair: str, role: str) -> list[str]:
        """Returns the checkpoints that a role was tuned from; none where the pair has none."""
        settings = self.setup.pairs[pair]
        if role == "lrm" or isinstance(settings, PairEmbedded):
            return self.model(pair, "base")
        return [place(settings.vlm_base)] if settings.vlm_base else []

    def subspaces(self, pair: str, role: str = "lrm") -> list[str]:
        """Returns the folder of a role's subspaces for each family, none if its base is unknown."""
        name = "subspaces" if role == "lrm" else f"{role}_subspaces"
        return self.each(pair, name) if role in self.tuned(pair) else []

    def svd_parts(self, pair: str) -> int:
        """Returns how many jobs share the layers of a pair; one is enough for small models."""
        settings = self.setup.pairs[pair]
        return settings.svd_parts if isinstance(settings, PairCheckpoints) else 1

    def trust(self, pair: str) -> str:
        """Returns the flag that lets Python code of the pair's models run, or nothing."""
        trusted = getattr(self.setup.pairs[pair], "trust_remote_code", False)
        return "--trust-remote-code" if trusted else ""

    def threads(self, pair: str) -> int:
        """Returns the threads of a pair's large jobs; small models run fastest on one.

        They are taken from the YAML alone: what is on disk must not change the last bits.
        """
        settings = self.setup.pairs[pair]
        if not isinstance(settings, PairCheckpoints):
            return 1
        return settings.threads or threads_of(settings.size)

    def parts(self, pair: str, role: str = "lrm") -> list[str]:
        """Returns the parts of a role's subspaces of all families."""
        count = self.svd_parts(pair)
        return [
            f"{folder}/part-{part}-of-{count}"
            for folder in self.subspaces(pair, role)
            for part in range(1, count + 1)
        ]

    def key_map(self, pair: str) -> str:
        """Returns the flag that tells where the pair's VLM keeps its language model, or nothing."""
        found = getattr(self.setup.pairs[pair], "key_map", None)
        return f"--key-map {shlex.quote(json.dumps(found))}" if found else ""
