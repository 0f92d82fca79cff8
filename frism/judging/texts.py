"""A short text: a word or phrase without quotes, lead-in and final full stop."""

from __future__ import annotations

import re

from frism.judging.kinds import UNDECIDED
from frism.judging.refusals import refuses
from frism.judging.sentences import conclusion, first_sentence, sentences

MOST_WORDS = 8  # of what follows "is" in a sentence without a mark
_QUOTED = re.compile(r'"([^"\n]+)"|(?<!\w)\'([^\n]+?)\'(?!\w)')
_LEAD = re.compile(
    r"^(?:the|this|that|these|it|he|she|they|its|his|her|there)\b[^.:\n]*?"
    r"\b(?:is|are|was|were|reads?|says?|shows?|states?|displays?|spells?)\b:?\s+"
    r"(?:as\s+|called\s+|named\s+|written\s+as\s+|that\s+)?",
    re.IGNORECASE,
)
_LABEL = re.compile(r"^(?:text|word|brand|name|title|number|color|colour|response)\s*:\s*", re.I)
# "the answer is correct" states nothing
_VERDICT = re.compile(
    r"^(?:correct|incorrect|wrong|based|clear|obvious|obtained|found|given|derived|consistent"
    r"|as follows|therefore|thus)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r",?\s+\b(?:because|since|as (?:it|the|there|shown|seen)|which)\b", re.IGNORECASE
)


def stated(span: str, exact: bool) -> str | None:
    """Returns the text of a statement.

    Args:
        span: what follows a mark.
        exact: whether the span is the answer and nothing else.
    """
    sentence = span if exact else first_sentence(span)
    if not exact and _VERDICT.match(sentence):
        return None
    if refuses(sentence):
        return UNDECIDED
    return _bare(sentence if exact else _CLAUSE.split(sentence)[0])


def unmarked(text: str) -> str | None:
    """Returns the text of an answer without marks: all of it, a quotation, what follows "is"."""
    found = sentences(text)
    if not found:
        return None
    if refuses(found[0]) or refuses(found[-1]):
        return UNDECIDED
    sentence = conclusion(found[-1])
    quoted = _QUOTED.findall(sentence)
    lead = _LEAD.match(sentence)
    if len(quoted) == 1 and len(found) == 1:
        return _bare("".join(quoted[0]))
    if lead:
        rest = _bare(_CLAUSE.split(sentence[lead.end() :])[0])
        return rest if rest and len(rest.split()) <= MOST_WORDS else None
    return _bare(text) if len(found) == 1 else _short(found)


def _short(found: list[str]) -> str | None:
    """Returns the last sentence, or the first, if it is no longer than a phrase."""
    for sentence in (found[-1], found[0]):
        if len(sentence.split()) <= MOST_WORDS // 2:
            return _bare(conclusion(sentence))
    return None


def _bare(text: str) -> str | None:
    found = _LABEL.sub("", text.strip())
    found = re.sub(r"^\\[(\[]|\\[)\]]$|^\$(?=.*\$$)|(?<=.)\$$", "", found).strip()
    if not re.search(r"(?:\b[A-Z]\.){2}$", found):
        found = found.rstrip(".,;:!").strip()
    while len(found) > 1 and found[0] == found[-1] and found[0] in "\"'*_":
        found = found[1:-1].strip().rstrip(".,")
    return found or None
