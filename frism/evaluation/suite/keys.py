"""What answers and scores depend on: two merges never share, and none is asked twice."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from frism.checkpoints.hashing import file_hash, weights_hash
from frism.config.digest import modules_digest
from frism.evaluation.conditions import IRRELEVANT, Conditions
from frism.evaluation.local_files import image_files, image_folder, read_cells, read_rows
from frism.evaluation.predictions import CHARACTERS, Key
from frism.evaluation.prompting import prompting_files

WITHIN = ("frism.evaluation.", "frism.injection.")
# prompts are made and answered by these and what they import
ASKING = tuple(f"frism.evaluation.{name}" for name in ("kit", "datasets", "engines"))
# a newer Python or frism whose code is the same answers the same
NO_PART = ("frism", "python")


@dataclass(frozen=True)
class Identity:
    """What a model is, by content.

    Attributes:
        weights: SHA-256 (hex) of the weights, however they are spread over files.
        prompting: SHA-256 (hex) of the files that shape its prompts.
    """

    weights: str
    prompting: str

    @property
    def short(self) -> str:
        """The first characters of the weights' hash, for names of folders."""
        return self.weights[:CHARACTERS]


def identify(checkpoint: Path) -> Identity:
    """Returns the identity of a checkpoint; its weights are read once, then remembered."""
    digest = hashlib.sha256()
    for file in prompting_files(checkpoint):
        digest.update(f"{file.relative_to(checkpoint)} {file_hash(file)}\n".encode())
    return Identity(weights_hash(checkpoint), digest.hexdigest())


def data_hash(file: Path) -> str:
    """Returns the SHA-256 (hex) of a benchmark file, and of images that it names and does not hold.

    Args:
        file: A table that was checked.
    """
    header = next(read_cells(file))
    if "image" in header or "image_path" not in header:
        return file_hash(file)
    digest = hashlib.sha256(file_hash(file).encode())
    for row in read_rows(file):
        # a row with a broken list or without its image is marked, and is asked once that is mended
        with suppress(ValueError):
            for image in image_files(row["image_path"], image_folder(file)):
                digest.update((file_hash(image) if image.is_file() else "").encode())
    return digest.hexdigest()


def prediction_key(model: Identity, benchmark: str, data: str, conditions: Conditions) -> Key:
    """Returns the key of a model's answers to a benchmark.

    Args:
        model: Who answers.
        benchmark: VLMEvalKit's name, which decides on the prompts.
        data: `data_hash` of the benchmark's file.
        conditions: How it is asked, with the seed where tokens are drawn; who judges has no part
            in it, nor has the size of batches.
    """
    generation = {n: v for n, v in conditions.generation.items() if n not in IRRELEVANT}
    parts: dict[str, Any] = {
        "weights": model.weights,
        "prompting": model.prompting,
        "benchmark": benchmark,
        "data": data,
        "generation": generation,
        "code": modules_digest(*ASKING, within=WITHIN),
        "versions": {n: v for n, v in conditions.versions.items() if n not in NO_PART},
    }
    return Key(parts)


def result_key(predictions: Key, conditions: Conditions, judge: Mapping[str, Any]) -> Key:
    """Returns the key of the scores of such answers.

    Args:
        predictions: Key of the answers.
        conditions: How they are scored.
        judge: Settings of the judge that have a part in it.
    """
    return Key(
        {
            "predictions": predictions.digest,
            "judge": {"kind": conditions.judge, **judge},
            "code": conditions.code,
        }
    )
