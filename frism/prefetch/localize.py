"""The images of a large file as files, and its table without them: VLMEvalKit's LOCALIZE.

VLMEvalKit makes them at the first evaluation, from the whole file in memory and with 32 processes.
Here rows pass one by one. The paths in the table are absolute, as VLMEvalKit needs them, so a
folder that was moved is done again.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from frism.evaluation import kit
from frism.evaluation.local_files import LONGEST_REFERENCE, Row, listed, local_file, read_rows
from frism.files import atomic_file
from frism.progress import progress

AT_A_TIME = 256


def localize(path: Path) -> None:
    """Writes the images of a file beneath images/ beside it, then its table `<name>_local.tsv`.

    Images that are there already are left; one that cannot be decoded is left out, which the check
    before an evaluation reports.
    """
    folder = path.parent.resolve() / "images" / path.stem
    folder.mkdir(parents=True, exist_ok=True)
    named = ((row, _paths(row, folder)) for row in read_rows(path))
    with atomic_file(local_file(path)) as temporary, temporary.open("w", encoding="utf-8") as file:
        writer = csv.writer(file, delimiter="\t", quoting=csv.QUOTE_ALL, lineterminator="\n")
        header: list[str] | None = None
        for row, paths in progress(_decoded(named), f"images of {path.name}"):
            out = {name: cell for name, cell in row.items() if name != "image"}
            out["image_path"] = paths[0] if len(paths) == 1 else str(paths)
            if header is None:
                header = list(out)
                writer.writerow(header)
            writer.writerow(out.values())


def _paths(row: Row, folder: Path) -> list[str]:
    """Returns where the images of a row lie, named as VLMEvalKit names them."""
    images = listed(row["image"])
    if row.get("image_path"):
        names = listed(row["image_path"])
    else:
        reference = len(row["image"]) <= LONGEST_REFERENCE
        names = [f"{row['image'] if reference else row['index']}.jpg"]
    if len(names) == 1 < len(images):
        first = Path(names[0])
        names = [str(first.with_stem(f"{first.stem}_{k}")) for k in range(len(images))]
    return [str(folder / name) for name in names]


def _decoded(rows: Iterable[tuple[Row, list[str]]]) -> Iterator[tuple[Row, list[str]]]:
    """Yields the rows whose images have been written."""
    rows = iter(rows)
    with ThreadPoolExecutor() as pool:
        while part := list(islice(rows, AT_A_TIME)):
            list(pool.map(_decode, part))
            yield from part


def _decode(part: tuple[Row, Sequence[str]]) -> None:
    row, paths = part
    for image, path in zip(listed(row["image"]), paths, strict=False):
        if len(image) > LONGEST_REFERENCE and not Path(path).exists():
            _write(image, Path(path))


def _write(image: str, path: Path) -> None:
    try:
        with atomic_file(path) as temporary:
            kit.decode_base64_to_image_file(image, str(temporary))
    except (OSError, ValueError, SyntaxError):  # what Pillow and base64 raise for a broken image
        path.unlink(missing_ok=True)
