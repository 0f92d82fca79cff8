"""Where the tensors of a safetensors file lie, and reading their bytes piece by piece."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from frism.errors import CheckpointError

# Bytes that a processor's cache holds. Between pieces a thread waits for Python's lock, so they are
# not smaller.
PIECE = 1 << 20
LENGTH_BYTES = 8


def read_places(file: Path) -> dict[str, tuple[int, int]]:
    """Returns where each tensor's bytes begin and end in a file that safetensors has opened."""
    with file.open("rb") as stream:
        size = int.from_bytes(stream.read(LENGTH_BYTES), "little")
        entries = json.loads(stream.read(size))
    entries.pop("__metadata__", None)
    first = LENGTH_BYTES + size
    places = {name: entry["data_offsets"] for name, entry in entries.items()}
    return {name: (first + start, first + end) for name, (start, end) in places.items()}


def read_pieces(stream: BinaryIO, start: int, end: int) -> Iterator[memoryview]:
    """Yields the bytes from `start` to `end` in pieces, each until the next one is asked for.

    For bytes that are looked at once this is quicker than a mapped file, which waits at each page.
    Several threads may read one stream.

    Raises:
        CheckpointError: the file has become shorter.
    """
    buffer = memoryview(bytearray(min(PIECE, end - start)))
    while start < end:
        count = os.preadv(stream.fileno(), [buffer[: end - start]], start)
        if not count:
            raise CheckpointError(
                f"{stream.name} ends at byte {start}, expected at least {end}; it was cut short "
                "while it was read: wait for its writer, or download it again"
            )
        yield buffer[:count]
        start += count


def copied_pieces(content: memoryview) -> Iterator[memoryview]:
    """Yields bytes in copied pieces, each until the next one is asked for.

    Hashing waits for each line from memory; copying looks ahead, and the copy is in the cache.
    """
    buffer = memoryview(bytearray(min(PIECE, len(content))))
    for start in range(0, len(content), PIECE):
        piece = content[start : start + PIECE]
        buffer[: len(piece)] = piece
        yield buffer[: len(piece)]
