"""Styles of answers to multiple-choice questions: verdicts, results, what alone is left."""
# ruff: noqa: RUF001 - answers in Chinese have their own punctuation

from __future__ import annotations

from tests.judging_choice_cases import NUMBERS, POLAR, SHAPES, WITHOUT, Case

ANGLES = {"A": "30°", "B": "45°", "C": "60°", "D": "90°"}
VEHICLES = {"A": "red car", "B": "blue car", "C": "green truck", "D": "white van"}
CHANCES = {"A": "1/2", "B": "2/3", "C": "3/4", "D": "5/6"}
LENGTHS = {"A": "$2\\sqrt{3}$", "B": "$3\\sqrt{2}$", "C": "$\\sqrt{6}$", "D": "6"}
BOUNDS = {"A": "x > 2", "B": "x < 2", "C": "x = 2", "D": "x >= 2"}
CHANGES = {"A": "Increase", "B": "Decrease", "C": "Stay the same"}
BODIES = {"A": "The Earth", "B": "The Moon", "C": "The Sun"}
STATEMENTS = {"A": "I only", "B": "II only", "C": "I and II", "D": "none"}
POINTS = {"A": "D", "B": "E", "C": "F", "D": "G"}
POLYGONS = {"A": "triangle", "B": "square", "C": "pentagon", "D": "hexagon"}
CENTIMETRES = {"A": "4 cm", "B": "40 cm", "C": "0.4 cm"}
DOLLARS = {"A": "$10", "B": "$12", "C": "$15"}

CHOICE: list[Case] = [
    (
        "To determine the angle, we use the fact that the inscribed angle is half the "
        "central angle.\n\n1. The central angle is \\(120^\\circ\\).\n2. Therefore the "
        "inscribed angle is \\(60^\\circ\\).\n\n**Answer:** C",
        ANGLES,
        "C",
    ),
    (
        "The inscribed angle theorem gives \\( \\angle ABC = \\frac{1}{2} \\times "
        "120^\\circ = 60^\\circ \\).\n\nThus, the correct choice is \\(\\boxed{C}\\).",
        ANGLES,
        "C",
    ),
    (
        "\n\nGiven the arc is 120°, the angle ∠ABC = 60°.\n\n**Final Answer**\n\n\\[ "
        "\\boxed{60^\\circ} \\]",
        ANGLES,
        "C",
    ),
    ("**Final Answer**\nThe perimeter is \\(\\boxed{12}\\).", NUMBERS, "B"),
    (
        "Adding the sides, 3 + 4 + 5 = 12, so the perimeter is 12. Hence option (B) is the "
        "right one.",
        NUMBERS,
        "B",
    ),
    (
        "I initially considered option A (8), but that ignores the hypotenuse. Including "
        "it gives 12, which corresponds to option B.",
        NUMBERS,
        "B",
    ),
    (
        "Let's verify each option:\n\n- A: 8 is too small.\n- B: 12 matches 3+4+5.\n- C: "
        "13 is too large.\n- D: 7 leaves out the hypotenuse.\n\nSo the answer should be B.",
        NUMBERS,
        "B",
    ),
    (
        "Let's verify each option:\n\n- **A. 8** ❌\n- **B. 12** ✅\n- **C. 13** ❌\n- **D. 7** ❌",
        NUMBERS,
        "B",
    ),
    (
        "Correct answer: **B) 12**\n\nExplanation: A triangle with sides 3, 4, 5 has a "
        "perimeter of 12, not 13 (C) or 8 (A).",
        NUMBERS,
        "B",
    ),
    (
        "The vehicle on the left side of the picture is a green truck. So the answer is "
        "green truck.",
        VEHICLES,
        "C",
    ),
    ("The vehicle appears to be a green truck rather than a white van.", VEHICLES, "C"),
    (
        "Looking at the image, there is no red car. There is also no white van. The only "
        "vehicle visible is the green truck.",
        VEHICLES,
        "C",
    ),
    ("Based on the image, the answer is:\n\nC", VEHICLES, "C"),
    (
        "Based on the image, the best answer is C: green truck. However, D might also be "
        "plausible from a different angle.",
        VEHICLES,
        "C",
    ),
    (
        "Answer: C. green truck\nReason: A and B are cars, which do not have a cargo bed.",
        VEHICLES,
        "C",
    ),
    ("The answer is not D. It is C.", VEHICLES, "C"),
    ("选C。", VEHICLES, "C"),
    ("因此，正确答案是 (C) green truck。", VEHICLES, "C"),
    ("综上所述，答案为C", VEHICLES, "C"),
    ("No, the person is not wearing a hat, so the answer is (B).", POLAR, "B"),
    ("The triangle has no right angle. Therefore: No", POLAR, "B"),
    ("P = 4/6 = 2/3.\n\nThus the probability is $\\dfrac{2}{3}$.", CHANCES, "B"),
    ("AC = \\sqrt{9+9} = \\sqrt{18} = 3\\sqrt{2}. \\boxed{3\\sqrt{2}}", LENGTHS, "B"),
    ("So the length of AC is $3\\sqrt2$.", LENGTHS, "B"),
    ("The solution of the inequality is $x \\geq 2$.", BOUNDS, "D"),
    ("As the temperature rises, the solubility will decrease.", CHANGES, "B"),
    (
        "When predators are removed, the number of rabbits would increase, and hence the "
        "grass would decrease. The question asks about the grass.\nAnswer: Decrease",
        CHANGES,
        "B",
    ),
    ("The label X points at the Sun.", BODIES, "C"),
    (
        "Statement I is true. Statement II is false. Therefore, the answer is I only.",
        STATEMENTS,
        "A",
    ),
    ("Statement I is false and statement II is true, so only II holds.", STATEMENTS, "B"),
    ("The final answer is $\\boxed{\\text{(B) } 12}$.", NUMBERS, "B"),
    ("\\[\n\\boxed{\\textbf{B}}\n\\]", NUMBERS, "B"),
    ("$\\boxed{B: 12}$", NUMBERS, "B"),
    ("<answer>\nB. 12\n</answer>", NUMBERS, "B"),
    ('{"answer": "B", "reason": "3+4+5"}', NUMBERS, "B"),
    ("The answer could be 8, 12, 13 or 7; I cannot see the figure.", NUMBERS, None),
    ("I'm sorry, but I can't determine the answer from the image provided.", NUMBERS, None),
    ("A reasonable person would say that the triangle has perimeter 13.", NUMBERS, "C"),
    ("Hmm, wait. 12? No: the right value is 13, since the side is 6.", NUMBERS, "C"),
    ("Option C", VEHICLES, "C"),
    ("I would go with C.", VEHICLES, "C"),
    ("My answer: c", VEHICLES, "C"),
    ("Clearly it's C!", VEHICLES, "C"),
    (
        "C is incorrect because there is no truck. B is incorrect since no blue car is "
        "shown. D is wrong. Only A remains.",
        VEHICLES,
        "A",
    ),
    ("Options B, C and D can be eliminated. That leaves A.", VEHICLES, "A"),
    ("Point F lies on the circle, so the answer is F.", POINTS, "C"),
    (
        "The pattern adds one side each time: triangle, square, pentagon, so the next "
        "shape is a hexagon.",
        POLYGONS,
        "D",
    ),
    ("The length is 4 centimeters.", CENTIMETRES, "A"),
    ("They pay 12 dollars in total.", DOLLARS, "B"),
    ("Only A and B are visible.", VEHICLES, None),
    ("Only A, B and C are visible.", VEHICLES, None),
    ("Only A is wrong.", VEHICLES, None),
    ("Not only B but also C shows a vehicle.", VEHICLES, None),
    ("It leaves A and C.", VEHICLES, None),
    ("That leaves us with only option D.", VEHICLES, "D"),
    ("Only A is red, so the odd one out is B.", VEHICLES, "B"),
    ("The answer is D. Only C has a bed.", VEHICLES, "D"),
    ("Only D is not a car or a truck.", VEHICLES, "D"),
    ("A is incorrect. B is incorrect. D is incorrect.", VEHICLES, "C"),
    ("A is incorrect. B is incorrect.", VEHICLES, None),
    ("D is wrong.", VEHICLES, None),
    ("A is correct. Actually, B is correct.", VEHICLES, "B"),
    ("- A. red car ✅\n- B. blue car ✅\n- C. green truck ❌\n- D. white van ❌", VEHICLES, None),
    ("✅ B. blue car\n❌ A. red car", VEHICLES, "B"),
    ("- A ❌\n- B ❌\n- C ❌", VEHICLES, "D"),
    ("A. 8 ✗\nB. 12 ✓\nC. 13 ✗\n\nWait, the side is 6, so the answer is C.", NUMBERS, "C"),
    (
        "The options are circle, triangle, square, so it could be a circle or a square.",
        SHAPES,
        None,
    ),
    ("It has a circle and a triangle, so the third is a square.", SHAPES, "C"),
    ("It can't be A because of the corners.", SHAPES, None),
    ("There is no circle and no triangle.", SHAPES, None),
    ("There is no circle, the figure is a triangle.", SHAPES, "B"),
    ("Only I and II hold.", STATEMENTS, "C"),
    ("only I", STATEMENTS, "A"),
    ("II only", STATEMENTS, "B"),
    ("$x \\leq 2$", BOUNDS, None),
    ("x ≥ 2", BOUNDS, "D"),
    ("x>2", BOUNDS, "A"),
    ("The solution is $x = 2$.", BOUNDS, "C"),
    ("Neither A nor D is correct, leaving B and C, but C is a truck. So B.", VEHICLES, "B"),
    ("A is wrong, since it's red. The answer might be B.", VEHICLES, "B"),
    ("There are no cars other than the blue car.", VEHICLES, "B"),
    ("A, B and C are wrong.", VEHICLES, "D"),
]

CHOICES: list[Case] = [
    ("The correct options are B, D, and E.", WITHOUT, "B, D, E"),
    ("Both A and C are correct.", WITHOUT, "A, C"),
    ("**Answer:** B & D", WITHOUT, "B, D"),
    ("A is correct.\nB is incorrect.\nC is correct.\nD is incorrect.", WITHOUT, "A, C"),
    ("Thus the statements that must be true are (A), (C) and (D).", WITHOUT, "A, C, D"),
    ("$\\boxed{\\text{A and D}}$", WITHOUT, "A, D"),
    ("The answer is B.", WITHOUT, "B"),
    ("The answer is A and B, not C.", WITHOUT, "A, B"),
    ("Only D satisfies all conditions.", WITHOUT, "D"),
    ("The answer is A", WITHOUT, "A"),
    ("A is correct. B is incorrect.", WITHOUT, "A"),
    ("A is correct. B is correct. C is incorrect.", WITHOUT, "A, B"),
    (
        "A is incorrect. B is correct. C is incorrect. D is correct.\n\nSo the answer is D.",
        WITHOUT,
        "D",
    ),
    ("A ✅\nB ❌\nC ✅", WITHOUT, "A, C"),
    ("Only A and B are correct.", WITHOUT, "A, B"),
    ("Only A or B", WITHOUT, None),
    ("A D", WITHOUT, "A, D"),
    ("A A", WITHOUT, None),
    ("Final: C", WITHOUT, "C"),
    ("C is correct. No, B is correct.", WITHOUT, "B"),
    ("A: correct\nB: incorrect\nC: correct", WITHOUT, "A, C"),
    ("A. True - it turns\nB. False\nC. True", WITHOUT, "A, C"),
    ("The answer is C. A is wrong and B is wrong.", WITHOUT, "C"),
]
