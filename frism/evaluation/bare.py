"""Bare answers by rule, in the form that VLMEvalKit's evaluation of each benchmark takes.

A rewriter takes a row of the prediction file, all cells as text, and the final answer in it. It
returns the bare answer, or None where there is none; VLMEvalKit still says whether it is right.
Where the rules find a bare answer equal to the truth, it is written as the truth is: VLMEvalKit
compares many answers as texts, and takes 2 sqrt(3) for another one than sqrt(12).
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Mapping, Sequence

from frism.evaluation.answers import NO_ANSWER
from frism.evaluation.choices import named
from frism.judging import Kind, equal, extract
from frism.judging.characters import plain
from frism.judging.forms import as_decimal, as_integer
from frism.judging.marks import statements
from frism.judging.questions import options_in

Row = Mapping[str, str]
Rewriter = Callable[[Row, str], str | None]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def choice(row: Row, final: str) -> str | None:
    """Returns the letter of the option that is named; an open question of MMMU has one too.

    VLMEvalKit makes the options "the truth" (A) and "Other Answers" (B) for those.
    """
    options = _options(row)
    if options:
        return extract(final, "choice", options)
    return "A" if any(_same(final, truth) for truth in _listed(row["answer"])) else "B"


def local_choice(row: Row, final: str) -> str | None:
    """Returns the letter of the option that is named, for a benchmark of one's own.

    Short answers that state nothing name an option only as a letter or by its whole text.
    """
    options = _options(row)
    found = named(final, options)
    if found == NO_ANSWER and statements(plain(final), choosing=True):
        return extract(final, "choice", options)
    return found


def _options(row: Row) -> dict[str, str]:
    return {letter: row[letter] for letter in LETTERS if row.get(letter, "").strip()}


def _listed(answer: str) -> list[str]:
    try:
        found = ast.literal_eval(answer)
    except (SyntaxError, ValueError):
        return [answer]
    return [str(each) for each in found] if isinstance(found, list) else [answer]


def _same(final: str, truth: str) -> bool:
    kind: Kind = "number" if _is_number(truth) else "text"
    found = extract(final, kind)
    return found is not None and equal(found, truth, kind)


def _is_number(text: str) -> bool:
    return bool(re.fullmatch(r"-?[\d,]*\.?\d+%?", text.strip()))


def local_text(row: Row, final: str) -> str | None:
    """Returns the answer that is stated, for a benchmark of one's own; all of it if none is."""
    right = final.strip().lower() == row["answer"].strip().lower()
    stated = not right and statements(plain(final), choosing=False)
    return extract(final, "text") if stated else final


def yes_no(row: Row, final: str) -> str | None:
    """Returns Yes or No."""
    return extract(final, "yes_no")


def short_text(row: Row, final: str) -> str | None:
    """Returns the bare text, or a number or yes or no where the truth is; else the whole answer."""
    truth = row.get("answer", "")
    kind = _kind_of(truth)
    return _as_truth(extract(final, kind), truth, kind) or final


def _kind_of(truth: str) -> Kind:
    if truth.strip().lower() in ("yes", "no"):
        return "yes_no"
    return "number" if _is_number(truth) else "text"


# of MathVista's column answer_type
_KINDS: dict[str, Kind] = {"integer": "number", "float": "number", "list": "list"}


def mathvista(row: Row, final: str) -> str | None:
    """Returns a letter, a number or a text, as the question's type says.

    VLMEvalKit would cut the decimals off where a whole number is asked for, so 2.4 is none.
    """
    if row["question_type"] == "multi_choice":
        return _letter(final, ast.literal_eval(row["choices"]))
    kind = _KINDS.get(row["answer_type"], "text")
    found = extract(final, kind)
    if row["answer_type"] == "integer":
        found = as_integer(found) if found else None
    return _as_truth(found, row["answer"], kind)


def mathvision(row: Row, final: str) -> str | None:
    """Returns a letter if there are options, else an expression."""
    options = ast.literal_eval(row["choices"])
    if options:
        return _letter(final, options)
    return _as_truth(extract(final, "expression"), row["answer"], "expression")


def mathverse(row: Row, final: str) -> str | None:
    """Returns a letter if there are options, else an expression."""
    if row["question_type"] == "multi-choice":
        return extract(final, "choice", options_in(row["question_for_eval"]))
    return _as_truth(extract(final, "expression"), row["answer"], "expression")


def logicvista(row: Row, final: str) -> str | None:
    """Returns one or several letters."""
    return extract(final, "choices", options_in(row["question"]))


def dynamath(row: Row, final: str) -> str | None:
    """Returns a letter, a decimal number or a text, of the JSON that is asked for or without it."""
    if row["answer_type"] == "multiple choice":
        return extract(final, "choice", options_in(row["question"]))
    if row["answer_type"] != "float":
        return extract(final, "text")
    found = extract(final, "number")
    return as_decimal(found) if found else None


def _letter(final: str, options: Sequence[object]) -> str | None:
    texts = {letter: str(text) for letter, text in zip(LETTERS, options, strict=False)}
    return extract(final, "choice", texts)


def _as_truth(found: str | None, truth: str, kind: Kind) -> str | None:
    return truth if found is not None and equal(found, truth, kind) else found
