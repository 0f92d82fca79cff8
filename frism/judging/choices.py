"""The option that an answer to a multiple-choice question decides for."""

from __future__ import annotations

import re
from collections.abc import Mapping

from frism.judging import option_texts, verdicts, yes_no
from frism.judging.kinds import UNDECIDED
from frism.judging.letters import USUAL, Letters, first_group, letters
from frism.judging.markup import without_delimiters
from frism.judging.refusals import refuses
from frism.judging.sentences import conclusion, first_sentence, result, sentences

_DENIED_BEFORE = re.compile(
    r"\b(?:not|isn't|neither|nor|rather than|instead of|unlike|over|exclude|eliminate|rule out)"
    r"\s+(?:\w+\s+){0,2}[(\[\"']*$",
    re.IGNORECASE,
)
_DENIED_AFTER = re.compile(
    r"[)\]\"']*\s+(?:(?:is|are|was|can be|does|do)\s*(?:not|also not|clearly not|incorrect|wrong"
    r"|false|eliminated|excluded|ruled out)|(?:isn't|doesn't|cannot|can't)\b)",
    re.IGNORECASE,
)
_DENIED = re.compile(
    r"\b(?:not|neither|rather than|instead of|as opposed to|unlike)\b(?:(?!\bbut\b)[^.,;])*", re.I
)
_REASON = re.compile(r"[\s,]*\b(?:because|since|as|given that|due to)\b|\s*;", re.IGNORECASE)
_EITHER = re.compile(r"\b(?:either|or)\b|或")
# a sentence about an option is no decision for it: "A is tempting"
_SUBJECT = re.compile(r"\W*(?:is|are|and|or|would|has|have|was|shows?|but|does|do|can)\b")


def patterns(options: Mapping[str, str]) -> Letters:
    """Returns the patterns for the letters of the options that have a text."""
    keys = "".join(letter for letter, text in options.items() if str(text).strip())
    return letters(keys or USUAL)


def stated(span: str, exact: bool, options: Mapping[str, str]) -> str | None:
    """Returns the letter that a statement decides for.

    Args:
        span: what follows a mark.
        exact: whether the span is the answer and nothing else.
        options: letter -> text; empty where the options stand elsewhere.

    Returns:
        The letter; `UNDECIDED` for two letters or a refusal; None where there is none.
    """
    known = patterns(options)
    span = without_delimiters(span).strip()
    sentence = span if exact else conclusion(first_sentence(span))
    found = _whole(sentence.strip(), known, options)
    if found is None:
        found = _leading(sentence, known)
    return _inside(sentence, known, options) if found is None else found


def _whole(said: str, known: Letters, options: Mapping[str, str]) -> str | None:
    """Returns the letter of a span that is a letter, or the text of an option."""
    alone = known.alone.fullmatch(said)
    if alone:
        return alone[1]
    # a text goes before a lower-case letter, since options can be the letters a and b themselves
    same = option_texts.same_text(said, options)
    lower = known.lower.fullmatch(said)
    return same or (lower[1].upper() if lower else None)


def _leading(said: str, known: Letters) -> str | None:
    match = known.leading.match(said)
    letter = first_group(match)
    if match is None or letter is None:
        return None
    other = known.again.match(said, match.end())
    return UNDECIDED if other and other[1] != letter else letter


def _inside(said: str, known: Letters, options: Mapping[str, str]) -> str | None:
    """Returns the letter that a sentence names, or whose text stands in it, if it is one."""
    named = mentioned(said, known)
    if len(named) == 1:
        return named.pop()
    one = _last_letter(said, known)
    texts = [one] if one else _by_text(said, options)
    if len(texts) == 1:
        return texts[0]
    if (named or texts) and _EITHER.search(said):
        return UNDECIDED
    worth = option_texts.same_value(said, options, exact=False)
    return UNDECIDED if worth is None and refuses(said) else worth


def _last_letter(said: str, known: Letters) -> str | None:
    """Returns the letter that ends a sentence or its main clause, or that alone is left."""
    reasons = _REASON.split(said)[0]
    at_end = known.at_end.search(said) or known.at_end.search(reasons)
    singled = set(known.singled.findall(said))
    if at_end:
        return at_end[1]
    return singled.pop() if len(singled) == 1 else None


def _by_text(said: str, options: Mapping[str, str]) -> list[str]:
    """Returns the options whose texts stand in a sentence; yes and no by their own rules."""
    if not _is_polar(options):
        found = option_texts.within(said, options)
        if len(found) > 1:
            found = option_texts.within(_DENIED.sub(" ", said), options)
        last = option_texts.within(result(said), options) if len(found) > 1 else []
        return last if len(last) == 1 else found
    word = yes_no.unmarked(said)
    return [
        k for k, text in options.items() if word and option_texts.squeezed(text) == word.lower()
    ]


def _is_polar(options: Mapping[str, str]) -> bool:
    return {"yes", "no"} == {option_texts.squeezed(text) for text in options.values() if text}


def mentioned(said: str, known: Letters) -> set[str]:
    """Returns the letters that stand as "option B" or "(B)" and are not denied."""
    return {
        letter
        for found in known.named.finditer(said)
        if (letter := first_group(found))
        and not _DENIED_BEFORE.search(said[: found.start()])
        and not _DENIED_AFTER.match(said, found.end())
    }


def unmarked(text: str, options: Mapping[str, str]) -> str | None:
    """Returns the letter of an answer without marks.

    The head of the answer goes first unless the text goes through the options; then its last
    sentence, then the only option that the whole text names.
    """
    known = patterns(options)
    text = without_delimiters(text).strip()
    found = sentences(text)
    if not found:
        return None
    whole = _whole(text, known, options)
    heads = [head for line in found if (head := first_group(known.heading.match(line)))]
    listing = len(set(heads)) > 1 and heads[0] == known.keys[0]
    if whole or (known.heading.match(text) and not listing):
        return whole or _leading(text, known)
    # "Yes. There is no other dog." says yes
    last = text if _is_polar(options) else conclusion(found[-1])
    letter = (
        None if listing and _is_new_head(last, heads, known) else _decided(last, known, options)
    )
    letter = _inside(text, known, options) if letter is None else letter
    return None if letter and letter in verdicts.rejected(text, known) else letter


def _is_new_head(last: str, heads: list[str], known: Letters) -> bool:
    """Returns whether the last sentence is the last item of a list of options."""
    head = first_group(known.heading.match(last))
    alone = known.alone.fullmatch(last)
    return head is not None and not alone and head not in heads[:-1]


def _decided(sentence: str, known: Letters, options: Mapping[str, str]) -> str | None:
    match = known.leading.match(sentence)
    subject = match is not None and _SUBJECT.match(sentence, match.end())
    letter = None if subject else _leading(sentence, known)
    letter = _inside(sentence, known, options) if letter is None else letter
    return _leading(sentence, known) if letter is None else letter
