"""Images and tables that calibration questions are drawn from."""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from PIL import Image


def pixels(seed: int) -> np.ndarray:
    """Returns random pixels [height 6, width 9, 3]."""
    return np.random.default_rng(seed).integers(0, 256, (6, 9, 3)).astype(np.uint8)


def encoded(seed: int, kind: str = "png", **how: object) -> bytes:
    """Returns an image file of these pixels."""
    file = io.BytesIO()
    Image.fromarray(pixels(seed)).save(file, kind, **how)
    return file.getvalue()


def cell(seed: int) -> str:
    """Returns an image as a cell of a benchmark."""
    return base64.b64encode(encoded(seed)).decode()


def rows(count: int) -> list[dict[str, object]]:
    """Returns rows of a benchmark: row k shows pixels(k), asks `what k` and has a label."""
    return [
        {"index": k, "image": cell(k), "question": f"what {k}", "answer": f"secret {k}"}
        for k in range(count)
    ]


def write_tsv(file: Path, table: Sequence[Mapping[str, object]]) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    pd.DataFrame(table).to_csv(file, sep="\t", index=False)
    return file


def write_images(folder: Path, names: Sequence[str]) -> Path:
    """Writes image k with pixels(k)."""
    for seed, name in enumerate(names):
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        kind = {"jpg": "jpeg"}.get(file.suffix[1:].lower(), file.suffix[1:].lower())
        how = {"lossless": True} if kind == "webp" else {}
        file.write_bytes(encoded(seed, kind, **how))
    return folder
