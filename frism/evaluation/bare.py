"""Bare answers by rule, in the form that VLMEvalKit's evaluation of each benchmark takes.

A rewriter takes a row of the prediction file, all cells as text, and the final answer in it. It returns the bare answer, or None where there is none; VLMEvalKit still says whether it is right.
Where rules find a bare answer equal to the truth, it is written as the truth is: VLMEvalKit
compares many answers as texts, and takes 0.50 for another one than 1/2.
"""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Callable, Mapping
from typing import Any

from frism.evaluation.choices import named
from frism.judging.extraction import Kind, equal, extract

Row = Mapping[str, str]
Rewriter = Callable[[Row, str], str | None]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
# of MathVerse's questions: a line `B:30` or `B. 30` after `Choices:`
CHOICE_LINE = re.compile(r"^\s*\(?([A-H])\s*[:.)]\s*(.*)$", re.MULTILINE)


def choice(row: Row, final: str) -> str | None:
    """Returns the letter of the option that is named; an open question of MMMU has one too.

    VLMEvalKit makes the options "the truth" (A) and "Other Answers" (B) for those.
    """
    options = {letter: row[letter] for letter in LETTERS if row.get(letter, "").strip()}
    if options:
        return named(final, options)
    return "A" if any(_same(final, truth) for truth in _listed(row["answer"])) else "B"


def _listed(answer: str) -> list[str]:
    try:
        found = ast.literal_eval(answer)
    except (SyntaxError, ValueError):
        return [answer]
    return [str(each) for each in found] if isinstance(found, list) else [answer]


def _same(final: str, truth: str) -> bool:
    kind: Kind = "number" if _is_number(truth) else "text"
    found = extract(final, kind, {})
    return found is not None and equal(found, truth, kind)


def _is_number(text: str) -> bool:
    try:
        float(text.replace(",", ""))
    except ValueError:
        return False
    return True


def yes_no(row: Row, final: str) -> str | None:
    """Returns Yes or No."""
    return extract(final, "yes_no", {})


def short_text(row: Row, final: str) -> str | None:
    """Returns the bare text, or number where the truth is one; the whole answer if none is found."""
    kind: Kind = "number" if _is_number(row.get("answer", "")) else "text"
    return extract(final, kind, {}) or final


def mathvista(row: Row, final: str) -> str | None:
    """Returns a letter, a number or a text, as the question's type says."""
    if row["question_type"] == "multi_choice":
        return _letter(final, ast.literal_eval(row["choices"]))
    kind: Kind = "number" if row["answer_type"] in ("integer", "float") else "text"
    return _as_truth(extract(final, kind, {}), row["answer"], kind)


def mathvision(row: Row, final: str) -> str | None:
    """Returns a letter if there are options, else an expression."""
    options = ast.literal_eval(row["choices"])
    if options:
        return _letter(final, options)
    return _as_truth(extract(final, "expression", {}), row["answer"], "expression")


def mathverse(row: Row, final: str) -> str | None:
    """Returns a letter if there are options, else an expression."""
    if row["question_type"] == "multi-choice":
        _, _, listed = row["question_for_eval"].partition("Choices:")
        return extract(final, "choice", dict(CHOICE_LINE.findall(listed)))
    return _as_truth(extract(final, "expression", {}), row["answer"], "expression")


def logicvista(row: Row, final: str) -> str | None:
    """Returns one or several letters."""
    return extract(final, "choices", {})


def dynamath(row: Row, final: str) -> str | None:
    """Returns a letter, a number or a text out of the JSON that the question asks for, or not."""
    short = _short_answer(final) or final
    if row["answer_type"] == "multiple choice":
        return extract(short, "choice", {})
    if row["answer_type"] == "float":
        return _as_truth(extract(short, "number", {}), row["answer"], "number")
    return extract(short, "text", {}) or short


def _short_answer(final: str) -> str:
    start, end = final.find("{"), final.rfind("}")
    try:
        found = json.loads(final[start : end + 1].replace("\\", ""), strict=False)
    except ValueError:
        return ""
    return str(found.get("short answer") or "") if isinstance(found, dict) else ""


def _letter(final: str, options: list[Any]) -> str | None:
    texts = {letter: str(text) for letter, text in zip(LETTERS, options, strict=False)}
    return extract(final, "choice", texts)


def _as_truth(found: str | None, truth: str, kind: Kind) -> str | None:
    return truth if found is not None and equal(found, truth, kind) else found
