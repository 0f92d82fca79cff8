"""Reasoning benchmarks: those with options, and those whose answers a judge extracts."""

from __future__ import annotations

from typing import Any

from tests.kit_formats import CUT, Case, Said, choices, encoded, last_answer, table

Row = dict[str, Any]
RESPONSE = "Model respone: "
EXTRACTED = "Model response: '"


def mathvista() -> Case:
    """Options, whole and decimal numbers; lists are never right with VLMEvalKit's check."""
    multi: Row = {"question_type": "multi_choice", "answer_type": "text", "answer": "8/11"}
    multi |= {"choices": "['3/11', '8/11', '6/11']", "answer_option": "B", "precision": None}
    free: Row = {"question_type": "free_form", "choices": None, "answer_option": None, "unit": "m"}
    whole: Row = free | {"answer_type": "integer", "precision": None}
    more = {"task": "geometry problem solving", "skills": "['algebraic reasoning', 'arithmetic']"}
    rows = [
        multi,
        whole | {"answer": "14"},
        free | {"answer_type": "float", "precision": 2.0, "answer": "1.45"},
        free | {"answer_type": "list", "answer": "[2007, 2008]", "precision": None},
        multi,
        whole | {"answer": "1200"},
        whole | {"answer": "3"},
    ]
    said: list[Said] = [
        "<think>3/11? No.</think> The correct answer is (B) 8/11.",
        "The number missing in the sequence is 14.",
        r"So the price is $\boxed{1.450}$ dollars.",
        "[2007, 2008]",
        ("B", CUT),
        "The total is 1,200 m.",
        "4",
    ]
    hits = [1, 1, 1, 0, 0, 1, 0]
    return Case(
        "MathVista_MINI",
        table([{"question": "How much?"} | row | more for row in rows]),
        said,
        hits={"rule": hits, "openai": hits},
        scores={"rule": 400 / 7, "openai": 400 / 7},
        replies=last_answer(
            {"8/11": "B", "missing": "14", "price": "1.45", "200 m": "1200", "4": "4"}, RESPONSE
        ),
    )


def mathvision(name: str = "MathVision") -> Case:
    """Options and expressions: equality by value, which VLMEvalKit's check alone would miss."""
    rows = [
        {"choices": "['A', 'B', 'C', 'D', 'E']", "answer": "D"},
        {"choices": "[]", "answer": "12"},
        {"choices": "[]", "answer": r"2\sqrt{3}"},
        {"choices": "[]", "answer": "7"},
        {"choices": "['A', 'B', 'C', 'D', 'E']", "answer": "C"},
    ]
    said: list[Said] = [
        r"The answer is $\boxed{\text{D}}$.",
        "So $n = 12$.",
        r"Therefore the length is $\boxed{\sqrt{12}}$",
        ("7", CUT),
        "It could be A or C",
    ]
    replies = {"boxed{\\text": "D", "n = 12": "12", "length": r"\sqrt{12}", "could": "A"}
    return Case(
        name,
        table([{"question": "?", "category": "algebra", "level": 1} | row for row in rows]),
        said,
        hits={"rule": [1, 1, 1, 0, 0], "openai": [1, 1, 0, 0, 0]},
        scores={"rule": 60, "openai": 40},
        replies=last_answer(replies, RESPONSE),
    )


def mathverse(name: str = "MathVerse_MINI") -> Case:
    """Two versions of a problem with options and one without."""
    listed = "Find x.\nChoices:\nA:30\nB:40\nC:50"
    shared = {"metadata": "{'split': 'testmini', 'subject': 'Plane Geometry', 'subfield': 'Angle'}"}
    shared |= {"query_wo": "?", "query_cot": "Think. Find x.", "question": "Find x."}
    multi = shared | {"question_type": "multi-choice", "answer": "B", "question_for_eval": listed}
    free = shared | {"question_type": "free-form", "answer": "1/2", "question_for_eval": "Find x."}
    rows = [
        multi | {"problem_version": "Text Dominant"},
        free | {"problem_version": "Text Dominant"},
        multi | {"problem_version": "Vision Only"},
        free | {"problem_version": "Vision Only"},
        free | {"problem_version": "Vision Only"},
    ]
    said: list[Said] = ["So x = 40.", r"x = \frac{1}{2}", ("B", CUT), "Answer: 0.5", "x = 2"]
    replies = {"= 40": "B", "frac": "1/2", "0.5": "0.5", "x = 2": "2"}

    def reply(prompt: str) -> str:
        if "[Model_answer]" not in prompt:
            return last_answer(replies, EXTRACTED)(prompt)
        return str(int("0.5" in prompt.rpartition("[Model_answer]")[2]))

    hits = [1, 1, 0, 1, 0]
    return Case(
        name,
        table(rows),
        said,
        hits={"rule": hits, "openai": hits},
        scores={"rule": 60, "openai": 60},
        replies=reply,
    )


def logicvista() -> Case:
    """One letter or several."""
    rows = [
        {"question": "Which?", "answer": truth, "skill": skill, "capability": "diagram"}
        for truth, skill in (
            *(("A", "inductive"), ("A, C", "deductive"), ("D", "spatial")),
            *(("B", "numerical"), ("E", "mechanical")),
        )
    ]
    said: list[Said] = ["The answer is A.", "A and C", "C", ("B", CUT), r"\boxed{E}"]
    hits = [1, 1, 0, 0, 1]
    return Case(
        "LogicVista",
        table(rows),
        said,
        hits={"rule": hits, "openai": hits},
        scores={"rule": 60, "openai": 60},
        replies=last_answer({"is A.": "A", "A and": "AC", "boxed": "E"}, "Answer: <start>\n"),
    )


def dynamath() -> Case:
    """JSON or free text; two questions in two variants, no question right in both."""
    rows = [
        {"answer_type": "float", "answer": "0.75", "qid": 0, "varid": 1},
        {"answer_type": "multiple choice", "answer": "C", "qid": 1, "varid": 1},
        {"answer_type": "float", "answer": "0.333", "qid": 0, "varid": 2},
        {"answer_type": "multiple choice", "answer": "B", "qid": 1, "varid": 2},
        {"answer_type": "text", "answer": "even", "qid": 2, "varid": 1, "index": 2},
    ]
    rows[2] |= {"index": 10}
    rows[3] |= {"index": 11}
    more = {"question": "?", "subject": "algebra", "knowledge_level": "high school"}
    said: list[Said] = [
        '{"solution": "3/4 of it", "short answer": "3/4"}',
        ("C", CUT),
        "It is about 0.4",
        "Both look right, but the correct option is B.",
        '{"solution": "by parity", "short answer": "even"}',
    ]
    hits = [1, 0, 0, 1, 1]
    return Case(
        "DynaMath",
        table([row | more for row in rows]),
        said,
        hits={"rule": hits, "openai": hits},
        scores={"rule": 60, "openai": 60},
        replies=last_answer({"3/4": "0.750", "0.4": "0.400", "Both": "B"}, "Free-form answer: "),
    )


def mmmu() -> Case:
    """Several images, an open question, and a split that is not counted."""
    images = str([encoded(70), encoded(71)])
    both = "Compare <image 1> and <image 2>."
    rows: list[Row] = [
        choices("3", "4", "5", answer="B", split="validation", question=both, image=images),
        choices(answer="12.5", split="validation", question="How much is <image 1>?"),
        choices(answer="12.5", split="validation", question="How much is <image 1>?"),
        choices("3", "4", answer="A", split="validation", question="<image 1>?"),
        choices("3", "4", answer="A", split="dev", question="<image 1>?"),
    ]
    rows = [
        row | {"index": f"{row['split']}_Art_{k}", "category": "Art"} for k, row in enumerate(rows)
    ]
    said: list[Said] = [r"$\boxed{B}$", "It costs 12.50 dollars", "112.5", ("A", CUT), "A"]
    return Case(
        "MMMU_DEV_VAL",
        table(rows),
        said,
        # stock: 12.5 is in 112.5, and 12.50 holds it too
        hits={"exact": [1, 1, 1, 0, 1], "rule": [1, 1, 0, 0, 1], "openai": [1, 1, 1, 0, 1]},
        scores={"exact": 75, "rule": 50, "openai": 75},
    )


def mmmu_pro() -> Case:
    """Ten options."""
    ten = [str(number) for number in range(40, 50)]
    rows = [choices(*ten, answer=truth, question="<image 1>?") for truth in "JDHA"]
    said: list[Said] = ["J", "Not A; answer: D", "Answer: H. 47", ("A", CUT)]
    return Case(
        "MMMU_Pro_10c",
        table(rows),
        said,
        hits={"exact": [1, 0, 1, 0], "rule": [1, 1, 1, 0], "openai": [1, 1, 1, 0]},
        scores={"exact": 50, "rule": 75, "openai": 75},
        replies=last_answer({"Not A": "D"}, "Answer: "),
    )


def mmstar() -> Case:
    """Categories of two levels."""
    more = {"category": "math", "l2-category": "geometry"}
    rows = [choices("2", "3", "4", "5", answer=truth, **more) for truth in "AB"]
    hits = [1, 0]
    return Case(
        "MMStar",
        table(rows),
        ["<think>B?</think>A", ("B", CUT)],
        hits={"exact": hits, "rule": hits, "openai": hits},
        scores={"exact": 50, "rule": 50, "openai": 50},
    )


def cases() -> list[Case]:
    """Returns all reasoning benchmarks but WeMath, whose file must be complete."""
    parts = ("Vision_Only", "Vision_Dominant", "Vision_Intensive", "Text_Lite", "Text_Dominant")
    splits = [mathverse(f"MathVerse_MINI_{part}") for part in parts]
    visions = [mathvision(), mathvision("MathVision_MINI")]
    options = [mmmu(), mmmu_pro(), mmstar()]
    return [mathvista(), *visions, mathverse(), *splits, logicvista(), dynamath(), *options]
