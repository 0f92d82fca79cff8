"""What can be wrong before a model is loaded; only small files are read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from frism.config.checkpoint_pairs import folder_problems
from frism.errors import CheckpointError, DataError

# of the configurations of VLMs, old ones included
VISION = ("vision_config", "vision_tower", "mm_vision_tower", "visual")
PROCESSORS = ("processor_config.json", "preprocessor_config.json")
SHOWN = 4


def check_model(checkpoint: Path, blind: bool) -> None:
    """Checks that a folder holds a VLM, or any model where it is asked without images.

    Raises:
        CheckpointError: It is no checkpoint, or it cannot see.
    """
    if problems := list(folder_problems(checkpoint)):
        raise CheckpointError("\n".join(f"{checkpoint}{problem}" for problem in problems))
    config = json.loads((checkpoint / "config.json").read_text(encoding="utf-8"))
    if blind:
        return
    if not any(config.get(name) for name in VISION):
        raise CheckpointError(
            f"{checkpoint} is no VLM: its config.json names the architecture {_names(config)} and "
            f"none of {', '.join(VISION)}; give the checkpoint of a VLM, or --blind to ask a "
            "language model the questions without their images"
        )
    if not any((checkpoint / name).is_file() for name in PROCESSORS):
        raise CheckpointError(
            f"{checkpoint} has no image processor; expected {' or '.join(PROCESSORS)}; copy it "
            "from the model that this one was made of"
        )


def _names(config: dict[str, Any]) -> str:
    found = config.get("architectures") or [config.get("model_type")]
    return ", ".join(map(str, found))


def benchmark_files(data: Path, names: Sequence[str]) -> dict[str, Path]:
    """Returns the file of each benchmark.

    Raises:
        DataError: Files are missing; the message names them and the command that fetches them.
    """
    files = {name: data / f"{name}.tsv" for name in names}
    missing = [name for name, file in files.items() if not file.is_file()]
    if missing:
        raise DataError(missing_message(data, missing))
    return files


def missing_message(data: Path, missing: Sequence[str]) -> str:
    """Says which files are missing and how to get them."""
    listed = ", ".join(f"{name}.tsv" for name in missing[:SHOWN])
    more = f" and {len(missing) - SHOWN} more" if len(missing) > SHOWN else ""
    found = f"{data} lacks {listed}{more}; nothing is downloaded during an evaluation: run "
    if all(name.startswith("Frism") for name in missing):
        return (
            f"{found}`frism questions --seeds 7 --output FOLDER` with the seed of the model's "
            "family, or `snakemake`, which leaves them in results/<name>/<pair>/seed-<seed>/data, "
            "and give that folder as --data"
        )
    return f"{found}`frism prefetch {' '.join(missing)} --data {data}` where there is a network"


def data_folder(given: Path | None, checkpoint: Path, names: Iterable[str]) -> Path | None:
    """Returns where benchmarks lie: as given, or `data` of the family that a model belongs to.

    Args:
        given: The folder, if it was named.
        checkpoint: The model.
        names: Benchmarks.

    Returns:
        None where no folder above the model has one named `data` with all benchmarks in it.
    """
    if given is not None:
        return given
    files = [f"{name}.tsv" for name in names]
    for folder in checkpoint.resolve().parents:
        if all((folder / "data" / file).is_file() for file in files):
            return folder / "data"
    return None
