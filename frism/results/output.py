"""Writes the tables of all pairs into one directory."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pandas as pd

from frism.files import write_text
from frism.results.analysis import Analysis, Settings, analyse
from frism.results.candidates import Candidate
from frism.results.formats import (
    HEADERS,
    latex,
    main_cells,
    markdown,
    sweep_cells,
    write_csv,
)
from frism.results.page import summary_page, verdict_markdown, verdict_rst
from frism.results.tables import benchmarks_table, main_table, scores_table, sweep_table
from frism.results.verdict import sentences


def write_tables(
    frame: pd.DataFrame,
    directory: Path,
    settings: Settings,
    changes: Mapping[Candidate, float],
    names: Mapping[str, str],
) -> dict[str, list[str]]:
    """Writes the tables of every pair; those of the first pair stand in `directory` itself.

    Args:
        frame: What `frism.results.frame.questions_frame` returned; its first pair comes first.
        directory: Where the tables go; further pairs get a directory of their own in it.
        settings: How results are judged.
        changes: Relative change of the weights by candidate, for breaking ties.
        names: Display name of each method.

    Returns:
        The verdict's sentences of each pair.
    """
    pairs = [str(pair) for pair in frame["pair"].unique()]
    found = {pair: analyse(frame, pair, settings, changes) for pair in pairs}
    verdicts = {pair: sentences(each.claim, names) for pair, each in found.items()}
    sweeps = [_sweep(each, settings) for each in found.values()]
    benchmarks = [benchmarks_table(each.parts, each.choices) for each in found.values()]
    write_csv(directory / "scores.csv", scores_table(frame, settings.confidence))
    write_csv(directory / "sweep.csv", pd.concat(sweeps))
    write_csv(directory / "benchmarks.csv", pd.concat(benchmarks))
    write_text(directory / "claim.rst", verdict_rst(verdicts))
    for place, (pair, sweep) in enumerate(zip(pairs, sweeps, strict=True)):
        own = directory if place == 0 else directory / pair
        _write_pair(own, found[pair], sweep, verdicts[pair], names)
    return verdicts


def _sweep(found: Analysis, settings: Settings) -> pd.DataFrame:
    tolerance = settings.perception_tolerance
    return sweep_table(found.validation, found.test, found.choices, found.shares, tolerance)


def _write_pair(
    directory: Path,
    found: Analysis,
    sweep: pd.DataFrame,
    verdict: list[str],
    names: Mapping[str, str],
) -> None:
    main = main_table(found.test, found.choices)
    cells = main_cells(main, names)
    pair = found.test.table.pair
    write_csv(directory / "main.csv", main)
    write_text(directory / "main.md", markdown(HEADERS, cells))
    write_text(directory / "main.tex", latex(HEADERS, cells))
    write_text(directory / "sweep.md", markdown(*sweep_cells(sweep, names)))
    write_text(directory / "claim.json", json.dumps(found.claim, indent=2) + "\n")
    write_text(directory / "claim.md", verdict_markdown(pair, verdict))
    write_text(directory / "summary.html", summary_page(pair, verdict, main, sweep, names))
