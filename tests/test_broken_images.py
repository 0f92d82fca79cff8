"""Images that lack a part, whichever, are broken; sound ones of all kinds are not."""

from __future__ import annotations

import base64
import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from frism.evaluation.broken_images import broken_files, broken_images

PIXELS = np.random.default_rng(0).integers(0, 255, (120, 160, 4)).astype(np.uint8)
KINDS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")


def coded(mode: str, kind: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(PIXELS).convert(mode).save(buffer, kind, **options)
    return buffer.getvalue()


def problem(content: bytes) -> str:
    return broken_images(base64.b64encode(content).decode())


def chunk(kind: bytes, content: bytes) -> bytes:
    """Returns a chunk of a PNG file with a right checksum."""
    check = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", check)


def png(rows: int, whole: bool = True) -> bytes:
    """Returns a PNG of 120 rows that holds the pixels of some, as a whole stream or a cut one."""
    lines = b"".join(b"\0" + PIXELS[k, :, 0].tobytes() for k in range(rows))
    packed = zlib.compress(lines)
    header = struct.pack(">IIBBBBB", 160, 120, 8, 0, 0, 0, 0)
    chunks = {
        b"IHDR": header,
        b"IDAT": packed if whole else packed[: len(packed) // 2],
        b"IEND": b"",
    }
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*each) for each in chunks.items())


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("mode", ["RGB", "L", "P", "CMYK", "RGBA", "1"])
def test_sound_images_of_all_kinds(kind: str, mode: str) -> None:
    try:
        content = coded(mode, kind)
    except (OSError, ValueError):
        pytest.skip(f"no {kind} of {mode}")
    assert problem(content) == ""


def test_a_progressive_jpeg_is_sound_and_cut_off_broken() -> None:
    whole = coded("RGB", "JPEG", progressive=True)
    assert problem(whole) == ""
    assert problem(whole[: len(whole) // 2])


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("share", [0.01, 0.3, 0.5, 0.9])
def test_an_image_cut_off_is_broken(kind: str, share: float) -> None:
    whole = coded("RGB", kind)
    assert problem(whole[: int(len(whole) * share)]).startswith("cannot be decoded")


def test_a_png_with_too_few_pixels_is_broken() -> None:
    assert problem(png(120)) == ""
    for content in (png(119), png(60), png(0), png(120, whole=False)):
        with Image.open(io.BytesIO(content)) as image:
            image.verify()  # its checksums are right
        assert problem(content).startswith("cannot be decoded")


@pytest.mark.parametrize("size", [(1, 1), (3, 2), (5, 9), (160, 120)])
@pytest.mark.parametrize("mode", ["RGB", "L", "P", "RGBA", "LA", "1", "I;16"])
def test_lines_are_counted_whatever_the_pixels(size: tuple[int, int], mode: str) -> None:
    image = Image.new(mode, size) if mode == "I;16" else Image.fromarray(PIXELS).convert(mode)
    buffer = io.BytesIO()
    image.resize(size).save(buffer, "PNG")
    assert problem(buffer.getvalue()) == ""


@pytest.mark.parametrize(("missing", "right"), [(0, True), (1, False)])
def test_interlaced_lines_are_counted(missing: int, right: bool) -> None:
    """A grey image of 5 x 5 is seven passes of so many lines and columns."""
    lines = {
        "1": (1, 1),
        "2": (1, 1),
        "3": (1, 2),
        "4": (2, 1),
        "5": (1, 3),
        "6": (3, 2),
        "7": (2, 5),
    }
    size = sum(count * (1 + width) for count, width in lines.values())
    header = struct.pack(">IIBBBBB", 5, 5, 8, 0, 0, 0, 1)
    packed = zlib.compress(bytes(size - missing))
    chunks = {b"IHDR": header, b"IDAT": packed, b"IEND": b""}
    content = b"\x89PNG\r\n\x1a\n" + b"".join(chunk(*each) for each in chunks.items())
    assert (problem(content) == "") is right


def test_a_jpeg_whose_end_is_right_but_whose_tables_are_not_is_broken() -> None:
    whole = coded("RGB", "JPEG")
    place = whole.index(b"\xff\xc4") + 5  # numbers of Huffman codes by length
    assert problem(whole[:place] + b"\xff" * 8 + whole[place + 8 :])


def test_a_file_is_looked_at_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png(120))
    (tmp_path / "b.png").write_bytes(png(60))
    assert broken_files("a.png", tmp_path) == ""
    assert broken_files("['a.png', 'b.png']", tmp_path).startswith("image 2 of 2: cannot be")
