r"""Boxed answers: `\boxed{...}` with braces inside."""

from __future__ import annotations

import re
from collections.abc import Iterator

_BOX = re.compile(r"\\(?:boxed|fbox|framebox)\s*(?:\{|([^\s{}\\$.,;]+))")
_BRACE = re.compile(r"\\[\\{}]|[{}]")


def boxes(text: str) -> Iterator[tuple[int, str]]:
    r"""Yields start and content of each box in order; a box that never closes is none.

    Args:
        text: any text; `\{` and `\}` do not count as braces.
    """
    for found in _BOX.finditer(text):
        content = found[1] if found[1] else braced(text, found.end())
        if content is not None and content.strip():
            yield found.start(), content.strip()


def braced(text: str, start: int) -> str | None:
    """Returns what stands between an opening brace before `start` and its closing one."""
    depth = 1
    for brace in _BRACE.finditer(text, start):
        depth += {"{": 1, "}": -1}.get(brace[0], 0)
        if not depth:
            return text[start : brace.start()]
    return None
