"""Yes or no: a word of that meaning, or a sentence that states or denies."""

from __future__ import annotations

import re

from frism.judging.kinds import UNDECIDED
from frism.judging.refusals import refuses
from frism.judging.sentences import conclusion, first_sentence, result, sentences

_YES = r"yes|yeah|yep|yup|true|correct|right|affirmative|oui|sí|sim|ja|да|hai"
_NO = r"no|nope|false|incorrect|wrong|not (?:true|correct|right|really)|negative|non|não|nein|нет"
# "no doubt" and "no problem" deny nothing, "correct answer" affirms nothing
_POLAR = (
    rf"(?:(?P<yes>\b(?:{_YES})\b(?!\s+(?:answer|option|choice|side|hand|or no\b|and no\b|/)))"
    rf"|(?P<no>\b(?:{_NO})\b"
    r"(?!\s+(?:doubt|problem|question|wonder|change|need|reason|further|answer|option|choice|information))))"
)
_LEADING = re.compile(rf"^[\W_]{{0,9}}(?:(?:well|hmm|ok|okay)[\W_]{{0,9}})?{_POLAR}", re.IGNORECASE)
_CHINESE = re.compile(r"^\W*(?:(?P<no>不是|否|不|没有|无|错)|(?P<yes>是|对|有|正确|能|可以))")
_WORD = re.compile(r"(?P<yes>\byes\b)|(?P<no>\b(?:no(?=\s*(?:[,.!\"')]|$))|nope)\b)", re.IGNORECASE)
_EITHER = re.compile(r"\byes\b\W{0,3}(?:or|and|/)\W{0,3}\bno\b|\byes/no\b", re.IGNORECASE)
_DENIED = re.compile(
    r"\b(?:no|not|none|never|nobody|nothing|neither|without|absent|cannot|lacks?|false"
    r"|incorrect|wrong|untrue|missing)\b|n't\b|没有|不",
    re.IGNORECASE,
)
_DECLARED = re.compile(
    r"^(?:(?:in|on|from|based on|according to) th(?:e|is) [a-z]+,?\s*)?"
    r"(?:an? [^.,]{1,60}? (?:is|are|can be)\b[^.,]{0,20}?"
    r" (?:present|visible|shown|seen|depicted|absent|missing)\b|"
    r"(?:there (?:is|are|was|were|isn't|aren't)|it (?:is|does|has|isn't|doesn't)"
    r"|they (?:are|do|have)"
    r"|the [^.]{1,80}?\b(?:is|are|isn't|aren't|does|do|doesn't|don't|has|have|shows?|contains?"
    r"|depicts?|features?|includes?)|i (?:can )?see|这|图中)\b)",
    re.IGNORECASE,
)


_UNSEEN = re.compile(
    r"\b(?:don't|do not|cannot|can't|can not) see (?:an?|any|the)\b", re.IGNORECASE
)


def stated(span: str, exact: bool) -> str | None:
    """Returns "Yes" or "No" where a statement opens with a word of that meaning.

    Args:
        span: what follows a mark.
        exact: whether the span is the answer and nothing else.
    """
    sentence = span if exact else first_sentence(span)
    if _EITHER.search(sentence):
        return UNDECIDED
    found = _polarity(_LEADING.match(sentence) or _CHINESE.match(sentence))
    return UNDECIDED if found is None and refuses(sentence) else found


def unmarked(text: str) -> str | None:
    """Returns "Yes" or "No" from an answer without marks.

    The first word goes first, then the last sentence's, then that after its "so", then the only
    such word of the text, then what its first sentence declares: "There is no dog." is a no.
    """
    found = sentences(_EITHER.sub(" ", text))
    if not found:
        return None
    for sentence in (found[0], conclusion(found[-1])):
        said = _polarity(_LEADING.match(sentence) or _CHINESE.match(sentence))
        if said:
            return said
    concluded = result(found[-1])
    if concluded and (said := _polarity(_LEADING.match(concluded))):
        return said
    said_words = {_polarity(word) for word in _WORD.finditer(" ".join(found))}
    if len(said_words) == 1:
        return said_words.pop()
    if any(map(_UNSEEN.search, found)):
        return "No"
    return None if said_words or any(map(refuses, found)) else _declared(found)


def _polarity(found: re.Match[str] | None) -> str | None:
    if found is None:
        return None
    return "Yes" if found["yes"] else "No"


def _declared(found: list[str]) -> str | None:
    for sentence in (conclusion(found[-1]), found[0]):
        if _DECLARED.match(sentence):
            return "No" if _DENIED.search(sentence) else "Yes"
    return None
