"""The files that a merge reads, opened when a method first asks for them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import cached_property
from pathlib import Path

import torch

from frism.checkpoints.compatibility import match_matrices, text_config
from frism.checkpoints.names import secant_key, vector_name
from frism.checkpoints.reader import Checkpoint
from frism.checkpoints.subspace_file import read_subspace
from frism.checkpoints.tensors import TensorFile
from frism.errors import MergeError
from frism.injection.design import GateDesign
from frism.subspaces.components import Gated
from frism.subspaces.decomposition import Subspace


@dataclass(frozen=True)
class MergeFiles:
    """Paths of one family; what is None is not known for the pair, or not needed by the method.

    Args:
        vlm: Checkpoint directory of the VLM.
        base: Checkpoint directory of the base.
        lrm: Checkpoint directory of the LRM.
        task_vectors: File of the LRM's task vectors.
        subspaces: File of their decompositions.
        gates: File of learned gates.
        vlm_task_vectors: File of the VLM's own task vectors.
        vlm_subspaces: File of their decompositions.
        curvature: File of the curvature along each direction.
    """

    vlm: Path
    base: Path
    lrm: Path
    task_vectors: Path
    subspaces: Path
    gates: Path | None = None
    vlm_task_vectors: Path | None = None
    vlm_subspaces: Path | None = None
    curvature: Path | None = None

    @property
    def given(self) -> frozenset[str]:
        """Which of `frism.methods.method.NEEDS` the files fulfil."""
        found = {
            "vlm_base": self.vlm_task_vectors and self.vlm_subspaces,
            "curvature": self.curvature,
        }
        return frozenset(name for name, path in found.items() if path)


class FileSources:
    """Reads the tensors of one family in float32; see `frism.methods.matrix.Sources`.

    Raises:
        CheckpointError: the models do not fit each other.
    """

    def __init__(self, files: MergeFiles) -> None:
        self.files = files
        self.vlm_checkpoint = Checkpoint(files.vlm)
        self.base_checkpoint = Checkpoint(files.base)
        self.lrm_checkpoint = Checkpoint(files.lrm)
        self._heads = int(text_config(self.vlm_checkpoint.config).get("num_key_value_heads", 0))
        names = match_matrices(self.lrm_checkpoint, self.vlm_checkpoint)
        bases = match_matrices(self.lrm_checkpoint, self.base_checkpoint)
        self.matrices = tuple(names)
        vectors = [_vectors(c) for c in (self.lrm_checkpoint, self.vlm_checkpoint)]
        self._lrm = {name: pair[0] for name, pair in names.items()} | vectors[0]
        self._vlm = {name: pair[1] for name, pair in names.items()} | vectors[1]
        self._base = {n: pair[1] for n, pair in bases.items()} | _vectors(self.base_checkpoint)

    def vlm(self, name: str) -> torch.Tensor:
        """Returns the VLM's tensor."""
        return self.vlm_checkpoint.tensor(self._vlm[name]).float()

    def base(self, name: str) -> torch.Tensor:
        """Returns the base's tensor."""
        return self.base_checkpoint.tensor(_partner(self._base, name, "base")).float()

    def lrm(self, name: str) -> torch.Tensor:
        """Returns the LRM's tensor."""
        return self.lrm_checkpoint.tensor(_partner(self._lrm, name, "LRM")).float()

    def task_vector(self, name: str) -> torch.Tensor:
        """Returns the LRM's task vector, [m, n]."""
        return self.task_vectors[name].float()

    def subspace(self, name: str) -> Subspace:
        """Returns the LRM's decomposed task vector."""
        return read_subspace(self.subspaces, name)

    def vlm_task_vector(self, name: str) -> torch.Tensor:
        """Returns the VLM's own task vector, [m, n]."""
        return self.vlm_task_vectors[name].float()

    def vlm_subspace(self, name: str) -> Subspace:
        """Returns the VLM's own decomposed task vector."""
        return read_subspace(self.vlm_subspaces, name)

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
    def task_vectors(self) -> TensorFile:
        """The file of the LRM's task vectors."""
        return TensorFile(self.files.task_vectors)

    @cached_property
    def subspaces(self) -> TensorFile:
        """The file of their decompositions."""
        return TensorFile(self.files.subspaces)

    @cached_property
    def vlm_task_vectors(self) -> TensorFile:
        """The file of the VLM's own task vectors."""
        return _open(self.files.vlm_task_vectors, "the VLM's task vectors", "--vlm-task-vectors")

    @cached_property
    def vlm_subspaces(self) -> TensorFile:
        """The file of their decompositions."""
        return _open(self.files.vlm_subspaces, "the VLM's subspaces", "--vlm-subspaces")

    @cached_property
    def curvatures(self) -> TensorFile:
        """The file of the curvature along each direction."""
        return _open(self.files.curvature, "the directions' curvature", "--curvature")

    @cached_property
    def gates(self) -> TensorFile:
        """The file of learned gates."""
        return _open(self.files.gates, "learned gates", "--gates")


def _open(path: Path | None, what: str, flag: str) -> TensorFile:
    if path is None:
        raise MergeError(f"this method needs {what}; give the file with {flag}")
    return TensorFile(path)


def _vectors(checkpoint: Checkpoint) -> dict[str, str]:
    return {canonical: name for name in checkpoint.tensors if (canonical := vector_name(name))}


def _partner(names: dict[str, str], name: str, role: str) -> str:
    if name not in names:
        raise MergeError(
            f"the {role} has no tensor '{name}', which the VLM has; this method merges norms and "
            "biases, so both models must have the same ones: leave the method out for this pair"
        )
    return names[name]
