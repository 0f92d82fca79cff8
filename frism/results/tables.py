"""The tables as frames: scores, sweep, main and benchmarks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import nan

import pandas as pd

from frism.results.candidates import PERCEPTION, REASONING, REFERENCES, VLM, Candidate
from frism.results.frame import KEYS
from frism.results.scores import SplitScores
from frism.results.selection import Choice, keeps
from frism.results.statistics import Estimate, wilson_interval

SCORE_COLUMNS = [*KEYS, "questions", "score", "low", "high", "weights"]
MAIN_COLUMNS = ["method", "parameters"] + [
    f"{name}{bound}"
    for name in ("reasoning", "perception", "reasoning_delta", "perception_delta")
    for bound in ("", "_low", "_high")
]
Row = dict[str, object]


def scores_table(frame: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Returns a row per record: its score in percent with Wilson's interval over questions."""
    grouped = frame.groupby(KEYS, sort=True)
    table = grouped.agg(
        questions=("hit", "size"), mean=("hit", "mean"), weights=("weights", "first")
    ).reset_index()
    table["score"] = grouped["score"].first().to_numpy()
    intervals = [
        wilson_interval(float(mean), int(count), confidence)
        for mean, count in zip(table["mean"], table["questions"], strict=True)
    ]
    table["low"] = [each.low for each in intervals]
    table["high"] = [each.high for each in intervals]
    return table[SCORE_COLUMNS]


def shares_table(frame: pd.DataFrame, pair: str) -> pd.DataFrame:
    """Returns the share of test reasoning answers with a chain and of those cut off."""
    rows = frame[(frame["pair"] == pair) & (frame["split"] == "test")]
    rows = rows[rows["group"] == REASONING]
    grouped = rows.groupby(["method", "parameters"], sort=True)
    return grouped.agg(
        chain_share=("chain", "mean"), cut_share=("cut", "mean"), tokens=("tokens", "mean")
    ).reset_index()


def main_table(test: SplitScores, choices: Mapping[str, Choice]) -> pd.DataFrame:
    """Returns a row per method at its chosen parameters, on test, compared to the VLM."""
    rows = [
        {"method": each.method, "parameters": each.parameters, **_averages(test, each)}
        for each in shown(test, choices)
    ]
    return pd.DataFrame(rows, columns=MAIN_COLUMNS)


def benchmarks_table(parts: Sequence[SplitScores], choices: Mapping[str, Choice]) -> pd.DataFrame:
    """Returns a row per method and benchmark with interval and difference to the VLM."""
    rows = [
        {
            "pair": part.table.pair,
            "method": each.method,
            "parameters": each.parameters,
            "benchmark": benchmark,
            "group": group,
            **_bounds("score", part, benchmark, each),
            **_bounds("delta", part, benchmark, each, Candidate(VLM)),
        }
        for part in parts
        for benchmark, group in zip(part.table.benchmarks, part.table.groups, strict=True)
        for each in shown(part, choices)
    ]
    return pd.DataFrame(rows)


def sweep_table(
    validation: SplitScores,
    test: SplitScores,
    choices: Mapping[str, Choice],
    shares: pd.DataFrame,
    tolerance: float,
) -> pd.DataFrame:
    """Returns a row per candidate on validation and test, with the mark of the chosen ones."""
    vlm = validation.average(PERCEPTION, Candidate(VLM)).value
    rows: list[Row] = []
    for method, choice in choices.items():
        for each in validation.candidates_of(method):
            perception = validation.average(PERCEPTION, each).value
            mark: Row = {"chosen": each == choice.candidate}
            mark["within_tolerance"] = keeps(perception, vlm, tolerance)
            splits = {**_prefixed(validation, each), **_prefixed(test, each)}
            key = {"pair": test.table.pair, "method": method, "parameters": each.parameters}
            rows.append({**key, **mark, "candidates": choice.candidates, **splits})
    return pd.DataFrame(rows).merge(shares, on=["method", "parameters"], how="left")


def shown(scores: SplitScores, choices: Mapping[str, Choice]) -> list[Candidate]:
    """Returns what the main table shows: the references, then each method's choice."""
    chosen = [choice.candidate for choice in choices.values()]
    references = [each for each in scores.table.candidates if each.method in REFERENCES]
    return [*references, *(each for each in chosen if each in scores.table.candidates)]


def _averages(scores: SplitScores, each: Candidate) -> Row:
    vlm = Candidate(VLM)
    return {
        **_bounds(REASONING, scores, REASONING, each),
        **_bounds(PERCEPTION, scores, PERCEPTION, each),
        **_bounds("reasoning_delta", scores, REASONING, each, vlm),
        **_bounds("perception_delta", scores, PERCEPTION, each, vlm),
    }


def _prefixed(scores: SplitScores, each: Candidate) -> Row:
    return {f"{scores.table.split}_{name}": v for name, v in _averages(scores, each).items()}


def _bounds(
    prefix: str, scores: SplitScores, name: str, one: Candidate, other: Candidate | None = None
) -> Row:
    if other is None:
        estimate = scores.average(name, one)
    elif other in scores.table.candidates:
        estimate = scores.difference(name, one, other)
    else:
        estimate = Estimate(nan, nan, nan)
    return {
        prefix: estimate.value,
        f"{prefix}_low": estimate.low,
        f"{prefix}_high": estimate.high,
    }
