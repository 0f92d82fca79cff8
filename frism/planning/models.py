"""The models of a pair as far as they are there: on disk, downloaded, or headers on the hub."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from frism.checkpoints.compatibility import Match, compare_matrices, match_matrices
from frism.checkpoints.key_map import LanguageModel, causal_lm, language_model
from frism.checkpoints.reader import Checkpoint
from frism.hub.reference import parse_reference
from frism.merging.sources import FileSources
from frism.planning.size import ROLES, PairSize, of_models

if TYPE_CHECKING:
    from frism.config.pair_tree import PairCheckpoints


@dataclass(frozen=True)
class Source:
    """One model of a pair.

    Args:
        reference: As in the pair: a folder, or `owner/name@revision`.
        model: Its language model.
        remote: Whether only its headers were read, from the hub.
    """

    reference: str
    model: LanguageModel
    remote: bool

    @property
    def nbytes(self) -> int:
        """The size of all its tensors."""
        return sum(info.nbytes for info in self.model.checkpoint.tensors.values())


@dataclass(frozen=True)
class PlannedPair:
    """The models of a pair and how they fit.

    Args:
        sources: The models by role; `vlm_base` only where the pair names it.
    """

    sources: Mapping[str, Source]

    @property
    def vlm(self) -> LanguageModel:
        """The VLM."""
        return self.sources["vlm"].model

    @property
    def lrm(self) -> LanguageModel:
        """The reasoning model."""
        return self.sources["lrm"].model

    @property
    def base(self) -> LanguageModel:
        """The model that the LRM was tuned from."""
        return self.sources["base"].model

    @property
    def size(self) -> PairSize:
        """How large the models are."""
        models = {role: source.model for role, source in self.sources.items()}
        references = {role: source.reference for role, source in self.sources.items()}
        remote = [role for role, source in self.sources.items() if source.remote]
        return of_models(models, references, remote)

    @property
    def local(self) -> bool:
        """Whether all weights are there."""
        return not any(source.remote for source in self.sources.values())

    def check(self) -> None:
        """Raises CheckpointError where a matrix of the VLM has no partner of its shape."""
        for role, source in self.sources.items():
            if role != "vlm":
                match_matrices(source.model, self.vlm)

    def matches(self) -> dict[str, Match]:
        """Returns how the VLM's matrices pair up with those of each other model, by its role."""
        others = {role: source.model for role, source in self.sources.items() if role != "vlm"}
        return {role: compare_matrices(self.vlm, model) for role, model in others.items()}


def open_pair(pair: PairCheckpoints) -> PlannedPair:
    """Opens the models of a pair; of one that is not downloaded the headers on the hub.

    Raises:
        CheckpointError: a model cannot be had, or it cannot be told where its language model is.
    """
    named = {role: getattr(pair, role) for role in ROLES if getattr(pair, role)}
    opened = {role: _open(named[role], pair.allow_pickle) for role in named}
    models = {role: causal_lm(each) for role, (each, _) in opened.items() if role != "vlm"}
    models["vlm"] = language_model(opened["vlm"][0], models["lrm"], pair.key_map)
    return PlannedPair({role: Source(named[role], models[role], opened[role][1]) for role in named})


def of_sources(sources: FileSources) -> PlannedPair:
    """Returns the models of a merge that has opened them."""
    models = {"vlm": sources.vlm_model, "lrm": sources.lrm_model, "base": sources.base_model}
    return PlannedPair(
        {role: Source(str(m.checkpoint.directory), m, False) for role, m in models.items()}
    )


def _open(reference: str, allow_pickle: bool) -> tuple[Checkpoint, bool]:
    # the configuration's libraries take a while to import, and a merge needs none of them
    from frism.config.places import place

    folder, on_hub = Path(place(reference)), parse_reference(reference)
    if on_hub is None or folder.is_dir():
        return Checkpoint(folder), False
    from frism.hub.headers import read_remote

    remote = read_remote(on_hub, allow_pickle)
    return Checkpoint.of_headers(reference, remote.config, remote.tensors), True
