"""Verdicts on single options: "B is correct", "C is wrong", `C. 13 ❌`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from frism.judging.letters import Letters, first_group

_TICK, _CROSS = "✅✔☑✓", "❌✗✘✖"
_SIGN = re.compile(f"[{_TICK}{_CROSS}]")
# `A: correct`, `B. False - it has none`
_SAID = re.compile(
    r"[\s:.)-]*(?:(?P<yes>correct|true|right|yes)|incorrect|false|wrong|no|not (?:correct|true))"
    r"\s*(?:$|[.,;:(]|-)",
    re.IGNORECASE,
)
_NEITHER = re.compile(r"\b(?:neither|nor)\s+(?:option\s+)?\W*$", re.IGNORECASE)
_BULLET = re.compile(r"^[\s\-*•\ufe0f]*")

# position, letters as they stand, whether they are approved
Verdict = tuple[int, str, bool]


def verdicts(text: str, known: Letters, several: bool = False) -> list[Verdict]:
    """Returns the verdicts of a text in order, by words and by ticks and crosses.

    Args:
        text: a text without markup.
        known: patterns of the options.
        several: whether `A: true` is a verdict; else it can be an option and its text.
    """
    found = [
        (each.start(), each[1], not _NEITHER.search(text[: each.start()]))
        for each in known.judged.finditer(text)
    ]
    found += [(each.start(), each[1], False) for each in known.rejected.finditer(text)]
    return sorted([*found, *_lines(text, known, several)])


def _lines(text: str, known: Letters, several: bool) -> Iterator[Verdict]:
    """Yields the lines that open with a letter and have one tick or cross, or a word for it."""
    start = 0
    for line in text.splitlines(keepends=True):
        signs = _SIGN.findall(line)
        line_said = _BULLET.sub("", _SIGN.sub("", line))
        head = known.heading.match(line_said)
        word = _SAID.match(line_said, head.end()) if head and several else None
        letter = first_group(head)
        if letter and (word or len(signs) == 1):
            yield start, letter, bool(word["yes"]) if word else signs[0] in _TICK
        start += len(line)


def decisions(text: str, known: Letters, several: bool) -> list[tuple[int, str]]:
    """Returns position and letters of the answers that verdicts amount to.

    Verdicts that go through the options are one answer: all approved ones, or the one that none
    rejects. Others stand for themselves, so that a later one corrects an earlier one.

    Args:
        text: a text without markup.
        known: patterns of the options.
        several: whether several options may be right.
    """
    found = verdicts(text, known, several)
    approved = [(start, said) for start, said, right in found if right]
    if not _is_list(found, known, several):
        return approved
    end = found[-1][0]
    if approved:
        # "A or C" decides for none where one is asked for
        return [(end, (", " if several else " or ").join(said for _, said in approved))]
    left = set(known.keys) - set(_letters(found, known))
    return [(end, left.pop())] if len(left) == 1 else []


def _is_list(found: list[Verdict], known: Letters, several: bool) -> bool:
    letters = _letters(found, known)
    if len(letters) < 2 or len(set(letters)) < len(letters):
        return False
    consecutive = letters == known.keys[: len(letters)]
    return (consecutive and several) or any(not right for _, _, right in found)


def _letters(found: list[Verdict], known: Letters) -> str:
    return "".join(letter for _, said, _ in found for letter in re.findall(f"[{known.keys}]", said))


def rejected(text: str, known: Letters) -> set[str]:
    """Returns the letters whose last verdict rejects them."""
    last = {letter: right for each in verdicts(text, known) for letter, right in _each(each, known)}
    return {letter for letter, right in last.items() if not right}


def _each(verdict: Verdict, known: Letters) -> Iterator[tuple[str, bool]]:
    for letter in _letters([verdict], known):
        yield letter, verdict[2]
