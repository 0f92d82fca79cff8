"""Whether a PNG file holds all of its pixels: Pillow paints black what is missing.

https://www.w3.org/TR/png-3: lines of pixels, each after a byte that names its filter, are packed by
zlib; interlaced images are seven smaller ones.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator

SIGNATURE, HEADER = 8, 13
CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
# first column and row of a pass, and the steps between its columns and rows
WHOLE = ((0, 0, 1, 1),)
PASSES = (
    *((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4)),
    *((0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)),
)


def lacks_pixels(content: bytes) -> bool:
    """Tells whether the packed lines of a sound PNG file are too few.

    Raises:
        struct.error, zlib.error, KeyError: The file is no sound PNG file.
    """
    unpacked = zlib.decompressobj()
    found = sum(len(unpacked.decompress(part)) for part in _chunks(content, b"IDAT"))
    return found + len(unpacked.flush()) < _expected(next(_chunks(content, b"IHDR")))


def _chunks(content: bytes, kind: bytes) -> Iterator[bytes]:
    place = SIGNATURE
    while place < len(content):
        length, found = struct.unpack_from(">I4s", content, place)
        if found == kind:
            yield content[place + 8 : place + 8 + length]
        place += length + 12  # its own length, kind and checksum


def _expected(header: bytes) -> int:
    """Returns how many bytes the lines of an image have."""
    width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", header[:HEADER])
    total = 0
    for left, top, across, down in PASSES if interlaced else WHOLE:
        columns, rows = max(0, -(-(width - left) // across)), max(0, -(-(height - top) // down))
        line = -(-columns * depth * CHANNELS[colour] // 8)
        total += rows * (1 + line) if columns else 0
    return total
