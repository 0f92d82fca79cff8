"""Tables as text: CSV, Markdown, LaTeX (booktabs) and HTML."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from frism.files import write_text
from frism.methods.registry import NO_PARAMETERS

HEADERS = ["Method", "Parameters", "VL reasoning", "VL perception", "Δ reasoning", "Δ perception"]
AVERAGES = ["reasoning", "perception"]
DELTAS = ["reasoning_delta", "perception_delta"]
Cells = list[list[str]]


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Writes a table with percentages and intervals to four decimals."""
    # a negative zero would be a difference between files that means nothing
    numbers = table.select_dtypes("float").columns
    table = table.assign(**{name: table[name].round(4) + 0.0 for name in numbers})
    write_text(path, table.to_csv(index=False, lineterminator="\n"))


def main_cells(main: pd.DataFrame, names: Mapping[str, str]) -> Cells:
    """Returns the main table as it is read: values with intervals, differences with signs."""
    return [
        [
            names.get(row["method"], row["method"]),
            "" if row["parameters"] == NO_PARAMETERS else row["parameters"],
            *(_with_interval(row, name, "") for name in AVERAGES),
            *("" if row["method"] == "vlm" else _with_interval(row, name, "+") for name in DELTAS),
        ]
        for row in main.to_dict("records")
    ]


def sweep_cells(sweep: pd.DataFrame, names: Mapping[str, str]) -> tuple[list[str], Cells]:
    """Returns headers and cells of the sweep; a star marks what validation chose."""
    splits = [f"{split}_{name}" for split in ("validation", "test") for name in AVERAGES]
    headers = ["Method", "Parameters", "Chosen", "Perception kept"]
    headers += [name.replace("_", " ") for name in splits] + ["Chains", "Cut off"]
    cells = [
        [
            names.get(row["method"], row["method"]),
            row["parameters"],
            "★" if row["chosen"] else "",
            "yes" if row["within_tolerance"] else "no",
            *(_with_interval(row, name, "") for name in splits),
            f"{100 * row['chain_share']:.0f} %",
            f"{100 * row['cut_share']:.1f} %",
        ]
        for row in sweep.to_dict("records")
    ]
    return headers, cells


def markdown(headers: Sequence[str], cells: Cells) -> str:
    """Returns a pipe table; the first two columns are text, the others are right-aligned."""
    rule = ["---" if place < 2 else "--:" for place in range(len(headers))]
    rows = [list(headers), rule, *cells]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def latex(headers: Sequence[str], cells: Cells) -> str:
    """Returns a booktabs table, to be put into a table environment."""
    lines = [" & ".join(_tex(cell) for cell in row) + r" \\" for row in [list(headers), *cells]]
    columns = "ll" + "r" * (len(headers) - 2)
    start = [rf"\begin{{tabular}}{{{columns}}}", r"\toprule", lines[0], r"\midrule"]
    return "\n".join([*start, *lines[1:], r"\bottomrule", r"\end{tabular}", ""])


def html_table(headers: Sequence[str], cells: Cells, marked: Sequence[bool]) -> str:
    """Returns an HTML table; `marked` rows carry the class `chosen`."""
    head = "".join(f"<th>{html.escape(header)}</th>" for header in headers)
    rows = "".join(
        f"<tr{' class=chosen' if mark else ''}>"
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in row)
        + "</tr>\n"
        for row, mark in zip(cells, marked, strict=True)
    )
    return f"<table><thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table>\n"


def _with_interval(row: Mapping[Any, Any], name: str, sign: str) -> str:
    value, low, high = (row[f"{name}{bound}"] for bound in ("", "_low", "_high"))
    return f"{value:{sign}.1f} [{low:{sign}.1f}, {high:{sign}.1f}]"


def _tex(text: str) -> str:
    special = {"%": r"\%", "_": r"\_", "&": r"\&", "#": r"\#", "Δ": r"$\Delta$", "★": r"$\star$"}
    return "".join(special.get(character, character) for character in text)
