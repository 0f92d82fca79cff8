"""Tables as text: CSV, Markdown, LaTeX (booktabs) and HTML."""

from __future__ import annotations

import html
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from frism.files import write_text
from frism.results.cells import Table

P_DECIMALS = 6
SPECIAL = {
    "%": r"\%",
    "_": r"\_",
    "&": r"\&",
    "#": r"\#",
    "<": "$<$",
    "—": "---",
    "Δ": r"$\Delta$",
    "★": r"$\star$",
    "≈": r"$\approx$",
    "†": r"$\dagger$",
    "±": r"$\pm$",
}


def write_csv(path: Path, table: pd.DataFrame) -> None:
    """Writes a table with percentages and intervals to four decimals, p-values to six."""
    decimals = {
        str(name): P_DECIMALS if str(name).startswith("p_") else 4
        for name in table.select_dtypes("float").columns
    }
    # a negative zero would be a difference between files that means nothing
    rounded = {name: table[name].round(places) + 0.0 for name, places in decimals.items()}
    write_text(path, table.assign(**rounded).to_csv(index=False, lineterminator="\n"))


def markdown(table: Table, notes: Sequence[str] = ()) -> str:
    """Returns a pipe table, words to the left and numbers to the right, and notes under it."""
    rule = ["---" if place < table.words else "--:" for place in range(len(table.headers))]
    rows = [table.headers, rule, *map(_bold_markdown, table.rows, table.bold)]
    lines = "".join(f"| {' | '.join(row)} |\n" for row in rows)
    return lines + "".join(f"\n{note}\n" for note in notes)


def latex(table: Table, notes: Sequence[str] = ()) -> str:
    """Returns a booktabs table with notes under it, to be put into a table environment."""
    rows = map(_bold_latex, table.rows, table.bold)
    body = [" & ".join(row) + r" \\" for row in rows]
    columns = "l" * table.words + "r" * (len(table.headers) - table.words)
    head = " & ".join(map(_tex, table.headers)) + r" \\"
    lines = [rf"\begin{{tabular}}{{{columns}}}", r"\toprule", head, r"\midrule", *body]
    lines += [r"\bottomrule", r"\end{tabular}"]
    lines += [rf"\par\smallskip{{\footnotesize {_tex(note)}\par}}" for note in notes]
    return "\n".join([*lines, ""])


def html_table(table: Table) -> str:
    """Returns an HTML table; rows that stand out carry the class `chosen`."""
    head = "".join(f"<th>{html.escape(header)}</th>" for header in table.headers)
    rows = "".join(
        f"<tr{' class=chosen' if mark else ''}>"
        + "".join(f"<td>{html.escape(cell)}</td>" for cell in row)
        + "</tr>\n"
        for row, mark in zip(table.rows, table.bold, strict=True)
    )
    return f"<table><thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table>\n"


def _bold_markdown(row: Sequence[str], bold: bool) -> list[str]:
    cells = [cell.replace("|", r"\|") for cell in row]
    return [f"**{cell}**" if bold and cell else cell for cell in cells]


def _bold_latex(row: Sequence[str], bold: bool) -> list[str]:
    return [rf"\textbf{{{_tex(cell)}}}" if bold and cell else _tex(cell) for cell in row]


def _tex(text: str) -> str:
    return "".join(SPECIAL.get(character, character) for character in text)
