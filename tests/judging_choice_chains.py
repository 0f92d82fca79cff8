"""Long outputs, traps and several letters: what they decide for."""
# ruff: noqa: RUF001 - answers in Chinese have their own punctuation

from __future__ import annotations

from tests.judging_choice_cases import (
    ANGLES,
    FORCES,
    LETTERS,
    NONE,
    NUMBERS,
    POLAR,
    SHAPES,
    SURE,
    TEN,
    WITHOUT,
    YEARS,
    Case,
)

CHAINS: list[Case] = [
    (
        "Let's go through the options:\n\nA. circle - it has no corners.\nB. triangle - it has"
        " three corners.\nC. square - it has four.\n\nThe figure has three, so it must be B.",
        SHAPES,
        "B",
    ),
    (
        "A) circle: no\nB) triangle: yes\nC) square: no\nD) a dark square: no\n\n**Answer: B**",
        SHAPES,
        "B",
    ),
    (
        "To solve this we need the angle at O. Since OA = OB, the triangle is isosceles and\n"
        "\\[ \\angle AOB = 180^\\circ - 2 \\times 60^\\circ = 60^\\circ. \\]\n"
        "Therefore, the correct answer is C. $60^{\\circ}$",
        ANGLES,
        "C",
    ),
    (
        "At first glance, the answer is A. However, the figure on the right is rotated.\n\n"
        "Looking again, the answer is D.",
        SHAPES,
        "D",
    ),
    (
        "B\n\nExplanation: the figure has three sides. Option A is wrong: a circle has none.",
        SHAPES,
        "B",
    ),
    ("B. The figure has three sides, whereas option C has four.", SHAPES, "B"),
    (
        "I think that A good way to see this is to count corners. There are three, "
        "which makes it the triangle.",
        SHAPES,
        "B",
    ),
    ("I counted the force twice. The resulting force is 90 N, so I.", TEN, "I"),
    ("I would say the force is 30 N.", TEN, "C"),
    (
        "Step 1: Identify the shape.\nStep 2: Count the corners: 3.\nStep 3: Compare.\n\n"
        "Hence, option (B).",
        SHAPES,
        "B",
    ),
    (
        "Options A and C have no right angle, and option D is not correct. "
        "That leaves the triangle.",
        SHAPES,
        "B",
    ),
    ("The image shows a dark square on a table.", SHAPES, "D"),
    ("The sum is 7 + 6 = 13.", NUMBERS, "C"),
    ("There were 2000 of them, as seen in the chart.", YEARS, "C"),
    ("It was in 1999", YEARS, "B"),
    (
        "The perimeter is $2(3+3) = 12$ cm.\n\nSo the answer is $12$ cm, which corresponds to B.",
        NUMBERS,
        "B",
    ),
    ("Comparing both heights, the left one is taller than the right one, so A.", SURE, "A"),
    (
        "The question asks which shape is shown. The answer choices are A, B, C and D. "
        "The answer is C.",
        SHAPES,
        "C",
    ),
    (
        "To answer the question, we note that the figure is closed. Based on that, the correct "
        "option is:\n\n**C. square**\n\nThis is because it has four equal sides.",
        SHAPES,
        "C",
    ),
    ("Is the answer B? No: it has four corners. The answer is C.", SHAPES, "C"),
    (
        "通过观察图形，可以看到它有三个角。选项A没有角，选项C有四个角。因此，答案为B。",
        SHAPES,
        "B",
    ),
]

TRAPS: list[Case] = [
    ("A triangle is shown", SHAPES, "B"),
    ("A figure with many corners", SHAPES, None),
    ("I see a figure with many corners.", TEN, None),
    ("18", NUMBERS, None),
    ("7 + 6", NUMBERS, None),
    ("The value is 130", NUMBERS, None),
    ("The value is 13.5", NUMBERS, None),
    ("12 or 13", NUMBERS, None),
    ("A or B", SHAPES, None),
    ("The answer is A or B.", SHAPES, None),
    ("The answer is either (A) or (C).", SHAPES, None),
    ("A, B", SHAPES, None),
    ("Both A and B are correct.", SHAPES, None),
    ("A/B", SHAPES, None),
    ("It could be a circle or a triangle.", SHAPES, None),
    ("Cannot determine the answer", SHAPES, None),
    ("I'm sorry, but without the image provided I cannot answer.", SHAPES, None),
    ("None of the options is correct.", SHAPES, None),
    ("The answer is not among the options.", SHAPES, None),
    ("None of the above", NONE, "C"),
    ("The answer cannot be determined from the image.", SURE, "C"),
    ("It cannot be determined", SURE, "C"),
    ("C) Cannot be determined", SURE, "C"),
    ("The answer cannot be determined.", SHAPES, None),
    ("b", LETTERS, "A"),
    ("B", LETTERS, "B"),
    ("The answer is a", LETTERS, "C"),
    ("The answer is A", LETTERS, "A"),
    ("not a circle but a square", SHAPES, "C"),
    ("It is blue rather than red.", NONE, "B"),
    ("x", {"A": "x", "B": "X "}, None),
    ("e", {"A": "x", "E": ""}, None),
    ("C", WITHOUT, "C"),
    ("The figure labeled D is a rotation, so the answer is D.", WITHOUT, "D"),
    ("the circle", {"A": "circle", "B": "circles", "C": "semicircle"}, "A"),
    ("0.5", {"A": "1/2", "B": "5", "C": "0.05"}, "A"),
    ("5 cm", {"A": "5", "B": "50"}, "A"),
    ("1,000", {"A": "1000", "B": "1"}, "A"),
    ("-3", {"A": "3", "B": "-3"}, "B"),
]

EXPLAINED: list[Case] = [
    ("The correct answer is (B) 8/11.", FORCES, "B"),
    ("Answer: A 3/11", FORCES, "A"),
    ("A and B are both incorrect, so C.", SHAPES, "C"),
    ("B because it has more sides than option A has.", SHAPES, "B"),
    ("B, because option C is wrong.", SHAPES, "B"),
    ("Ans: C", SHAPES, "C"),
    ("Correct Answer: C", SHAPES, "C"),
    ("Answer: The correct option is C", SHAPES, "C"),
    ("The answer is $C$.", SHAPES, "C"),
    ('The answer is "C".', SHAPES, "C"),
    ("✅ **C**", SHAPES, "C"),
    ("B. triangle\nA. circle has no corners.", SHAPES, "B"),
    (
        "A. circle - no corners.\nB. triangle - three corners.\nC. square - four.\n"
        "D. a dark square - four corners.",
        SHAPES,
        None,
    ),
    (
        "A. circle - no corners.\nB. triangle - three corners.\nC. square - four.\n\nB. triangle",
        SHAPES,
        "B",
    ),
    (
        "The best answer is **D**.\n\nHowever, if brightness is left aside, option C fits as well.",
        SHAPES,
        "D",
    ),
    (
        "Let's analyze each option:\n\n1. **Option A**: circle\n   - It has no corners.\n"
        "2. **Option B**: triangle\n   - It has three corners.\n\n"
        "From the analysis, the correct answer is:\n\n**B. triangle**",
        SHAPES,
        "B",
    ),
    (
        "Since $\\angle A = 50^\\circ$ and $\\angle B = 70^\\circ$, we have\n\n"
        "$$\\angle C = 180^\\circ - 50^\\circ - 70^\\circ = 60^\\circ.$$\n\n"
        "The measure of $\\angle C$ is $60^\\circ$.",
        ANGLES,
        "C",
    ),
    ("Thus the answer is $\\boxed{\\text{C. } 60^\\circ}$.", ANGLES, "C"),
    ("Therefore, the correct answer is:\n\n\\[\n\\boxed{C}\n\\]", ANGLES, "C"),
    ('the correct option that shows the meaning is:\n\nD. They never meet.",', WITHOUT, "D"),
    ("Yes, there is a dog.", POLAR, "A"),
    ("Yes. There is no other dog.", POLAR, "A"),
    ("There is no dog in the image.", POLAR, "B"),
    ("The answer is no.", POLAR, "B"),
    ("B. No", POLAR, "B"),
    ("所以B选项正确。", SHAPES, "B"),
    ("A选项不对，应选C", SHAPES, "C"),
    ("选B", SHAPES, "B"),
    ("Option: B", SHAPES, "B"),
    ("The total force is the sum, 10 N + 20 N = 30 N. Answer: C", TEN, "C"),
    ("J", TEN, "J"),
    ("The answer is I.", TEN, "I"),
    ("I think the answer is E.", TEN, "E"),
    ("I believe it is 50 N", TEN, "E"),
    ("Let me check: A = 8? No. B = 12? Yes, since 3 * 4 = 12.\n\nSo the answer is B", NUMBERS, "B"),
    ("To choose between A and B, look at the corners. The answer is B.", SHAPES, "B"),
    ("The answer is that we cannot choose.", SHAPES, None),
    ("Answer: None", SHAPES, None),
    ("The picture shows neither a circle nor a square, it shows a triangle.", SHAPES, "B"),
]

CHOICE = [*CHAINS, *TRAPS, *EXPLAINED]

CHOICES: list[Case] = [
    ("A, C", WITHOUT, "A, C"),
    ("A, C and D", WITHOUT, "A, C, D"),
    ("ACD", WITHOUT, "A, C, D"),
    ("C and A", WITHOUT, "A, C"),
    ("A & C", WITHOUT, "A, C"),
    ("(A), (C)", WITHOUT, "A, C"),
    ("A、C", WITHOUT, "A, C"),
    ("B", WITHOUT, "B"),
    ("The answers are A and C.", WITHOUT, "A, C"),
    ("The answer is A, C, and D.", WITHOUT, "A, C, D"),
    ("The correct options are (B) and (D).", WITHOUT, "B, D"),
    ("Answer: BD", WITHOUT, "B, D"),
    (r"\boxed{A, C}", WITHOUT, "A, C"),
    (r"\boxed{\text{AC}}", WITHOUT, "A, C"),
    (r"$\boxed{A}$ and $\boxed{C}$", WITHOUT, "A, C"),
    ("The answer is both A and B", WITHOUT, "A, B"),
    ("The correct answers are:\n- A. circle\n- C. square\n\nBoth are closed.", SHAPES, "A, C"),
    ("Options A and C fit. Option B does not, so the answer is A and C.", SHAPES, "A, C"),
    ("Option B and option D", SHAPES, "B, D"),
    ("The circle and the triangle", SHAPES, "A, B"),
    ("A or C", WITHOUT, None),
    ("None of them fits.", WITHOUT, None),
    ("The sequence of the boxes is A, B, C, D, E.", WITHOUT, "A, B, C, D, E"),
    ('The figure on the right, labeled "D," is a rotation of the object.', WITHOUT, "D"),
    ('{"answer": ["A", "D"]}', WITHOUT, "A, D"),
    ("Therefore, the answer is C.", WITHOUT, "C"),
    ("故选AC。", WITHOUT, "A, C"),
]
