"""Content hashes of files, and of weights: the same for one file and for any number of shards."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch

from frism.checkpoints.hash_cache import identity, known_digests, remember_digests
from frism.checkpoints.places import copied_pieces, read_pieces, read_places
from frism.checkpoints.reader import Checkpoint

# hashlib leaves Python's lock while it works; more threads only wait for the disk
THREADS = 4


def weights_hash(directory: str | Path) -> str:
    """Returns the SHA-256 (hex) of all weights of the checkpoint in `directory`.

    Each tensor enters with its name, type, shape and the digest of its bytes, in the order of
    names, so the hash depends on the weights alone and not on how they are spread over files.
    """
    return combined_hash(tensor_digests(Checkpoint(Path(directory))))


def tensor_digests(checkpoint: Checkpoint) -> dict[str, str]:
    """Returns the digest of each tensor of a checkpoint by name.

    A file is read once: its digests are kept in the user's cache as long as it does not change.
    """
    found: dict[str, str] = {}
    for file in checkpoint.weight_files:
        names = [name for name, info in checkpoint.tensors.items() if info.file == file]
        as_read = identity(file)
        known = known_digests(as_read)
        if known is None or known.keys() != set(names):
            known = dict(zip(names, _digests(checkpoint, names), strict=True))
            remember_digests(as_read, known)
        found |= known
    return found


def combined_hash(digests: Mapping[str, str]) -> str:
    """Returns the hash of all weights from the digests of tensors by name."""
    digest = hashlib.sha256()
    for name in sorted(digests):
        digest.update(f"{name} {digests[name]}\n".encode())
    return digest.hexdigest()


def tensor_digest(tensor: torch.Tensor) -> str:
    """Returns the SHA-256 (hex) of a tensor's type, shape and bytes."""
    digest = _begun(tensor.dtype, tensor.shape)
    for piece in copied_pieces(tensor_bytes(tensor)):
        digest.update(piece)
    return digest.hexdigest()


def hash_tensors(tensors: Iterable[tuple[str, torch.Tensor]]) -> str:
    """Returns the hash of (name, tensor) pairs in any order, as if they were a checkpoint."""
    return combined_hash({name: tensor_digest(tensor) for name, tensor in tensors})


def file_hash(path: str | Path) -> str:
    """Returns the SHA-256 (hex) of a file's content."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def tensor_bytes(tensor: torch.Tensor) -> memoryview:
    """Returns the raw bytes of a tensor of any type, bfloat16 included, without a copy."""
    # numpy knows no bfloat16, so the bytes are looked at as integers
    flat = tensor.detach().contiguous().reshape(-1)
    return flat.view(torch.uint8).numpy().data if flat.numel() else memoryview(b"")


def _digests(checkpoint: Checkpoint, names: Sequence[str]) -> list[str]:
    """Returns the digests of all tensors of a file."""
    if not names:
        return []
    file = checkpoint.info(names[0]).file
    places = read_places(file)
    one_of = {checkpoint.info(name).dtype: name for name in names}
    types = {stored: checkpoint.tensor(name).dtype for stored, name in one_of.items()}
    with file.open("rb") as stream, ThreadPoolExecutor(THREADS) as pool:

        def digest(name: str) -> str:
            info = checkpoint.info(name)
            begun = _begun(types[info.dtype], info.shape)
            for part in read_pieces(stream, *places[name]):
                begun.update(part)
            return begun.hexdigest()

        return list(pool.map(digest, names))


def _begun(dtype: torch.dtype, shape: Sequence[int]) -> hashlib._Hash:
    return hashlib.sha256(f"{dtype}\n{list(shape)}\n".encode())
