"""Images in place of those that cannot be shown, so that VLMEvalKit opens the file they are in.

It takes the cell of an image for an image, a list, or the index of another row, and ends on one
that is none of these. A row that is marked is never asked, whatever image it has.
"""

from __future__ import annotations

import base64
import csv
import io
from collections.abc import Collection, Iterator
from pathlib import Path

from PIL import Image

from frism.evaluation import kit
from frism.evaluation.local_files import is_large, local_file, read_cells
from frism.evaluation.rows import IMAGE


def replace_marked(root: Path, file: Path, marked: Collection[int | str]) -> None:
    """Puts a placeholder in the place of images that cannot be shown.

    Args:
        root: Folder with links to benchmark files, one of which a copy replaces.
        file: A benchmark's file.
        marked: Its rows whose image cannot be shown, by index.
    """
    if not marked:
        return
    read = local_file(file) if is_large(file) else file
    link = root / read.name
    link.unlink()
    with link.open("w", encoding="utf-8", newline="") as copy:
        csv.writer(copy, delimiter="\t", lineterminator="\n").writerows(
            _replaced(read, {str(index) for index in marked})
        )


def _replaced(file: Path, marked: Collection[str]) -> Iterator[list[str]]:
    cells = read_cells(file)
    header = next(cells)
    yield header
    index, image = header.index("index"), _image()
    stand_ins = {k: image if n == "image" else "none" for k, n in enumerate(header) if n in IMAGE}
    # rows without an image are no part of VLMEvalKit's own benchmarks
    left_out = file.stem.removesuffix("_local") in kit.SUPPORTED_DATASETS
    for row in filter(None, cells):
        if _plain(row[index]) in marked:
            for column, stand_in in stand_ins.items():
                if row[column] or not left_out:
                    row[column] = stand_in
        yield row


def _plain(index: str) -> str:
    text = index.strip()
    return str(int(text)) if text.isdecimal() else text


def _image() -> str:
    content = io.BytesIO()
    Image.new("RGB", (28, 28)).save(content, "PNG")
    return base64.b64encode(content.getvalue()).decode()
