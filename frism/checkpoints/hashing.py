"""Content hashes of files, and of weights: the same for one file and for any number of shards.

Torch is imported only where tensors are hashed: files are hashed while it is being imported.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from frism.checkpoints.ahead import working_threads
from frism.checkpoints.hash_cache import identity, known_digests, remember_digests
from frism.checkpoints.places import copied_pieces, read_pieces, read_places
from frism.checkpoints.reader import Checkpoint
from frism.checkpoints.tensor_info import TensorInfo

if TYPE_CHECKING:
    import torch

# hashlib leaves Python's lock while it works; more threads only wait for the disk
THREADS = 4
# beside other work, which should not wait for its turn
THREADS_BESIDE = max(1, min(THREADS, (os.cpu_count() or 1) - 1))

Digests = Mapping[str, str]


def weights_hash(directory: str | Path) -> str:
    """Returns the SHA-256 (hex) of all weights of the checkpoint in `directory`.

    Each tensor enters with its name, type, shape and the digest of its bytes, in the order of
    names, so the hash depends on the weights alone and not on how they are spread over files.
    """
    return combined_hash(tensor_digests(Checkpoint(Path(directory))))


@contextmanager
def hashed_ahead(directories: Iterable[Path]) -> Iterator[Callable[[Path], str]]:
    """Begins to hash checkpoints and yields what `weights_hash` is for each of them.

    It is waited for when it is asked for; what was not begun when the block ends never is.
    """
    with working_threads(THREADS_BESIDE) as threads:
        places = {directory.resolve() for directory in directories}
        begun = {place: _begin(Checkpoint(place), threads) for place in sorted(places)}
        yield lambda directory: combined_hash(begun[directory.resolve()]())


def tensor_digests(checkpoint: Checkpoint) -> dict[str, str]:
    """Returns the digest of each tensor of a checkpoint by name.

    A file is read once: its digests are kept in the user's cache as long as it does not change.
    """
    with working_threads(THREADS) as threads:
        return _begin(checkpoint, threads)()


def combined_hash(digests: Mapping[str, str]) -> str:
    """Returns the hash of all weights from the digests of tensors by name."""
    digest = hashlib.sha256()
    for name in sorted(digests):
        digest.update(f"{name} {digests[name]}\n".encode())
    return digest.hexdigest()


def tensor_digest(tensor: torch.Tensor) -> str:
    """Returns the SHA-256 (hex) of a tensor's type, shape and bytes."""
    digest = _begun(str(tensor.dtype), tensor.shape)
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
    import torch

    # numpy knows no bfloat16, so the bytes are looked at as integers
    flat = tensor.detach().contiguous().reshape(-1)
    return flat.view(torch.uint8).numpy().data if flat.numel() else memoryview(b"")


def _begin(checkpoint: Checkpoint, threads: Executor) -> Callable[[], dict[str, str]]:
    """Begins to hash the files of a checkpoint; returns what waits for the tensors' digests."""
    begun = [_begin_file(checkpoint, file, threads) for file in checkpoint.weight_files]
    return lambda: {name: digest for file in begun for name, digest in file().items()}


def _begin_file(checkpoint: Checkpoint, file: Path, threads: Executor) -> Callable[[], Digests]:
    infos = {name: info for name, info in checkpoint.tensors.items() if info.file == file}
    as_read = identity(file)
    known = known_digests(as_read)
    if known is not None and known.keys() == infos.keys():
        return lambda: known
    places = read_places(file)
    begun = {name: threads.submit(_digest, info, *places[name]) for name, info in infos.items()}

    def wait() -> Digests:
        found = {name: digest.result() for name, digest in begun.items()}
        remember_digests(as_read, found)
        return found

    return wait


def _digest(info: TensorInfo, start: int, end: int) -> str:
    digest = _begun(info.torch_dtype, info.shape)
    with info.file.open("rb") as stream:
        for piece in read_pieces(stream, start, end):
            digest.update(piece)
    return digest.hexdigest()


def _begun(dtype: str, shape: Sequence[int]) -> hashlib._Hash:
    return hashlib.sha256(f"{dtype}\n{list(shape)}\n".encode())
