"""Rows of benchmarks, answers to them, and the bare answers that VLMEvalKit is handed."""
# ruff: noqa: RUF001 - signs of mathematics and minus signs are the matter here

from __future__ import annotations

Row = dict[str, str]
Case = tuple[Row, str, str | None]


def whole(answer: str) -> Row:
    """Returns a row of MathVista that asks for a whole number."""
    return _free(answer) | {"answer_type": "integer"}


def decimal(answer: str) -> Row:
    """Returns a row of MathVista that asks for a decimal number."""
    return _free(answer) | {"answer_type": "float"}


def _free(answer: str) -> Row:
    return {"question_type": "free_form", "answer": answer, "choices": ""}


def chosen(choices: str) -> Row:
    """Returns a row of MathVista with options."""
    return {"question_type": "multi_choice", "answer_type": "text", "choices": choices}


def open_question(answer: str) -> Row:
    """Returns a row of MathVision without options."""
    return {"choices": "[]", "answer": answer}


def free_form(answer: str) -> Row:
    """Returns a row of MathVerse without options."""
    return {"question_type": "free-form", "answer": answer, "question_for_eval": ""}


PROBLEM = {
    "question_type": "multi-choice",
    "question_for_eval": "As shown, find ∠B.\nChoices:\nA:20°\nB:30°\nC:40°\nD:70°",
}
FLOAT = {"answer_type": "float", "question": ""}
TEXT = {"answer_type": "text", "question": ""}
OPTIONS = {"answer_type": "multiple choice", "question": "Which? Choices: (A) 1 (B) 2 (C) 3"}
FIGURES = {"question": "Which of the following shapes follow? Select from A, B, C, D, E."}

MATHVISTA: list[Case] = [
    (whole("1916"), "The bar for the year 1916 is tallest, so the answer is 1916.", "1916"),
    (
        whole("5"),
        "To find how many objects are left:\n\n8 - 1 - 2 = 5\n\nSo there are **5 objects** left.",
        "5",
    ),
    (whole("5"), "Final Answer: Five objects", "5"),
    (whole("0"), "No, neither of the two bars reaches 10, so the count is 0.", "0"),
    (
        whole("25"),
        "The person on the left was born in 1909 and the one on the right in 1934. "
        "1934 − 1909 = 25 years.",
        "25",
    ),
    (whole("2"), "2 out of 7 objects", "2"),
    (whole("-2"), "f(0) = −2", "-2"),
    (whole("6"), "Answer: 6 (3 on each side)", "6"),
    (whole("10"), "Therefore, 10 is the answer.", "10"),
    (whole("600"), "It shows 600ml of liquid.", "600"),
    (whole("600"), "$\\boxed{600\\,\\mathrm{mL}}$", "600"),
    (decimal("0.33"), "The fraction is $\\frac13$ ≈ 0.33", "0.33"),
    (decimal("0.33"), "The fraction is 1/3.", "0.33"),
    (decimal("0.5"), "The fraction of females is 5 out of 10, i.e. one half.", "0.5"),
    (decimal("1.2"), "1.23", "1.2"),
    (decimal("1.2"), "1.27", "1.27"),
    (decimal("14.85"), "The highest price is $14.85", "14.85"),
    (chosen("['Yes', 'No']"), "The answer is no because the bar is smaller.", "B"),
    (chosen("['0', '1', '2', '3']"), "There are 2 local maxima.", "C"),
    (
        chosen("['0', '1', '2', '3']"),
        "The function has 3 zeros, of which 2 are positive. The answer is 2.",
        "C",
    ),
    (chosen("['larger than', 'equal to', 'smaller than']"), "It is larger than the average.", "A"),
    (chosen("['$60^\\\\circ$', '$75^\\\\circ$', '$90^\\\\circ$']"), "∠A = 75°", "B"),
    (
        chosen("['(-\\\\infty, 2)', '(2, \\\\infty)', 'all reals']"),
        "The domain is x > 2, i.e. $(2, \\infty)$",
        "B",
    ),
    (chosen("['Dark Violet', 'Royal Blue', 'Rebecca Purple']"), "rebecca purple.", "C"),
    (
        chosen("['shrimp', 'zooplankton', 'fish']"),
        "If fish disappear, shrimp would increase since fish eat shrimp. The answer is shrimp.",
        "A",
    ),
    (whole("2"), "About 2.4", None),
    (whole("2"), "The value is 2.0.", "2"),
    (whole("45"), "45%", "45"),
    (whole("2"), "The ratio is 5/2.", None),
    (whole("7"), "7 or 8", None),
]

MATHVISION: list[Case] = [
    (open_question("6"), "The answer is \\(\\boxed{6\\text{ cm}}\\)", "6"),
    (open_question("5:30"), "\\boxed{5:30}", "5:30"),
    (open_question("Thursday"), "\\boxed{\\text{Thursday}}", "Thursday"),
    (
        open_question("36 \\pi"),
        "The area of the square is \\(\\boxed{36\\pi\\,\\text{units}^2}\\).",
        "36 \\pi",
    ),
    (open_question("60\\pi"), "\\boxed{60\\pi\\text{ square units}}", "60\\pi"),
    (open_question("\\sqrt{2}"), "\\boxed{\\sqrt{2} \\text{ cm}}", "\\sqrt{2}"),
    (open_question("3\\sqrt{2}"), "\\boxed{3\\sqrt{2}\\text{ m}}", "3\\sqrt{2}"),
    (open_question("\\frac{1}{2}"), "\\boxed{\\frac{1}{2}\\text{ hour}}", "\\frac{1}{2}"),
    (open_question("(1,2),(3,4)"), "\\boxed{(1, 2), (3, 4)}", "(1,2),(3,4)"),
    (open_question("3"), "\\boxed{x=3}", "3"),
    (open_question("14"), "\\boxed{a + b = 14}", "14"),
    (open_question("12"), "\\boxed{12 \\%}", "12"),
    (open_question("7"), "Thus $m + n = 3 + 4 = 7$.", "7"),
    (open_question("7"), "The final answer is 7!", "7"),
    (open_question("120"), "\\boxed{5!}", "120"),
    (open_question("15"), "The answer is $\\binom{6}{2}=15$", "15"),
    (open_question("\\frac{\\pi}{4}"), "\\boxed{\\dfrac{\\pi}{4}}", "\\frac{\\pi}{4}"),
    (open_question("\\frac{\\pi}{4}"), "\\boxed{0.785}", "0.785"),
    (open_question("108"), "\\boxed{108^\\circ}", "108"),
    (open_question("2+\\sqrt{3}"), "\\boxed{2 + \\sqrt{3}}", "2+\\sqrt{3}"),
    (open_question("\\sqrt{5}-1"), "\\boxed{-1 + \\sqrt 5}", "\\sqrt{5}-1"),
    (open_question("10\\sqrt{5}"), "\\boxed{10\\sqrt{5}\\text{ inches}}", "10\\sqrt{5}"),
    (open_question("\\frac{3}{8}"), "Answer: 3/8", "\\frac{3}{8}"),
    (open_question("\\frac{3}{8}"), "**Final Answer**: \\(\\frac{3}{8}\\)", "\\frac{3}{8}"),
    (open_question("1500"), "\\[\\boxed{1.5\\times10^3}\\]", "1500"),
    (open_question("CD"), "\\boxed{CD}", "CD"),
    (open_question("180-2\\alpha"), "\\boxed{180^\\circ - 2\\alpha}", "180-2\\alpha"),
]

MATHVERSE: list[Case] = [
    (free_form("5.2"), "The length is 5.2 cm.", "5.2"),
    (free_form("12°"), "$x = 12^\\circ$", "12°"),
    (free_form("4 \\sqrt{3} cm"), "\\boxed{4\\sqrt{3} \\text{ cm}}", "4 \\sqrt{3} cm"),
    (free_form("4\\sqrt{3}"), "AB ≈ 6.93", "6.93"),
    (free_form("8.1m"), "The height of the tree is 8.1 m.", "8.1m"),
    (free_form("f(x)=(x-1)(x-3)"), "f(x) = x^2 - 4x + 3", "f(x)=(x-1)(x-3)"),
    (free_form("(-2,4)"), "The vertex is (-2, 4).", "(-2,4)"),
    (free_form("113.1cm^3"), "\\boxed{V = 113.10 \\text{ cm}^3}", "113.1cm^3"),
    (free_form("[-2,5)"), "The domain is $[-2, 5)$.", "[-2,5)"),
    (free_form("(-\\infty, 3]"), "x ∈ (-∞, 3]", "(-\\infty, 3]"),
    (free_form("120 \\pi cm^3"), "The volume is \\(120\\pi\\) cubic centimeters.", "120 \\pi cm^3"),
    (free_form("30\\pi"), "\\boxed{30\\pi \\text{ cm}^2}", "30\\pi"),
    (PROBLEM, "So ∠B = 30°. The correct choice is B.", "B"),
    (PROBLEM, "∠B = 30°", "B"),
    (PROBLEM, "∠B=30^\\circ", "B"),
    (PROBLEM, "Since ∠A = 70° and ∠C = 80°, ∠B = 180° − 150° = 30°.", "B"),
    (PROBLEM, "\\boxed{30}", "B"),
    (PROBLEM, "angle B is 40 degrees", "C"),
    (PROBLEM, "∠B is 30 degrees.\n\nFinal answer: B:30°", "B"),
]

DYNAMATH: list[Case] = [
    (FLOAT, '{"solution":"...", "short answer": "0.500"}', "0.5"),
    (FLOAT, '"short answer": "2.667"', "2.667"),
    (FLOAT, '{"solution": "x=1, y=2", "short answer": 3}', "3"),
    (FLOAT, '{"short answer": "3π"}', "9.42477796077"),
    (FLOAT, '{"short answer": "45 degrees"}', "45"),
    (
        FLOAT,
        '{"solution": "The value is \\(\\frac{1}{2}\\)", "short answer": "\\frac{1}{2}"}',
        "0.5",
    ),
    (FLOAT, "The result is about 1.333 .", "1.333"),
    (FLOAT, "{'short answer': '12.000'}", "12"),
    (TEXT, '{"short answer": "odd"}', "odd"),
    (TEXT, "The function is even.", "even"),
    (TEXT, '{"solution":"a","short answer":"Neither"}', "Neither"),
    (OPTIONS, '{"solution": "A is not right", "short answer": "B"}', "B"),
    (OPTIONS, '{"short answer": "(B) 2"}', "B"),
    (OPTIONS, '{"short answer": "2"}', "B"),
    (OPTIONS, "The answer is 2.", "B"),
    (OPTIONS, '{"short answer": "b"}', "B"),
]

LOGICVISTA: list[Case] = [
    (FIGURES, "The answer is A, B and D.", "A, B, D"),
    (FIGURES, "B", "B"),
    (FIGURES, "The next figure should be D because the pattern rotates; A repeats.", "D"),
    (FIGURES, "Option C", "C"),
    (FIGURES, "(A) and (E)", "A, E"),
    (FIGURES, "Answers: A, E", "A, E"),
    (FIGURES, "Only C", "C"),
    (FIGURES, "The correct choice is C. A is wrong because it is not rotated.", "C"),
    (FIGURES, "A, B, C, D, E", "A, B, C, D, E"),
    (FIGURES, "We need two: first A, second D. Final: A D", "A, D"),
    (FIGURES, "1. A\n2. C", "A, C"),
    (FIGURES, "Therefore, B and C are needed while A isn't.", "B, C"),
    (FIGURES, "Neither A nor B; it's C.", "C"),
]

SHORT_TEXT: list[Case] = [
    ({"answer": "Yes"}, "Yes, the blue bar is higher.", "Yes"),
    ({"answer": "No"}, "No, it is not. The answer is no.", "No"),
    ({"answer": "No"}, "Yes", "Yes"),
    ({"answer": "Yes"}, "blue", "blue"),
]
