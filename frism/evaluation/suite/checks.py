"""What can be wrong before a model is loaded; only small files are read."""

from __future__ import annotations

import json
import shlex
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from frism.config.checkpoint_pairs import folder_problems
from frism.config.judge import JudgeEndpoint, mistakes
from frism.config.places import place
from frism.config.suites import Suite
from frism.errors import CheckpointError, ConfigError
from frism.evaluation.local_files import is_large, local_file, read_cells
from frism.judging.key import authorization

# of the configurations of VLMs, old ones included
VISION = ("vision_config", "vision_tower", "mm_vision_tower", "visual")
PROCESSORS = ("processor_config.json", "preprocessor_config.json")


def model_folder(model: str) -> Path:
    """Returns the folder of a model: one of the hub must have been downloaded.

    Raises:
        CheckpointError: It was not; the message names the command that does it.
    """
    folder = Path(place(model))
    if str(folder) != model and not folder.is_dir():
        command = shlex.join(["frism", "download", "--model", model, "--output", str(folder)])
        raise CheckpointError(
            f"{model} is not downloaded: {folder} does not exist; run: {command}, or give the "
            "folder of a model"
        )
    return folder


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


def count_questions(file: Path) -> int:
    """Returns the number of rows of a benchmark's file that was checked."""
    read = local_file(file) if is_large(file) else file
    return sum(1 for row in read_cells(read) if row) - 1


def check_judges(suite: Suite, settings: JudgeEndpoint) -> None:
    """Checks that a judge that is asked can be asked; nothing is sent.

    Raises:
        ConfigError: Its settings are missing or malformed.
        JudgeError: Its key is not in the environment.
    """
    asking = [name for name, group in suite.groups.items() if group.judge == "openai"]
    if not asking:
        return
    if wrong := [f"--judge-{_flag(key)}: {message}" for key, message in mistakes(settings)]:
        raise ConfigError("\n".join([f"judge openai of {', '.join(asking)}:", *wrong]))
    authorization(settings.api_key_env)


def _flag(key: str) -> str:
    return key.replace("_", "-")
