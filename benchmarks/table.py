"""Tables that read well in a terminal, or as Markdown."""

from __future__ import annotations

from collections.abc import Sequence

Row = Sequence[object]


def render(header: Row, rows: Sequence[Row], markdown: bool = False) -> str:
    """Returns the rows in aligned columns: words to the left, numbers to the right.

    Args:
        header: Names of the columns.
        rows: Cells; a column whose first cell is a number is one of numbers.
        markdown: Whether cells are parted by bars, with a rule below the header.
    """
    right = [isinstance(cell, int | float) for cell in rows[0]]
    texts = [[_text(cell) for cell in row] for row in (header, *rows)]
    widths = [max(map(len, column)) for column in zip(*texts, strict=True)]
    lines = [
        [
            text.rjust(width) if to_right else text.ljust(width)
            for text, width, to_right in zip(row, widths, right, strict=True)
        ]
        for row in texts
    ]
    if not markdown:
        return "\n".join("  ".join(line).rstrip() for line in lines)
    pairs = zip(widths, right, strict=True)
    rule = ["-" * (width - to_right) + ":" * to_right for width, to_right in pairs]
    return "\n".join(f"| {' | '.join(line)} |" for line in (lines[0], rule, *lines[1:]))


def _text(cell: object) -> str:
    if not isinstance(cell, float):
        return str(cell)
    if cell != cell:
        return "-"
    return f"{cell:.0f}" if abs(cell) >= 100 else f"{cell:.2f}"
