"""Writes the tables of one experiment of one pair into a directory."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path

import pandas as pd

from frism.files import write_text
from frism.results.against import against_table
from frism.results.analysis import Analysis
from frism.results.cells import Table, against_cells, lines_cells, sweep_cells
from frism.results.claim import claim
from frism.results.equal_perception import equal_perception, has_curves
from frism.results.formats import latex, markdown, write_csv
from frism.results.names import needing
from frism.results.notes import against_notes, curve_notes, design, notes, size
from frism.results.page import summary_page, tables_page, verdict_markdown, verdict_rst
from frism.results.published import published_page, published_table
from frism.results.sweep_table import sweep_table
from frism.results.tables import benchmarks_table, families_table, lines_table, scores_table
from frism.results.times import curvature_seconds, times_cells, times_notes, times_table
from frism.results.verdict import sentences

Names = Mapping[str, str]
ON_TEST = "Methods on test, parameters chosen on validation"
ON_VALIDATION = "Every candidate on validation"


def write_tables(found: Analysis, frame: pd.DataFrame, directory: Path, names: Names) -> None:
    """Writes the tables that every experiment has, and those that its lines allow.

    Args:
        found: The experiment.
        frame: The questions that it was analysed from.
        directory: Where the tables go; their names start with that of the experiment.
        names: Display name of each method.
    """
    stem = directory / found.experiment
    tables = {
        "": lines_table(found),
        "_families": families_table(found),
        "_benchmarks": benchmarks_table(found),
        "_sweep": sweep_table(found.sweeps.values(), found.settings.perception_tolerance),
        "_scores": scores_table(frame, found.settings.confidence),
    }
    for suffix, table in tables.items():
        write_csv(Path(f"{stem}{suffix}.csv"), table)
    cells, below = lines_cells(tables[""], names), notes(found, names)
    swept = sweep_cells(tables["_sweep"], names)
    write_text(f"{stem}.md", markdown(cells, below))
    write_text(f"{stem}.tex", latex(cells, below))
    write_text(f"{stem}_sweep.md", markdown(swept, [size(found)]))
    shown, title = {ON_TEST: cells, ON_VALIDATION: swept}, f"{found.pair}, {found.experiment}"
    write_text(f"{stem}.html", tables_page(title, shown, below))
    _write_against(found, stem, names)
    if has_curves(found):
        _write_curves(found, stem, names)


def write_times(
    found: Analysis, curvature: Sequence[Path], directory: Path, names: Names
) -> list[str]:
    """Writes how long each method took; returns the table and its notes as lines to be printed.

    Args:
        found: The experiment.
        curvature: File of the curvature of each family, where methods needed it.
        directory: Where the tables go.
        names: Display name of each method.
    """
    sharing = needing("curvature")
    times = times_table(list(found.sweeps.values()), curvature_seconds(curvature), sharing)
    text = markdown(times_cells(times, names), [*times_notes(times), size(found)])
    write_csv(directory / f"{found.experiment}_times.csv", times)
    write_text(directory / f"{found.experiment}_times.md", text)
    return text.splitlines()


def write_verdict(found: Analysis, directory: Path, names: Names, key: str) -> list[str]:
    """Writes the claim (.json, .md, .rst), summary.html and the published numbers.

    Args:
        found: The main experiment.
        directory: Where they go.
        names: Display name of each method.
        key: The pair's name among the published ones.

    Returns:
        The verdict's sentences.
    """
    facts = claim(found)
    statements, below = sentences(facts, names), notes(found, names)
    sized = [*statements, size(found)]
    tolerance = found.settings.perception_tolerance
    tables = {
        ON_TEST: lines_cells(lines_table(found), names),
        **_against(found, names),
        ON_VALIDATION: sweep_cells(sweep_table(found.sweeps.values(), tolerance), names),
    }
    page, published = (
        summary_page(found.pair, statements, tables, below),
        published_table(found, key),
    )
    write_text(directory / "claim.json", _json(facts))
    write_text(directory / "claim.md", verdict_markdown(found.pair, sized))
    write_text(directory / "claim.rst", verdict_rst(found.pair, sized))
    write_text(directory / "summary.html", page)
    write_csv(directory / "published.csv", published)
    beside = published_page(published, found.pair, key, names, size(found))
    write_text(directory / "published.md", beside)
    return statements


def _against(found: Analysis, names: Names) -> dict[str, Table]:
    if found.ours is None:
        return {}
    table = against_cells(against_table(found, found.ours), names)
    return {"FRISM's reasoning minus every other method's": table}


def _write_against(found: Analysis, stem: Path, names: Names) -> None:
    if found.ours is None:
        return
    table = against_table(found, found.ours)
    write_csv(Path(f"{stem}_against_frism.csv"), table)
    cells = against_cells(table, names)
    write_text(f"{stem}_against_frism.md", markdown(cells, against_notes(found, found.ours)))


def _write_curves(found: Analysis, stem: Path, names: Names) -> None:
    curves = equal_perception(found)
    write_text(f"{stem}_curves.json", _json(curves))
    said = [*curve_notes(curves, names), *design(found)]
    write_text(f"{stem}_curves.md", "".join(f"{note}\n\n" for note in said))


def _json(content: object) -> str:
    return json.dumps(content, indent=2) + "\n"
