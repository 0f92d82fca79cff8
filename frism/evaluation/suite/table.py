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
HEADERS = ["group", "benchmark", "score", "95 % interval", "questions", "chain", "cut off"]
HEADERS += ["looped", "words per chain", "marked", "judge"]
NOTES = (
    "Scores in percent, by VLMEvalKit's own evaluation. Intervals: Wilson's over the questions of "
    "a benchmark, a bootstrap over the questions of each benchmark for an average; none where a "
    "score is no mean of its questions.",
    "chain, cut off: share of answers with a closed chain of thought, and of those that the token "
    "limit cut off, which count as wrong. marked: questions with a broken image or a judge that "
    "failed, which count as wrong, too.",
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
        "chain_share": result.chain_share,
        "cut_share": result.cut_share,
        "looped": result.looped,
        "chain_words": result.chain_words,
        "broken": len(result.broken),
        "failed": len(result.failed),
        "judge": result.judge,
    }


def _average(group: str, members: Sequence[BenchmarkResult]) -> dict[str, Any]:
    """Benchmarks weigh the same in a score, questions in shares."""
    scores = [result.score for result in members]
    found = average_interval(scores, [[q.hit for q in result.questions] for result in members])
    interval = found or Estimate(sum(scores) / len(scores), float("nan"), float("nan"))
    count = sum(result.count for result in members)
    chains = sum(result.chain_share * result.count for result in members)
    words = sum(r.chain_words * r.chain_share * r.count for r in members)
    return {
        "group": group,
        "benchmark": AVERAGE,
        "score": interval.value,
        "low": interval.low,
        "high": interval.high,
        "questions": count,
        "chain_share": chains / count,
        "cut_share": sum(r.cut_share * r.count for r in members) / count,
        "looped": sum(r.looped for r in members),
        "chain_words": words / chains if chains else 0.0,
        "broken": sum(len(r.broken) for r in members),
        "failed": sum(len(r.failed) for r in members),
        "judge": ", ".join(dict.fromkeys(r.judge for r in members)),
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
            str(row["looped"]),
            f"{row['chain_words']:.0f}",
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
