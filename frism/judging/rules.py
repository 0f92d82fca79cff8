"""`extract`: the final answer of a text, by the order of precedence that docs/judges.md gives."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from itertools import islice

from frism.judging import choices, expressions, lists, numbers, several, texts, verdicts, yes_no
from frism.judging.boxes import boxes
from frism.judging.characters import plain
from frism.judging.kinds import Kind
from frism.judging.marks import Statement, statements
from frism.judging.markup import unmarked
from frism.judging.refusals import refuses
from frism.judging.sentences import sentences

# an answer stands at the head or at the end; loops of one character say nothing
HEAD, END = 2_000, 8_000  # characters
MOST = 40  # statements that are read, from the one that counts most
_LOOP = re.compile(r"([^\w\s]|_)\1{7,}|[ ]{8,}|\n{4,}")

Options = Mapping[str, str]
_STATED: dict[Kind, Callable[[str, bool], str | None]] = {
    "yes_no": yes_no.stated,
    "number": numbers.stated,
    "list": lists.stated,
    "expression": expressions.stated,
    "text": texts.stated,
}


def extract(text: str, kind: Kind, options: Options | None = None) -> str | None:
    """Returns the final answer that a text gives, in canonical form.

    Args:
        text: an answer without its chain of thought: what stands after `</think>`.
        kind: what the question asks for.
        options: letter -> text of a multiple-choice question; empty where they are not known.

    Returns:
        A letter (`choice`), sorted letters such as `A, C` (`choices`), `Yes` or `No`, a number, a
        Python list of numbers, an expression or a text; None where the text gives none, gives
        two, or refuses to answer.
    """
    given = {letter: str(option) for letter, option in (options or {}).items()}
    said = unmarked(_shortened(plain(text)))
    for statement in islice(_ranked(said, kind, given), MOST):
        found = _stated(statement.tail, statement.exact, kind, given)
        if found is not None:
            return found or None
    return _unmarked(said, kind, given) or None


def _shortened(text: str) -> str:
    text = _LOOP.sub(lambda loop: loop[0][:3], text)
    return text if len(text) <= HEAD + END else f"{text[:HEAD]}\n{text[-END:]}"


def _ranked(said: str, kind: Kind, options: Options) -> Iterator[Statement]:
    choosing = kind in ("choice", "choices")
    if kind == "choices" and (together := _last_boxes(said)):
        yield together
    found = statements(said, choosing)
    if choosing:
        known = choices.patterns(options)
        decided = verdicts.decisions(said, known, kind == "choices")
        found += [Statement(start, False, True, letters) for start, letters in decided]
    yield from sorted(found, key=lambda each: (each.strong, each.start), reverse=True)


def _last_boxes(said: str) -> Statement | None:
    """Returns the boxes of the last line with a box as one statement."""
    found = list(boxes(said))
    line = said.rfind("\n", 0, found[-1][0]) if found else 0
    last = [content for start, content in found if start > line]
    return Statement(found[0][0], True, True, ", ".join(last)) if len(last) > 1 else None


def _stated(span: str, exact: bool, kind: Kind, options: Options) -> str | None:
    if kind == "choice":
        return choices.stated(span, exact, options)
    if kind == "choices":
        return several.stated(span, exact, options)
    return _STATED[kind](span, exact)


def _unmarked(said: str, kind: Kind, options: Options) -> str | None:
    """Returns the answer of a text without a statement that could be read."""
    if kind == "choice":
        return choices.unmarked(said, options)
    if kind == "choices":
        return several.unmarked(said, options)
    if kind == "yes_no":
        return yes_no.unmarked(said)
    if kind == "text":
        return texts.unmarked(said)
    return _last(said, kind)


def _last(said: str, kind: Kind) -> str | None:
    """Returns the number, list or expression of the last sentence that has one."""
    found = sentences(said)
    if found and refuses(found[0]) and len(found) > 1:
        return None
    for sentence in reversed(found):
        answer = _STATED[kind](sentence, False)
        if answer is not None:
            return answer
    return None
