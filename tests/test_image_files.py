"""Images that are written as they are decode to what VLMEvalKit's copies decode to."""

from __future__ import annotations

import base64
import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from frism.evaluation import kit
from frism.evaluation.benchmarks import load_split
from frism.evaluation.broken_images import broken_images
from frism.evaluation.image_files import kept_images
from frism.evaluation.images import open_image
from tests.pico_questions import open_rows, save

PIXELS = np.random.default_rng(0).integers(0, 255, (24, 40, 4)).astype(np.uint8)


def coded(mode: str, kind: str, **options: object) -> str:
    buffer = io.BytesIO()
    Image.fromarray(PIXELS).convert(mode).save(buffer, kind, **options)
    return base64.b64encode(buffer.getvalue()).decode()


def turned() -> str:
    exif = Image.Exif()
    exif[0x0112] = 6
    return coded("RGB", "JPEG", exif=exif)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (coded("RGB", "PNG"), True),
        (coded("L", "PNG"), True),
        (coded("RGB", "JPEG"), True),
        (coded("L", "JPEG"), True),
        (coded("RGB", "WEBP"), True),
        (coded("RGBA", "PNG"), False),
        (coded("P", "GIF"), False),
        (turned(), False),
    ],
)
def test_pixels_are_the_same(text: str, kept: bool, tmp_path: Path) -> None:
    theirs, ours = tmp_path / "theirs.png", tmp_path / "folder" / "ours.png"
    kit.image_base.decode_base64_to_image_file(text, str(theirs))
    with kept_images():
        kit.image_base.decode_base64_to_image_file(text, str(ours))
    expected, found = open_image(str(theirs)), open_image(str(ours))
    assert np.array_equal(np.asarray(expected), np.asarray(found))
    assert (ours.read_bytes() == base64.b64decode(text)) == kept


def test_what_png_cannot_hold_is_shown_as_rgb(tmp_path: Path) -> None:
    text, path = coded("CMYK", "JPEG"), tmp_path / "ours.png"
    with pytest.raises(OSError, match="cannot write mode CMYK as PNG"):
        kit.image_base.decode_base64_to_image_file(text, str(tmp_path / "theirs.png"))
    assert broken_images(text) == ""
    with kept_images():
        kit.image_base.decode_base64_to_image_file(text, str(path))
    expected = Image.fromarray(PIXELS).convert("RGB")
    difference = np.asarray(expected).astype(int) - np.asarray(open_image(str(path)))
    blurred = np.abs(difference.mean(axis=(0, 1)))
    assert blurred.max() < 4  # JPEG keeps means, in this noise little else


def test_what_is_no_image_is_left_to_vlmevalkit(tmp_path: Path) -> None:
    text = base64.b64encode(b"no image").decode()
    with kept_images(), pytest.raises(OSError, match="cannot identify image file"):
        kit.image_base.decode_base64_to_image_file(text, str(tmp_path / "a.png"))
    assert not list(tmp_path.iterdir())


def test_prompts_name_the_bytes_of_the_table(tmp_path: Path) -> None:
    own = kit.image_base.decode_base64_to_image_file
    table = open_rows(["1", "2"])
    save(table, tmp_path, "FrismPico_VAL")
    with kit.settings(tmp_path):
        part = load_split("FrismPico", "validation")
    for text, message in zip(table["image"], part.messages, strict=True):
        assert Path(message[0]["value"]).read_bytes() == base64.b64decode(text)
    assert kit.image_base.decode_base64_to_image_file is own
    assert part.keys == ["FrismPico_VAL 0", "FrismPico_VAL 1"]
