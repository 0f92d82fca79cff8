"""A merge that is never written: the same tensors, in the same type, as a checkpoint would hold."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from frism.checkpoints.hashing import combined_hash, tensor_digest, tensor_digests
from frism.merging.apply import merged_reader
from frism.merging.change import RelativeChange
from frism.merging.origin import ModelHashes
from frism.merging.sources import FileSources, MergeFiles
from frism.methods.method import Method
from frism.sweep.plan import Candidate


@dataclass(frozen=True)
class Merged:
    """A merge in memory.

    Args:
        tensors: what differs from the VLM, by canonical name, in the VLM's type.
        weights: hash of all weights, that of the checkpoint if it were written.
        change: `||W_merged - W_vlm||_F / ||W_vlm||_F` over the merged tensors.
    """

    tensors: dict[str, torch.Tensor]
    weights: str
    change: float


def merge_in_memory(
    files: MergeFiles, method: Method, candidate: Candidate, hashes: ModelHashes
) -> Merged:
    """Merges one candidate.

    Args:
        files: inputs of the merge.
        method: how they are merged.
        candidate: its coefficients.
        hashes: of the models, which a sweep computes once.

    Raises:
        CheckpointError: the models do not fit each other.
        MergeError: wrong parameters, or files made from other models than the given ones.
    """
    sources, change = FileSources(files), RelativeChange()
    read = merged_reader(sources, method, candidate.values, change, lambda: hashes)
    own = sources.vlm_model.canonical(method.vectors)
    merged = {name: read(name) for name in own}
    digests = {name: tensor_digest(tensor) for name, tensor in merged.items()}
    weights = combined_hash(tensor_digests(sources.vlm_checkpoint) | digests)
    return Merged({own[name]: tensor for name, tensor in merged.items()}, weights, change.value)
