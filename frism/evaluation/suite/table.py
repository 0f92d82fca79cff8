"""The results of a model on a suite as a table: Markdown to read, CSV to go on with."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from frism.evaluation.suite.intervals import average_interval
from frism.evaluation.suite.results import BenchmarkResult
from frism.files import write_text
from frism.results.cells import NOTHING, Table
from frism.results.formats import markdown, write_csv
from frism.results.statistics import Estimate

AVERAGE = "average"
# marked questions; all of them stand in the JSON files
LISTED = 20
SHARES = ("chain_share", "cut_share", "loop_share", "chain_tokens")
COUNTS = ("questions", "broken", "failed")
HEADERS = ["group", "benchmark", "score", "95 % interval", "questions", "chain", "cut off"]
HEADERS += ["looped", "tokens per chain", "marked", "judge"]
NOTES = (
    "Scores in percent, by VLMEvalKit's own evaluation. Intervals: Wilson's over the questions of "
    "a benchmark, from these by MOVER for an average; none where a score is no mean of its "
    "questions.",
    "chain, cut off, looped: share of answers with a closed chain of thought, of those that the "
    "token limit cut off, which count as wrong, and of those that repeated themselves. marked: "
    "questions with a broken image or a judge that failed, which count as wrong, too.",
)


def results_table(results: Sequence[BenchmarkResult]) -> pd.DataFrame:
    """Returns one row for each benchmark, and one with the average below each group."""
    rows: list[dict[str, Any]] = []
    for group in dict.fromkeys(result.group for result in results):
        members = [result for result in results if result.group == group]
        rows += [_row(result) for result in members]
        rows.append(_average(group, members))
    return pd.DataFrame(rows)


def write_table(results: Sequence[BenchmarkResult], folder: Path, title: str) -> str:
    """Writes results.csv and results.md and returns the latter.

    Args:
        results: In the order of the suite.
        folder: Where they go.
        title: Headline.
    """
    table = results_table(results)
    write_csv(folder / "results.csv", table)
    notes = [*NOTES, *_marked(results)]
    text = f"# {title}\n\n{markdown(_cells(table.to_dict('records')), notes)}"
    write_text(folder / "results.md", text)
    return text


def _row(result: BenchmarkResult) -> dict[str, Any]:
    return {
        "group": result.group,
        "benchmark": result.benchmark,
        "score": result.score,
        "low": result.low,
        "high": result.high,
        "questions": result.count,
        "chain_share": result.chains.closed,
        "cut_share": result.chains.cut,
        "loop_share": result.chains.looped,
        "chain_tokens": result.chains.mean,
        "broken": len(result.broken),
        "failed": len(result.failed),
        "judge": result.judge,
    }


def _average(group: str, members: Sequence[BenchmarkResult]) -> dict[str, Any]:
    """Returns the row of a group, all of whose benchmarks weigh the same."""
    nan = float("nan")
    interval = average_interval(
        [
            Estimate(r.score, nan if r.low is None else r.low, nan if r.high is None else r.high)
            for r in members
        ]
    )
    rows = pd.DataFrame([_row(result) for result in members])
    averaged = {name: float(rows[name].mean()) for name in SHARES}
    return {
        "group": group,
        "benchmark": AVERAGE,
        "score": interval.value,
        "low": interval.low,
        "high": interval.high,
        **{name: int(rows[name].sum()) for name in COUNTS},
        **averaged,
        "judge": members[0].judge,
    }


def _cells(rows: Sequence[Mapping[Any, Any]]) -> Table:
    cells = [
        [
            row["group"],
            row["benchmark"],
            f"{row['score']:.1f}",
            _interval(row["low"], row["high"]),
            str(row["questions"]),
            f"{row['chain_share']:.1%}",
            f"{row['cut_share']:.1%}",
            f"{row['loop_share']:.1%}",
            f"{row['chain_tokens']:.0f}",
            str(row["broken"] + row["failed"]),
            row["judge"],
        ]
        for row in rows
    ]
    return Table(HEADERS, cells, [row["benchmark"] == AVERAGE for row in rows])


def _interval(low: float | None, high: float | None) -> str:
    return NOTHING if pd.isna(low) or pd.isna(high) else f"{low:.1f} to {high:.1f}"


def _marked(results: Sequence[BenchmarkResult]) -> list[str]:
    lines = [
        f"{result.benchmark}, question {mark.index} is marked: {mark.problem}"
        for result in results
        for mark in (*result.broken, *result.failed)
    ]
    more = [f"... and {len(lines) - LISTED} more, see the JSON files"] if lines[LISTED:] else []
    return lines[:LISTED] + more
