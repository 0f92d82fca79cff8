"""Sentences that say that there is no answer."""

from __future__ import annotations

import re

_REFUSAL = re.compile(
    r"\b(?:cannot|can't|can not|could not|couldn't) (?:be )?(?:\w+ly )?(?:determined?|tell|answer"
    r"|answered|identify|identified|see\b|seen|provide|solved?|calculated?|conclude|infer|assist"
    r"|help|know|say|decide|read\b|find\b|view\b|discern|recogni[sz]e|make out)"
    r"|\bunable to\b|\bimpossible to (?:\w+ly )?(?:determine|tell|say|know|answer|identify)"
    r"|\b(?:not|isn't|no) (?:enough|sufficient) (?:information|data|detail|context)"
    r"|\binsufficient (?:information|data)|\bnot (?:possible|clear enough) to\b"
    r"|\bnot (?:provided|given|specified|visible in the image)\b"
    r"|\b(?:none|neither) of (?:the|these|them|those)\b"
    r"|\bno (?:correct|valid|suitable) (?:answer|option)"
    r"|(?:\bnot|n't) (?:\w+ )?clear (?:whether|if|what|which|how)\b"
    r"|\bunclear (?:whether|if|what|which)\b"
    r"|\b(?:hard|difficult) to (?:tell|say|determine|discern)\b"
    r"|\bnot (?:listed|among|one of|included)\b|\bi(?:'m| am) (?:sorry|not sure|unsure)\b"
    r"|\bi (?:do not|don't) (?:know|see)\b|\bsorry,|\bundetermined\b|\bindeterminate\b"
    r"|无法(?:确定|判断|回答|得出)|不能确定|无法看",
    re.IGNORECASE,
)
_NOTHING = re.compile(r"\W*(?:unknown|n/?a|null|none|unclear|not sure|undefined answer)\W*$", re.I)
_NONE_OF = re.compile(r"\b(?:none|neither) of\b", re.IGNORECASE)
_YET = re.compile(r"\b(?:but|however|still|nevertheless)\b,?\s*", re.IGNORECASE)
_SO = re.compile(
    rf"[,;]\s*(?:and\s+)?(?:so|thus|hence|therefore|which means)\b,?\s*|{_YET.pattern}",
    re.IGNORECASE,
)


def refuses(span: str) -> bool:
    """Returns whether a sentence says that the question has no answer."""
    return bool(_REFUSAL.search(span) or _NOTHING.match(span))


def conceded(span: str) -> str:
    """Returns what follows the "but" of a refusal, where that is no refusal; else `span`.

    "None of them is red, so the count is 0" refuses nothing either.
    """
    refusal = _REFUSAL.search(span)
    turn = _SO if refusal and _NONE_OF.match(refusal[0]) else _YET
    yet = turn.search(span, refusal.end()) if refusal else None
    if yet is None or refuses(span[yet.end() :]):
        return span
    return span[yet.end() :]
