"""Outputs of models for multiple-choice questions, and the letters they decide for."""
# ruff: noqa: RUF001 - answers in Chinese have their own punctuation

from __future__ import annotations

SHAPES = {"A": "circle", "B": "triangle", "C": "square", "D": "a dark square"}
NUMBERS = {"A": "8", "B": "12", "C": "13", "D": "7"}
LETTERS = {"A": "b", "B": "c", "C": "a", "D": "d"}
ANGLES = {"A": "$30^{\\circ}$", "B": "$45^\\circ$", "C": "$60^{\\circ}$", "D": "$90^\\circ$"}
ROOTS = {"A": "2", "B": "2√3", "C": "√3", "D": "2√2"}
SURE = {"A": "The left one", "B": "The right one", "C": "Cannot be determined"}
TEN = {letter: f"{10 * k} N" for k, letter in enumerate("ABCDEFGHIJ", start=1)}
NONE = {"A": "red", "B": "blue", "C": "None of the above"}
YEARS = {"A": "1998", "B": "1999", "C": "2000", "D": "2001"}
PHRASES = {"A": "It is sunny.", "B": "It is raining.", "C": "It is snowing."}
POLAR = {"A": "Yes", "B": "No"}
FORCES = {"A": "3/11", "B": "8/11", "C": "6/11", "D": "3/5"}
WITHOUT: dict[str, str] = {}

Case = tuple[str, dict[str, str], str | None]

SHORT: list[Case] = [
    ("B", SHAPES, "B"),
    ("B.", SHAPES, "B"),
    ("(B)", SHAPES, "B"),
    ("**B**", SHAPES, "B"),
    ("[B]", SHAPES, "B"),
    ('"B"', SHAPES, "B"),
    ("`B`", SHAPES, "B"),
    (" b ", SHAPES, "B"),
    ("(b)", SHAPES, "B"),
    ("Option B", SHAPES, "B"),
    ("option b.", SHAPES, "B"),
    ("B) triangle", SHAPES, "B"),
    ("B. triangle", SHAPES, "B"),
    ("B: triangle", SHAPES, "B"),
    ("(B) triangle", SHAPES, "B"),
    ("**B. triangle**", SHAPES, "B"),
    ("B - triangle", SHAPES, "B"),
    ("triangle", SHAPES, "B"),
    ("Triangle.", SHAPES, "B"),
    ("A triangle", SHAPES, "B"),
    ("a circle", SHAPES, "A"),
    ("Square", SHAPES, "C"),
    ("dark square", SHAPES, "D"),
    ("It is raining", PHRASES, "B"),
    ("Ｂ", SHAPES, "B"),
    ("（B）", SHAPES, "B"),
    ("hexagon", SHAPES, None),
    ("E", SHAPES, None),
    ("", SHAPES, None),
    ("...", SHAPES, None),
]

STATED: list[Case] = [
    ("The answer is B.", SHAPES, "B"),
    ("The answer is B", SHAPES, "B"),
    ("The answer is (B).", SHAPES, "B"),
    ("The answer is **B**.", SHAPES, "B"),
    ("The answer is: B", SHAPES, "B"),
    ("**Answer:** B", SHAPES, "B"),
    ("**Answer**: B", SHAPES, "B"),
    ("Answer: **B. triangle**", SHAPES, "B"),
    ("### Answer\nB", SHAPES, "B"),
    ("Answer:\n\nB", SHAPES, "B"),
    ("ANSWER: B", SHAPES, "B"),
    ("Final answer: B", SHAPES, "B"),
    ("**Final Answer**\n\nB", SHAPES, "B"),
    ("Final Answer: Option (B) triangle", SHAPES, "B"),
    ("The correct option is B: triangle", SHAPES, "B"),
    ("The correct answer is option B, the triangle.", SHAPES, "B"),
    ("The correct choice would be **(B)**", SHAPES, "B"),
    ("So the best answer is therefore (B) triangle.", SHAPES, "B"),
    ("The answer is triangle.", SHAPES, "B"),
    ("The answer is the triangle, because it has three sides.", SHAPES, "B"),
    ("The answer is a dark square.", SHAPES, "D"),
    ("The answer to the question is the third one, option (C).", SHAPES, "C"),
    ("I would choose B.", SHAPES, "B"),
    ("Therefore, we select option C.", SHAPES, "C"),
    ("I'll go with D", SHAPES, "D"),
    ("Option C is correct.", SHAPES, "C"),
    ("C is the correct answer.", SHAPES, "C"),
    ("(C) is the best choice here.", SHAPES, "C"),
    ("C. square is the right answer.", SHAPES, "C"),
    ("The answer is B because A and C have no corners.", SHAPES, "B"),
    ("The answer is B, not A.", SHAPES, "B"),
    ("The answer is not A but C.", SHAPES, "C"),
    ("The answer isn't option A. The answer is D.", SHAPES, "D"),
    ("<answer>B</answer>", SHAPES, "B"),
    ("<answer> B. triangle </answer>", SHAPES, "B"),
    ("<|begin_of_box|>C<|end_of_box|>", SHAPES, "C"),
    ('{"solution": "It has three sides.", "short answer": "B"}', SHAPES, "B"),
    ("```json\n{'answer': 'B'}\n```", SHAPES, "B"),
    ("答案是B。", SHAPES, "B"),
    ("正确答案：（B）", SHAPES, "B"),
    ("综上所述，故选：C。", SHAPES, "C"),
    ("因此选择 D", SHAPES, "D"),
    ("La respuesta correcta es B.", SHAPES, "B"),
    ("Die richtige Antwort ist C.", SHAPES, "C"),
    ("La réponse est (D).", SHAPES, "D"),
    ("Ответ: B", SHAPES, "B"),
]

BOXED: list[Case] = [
    (r"\boxed{B}", SHAPES, "B"),
    (r"$\boxed{\text{B}}$", SHAPES, "B"),
    (r"\[\boxed{\mathrm{(B)}}\]", SHAPES, "B"),
    (r"\boxed{\textbf{(B)}\ 12}", NUMBERS, "B"),
    (r"\boxed{B. 12}", NUMBERS, "B"),
    (r"\boxed{12}", NUMBERS, "B"),
    (r"\boxed{12 \text{ cm}}", NUMBERS, "B"),
    (r"\boxed{18}", NUMBERS, None),
    (r"\boxed{\text{triangle}}", SHAPES, "B"),
    (r"\boxed{2\sqrt{3}}", ROOTS, "B"),
    (r"\boxed{\sqrt{3}}", ROOTS, "C"),
    (r"\boxed{60^\circ}", ANGLES, "C"),
    (r"First \boxed{A} looked right, but in the end \boxed{C}", SHAPES, "C"),
    (r"The final answer is $\boxed{D}$. I hope it is correct.", SHAPES, "D"),
    (r"\boxed{A \text{ or } B}", SHAPES, None),
    (r"The answer is 12, which is option B. \boxed{12.0}", NUMBERS, "B"),
    (r"\fbox{C}", SHAPES, "C"),
    (r"The answer is A. \boxed{", SHAPES, "A"),
]

CHOICE = [*SHORT, *STATED, *BOXED]
