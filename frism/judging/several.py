"""Several letters: "A, C and D", "ACD", a list of options."""

from __future__ import annotations

import re
from collections.abc import Mapping

from frism.judging import choices, option_texts
from frism.judging.kinds import UNDECIDED
from frism.judging.letters import Letters, first_group
from frism.judging.markup import without_delimiters
from frism.judging.refusals import refuses
from frism.judging.sentences import conclusion, first_sentence, last_sentence

_ITEM = re.compile(r"^\s*(?:[-*•]|\d+[.)])?\s*")
_COPULA = re.compile(r"\b(?:is|are)\b|:")
_OR = re.compile(r"\bor\b|或")


def joined(found: set[str]) -> str:
    """Returns letters in canonical form: sorted, `A, C`."""
    return ", ".join(sorted(found))


def stated(span: str, exact: bool, options: Mapping[str, str]) -> str | None:
    """Returns the letters that a statement decides for, sorted: `A, C`.

    Args:
        span: what follows a mark.
        exact: whether the span is the answer and nothing else.
        options: letter -> text; empty where the options stand elsewhere.
    """
    known = choices.patterns(options)
    span = without_delimiters(span).strip()
    listed = _listed(span, known)
    if len(listed) > 1:
        return joined(listed)
    sentence = span if exact else conclusion(first_sentence(span))
    found = _enumerated(sentence, known)
    if found is None:
        found = choices.mentioned(sentence, known) or set(option_texts.within(sentence, options))
    if found:
        return joined(found)
    return UNDECIDED if refuses(sentence) else choices.stated(sentence, exact, options)


def _listed(span: str, known: Letters) -> set[str]:
    """Returns the letters that open the lines at the head of a span."""
    found = set()
    for line in filter(str.strip, span.splitlines()):
        letter = first_group(known.heading.match(_ITEM.sub("", line)))
        if letter is None:
            break
        found.add(letter)
    return found


def _enumerated(said: str, known: Letters) -> set[str] | None:
    """Returns the letters that open a sentence: "A, C and D", "ACD", "both A and B"."""
    said = re.sub(
        r"^\W*(?:both|all of|options?|choices?|letters?|figures?)\s+", "", said, flags=re.I
    )
    compact = known.compact.match(said)
    if (
        compact
        and len(set(row := compact[1].replace(" ", ""))) == len(row)
        and not said[compact.end() :].strip(" .)")
    ):
        return set(row)
    match = known.leading.match(said)
    letter = first_group(match)
    found: set[str] = set()
    end = 0
    while match and letter:
        found.add(letter)
        end = match.end()
        match = known.again.match(said, end)
        letter = match[1] if match else None
    hedged = len(found) > 1 and _OR.search(said[:end])
    return set() if hedged else (found or None)


def unmarked(text: str, options: Mapping[str, str]) -> str | None:
    """Returns the letters of an answer without marks: of all of it, else of its last sentence."""
    found = stated(text, False, options)
    if found is None:
        found = stated(last_sentence(text), True, options)
    return stated(_COPULA.split(last_sentence(text))[-1], True, options) if found is None else found
