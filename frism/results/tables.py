"""The tables of one experiment as frames; `frism.results.columns` says what they hold."""

from __future__ import annotations

from dataclasses import asdict
from math import nan

import pandas as pd

from frism.results.analysis import Analysis
from frism.results.candidates import PERCEPTION, REASONING, VLM, Candidate
from frism.results.columns import BENCHMARKS, FAMILIES, LINES, SCORES, bounds
from frism.results.frame import KEYS
from frism.results.lines import Line
from frism.results.marks import best, mark
from frism.results.scores import SplitScores
from frism.results.significance import holm
from frism.results.statistics import Estimate, t_interval, wilson_interval

Row = dict[str, object]
BASELINE = Candidate(VLM)


def scores_table(frame: pd.DataFrame, confidence: float) -> pd.DataFrame:
    """Returns a row per test record: its score in percent with Wilson's interval."""
    grouped = frame[frame["split"] == "test"].groupby(KEYS, sort=True)
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
    return table[SCORES]


def lines_table(found: Analysis) -> pd.DataFrame:
    """Returns the references, then a line per row of the experiment, compared to the VLM."""
    top, tested = best(found), found.defined
    p = [found.test.significance(REASONING, each.candidate, BASELINE) for each in tested]
    # the correction is over all merges of the table
    corrected = holm([each.larger for each in p])
    by_key = {each.key: value for each, value in zip(tested, corrected, strict=True)}
    rows = [
        _line(found, each, top) | {"p_holm": by_key.get(each.key, nan)} for each in shown(found)
    ]
    # references have no candidates: whole numbers with gaps
    return pd.DataFrame(rows).reindex(columns=LINES).astype({"candidates": "Int64"})


def families_table(found: Analysis) -> pd.DataFrame:
    """Returns averages on test of every line and family."""
    groups = {name: found.test.by_family(name) for name in (REASONING, PERCEPTION)}
    rows = [
        {
            "method": line.method,
            "row": line.row,
            "parameters": line.parameters,
            "family": family,
            **{
                name: values[place, found.test.place(line.candidate)]
                for name, values in groups.items()
            },
        }
        for line in shown(found)
        if line.undefined is None
        for place, family in enumerate(found.test.table.families)
    ]
    return pd.DataFrame(rows, columns=FAMILIES)


def benchmarks_table(found: Analysis) -> pd.DataFrame:
    """Returns every line on every benchmark, with interval and difference to the VLM."""
    rows = [
        {
            "pair": found.pair,
            "method": line.method,
            "parameters": line.parameters,
            "benchmark": benchmark,
            "group": group,
            **_bounded("score", part.average(benchmark, line.candidate)),
            **_bounded("delta", _difference(part, benchmark, line.candidate)),
            "row": line.row,
        }
        for part in found.parts
        for benchmark, group in zip(part.table.benchmarks, part.table.groups, strict=True)
        for line in shown(found)
        if line.candidate in part.table.candidates
    ]
    return pd.DataFrame(rows, columns=BENCHMARKS)


def shown(found: Analysis) -> list[Line]:
    """Returns the lines of the table, with one for each reference before them."""
    return [*(Line(each.method) for each in found.references), *found.lines]


def _line(found: Analysis, line: Line, top: Candidate) -> Row:
    known: Row = {name: asdict(line)[name] for name in ("method", "parameters", "row", "undefined")}
    if line.undefined is not None:
        return known
    test, each = found.test, line.candidate
    for name in (REASONING, PERCEPTION):
        known |= _bounded(name, test.average(name, each))
        known |= _bounded(f"{name}_delta", test.difference(name, each, BASELINE))
    to_best = test.difference(REASONING, each, top)
    student = t_interval(test.family_differences(REASONING, each, top), test.confidence)
    known |= _bounded("to_best", to_best) | {"mark": mark(each, (to_best, student), top)}
    known["chain_share"], known["cut_share"] = found.shares[each]
    if each in found.references:
        return known
    budget = {"candidates": line.candidates, "constraint_met": line.constraint_met}
    return known | budget | _tested(test, each, BASELINE)


def _tested(test: SplitScores, one: Candidate, other: Candidate) -> Row:
    by_family = test.family_differences(REASONING, one, other)
    student = t_interval(by_family, test.confidence)
    tested = test.significance(REASONING, one, other)
    bounds = {"t_low": student.low, "t_high": student.high}
    return {**bounds, "p_t": tested.t, "p_bootstrap": tested.bootstrap}


def _bounded(prefix: str, estimate: Estimate) -> Row:
    columns: Row = dict(zip(bounds(prefix), estimate, strict=True))
    return columns


def _difference(part: SplitScores, benchmark: str, each: Candidate) -> Estimate:
    if BASELINE not in part.table.candidates:
        return Estimate(nan, nan, nan)
    return part.difference(benchmark, each, BASELINE)
