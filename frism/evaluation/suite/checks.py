"""What can be wrong before a model is loaded; only small files are read."""

from __future__ import annotations

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
from frism.evaluation.model_files import (
    PROCESSOR_FILES,
    TEMPLATE_FILES,
    VISION,
    has_template,
    read_json,
    sees,
)
from frism.judging.key import authorization


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
        CheckpointError: It is no checkpoint, it cannot see, or it does not say how it is asked.
    """
    if problems := list(folder_problems(checkpoint)):
        raise CheckpointError("\n".join(f"{checkpoint}{problem}" for problem in problems))
    if not blind:
        _check_sight(checkpoint)
    if not has_template(checkpoint):
        raise CheckpointError(
            f"{checkpoint} has no chat template, without which no question can be put; expected "
            f"{' or '.join(TEMPLATE_FILES)}, or chat_template in tokenizer_config.json; copy it "
            "from the model that this one was made of"
        )


def _check_sight(checkpoint: Path) -> None:
    config = read_json(checkpoint / "config.json")
    if not sees(config):
        raise CheckpointError(
            f"{checkpoint} is no VLM: its config.json names the architecture {_names(config)} and "
            f"none of {', '.join(VISION)}, nor a type that transformers shows images; give the "
            "checkpoint of a VLM, or --blind to ask a language model the questions without their "
            "images"
        )
    if not any((checkpoint / name).is_file() for name in PROCESSOR_FILES):
        raise CheckpointError(
            f"{checkpoint} has no image processor; expected {' or '.join(PROCESSOR_FILES)}; copy "
            "it from the model that this one was made of"
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
