"""Images of questions: opened, and measured without being decoded."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PIL import Image

from frism.errors import QuestionError


def open_image(path: str) -> Image.Image:
    """Returns an image as RGB.

    Raises:
        QuestionError: The file is none, or is broken.
    """
    with _named(path), Image.open(path) as image:
        return image.convert("RGB")


def image_size(path: str) -> tuple[int, int]:
    """Returns width and height in pixels.

    Raises:
        QuestionError: The file is none, or its header is broken.
    """
    with _named(path), Image.open(path) as image:
        return image.size


@contextmanager
def _named(path: str) -> Iterator[None]:
    try:
        yield
    # Pillow's readers of single formats also raise these for files that were cut or altered
    except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
        raise QuestionError(
            f"cannot read the image {path} ({error}); expected a file that Pillow opens: mend or "
            "leave out the question"
        ) from None
