"""What VLMEvalKit's evaluation reads of each benchmark beyond a question and its answer.

Its evaluations end on what is not so, after all answers; so it is looked at before a model is
loaded. Standard library only.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from frism.evaluation import row_checks as checks
from frism.evaluation.local_files import Row

OCR = (
    *(f"{kind} Text Recognition" for kind in ("Regular", "Irregular", "Artistic", "Non-Semantic")),
    *("Handwriting Recognition", "Digit String Recognition", "Scene Text-centric VQA"),
    *("Doc-oriented VQA", "Key Information Extraction"),
    "Handwritten Mathematical Expression Recognition",
)
MME = (
    *("OCR", "artwork", "celebrity", "color", "count", "existence", "landmark", "position"),
    *("posters", "scene", "code_reasoning", "commonsense_reasoning", "numerical_calculation"),
    "text_translation",
)
WEMATH_PROBLEMS = 525


@dataclass(frozen=True)
class RowForm:
    """What the rows of a benchmark must be.

    Attributes:
        columns: That are read beside those of every benchmark.
        row: Says what is wrong with a row; empty if nothing.
        rows: Says what is wrong with all rows taken together.
    """

    columns: tuple[str, ...] = ()
    row: checks.Check = lambda row: ""
    rows: Callable[[Sequence[Row]], str] | None = None


def row_form(name: str) -> RowForm:
    """Returns what the rows of a benchmark must be, by VLMEvalKit's name of it."""
    return FORMS.get(name) or FORMS.get(name.partition("_MINI")[0]) or RowForm()


def _variants(rows: Sequence[Row]) -> str:
    first = {_whole(row["index"]) for row in rows if _whole(row["varid"]) == "1"}
    for row in rows:
        if _whole(row["qid"]) not in first:
            return (
                f"index {row['index']}: no question with the varid 1 has the index {row['qid']}, "
                "its qid; expected the complete file: VLMEvalKit counts the variants of a question "
                "under the index of its first"
            )
    return ""


def _whole(cell: str) -> str:
    return str(int(cell)) if cell.strip().isdecimal() else cell


def _pairs(rows: Sequence[Row]) -> str:
    counts = Counter((row["category"], row["image_path"]) for row in rows)
    for (category, image), count in counts.items():
        if count == 1:
            found = f"found one question about {image} in {category}"
            return f"{found}; expected two: VLMEvalKit counts images with both right"
    return ""


def _problems(rows: Sequence[Row]) -> str:
    parts: dict[tuple[str, str], list[str]] = defaultdict(list)
    for row in rows:
        steps, _, part = row["key"].partition("_")
        parts[row["ID"], steps].append(part)
    whole = sum(sorted(parts[key]) == sorted(checks.WEMATH_STEPS[key[1]]) for key in parts)
    if len(parts) == whole == WEMATH_PROBLEMS:
        return ""
    return (
        f"found {whole} problems with all their steps, {len(parts)} in all; expected the complete "
        f"file: VLMEvalKit's score is defined over {WEMATH_PROBLEMS}"
    )


_DYNAMATH = RowForm(
    ("answer_type", "subject", "knowledge_level", "qid", "varid"), checks.dynamath, _variants
)
_CHOICE = RowForm(("A", "B"))
CHOICE = (
    *("MMMU_DEV_VAL", "MMMU_Pro_10c", "MMStar", "RealWorldQA", "SEEDBench_IMG", "AI2D_TEST"),
    "MMBench_DEV_EN",
)
FORMS: dict[str, RowForm] = {
    **dict.fromkeys(CHOICE, _CHOICE),
    "MathVista": RowForm(
        ("question_type", "answer_type", "choices", "answer_option", "task", "skills"),
        checks.mathvista,
    ),
    "MathVision": RowForm(("choices", "category"), checks.mathvision),
    "MathVerse": RowForm(
        ("metadata", "problem_version", "question_type", "question_for_eval"), checks.mathverse
    ),
    "LogicVista": RowForm(("skill",), checks.logicvista),
    "DynaMath": _DYNAMATH,
    "DynaMath_noprompt": _DYNAMATH,
    "WeMath": RowForm(("ID", "key", "knowledge concept"), checks.wemath, _problems),
    "POPE": RowForm(("category",), checks.filled("category")),
    "HallusionBench": RowForm(("l2-category",), checks.hallusion),
    "MME": RowForm(("category", "image_path"), checks.one_of("category", MME), _pairs),
    "OCRBench": RowForm(
        ("category",),
        lambda row: checks.texts("answer")(row) or checks.one_of("category", OCR)(row),
    ),
    "TextVQA_VAL": RowForm((), checks.texts("answer")),
}
