"""What a pair of checkpoints must have on disk; reads headers alone, so that it takes no time."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from frism.config.schema import shown
from frism.config.tree import Config, PairCheckpoints, PairEmbedded

Found = tuple[str, str]  # key path, message
Pair = PairEmbedded | PairCheckpoints
ROLES = ("base", "vlm", "lrm")
WEIGHTS = ("model.safetensors", "model.safetensors.index.json")
TOKENIZERS = ("tokenizer.json", "tokenizer_config.json")
Columns = tuple[tuple[str, ...], ...]  # of each tuple one is needed
QUESTION: Columns = (("index",), ("question",), ("answer",))
IMAGE = ("image", "image_path")
CALIBRATION: Columns = (("index",), ("image",), ("question",))
LONGEST_FIELD = 2**31 - 1
# counting the rows of a larger file would keep every start of the workflow waiting
LARGEST_COUNTED = 50 * 2**20


def complete_models(config: Config, pair: Pair) -> Iterator[Found]:
    """Finds model folders without a configuration, weights or a tokenizer."""
    if isinstance(pair, PairCheckpoints):
        for role in ROLES:
            for problem in _model_problems(Path(getattr(pair, role))):
                yield role, f"found {shown(getattr(pair, role))}{problem}"


def _model_problems(folder: Path) -> Iterator[str]:
    if not (folder / "config.json").is_file():
        yield "; expected a folder with config.json"
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
    """Finds one folder in two roles: merging a model with itself says nothing."""
    if not isinstance(pair, PairCheckpoints):
        return
    roles: dict[Path, str] = {}
    for role in ROLES:
        folder = Path(getattr(pair, role))
        if folder.is_dir() and (first := roles.setdefault(folder.resolve(), role)) != role:
            found = f"found {shown(str(folder))}, the same folder as {first}"
            yield role, f"{found}; expected three different models"


def complete_tables(config: Config, pair: Pair) -> Iterator[Found]:
    """Finds benchmarks and calibration questions that are missing or lack columns."""
    if not isinstance(pair, PairCheckpoints):
        return
    tables = {"calibration.tsv": CALIBRATION}
    for group in type(config.benchmarks).model_fields:
        columns = QUESTION if group == "text" else (*QUESTION, IMAGE)
        names = getattr(config.benchmarks, group)
        tables |= {f"{name}_{split}.tsv": columns for name in names for split in ("VAL", "TEST")}
    for file, expected in tables.items():
        if not (Path(pair.data) / file).is_file():
            yield "data", f"found {shown(pair.data)}; expected a folder with {file}"
        elif problem := _header_problem(Path(pair.data) / file, expected):
            yield "data", f"{file}: {problem}"


def _header_problem(file: Path, expected: Columns) -> str:
    try:
        columns = next(_rows(file), [])
    except (OSError, csv.Error) as error:
        return f"cannot be read: {error}"
    missing = [" or ".join(names) for names in expected if not set(names) & set(columns)]
    if not missing:
        return ""
    found = f"found the columns {shown(', '.join(columns))}" if columns else "found no columns"
    return f"{found}; expected {', '.join(missing)} too; add them to its first line"


def enough_questions(config: Config, pair: Pair) -> Iterator[Found]:
    """Finds fewer calibration questions than the gates' training uses."""
    images = config.distillation.images
    if not isinstance(pair, PairCheckpoints):
        return
    file = Path(pair.data) / "calibration.tsv"
    if not file.is_file() or _header_problem(file, CALIBRATION):
        return
    if file.stat().st_size <= LARGEST_COUNTED and (count := _count(file, images)) < images:
        message = f"found {count} questions; expected at least distillation.images, {images}"
        yield "data", f"calibration.tsv: {message}; lower distillation.images or add questions"


def _count(file: Path, most: int) -> int:
    limit = csv.field_size_limit(LONGEST_FIELD)  # an image is longer than the default allows
    try:
        questions = (row for row in islice(_rows(file), 1, None) if row)
        return sum(1 for _ in islice(questions, most))
    finally:
        csv.field_size_limit(limit)


def _rows(file: Path) -> Iterator[list[str]]:
    with file.open(encoding="utf-8-sig", errors="replace") as lines:
        yield from csv.reader(lines, delimiter="\t")
