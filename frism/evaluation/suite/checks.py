"""What can be wrong before a model is loaded; only small files are read."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from frism.config.checkpoint_pairs import folder_problems
from frism.errors import CheckpointError, DataError
from frism.evaluation.suite.job import Table

# of the configurations of VLMs, old ones included
VISION = ("vision_config", "vision_tower", "mm_vision_tower", "visual")
PROCESSORS = ("processor_config.json", "preprocessor_config.json")
SHOWN = 4
# how the names of generated benchmarks begin
EMBEDDED = "Frism"


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


def benchmark_files(data: Path, names: Sequence[str], suite: str) -> dict[str, Path]:
    """Returns the file of each benchmark.

    Args:
        data: Folder with `<benchmark>.tsv`.
        names: The benchmarks.
        suite: What the suite was called, for the command that fetches them.

    Raises:
        DataError: Files are missing; the message names them and the command that fetches them.
    """
    files = {name: data / f"{name}.tsv" for name in names}
    missing = [name for name, file in files.items() if not file.is_file()]
    if not missing:
        return files
    listed = ", ".join(f"{name}.tsv" for name in missing[:SHOWN])
    more = f" and {len(missing) - SHOWN} more" if missing[SHOWN:] else ""
    found = f"{data} lacks {listed}{more}; nothing is downloaded during an evaluation"
    raise DataError(f"{found}: {_remedy(data, missing, suite)}")


def _remedy(data: Path, missing: Sequence[str], suite: str) -> str:
    if all(name.startswith(EMBEDDED) for name in missing):
        return (
            "give --data, the folder `data` of the model's family: snakemake leaves it in "
            "results/<name>/<pair>/seed-<seed>/data, and `frism questions --seeds <seed> --output "
            "<folder>` makes it"
        )
    names = f"--suite {suite}" if missing[SHOWN:] else f"--benchmarks {' '.join(missing)}"
    return f"run `frism prefetch {names} --data {data}` where there is a network"


def data_folder(checkpoint: Path, names: Iterable[str], default: Path) -> Path:
    """Returns where benchmarks lie if nobody says: `data` of the family that a model belongs to.

    Args:
        checkpoint: The model.
        names: Benchmarks.
        default: The folder where no folder above the model has a `data` with all benchmarks.
    """
    files = [f"{name}.tsv" for name in names]
    for folder in checkpoint.resolve().parents:
        if all((folder / "data" / file).is_file() for file in files):
            return folder / "data"
    return default


def tables(files: dict[str, Path]) -> dict[str, Table]:
    """Returns the tables of benchmarks."""
    limit = csv.field_size_limit(2**31 - 1)
    found = {}
    for name, file in files.items():
        with file.open(encoding="utf-8-sig", newline="") as lines:
            found[name] = Table(
                file, sum(1 for row in csv.reader(lines, delimiter="\t") if row) - 1
            )
    csv.field_size_limit(limit)
    return found
