"""Whether an image of a benchmark file can be shown: all of its bytes are decoded."""

from __future__ import annotations

import binascii
import io
import warnings
from pathlib import Path

from frism.evaluation.local_files import image_files, listed
from frism.evaluation.png import lacks_pixels


def broken_images(cell: str) -> str:
    """Says what is wrong with the images of a cell in base64, one or a list; empty if nothing."""
    try:
        images = listed(cell)
    except ValueError as error:
        return str(error)
    return _first([_broken_text(image) for image in images])


def broken_files(cell: str, folder: Path) -> str:
    """Says what is wrong with the image files of a cell, one or a list; empty if nothing.

    Args:
        cell: Path or list of paths.
        folder: What relative paths start from.
    """
    try:
        paths = image_files(cell, folder)
    except ValueError as error:
        return str(error)
    return _first([_broken_file(path) for path in paths])


def _first(reasons: list[str]) -> str:
    for number, reason in enumerate(reasons, start=1):
        if reason:
            return f"image {number} of {len(reasons)}: {reason}" if len(reasons) > 1 else reason
    return ""


def _broken_file(path: Path) -> str:
    return _broken(path.read_bytes()) if path.is_file() else f"{path} does not exist"


def _broken_text(image: str) -> str:
    try:
        content = binascii.a2b_base64("".join(image.split()), strict_mode=True)
    except ValueError as error:
        return f"no base64 ({str(error).lower()})"
    return _broken(content)


def _broken(content: bytes) -> str:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of sizes, which are the model's business
            with Image.open(io.BytesIO(content)) as image:
                image.verify()  # checksums, where the format has some
            with Image.open(io.BytesIO(content)) as image:
                # of a JPEG all bytes are read, but few pixels made
                image.draft("L", (1, 1))
                image.load()
                if image.format == "PNG" and lacks_pixels(content):
                    return "cannot be decoded (lines of pixels are missing)"
    except Exception as error:  # Pillow's readers raise whatever the broken bytes lead to
        return f"cannot be decoded ({type(error).__name__})"
    return ""
