"""Multiple-choice results: one question by one, in circles of rotated options, or in steps."""

from __future__ import annotations

from functools import partial

import pandas as pd

from frism.errors import EvaluationError
from frism.evaluation import kit
from frism.evaluation.result_files import Index, Reading, ResultFiles, numbers
from frism.evaluation.row_forms import WEMATH_PROBLEMS

# as in VLMEvalKit: a group of rotations counts once, under the index of its first
CIRCULAR = ("mmbench", "ccbench", "circular", "mmcr")
ROTATION = 1_000_000
STRICT = "Score (Strict)"


def read_choices(files: ResultFiles, data: pd.DataFrame, split: str = "") -> Reading:
    """Reads accuracy; a question with rotated options counts if each was answered right.

    Args:
        files: the result files.
        data: the questions.
        split: the split that is reported where there are several.

    Raises:
        EvaluationError: Something is missing, or the accuracy is not the mean of its questions.
    """
    groups = _groups(files.name, data)
    rows = files.table(f"_{files.model}_result")
    hits = files.hits(rows, "hit", list(dict.fromkeys(groups.values())))
    table = files.table("_acc", "csv")
    chosen = _split(files.name, table, split)
    score = 100 * files.number(table, "Overall", chosen)
    several = len(table) > 1
    counted = [i for i in hits if not several or _split_of(rows, i) == chosen]
    files.agree(score, [hits[i] for i in counted])
    spread = {index: hits[group] for index, group in groups.items()}
    return Reading(score, spread, tuple(counted), numbers(table, 100))


read_validation = partial(read_choices, split="validation")


def _groups(name: str, data: pd.DataFrame) -> dict[Index, Index]:
    """Returns the index of each question -> the index under which its group counts."""
    indices = list(data["index"])
    if not any(word in name.lower() for word in CIRCULAR):
        return dict(zip(indices, indices, strict=True))
    heads = data["g_index"] if "g_index" in data else [int(i) % ROTATION for i in indices]
    return {int(index): int(head) for index, head in zip(indices, heads, strict=True)}


def _split(name: str, table: pd.DataFrame, split: str) -> str:
    found = list(table["split"].astype(str)) if "split" in table else []
    if len(found) == 1 or not found:
        return "".join(found)
    if split not in found:
        raise EvaluationError(
            f"{name}: found the metric Overall of the splits {found}, expected one number; remove "
            "the `split` column from the TSV file, or keep one split in it"
        )
    return split


def _split_of(rows: pd.DataFrame, index: Index) -> str:
    return str(rows.loc[rows["index"] == index, "split"].iloc[0])


def read_steps(files: ResultFiles, data: pd.DataFrame) -> Reading:
    """Reads WeMath's strict score of problems that are asked whole and in steps.

    score = (P - IG / 2 - RM - IK) / P with P = 525 problems, of which the model has IG right in
    all steps only, RM right as a whole but not in all steps, and IK neither
    (https://arxiv.org/abs/2407.01284).

    Raises:
        EvaluationError: Something is missing, or there are not 525 problems.
    """
    problems = int(data["key"].astype(str).str.endswith("_multi").sum())
    if problems != WEMATH_PROBLEMS:
        raise EvaluationError(
            f"{files.name}: found {problems} problems of several steps, but VLMEvalKit's score is "
            f"defined over {WEMATH_PROBLEMS}; expected the complete TSV file"
        )
    judged = files.model != kit.EXACT_MATCHING
    source = files.path(f"_{files.model}") if judged else files.predictions
    rows = kit.evaluation_module("utils.wemath").load_and_process_data(str(source))
    hits = files.hits(rows, "joker", list(data["index"]))
    table = files.table(f"_{files.model}_score", "csv")
    score = files.number(table, STRICT)
    return Reading(score, hits, tuple(hits), numbers(table))
