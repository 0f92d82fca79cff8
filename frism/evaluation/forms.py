"""How each kind of benchmark is scored: what its evaluation needs, asks and leaves.

A kind is a dataset class of VLMEvalKit. A benchmark of a class that stands here needs nothing more;
another class needs an entry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from frism.errors import EvaluationError
from frism.evaluation import bare, questions
from frism.evaluation.answers import NO_ANSWER
from frism.evaluation.metrics_choice import read_choices, read_steps, read_validation
from frism.evaluation.metrics_judged import (
    read_dynamath,
    read_logicvista,
    read_mathverse,
    read_mathvision,
    read_mathvista,
)
from frism.evaluation.metrics_open import read_matches, read_ocrbench, read_open, read_vizwiz
from frism.evaluation.metrics_yes_no import read_yes_no
from frism.evaluation.result_files import Reading, ResultFiles

# WeMath takes a first letter from A to H for the answer, of "Cannot determine" too
NO_LETTER = f"No letter. {NO_ANSWER}"
# OCRBench looks for the truth anywhere in the answer
NO_TEXT = "?"


@dataclass(frozen=True)
class Form:
    """What is known of one class of datasets.

    Attributes:
        read: reads the result files.
        rewrite: gives bare answers for `rule`; None where VLMEvalKit takes answers as they are.
        queries: what it may ask a judge; None where it asks none.
        needs_judge: whether it cannot do without one.
        none: a prediction that scores wrong, for questions without an answer.
    """

    read: Callable[[ResultFiles, pd.DataFrame], Reading]
    rewrite: bare.Rewriter | None = None
    queries: questions.Queries | None = None
    needs_judge: bool = False
    none: str = NO_ANSWER


_CHOICE = Form(read_choices, bare.choice, questions.choice_queries)
_LOCAL_CHOICE = Form(read_choices, bare.local_choice, questions.choice_queries)
FORMS: dict[str, Form] = {
    "ImageMCQDataset": _CHOICE,
    "TextMCQDataset": _CHOICE,
    "CustomMCQDataset": _LOCAL_CHOICE,
    "CustomTextMCQDataset": _LOCAL_CHOICE,
    "MMMUDataset": Form(read_validation, bare.choice, questions.choice_queries),
    "WeMath": Form(read_steps, bare.choice, questions.choice_queries, none=NO_LETTER),
    "ImageYORNDataset": Form(read_yes_no, bare.yes_no, questions.yes_no_queries),
    "ImageVQADataset": Form(read_matches, bare.short_text),
    "VizWiz": Form(read_vizwiz, bare.short_text),
    "OCRBench": Form(read_ocrbench, none=NO_TEXT),
    "MathVista": Form(read_mathvista, bare.mathvista, questions.mathvista_queries, True),
    "MathVision": Form(read_mathvision, bare.mathvision, questions.mathvision_queries, True),
    "MathVerse": Form(read_mathverse, bare.mathverse, questions.mathverse_queries, True),
    "LogicVista": Form(read_logicvista, bare.logicvista, questions.logicvista_queries, True),
    "Dynamath": Form(read_dynamath, bare.dynamath, questions.dynamath_queries, True),
    "OpenDataset": Form(read_open, bare.local_text),
}


def form_of(dataset: Any) -> Form:
    """Returns what is known of a dataset by its class, or the nearest class above it.

    Raises:
        EvaluationError: Nothing is.
    """
    kinds = [kind.__name__ for kind in type(dataset).__mro__]
    for kind in kinds:
        if kind in FORMS:
            return FORMS[kind]
    raise EvaluationError(
        f"{dataset.dataset_name} is scored by VLMEvalKit's class {kinds[0]}, whose result files "
        f"are not known; expected one of {', '.join(FORMS)}, or a class that derives from it"
    )
