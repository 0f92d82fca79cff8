"""Sentences and lines of an answer."""

from __future__ import annotations

import re

_ABBREVIATIONS = r"(?<!\bapprox)(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?<!\bFig)(?<!\bEq)(?<!\betc)"
_TITLES = r"(?<!\bDr)(?<!\bMr)(?<!\bMrs)(?<!\bMs)(?<!\bSt)(?<!\bProf)"
_END = re.compile(_ABBREVIATIONS + _TITLES + r"[.!?]+[\"')\]]*(?=\s|$)|\n")
# a letter or number that opens a line belongs to what follows: "B. The circle"
_LABEL = re.compile(r"\s*(?:[-*•]\s+)?[(\[]?(?:[A-Za-z]|\d{1,2})[.)\]]*$")
_CONNECTIVE = re.compile(
    r"^\W*(?:so|thus|therefore|hence|in conclusion|overall|finally|consequently|accordingly"
    r"|in summary|to conclude|as a result|based on (?:this|the above|that)|因此|所以|故|综上所述)\b"
    r"\s*[,:]?\s*",
    re.IGNORECASE,
)

_RESULT = re.compile(
    r"[,;]\s*(?:and\s+)?(?:so(?! that| far)|thus|hence|therefore|giving|leaving|yielding"
    r"|which (?:means|gives|leaves|yields))\b(?: that)?[\s,:]*",
    re.IGNORECASE,
)


def sentences(text: str) -> list[str]:
    """Returns the sentences of `text` in order; an opening label stays with its sentence."""
    found: list[str] = []
    start = 0
    for end in _END.finditer(text):
        piece = text[start : end.end()]
        if end[0] != "\n" and _LABEL.fullmatch(piece.rstrip(".")) and end.end() < len(text):
            continue
        found.append(piece)
        start = end.end()
    found.append(text[start:])
    return [piece.strip() for piece in found if piece.strip()]


def first_sentence(text: str) -> str:
    """Returns the first sentence of `text`, or nothing."""
    return next(iter(sentences(text)), "")


def last_sentence(text: str) -> str:
    """Returns the last sentence of `text` without "so", "therefore" and their like."""
    found = sentences(text)
    return conclusion(found[-1]) if found else ""


def conclusion(sentence: str) -> str:
    """Returns a sentence without the connectives that open it."""
    return _CONNECTIVE.sub("", sentence)


def result(sentence: str) -> str:
    """Returns what follows the last "so", "giving" and their like in a sentence, or nothing."""
    found = _RESULT.split(sentence)
    return found[-1].strip() if len(found) > 1 else ""
