"""The files that a merge reads, opened when a method first asks for them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import torch

from frism.checkpoints.compatibility import match_matrices
from frism.checkpoints.reader import Checkpoint
from frism.checkpoints.subspace_file import read_subspace
from frism.checkpoints.tensors import TensorFile
from frism.errors import MergeError
from frism.injection.granularity import directions, granularity
from frism.subspaces.decomposition import Subspace


@dataclass(frozen=True)
class MergeFiles:
    """Paths of one family.

    Args:
        vlm: Checkpoint directory of the VLM.
        base: Checkpoint directory of the base.
        lrm: Checkpoint directory of the LRM.
        task_vectors: File of task vectors.
        subspaces: File of their decompositions.
        gates: File of learned gates, for methods that learn some.
    """

    vlm: Path
    base: Path
    lrm: Path
    task_vectors: Path
    subspaces: Path
    gates: Path | None


class FileSources:
    """Reads the matrices of one family in float32; see `frism.methods.matrix.Sources`.

    Raises:
        CheckpointError: the models do not fit each other.
    """

    def __init__(self, files: MergeFiles) -> None:
        self.files = files
        self.vlm_checkpoint = Checkpoint(files.vlm)
        self.base_checkpoint = Checkpoint(files.base)
        self.lrm_checkpoint = Checkpoint(files.lrm)
        self.names = match_matrices(self.lrm_checkpoint, self.vlm_checkpoint)
        self._base_names = match_matrices(self.lrm_checkpoint, self.base_checkpoint)

    def vlm(self, name: str) -> torch.Tensor:
        """Returns the VLM's matrix, [m, n]."""
        return self.vlm_checkpoint.tensor(self.names[name][1]).float()

    def base(self, name: str) -> torch.Tensor:
        """Returns the base's matrix, [m, n]."""
        return self.base_checkpoint.tensor(self._base_names[name][1]).float()

    def lrm(self, name: str) -> torch.Tensor:
        """Returns the LRM's matrix, [m, n]."""
        return self.lrm_checkpoint.tensor(self.names[name][0]).float()

    def task_vector(self, name: str) -> torch.Tensor:
        """Returns the task vector, [m, n]."""
        return self.task_vectors[name].float()

    def subspace(self, name: str) -> Subspace:
        """Returns the decomposed task vector."""
        return read_subspace(self.subspaces, name)

    def gate(self, name: str) -> torch.Tensor:
        """Returns the raw gate of each direction, [r]."""
        if self.gates is None:
            raise MergeError("this method needs learned gates; give their directory with --gates")
        rank = self.subspaces.tensors[f"{name}.S"].shape[0]
        kind = granularity(self.gates.metadata["granularity"])
        return directions({key: self.gates[key] for key in self.gates.tensors}, name, rank, kind)

    @cached_property
    def task_vectors(self) -> TensorFile:
        """The file of task vectors."""
        return TensorFile(self.files.task_vectors)

    @cached_property
    def subspaces(self) -> TensorFile:
        """The file of decompositions."""
        return TensorFile(self.files.subspaces)

    @cached_property
    def gates(self) -> TensorFile | None:
        """The file of learned gates, if the method has any."""
        return TensorFile(self.files.gates) if self.files.gates else None
