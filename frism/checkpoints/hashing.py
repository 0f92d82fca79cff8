"""Content hashes of files, and of weights: the same for one file and for any number of shards."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import torch

from frism.checkpoints.reader import Checkpoint


def weights_hash(directory: str | Path) -> str:
    """Returns the SHA-256 (hex) of all weights of the checkpoint in `directory`.

    Each tensor enters with its name, type, shape and bytes, in the order of names, so the hash
    depends on the weights alone and not on how they are spread over files.
    """
    checkpoint = Checkpoint(Path(directory))
    return hash_tensors((name, checkpoint.tensor(name)) for name in checkpoint.tensors)


def file_hash(path: str | Path) -> str:
    """Returns the SHA-256 (hex) of a file's content."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def hash_tensors(tensors: Iterable[tuple[str, torch.Tensor]]) -> str:
    """Returns the SHA-256 (hex) of (name, tensor) pairs that come sorted by name."""
    digest = hashlib.sha256()
    for name, tensor in tensors:
        digest.update(f"{name}\n{tensor.dtype}\n{list(tensor.shape)}\n".encode())
        digest.update(tensor_bytes(tensor))
    return digest.hexdigest()


def tensor_bytes(tensor: torch.Tensor) -> bytes:
    """Returns the raw bytes of a tensor of any type, bfloat16 included."""
    # numpy knows no bfloat16, so the bytes are looked at as integers
    flat = tensor.detach().contiguous().reshape(-1)
    return flat.view(torch.uint8).numpy().tobytes() if flat.numel() else b""
