"""Images of a benchmark as files, without coding them anew.

VLMEvalKit decodes every image of a TSV file and writes it as PNG before a prompt names it, which
takes longer than most answers: a third of a second for a photograph. Where the file's own bytes
decode to the same pixels they are written as they are.
"""

from __future__ import annotations

import base64
import binascii
import io
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image

from frism.evaluation import kit

# VLMEvalKit turns the others into RGB, or fails on them, as on CMYK, which its PNG cannot hold: a
# model is shown the RGB that Pillow makes of it
SAME_MODES = ("RGB", "L", "CMYK")
ORIENTATION = 0x0112


@contextmanager
def kept_images() -> Iterator[None]:
    """Lets VLMEvalKit's datasets write the bytes of images where that is the same."""
    own = kit.image_base.decode_base64_to_image_file

    def write(text: str, path: str, target_size: int = -1) -> None:
        if target_size > 0 or not _written(text, Path(path)):
            own(text, path, target_size=target_size)

    kit.image_base.decode_base64_to_image_file = write
    try:
        yield
    finally:
        kit.image_base.decode_base64_to_image_file = own


def _written(text: str, path: Path) -> bool:
    try:
        content = base64.b64decode(text)
        with Image.open(io.BytesIO(content)) as image:
            if image.mode not in SAME_MODES or _turned(image):
                return False
    except (binascii.Error, OSError, SyntaxError, ValueError):
        return False  # VLMEvalKit says what is wrong with it
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return True


def _turned(image: Image.Image) -> bool:
    # to look for it in a PNG file, Pillow decodes all of it
    if image.format == "PNG":
        return "exif" in image.info
    return bool(image.getexif().get(ORIENTATION, 1) != 1)
