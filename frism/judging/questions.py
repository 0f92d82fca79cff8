"""Options that stand in the text of a question, where a benchmark has no columns for them."""

from __future__ import annotations

import re

from frism.judging.characters import plain

_LABEL = re.compile(r"(?<![A-Za-z0-9])(?:\(([A-J])\)|([A-J])\s?[.:)](?!\w{2,}\.))\s*")


def options_in(question: str) -> dict[str, str]:
    """Returns letter -> text of the options that a question lists.

    They are the last run of labels A, B, C, ... of one form: `A. text`, `A: text`, `(A) text`.

    Args:
        question: a question as a benchmark asks it.

    Returns:
        At least two options, or nothing.
    """
    text = plain(question)
    run: list[re.Match[str]] = []
    best: list[re.Match[str]] = []
    for label in _LABEL.finditer(text):
        letter = label[1] or label[2]
        if letter == "A":
            run = [label]
        elif run and letter == chr(ord("A") + len(run)) and bool(label[1]) == bool(run[0][1]):
            run = [*run, label]
            best = run
    ends = [label.start() for label in best[1:]] + [_end(text, best)]
    return {
        label[1] or label[2]: text[label.end() : end].strip().rstrip(",;").strip()
        for label, end in zip(best, ends, strict=False)
    }


def _end(text: str, labels: list[re.Match[str]]) -> int:
    """Returns where the last option ends: at the end of its line."""
    if not labels:
        return 0
    end = text.find("\n", labels[-1].end())
    return len(text) if end < 0 else end
