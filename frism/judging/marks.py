r"""Where a text states its answer: tags, boxes, "final answer", "the answer is".

Statements come in order of precedence. Tags, JSON keys, boxes and "final answer" go before "the
answer is" and its like; among equals the last goes first, since a later statement corrects an
earlier one.
"""
# ruff: noqa: RUF001 - the characters of many alphabets are the matter here

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from frism.judging.boxes import boxes

TAIL = 2000  # characters after a mark that can hold its answer

_TAG = re.compile(
    r"<(answer|final_answer)>(.*?)</\1>|<\|begin_of_box\|>(.*?)<\|end_of_box\|>", re.S | re.I
)
_KEY = re.compile(
    r"""["'](?:short|final)?[ _]?answer["']\s*:\s*"""
    r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\\n]|\\.)*'(?=\s*[,}])|-?[\d.]+|\[[^\]\n]*\])""",
    re.IGNORECASE,
)
_GAP = r"(?:\"[^\"\n]{0,100}\"|(?!\b(?:not|cannot|can't|isn't)\b)[^.\n:=?!]){0,60}?"
_IS = r"(?:\b(?:is|are|was|were|be|equals?)\b(?:\s*:)?|[:=]|\s-\s|\s*\n|\s*$)"
_FINAL = re.compile(
    rf"\bfinal\s+(?:answers?|result|solution|value|choice){_GAP}{_IS}|\bfinal\s*:", re.I
)
_ANSWER = re.compile(
    rf"(?<!\bto )(?<!\bcan )\banswers?\b(?!\s+(?:options|choices|the|this|your|it)\b){_GAP}{_IS}"
    r"|\bans\b\s*[.:]|^(?:option|choice)\s*:"
    r"|(?:正确|最终|最后|标准)?(?:的)?答案(?:应该|应)?\s*(?:是|为|选|:)\s*:?"
    r"|\bla (?:respuesta|réponse|risposta)\b[^.\n:]{0,40}?(?:\bes\b|\best\b|\bè\b|:)"
    r"|\ba resposta\b[^.\n:]{0,40}?(?:\bé\b|:)|\b(?:die |richtige )?Antwort\b\s*(?:ist|lautet|:)"
    r"|\bответ\s*[:—-]|(?:答え|正解)(?:は|:)",
    re.IGNORECASE | re.MULTILINE,
)
_CORRECT = re.compile(
    r"\b(?:correct|right|best|most \w+|closest|only|matching)\s+(?:\w+\s+)?(?:option|choice|letter"
    rf"|statement|figure|one|image|shape|diagram|graph|expression)s?\b{_GAP}"
    r"(?:\b(?:is|are|be)\b(?:\s*:)?|:)"
    rf"|\bthe (?:option|choice|figure|one) (?:that|which)\b{_GAP}\b(?:is|are)\b(?:\s*:)?"
    r"|(?:\b(?:I|we|you|should|would|will|to|must|therefore|thus|so)|'d|'ll)\s+(?:\w+\s+)?"
    r"(?:choose|select|pick|go with|opt for|answer with|answer)\b"
    r"(?!\s+(?:between|from|among|the question))\s*:?"
    r"|\bcorrect\s*:|(?:正确)?选项\s*(?:是|为|:)|(?:故|因此|所以|应该|应|本题|答案?)\s*选(?:择)?\s*:?",
    re.IGNORECASE,
)
_CORRECTION = re.compile(
    r"\b(?:wait|correction|sorry|scratch that|hmm)\b\W+(?:[^.\n]{0,40}?\W)?"
    r"(?:it|that|this)(?:'s|\s+(?:is|must be|should be|has to be))\s+(?:actually|in fact|really)?",
    re.IGNORECASE,
)
# prose that ends in "7!" means no factorial
_EXCLAIMED = re.compile(r"^(\W*\d[\d.,]*)!(?=\s|$)")
_NOT = re.compile(r"\s*(?:not|isn't|cannot be|neither)\b", re.IGNORECASE)
_BUT = re.compile(r"\s*not\b[^.\n]*?\bbut\b(?:\s+rather)?", re.IGNORECASE)


@dataclass(frozen=True)
class Statement:
    """A place where a text states its answer.

    Attributes:
        start: position of the mark.
        strong: a tag, a key, a box or "final answer".
        exact: whether `tail` is the answer and nothing else.
        tail: what follows the mark.
    """

    start: int
    strong: bool
    exact: bool
    tail: str


def statements(text: str, choosing: bool) -> list[Statement]:
    """Returns the statements of a text, what counts most first.

    Args:
        text: a text of plain characters without markup.
        choosing: whether options are asked for, so that "I choose" is a mark too.
    """
    found = [*_delimited(text), *_phrases(text, _FINAL, True), *_phrases(text, _ANSWER, False)]
    found += _phrases(text, _CORRECTION, False)
    if choosing:
        found += _phrases(text, _CORRECT, False)
    return sorted(found, key=lambda each: (each.strong, each.start), reverse=True)


def _delimited(text: str) -> Iterator[Statement]:
    for tag in _TAG.finditer(text):
        yield Statement(tag.start(), True, True, (tag[2] or tag[3] or "").strip())
    for key in _KEY.finditer(text):
        value = key[1][1:-1] if key[1][0] in "\"'" else key[1]
        value = value.replace('\\"', '"').replace("\\\\", "\\")
        yield Statement(key.start(), True, True, value.strip())
    for start, content in boxes(text):
        yield Statement(start, True, True, content)


def _phrases(text: str, pattern: re.Pattern[str], strong: bool) -> Iterator[Statement]:
    for mark in pattern.finditer(text):
        tail = text[mark.end() : mark.end() + TAIL]
        turned = _BUT.match(tail)
        if turned:
            tail = tail[turned.end() :]
        if tail.strip() and not _NOT.match(tail):
            yield Statement(
                mark.start(), strong, False, _EXCLAIMED.sub(r"\1.", tail.lstrip(" :*=\n"))
            )
