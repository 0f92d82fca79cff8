"""The files that a merge reads, opened when a method first asks for them."""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

import torch

from frism.checkpoints.compatibility import match_matrices, text_config
from frism.checkpoints.key_map import LanguageModel, causal_lm, language_model
from frism.checkpoints.names import secant_key
from frism.checkpoints.reader import Checkpoint
from frism.checkpoints.subspace_folder import SubspaceFolder
from frism.checkpoints.tensors import TensorFile
from frism.errors import MergeError
from frism.injection.design import GateDesign
from frism.subspaces.components import Gated
from frism.subspaces.decomposition import Subspace
from frism.subspaces.task_vector import task_vector


@dataclass(frozen=True)
class MergeFiles:
    """Paths of one family; what is None is not known for the pair, or not needed by the method.

    Args:
        vlm: Checkpoint directory of the VLM.
        base: Checkpoint directory of the base.
        lrm: Checkpoint directory of the LRM.
        subspaces: Folder of the LRM's decomposed task vectors.
        gates: File of learned gates.
        vlm_base: Checkpoint directory of the language model that the VLM was trained from.
        vlm_subspaces: Folder of the VLM's own decomposed task vectors.
        curvature: File of the curvature along each direction.
        key_map: See `frism.checkpoints.key_map.language_model`.
    """

    vlm: Path
    base: Path
    lrm: Path
    subspaces: Path | None = None
    gates: Path | None = None
    vlm_base: Path | None = None
    vlm_subspaces: Path | None = None
    curvature: Path | None = None
    key_map: Mapping[str, str] | None = None

    @property
    def given(self) -> frozenset[str]:
        """Which of `frism.methods.method.NEEDS` the files fulfil."""
        found = {"vlm_base": self.vlm_base, "curvature": self.curvature}
        return frozenset(name for name, path in found.items() if path)


class FileSources:
    """Reads the tensors of one family in float32; see `frism.methods.matrix.Sources`.

    Raises:
        CheckpointError: the models do not fit each other.
    """

    def __init__(self, files: MergeFiles) -> None:
        self.files = files
        self._rows = slice(None)
        self._mapped: dict[Checkpoint, tuple[str, torch.Tensor]] = {}
        self.lrm_model = causal_lm(Checkpoint(files.lrm))
        self.base_model = causal_lm(Checkpoint(files.base))
        self.vlm_model = language_model(Checkpoint(files.vlm), self.lrm_model, files.key_map)
        self.vlm_checkpoint = self.vlm_model.checkpoint
        self._heads = int(text_config(self.vlm_checkpoint.config).get("num_key_value_heads", 0))
        self.matrices = tuple(match_matrices(self.lrm_model, self.vlm_model))
        match_matrices(self.lrm_model, self.base_model)

    def shape(self, name: str) -> tuple[int, ...]:
        """Returns the shape of a tensor, all of its rows."""
        return self.vlm_checkpoint.info(self.vlm_model.names[name]).shape

    def vlm(self, name: str) -> torch.Tensor:
        """Returns the VLM's tensor."""
        return self._stored(self.vlm_model, name).float()

    def base(self, name: str) -> torch.Tensor:
        """Returns the base's tensor."""
        return self._stored(self.base_model, name).float()

    def lrm(self, name: str) -> torch.Tensor:
        """Returns the LRM's tensor."""
        return self._stored(self.lrm_model, name).float()

    def task_vector(self, name: str) -> torch.Tensor:
        """Returns the LRM's task vector, [m, n]."""
        return self._task_vector(name, self.lrm_model, self.base_model)

    def subspace(self, name: str) -> Subspace:
        """Returns the LRM's decomposed task vector."""
        return _in_float32(self.subspaces[name])

    def vlm_task_vector(self, name: str) -> torch.Tensor:
        """Returns the VLM's own task vector, [m, n]."""
        return self._task_vector(name, self.vlm_model, self.vlm_base_model)

    def vlm_subspace(self, name: str) -> Subspace:
        """Returns the VLM's own decomposed task vector."""
        return _in_float32(self.vlm_subspaces[name])

    def curvature(self, name: str) -> torch.Tensor:
        """Returns the curvature along each direction, [r]."""
        return self.curvatures[name]

    def secant(self, name: str) -> torch.Tensor:
        """Returns the slope over sigma along each direction, all half injected, [r]."""
        return self.curvatures[secant_key(name)]

    def gated(self, name: str) -> Gated:
        """Returns the components of the task vector with the values of their learned gates."""
        made = self.gates.metadata
        design = GateDesign(**{each.name: made[each.name] for each in fields(GateDesign)})
        return design.gated(name, self.subspace(name), self.gates.__getitem__, self._heads)

    @cached_property
    def vlm_base_model(self) -> LanguageModel:
        """The language model that the VLM was trained from."""
        path = _given(self.files.vlm_base, "the VLM's own base", "--vlm-base")
        found = causal_lm(Checkpoint(path))
        match_matrices(found, self.vlm_model)
        return found

    @cached_property
    def subspaces(self) -> SubspaceFolder:
        """The folder of the LRM's decomposed task vectors."""
        return SubspaceFolder(_given(self.files.subspaces, "subspaces", "--subspaces"))

    @cached_property
    def vlm_subspaces(self) -> SubspaceFolder:
        """The folder of the VLM's own decomposed task vectors."""
        path = _given(self.files.vlm_subspaces, "the VLM's subspaces", "--vlm-subspaces")
        return SubspaceFolder(path)

    @cached_property
    def curvatures(self) -> TensorFile:
        """The file of the curvature along each direction, and of slopes."""
        return TensorFile(_given(self.files.curvature, "the curvature", "--curvature"))

    @cached_property
    def gates(self) -> TensorFile:
        """The file of learned gates."""
        return TensorFile(_given(self.files.gates, "learned gates", "--gates"))

    def within(self, rows: slice) -> FileSources:
        """Returns the same sources, but only some rows of models' tensors and of task vectors."""
        if self.files.vlm_base:
            _ = self.vlm_base_model  # opened once, not once for each block
        part = copy(self)
        part._rows = rows
        return part

    def _task_vector(self, name: str, tuned: LanguageModel, base: LanguageModel) -> torch.Tensor:
        # not read in float32: copies in that type would stand beside the result
        return task_vector(name, self._stored(tuned, name), self._stored(base, name))

    def _stored(self, model: LanguageModel, name: str) -> torch.Tensor:
        own = model.names[name]
        # rows are asked for block by block: the last tensor of each model stays mapped
        if self._mapped.get(model.checkpoint, ("",))[0] != own:
            self._mapped[model.checkpoint] = own, model.checkpoint.tensor(own)
        return self._mapped[model.checkpoint][1][self._rows]


def _in_float32(subspace: Subspace) -> Subspace:
    return Subspace(*(part.float() for part in subspace))


def _given(path: Path | None, what: str, flag: str) -> Path:
    if path is None:
        raise MergeError(f"this method needs {what}; give the path with {flag}")
    return path
