"""Styles of answers that are numbers, expressions, yes or no, or short texts."""
# ruff: noqa: RUF001 - signs of mathematics and minus signs are the matter here

from __future__ import annotations

C = tuple[str, str | None]

YES_NO: list[C] = [
    ("Yes, there is a bicycle leaning against the wall.", "Yes"),
    ("There isn't any bicycle visible in the image.", "No"),
    ("The image does not show a traffic light.", "No"),
    ("I can see a dog lying on the couch, so yes.", "Yes"),
    ("In the image there is a person riding a skateboard.", "Yes"),
    ("Based on the chart, the statement is false. ", "No"),
    (
        "**No**. The bar for 2010 isn't higher than that for 2012; yes, they are close, "
        "but 2012 is higher.",
        "No",
    ),
    ("The answer is \\boxed{\\text{Yes}}.", "Yes"),
    ("I do not know.", None),
    ("It is not clear whether there is a dog.", None),
    ('"Is there a dog?" — The picture shows two cats and nothing else, so no dog.', "No"),
    ("The code prints 'Hello', therefore the statement is correct.", "Yes"),
    ("A dog is present.", "Yes"),
    ("It is unclear whether a dog is present.", None),
    ("A dog is not present.", "No"),
    ("A dog is absent.", "No"),
    ("A dog is a mammal.", None),
    ("It is hard to tell if there is a cat.", None),
    ("Based on the chart, the statement is true.", "Yes"),
    ("In this picture there are no people.", "No"),
    ("On the table there is a cup.", "Yes"),
    ("There are two cats and a sofa, so yes, there is a cat.", "Yes"),
    ("It is clear that there is a dog.", "Yes"),
]

NUMBER: list[C] = [
    (
        "First, 1990: 12.5, 2000: 15.0. The difference is 15.0 - 12.5 = 2.5 million.\n\n"
        "The difference is **2.5** million.",
        "2.5",
    ),
    ("\\[ \\text{Volume} = \\pi r^2 h = 3.14 \\times 4 \\times 5 = 62.8 \\text{ cm}^3 \\]", "62.8"),
    (
        "So, there are $15 - 6 = 9$ objects left.\n\nTherefore, 9 objects are left out of "
        "the original 15.",
        "9",
    ),
    (
        "Subtract all small matte balls (2) and all purple objects (3). Total left: 7 - 2 "
        "- 3 = 2.\n\n**2**",
        "2",
    ),
    ("The age gap between the two people is approximately 7 years.", "7"),
    ("Person on the left was born in 1920, on the right in 1927. So the gap is 7 years.", "7"),
    ("The answer is 1.20 (to two decimal places).", "1.20"),
    ("x = 5 or x = -3; since a length is positive, x = 5.", "5"),
    ("The largest bar has a value of 1 234 567.", "1234567"),
    ("$1{,}234$", "1234"),
    ("Final Answer: \\(\\boxed{-\\dfrac{3}{2}}\\)", "-3/2"),
    ("The probability is 3 in 8, i.e. 0.375.", "0.375"),
    ("**Answer: 145°**", "145"),
    ("$\\boxed{145^{\\circ}}$", "145"),
    ("The answer is 2:30 pm", None),
    ("There are twenty-one candles.", "21"),
    ("There is only one.", "1"),
    ("None of the bars are above 50, so the count is zero.", "0"),
    ("The total is 12 apples (5 red, 4 green and 3 yellow).", "12"),
    ("5 red + 4 green + 3 yellow = 12 apples", "12"),
    ("The value of the limit is 4 (as x approaches 2).", "4"),
    ("Thus, the sum of the two largest values (42 and 37) is 79.", "79"),
    ("The ratio is 3.", "3"),
    ("The highest value is 36%, in 2015.", "36%"),
    ("The year with the lowest value is 2015, with 12%.", "2015"),
    ("Answer = 6.02e23", "602000000000000000000000"),
    (
        "Her speed is 12 km/h, i.e. about 3.33 m/s. The question asks for km/h, so the "
        "answer is 12.",
        "12",
    ),
    ("**Step 1:** 24/4 = 6\n**Step 2:** 6 × 3 = 18\n\n### Final result\n$$18$$", "18"),
    ("The difference between 2010 (35) and 2005 (28) is 7.", "7"),
    ("I count 4 small balls, and after removing 1 there remain 3.", "3"),
    ("After removing 1 there remain 3 of the 4 balls.", "3"),
    ("Hence, AB = 10 cm, and BC = 6 cm, giving AC = 8 cm.", "8"),
    ("There are 3 options, and 2 are valid. So the answer is **two**.", "2"),
    ("1 234", "1234"),
    ("In 1990 it was 12 and in 2000 it is 15.", "15"),
    ("2 out of 7 objects, or so I think", "2"),
    ("3 out of 4 balls, that is 75%", "75%"),
    ("None of the bars are above 50.", None),
    ("None of the values can be determined, so no answer.", None),
    ("x = 5 or x = -3", None),
    ("x = 5 or x = -3, so x is 5 or -3.", None),
    ("a = 3, so b = 4.", "4"),
    ("two thirds of the cake", "2/3"),
    ("There are three quarters.", "3"),
    ("one half", "1/2"),
    ("It is the only one.", None),
    ("only one", "1"),
    ("The answer is 12, so there are 3 more than expected.", "12"),
    ("There remain 4.", "4"),
    ("4 of the 9 remain.", "4"),
    ("The answer is 7!", "7"),
]

NUMBER += [
    ("There are 3 apples, so 5 in total.", "5"),
    ("The table has 10 rows, giving 20 cells.", "20"),
    ("There are 3 of the 8 balls left, or 5 removed", "3"),
    ("The missing number is 5 + 5.", None),
    ("Thus the answer is 3 125.", "3125"),
]

LIST: list[C] = [
    ("Between 2011 and 2012.", "[2011, 2012]"),
    ("The coordinates are x = 3 and y = -4, so the point is (3, -4).", "[3, -4]"),
    ("Answer: [0, 2, 0, 2, 1, 7, 1, 2, 0, 3, 0, 6]", "[0, 2, 0, 2, 1, 7, 1, 2, 0, 3, 0, 6]"),
]

EXPRESSION: list[C] = [
    ("Thus the area is $\\boxed{25\\pi \\text{ cm}^2}$", "25\\pi"),
    ("The final answer is $\\boxed{\\frac{\\sqrt{3}}{4}}$.", "\\frac{\\sqrt{3}}{4}"),
    ("The shaded area is $4 - \\pi$.", "4 - \\pi"),
    ("So $x = 3 + 2\\sqrt{2}$.", "3 + 2\\sqrt{2}"),
    ("\\boxed{2^{10}}", "2^{10}"),
    ("\\boxed{1:3}", "1:3"),
    ("The answer is \\boxed{50\\%}", "50\\%"),
    ("\\boxed{\\$12.50}", "\\$12.50"),
    ("\\boxed{9:30}", "9:30"),
    ("The number of paths is 6.", "6"),
    ("The answer is 12 minutes.", "12"),
    ("**12**", "12"),
    ("Each team plays 7 games. Total number of games: 8 * 7 / 2 = 28.", "8 * 7 / 2 = 28"),
    ("\\boxed{(2, 3)}", "(2, 3)"),
    ("\\boxed{\\{1, 2, 3\\}}", "\\{1, 2, 3\\}"),
    ("\\boxed{\\frac{1}{2}x + 3}", "\\frac{1}{2}x + 3"),
    ("\\boxed{1,000}", "1,000"),
    ("Therefore, Lucas wrote the number 1936.", "1936"),
    ("\\boxed{2\\pi h}", "2\\pi h"),
    ("\\boxed{25\\pi\\text{cm}^2}", "25\\pi"),
    ("\\boxed{25π m^2}", "25π"),
    ("\\boxed{2\\pi r}", "2\\pi r"),
    ("\\boxed{5!}", "5!"),
    ("The answer is $5!$.", "5!"),
    ("120\\pi cm^{3}", "120\\pi"),
]

TEXT: list[C] = [
    ("The brand of the phone is Nokia.", "Nokia"),
    ('It says "Main St" on the sign.', "Main St"),
    ("The function is even.", "even"),
    ("The answer is **Blue Ridge Parkway**.", "Blue Ridge Parkway"),
    ("The number on the jersey is 23.", "23"),
    ("23", "23"),
    ("The time shown on the clock is 10:10.", "10:10"),
    ("Coca-Cola", "Coca-Cola"),
]
