"""A VLM against its merges on one suite: scores, and differences paired by question."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from frism.errors import DataError
from frism.evaluation.suite.intervals import average_interval, difference_interval
from frism.evaluation.suite.results import BenchmarkResult
from frism.evaluation.suite.table import AVERAGE
from frism.files import write_text
from frism.results.cells import NOTHING, Table
from frism.results.formats import markdown, write_csv
from frism.results.statistics import Estimate

Results = Mapping[str, BenchmarkResult]  # by benchmark
VLM = "vlm"
NOTES = (
    "Scores in percent; in brackets the difference to the VLM with its interval of 95 %, paired by "
    "question, where both scores are means of their questions.",
)


def comparison_table(vlm: Results, merges: Mapping[str, Results]) -> pd.DataFrame:
    """Returns one row for each model and benchmark, and for each average of a group.

    Args:
        vlm: Results of the unmerged VLM.
        merges: Results of merges into it by their names.

    Raises:
        DataError: A merge was not evaluated on the same questions in the same way.
    """
    rows = []
    for name, results in {VLM: vlm, **merges}.items():
        _check(vlm, results, name)
        for group in dict.fromkeys(result.group for result in vlm.values()):
            members = [b for b, result in vlm.items() if result.group == group]
            deltas = [_difference(results[b], vlm[b]) for b in members]
            scores = [results[b].score for b in members]
            average = average_interval(deltas), sum(scores) / len(scores)
            found = zip(
                [*members, AVERAGE], [*deltas, average[0]], [*scores, average[1]], strict=True
            )
            rows += [_row(name, group, b, score, delta) for b, delta, score in found]
    return pd.DataFrame(rows)


def write_comparison(table: pd.DataFrame, folder: Path, title: str) -> str:
    """Writes evaluations.csv and evaluations.md and returns the latter."""
    write_csv(folder / "evaluations.csv", table)
    text = f"# {title}\n\n{markdown(_cells(table), NOTES)}"
    write_text(folder / "evaluations.md", text)
    return text


def _check(vlm: Results, results: Results, name: str) -> None:
    for benchmark, ours in vlm.items():
        other = results.get(benchmark)
        if other is None or _asked(other) != _asked(ours):
            lacking = f"found no result of {benchmark}"
            unlike = f"found another file, judge or setting of {benchmark} than the VLM's"
            raise DataError(
                f"{name}: {unlike if other else lacking}; expected models that were evaluated "
                "alike: run frism eval with the same suite and settings"
            )


def _asked(result: BenchmarkResult) -> tuple[Any, ...]:
    return result.data, result.judge, result.judge_settings, result.generation


def _difference(merge: BenchmarkResult, vlm: BenchmarkResult) -> Estimate:
    hits: Sequence[Sequence[float]] = ([], [])
    if merge.low is not None and vlm.low is not None:
        by_index = {question.index: question.hit for question in merge.questions}
        counted = [question for question in vlm.questions if question.counted]
        hits = [by_index[q.index] for q in counted], [q.hit for q in counted]
    return difference_interval((merge.score, vlm.score), hits)


def _row(name: str, group: str, benchmark: str, score: float, delta: Estimate) -> dict[str, Any]:
    return {
        "model": name,
        "group": group,
        "benchmark": benchmark,
        "score": score,
        "delta": delta.value,
        "delta_low": delta.low,
        "delta_high": delta.high,
    }


def _cells(table: pd.DataFrame) -> Table:
    """Returns one row for each benchmark and one column for each model."""
    models = list(dict.fromkeys(table["model"]))
    rows: dict[tuple[str, str], list[str]] = {}
    for row in table.to_dict("records"):
        rows.setdefault((row["group"], row["benchmark"]), []).append(_cell(row))
    cells = [[*place, *scores] for place, scores in rows.items()]
    bold = [benchmark == AVERAGE for _, benchmark in rows]
    return Table(["group", "benchmark", *models], cells, bold)


def _cell(row: Mapping[Any, Any]) -> str:
    score = f"{row['score']:.1f}"
    if row["model"] == VLM:
        return score
    interval = NOTHING
    if not pd.isna(row["delta_low"]):
        interval = f"{row['delta_low']:+.1f} to {row['delta_high']:+.1f}"
    return f"{score} ({row['delta']:+.1f}; {interval})"
