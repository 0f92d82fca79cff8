"""The verdict as Markdown and reStructuredText; an experiment's tables as a page of their own."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence

from frism.results.cells import Table
from frism.results.formats import html_table

STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:74rem;margin:2rem auto;padding:0 1rem;color:#222}
h1{font-size:1.6rem}h2{font-size:1.2rem;margin-top:2rem}
.verdict{border-left:6px solid #d55e00;background:#fdf3ec;padding:.6rem 1rem;font-size:1.1rem}
table{border-collapse:collapse;font-variant-numeric:tabular-nums;font-size:.9rem}
th{border-bottom:2px solid #444;text-align:left;padding:.3rem .7rem}
td{border-bottom:1px solid #ddd;padding:.3rem .7rem;white-space:nowrap}
.chosen{background:#fdf3ec;font-weight:600}.scroll{overflow-x:auto}.note{color:#555;margin:.4rem 0}
"""


def verdict_markdown(pair: str, statements: Sequence[str]) -> str:
    """Returns the verdict as Markdown: the answer as a paragraph, what it rests on as a list."""
    rest = "".join(f"- {statement}\n" for statement in statements[1:])
    return f"# Verdict on {pair}\n\n{statements[0]}\n\n{rest}"


def verdict_rst(pair: str, statements: Sequence[str]) -> str:
    """Returns the verdict as reStructuredText, for the report's opening."""
    rest = "".join(f"* {_escape(statement)}\n" for statement in statements[1:])
    return f"**{_escape(pair)}: {_escape(statements[0])}**\n\n{rest}"


def summary_page(
    pair: str,
    statements: Sequence[str],
    tables: Mapping[str, Table],
    notes: Sequence[str],
) -> str:
    """Returns a self-contained HTML page that opens with the verdict.

    Args:
        pair: Name of the pair.
        statements: The verdict's sentences.
        tables: Tables by heading; the first is the main one.
        notes: What stands under the main table.
    """
    rest = "".join(f"<li>{html.escape(statement)}</li>\n" for statement in statements[1:])
    verdict = f"<p class=verdict>{html.escape(statements[0])}</p>\n<ul>{rest}</ul>\n"
    return tables_page(pair, tables, notes, verdict)


def tables_page(
    title: str, tables: Mapping[str, Table], notes: Sequence[str], opening: str = ""
) -> str:
    """Returns a self-contained HTML page.

    Args:
        title: Its heading.
        tables: Tables by heading; the first is the main one.
        notes: What stands under the main table.
        opening: HTML above the tables.
    """
    below = "".join(f"<p class=note>{html.escape(note)}</p>\n" for note in notes)
    sections = [
        f"<h2>{html.escape(heading)}</h2>\n<div class=scroll>{html_table(table)}</div>\n"
        for heading, table in tables.items()
    ]
    sections.insert(1, below)
    return (
        f"<!doctype html>\n<html lang=en><meta charset=utf-8><title>frism: {title}</title>"
        f"<style>{STYLE}</style>\n<h1>frism: {title}</h1>\n"
        f"{opening}{''.join(sections)}</html>\n"
    )


def _escape(text: str) -> str:
    return "".join(f"\\{each}" if each in "*_`|\\" else each for each in text)
