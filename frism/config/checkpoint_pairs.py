"""What a pair of checkpoints must have on disk; reads headers alone, so that it is quick."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

from frism.config.calibration_checks import COLUMNS, FILE
from frism.config.pair_tree import PairCheckpoints, PairEmbedded
from frism.config.schema import shown
from frism.config.tree import Config
from frism.errors import ConfigError
from frism.hub.reference import parse_reference
from frism.tsv import Columns, header_problem

Found = tuple[str, str]  # key path, message
Pair = PairEmbedded | PairCheckpoints
ROLES = ("base", "vlm", "lrm", "vlm_base")
WEIGHTS = ("model.safetensors", "model.safetensors.index.json")
TOKENIZERS = ("tokenizer.json", "tokenizer_config.json")
QUESTION: Columns = (("index",), ("question",), ("answer",))
IMAGE = ("image", "image_path")


def known_models(config: Config, pair: Pair) -> Iterator[Found]:
    """Finds ids that no hub has, and folders without configuration, weights or tokenizer.

    What is on the hub is looked at when it is downloaded.
    """
    for role, model in _models(pair):
        try:
            on_hub = parse_reference(model) is not None
        except ConfigError as error:
            yield role, str(error)
            continue
        if not on_hub:
            for problem in folder_problems(Path(model)):
                yield role, f"found {shown(model)}{problem}"


def _models(pair: Pair) -> Iterator[tuple[str, str]]:
    for role in ROLES if isinstance(pair, PairCheckpoints) else ():
        if model := getattr(pair, role):
            yield role, model


def folder_problems(folder: Path) -> Iterator[str]:
    """Says what a folder lacks of a checkpoint, each to be read after its name."""
    if not (folder / "config.json").is_file():
        yield "; expected a folder with config.json, or owner/name@revision for a model of the hub"
        return
    if not _has_model_type(folder / "config.json"):
        yield ", whose config.json names no model_type; download the model again"
    for what, files in (("weights", WEIGHTS), ("tokenizer", TOKENIZERS)):
        if not any((folder / file).is_file() for file in files):
            yield f" without {what}; expected {' or '.join(files)} in it; download the model again"


def _has_model_type(file: Path) -> bool:
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return False
    return isinstance(content, dict) and bool(content.get("model_type"))


def distinct_models(config: Config, pair: Pair) -> Iterator[Found]:
    """Finds one model in two roles: merging a model with itself says nothing."""
    roles: dict[str, str] = {}
    for role, model in _models(pair):
        if not ("@" in model or Path(model).is_dir()):
            continue
        place = model if "@" in model else str(Path(model).resolve())
        first = roles.setdefault(place, role)
        # a VLM may well have been trained from the very base of the LRM
        if {first, role} not in ({role}, {"base", "vlm_base"}):
            found = f"found {shown(model)}, the same model as {first}"
            yield role, f"{found}; expected three different models"


def valid_key_map(config: Config, pair: Pair) -> Iterator[Found]:
    """Finds patterns of a key map that are no regular expressions."""
    for pattern, replacement in getattr(pair, "key_map", {}).items():
        try:
            re.sub(pattern, replacement, "")
        except re.error as error:
            yield "key_map", f"found {shown(pattern)}: {error}; expected a regular expression"


def complete_tables(config: Config, pair: Pair) -> Iterator[Found]:
    """Finds benchmarks and calibration questions that are missing or lack columns."""
    if not isinstance(pair, PairCheckpoints) or pair.data is None:
        return
    tables = {} if pair.calibration else {FILE: COLUMNS}
    for group, chosen in config.benchmarks.groups.items():
        columns = QUESTION if group == "text" else (*QUESTION, IMAGE)
        files = [f"{name}_{split}.tsv" for name in chosen.benchmarks for split in ("VAL", "TEST")]
        tables |= dict.fromkeys(files, columns)
    for file, expected in tables.items():
        if not (Path(pair.data) / file).is_file():
            yield "data", f"found {shown(pair.data)}; expected a folder with {file}"
        elif problem := header_problem(Path(pair.data) / file, expected):
            yield "data", f"{file}: {problem}"
