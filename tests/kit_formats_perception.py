"""Perception benchmarks: multiple choice, circular, yes/no and open."""

from __future__ import annotations

from tests.kit_formats import CUT, Case, Said, choices, last_answer, table

ANSWER = "Answer: "


def _simple(name: str, **column: str) -> Case:
    """Four options; the texts are a letter, a sentence, another option's article, a cut letter."""
    fruit = ("a pear", "an apple", "a fig", "a plum")
    rows = table([choices(*fruit, answer=truth, **column) for truth in "BCCD"], "JPEG")
    said: list[Said] = [
        "B",
        "Option A is too red, so the answer is (C).",
        "A fig, I think",
        ("D", CUT),
    ]
    return Case(
        name,
        rows,
        said,
        # stock: two letters are none, an article is a letter; rule: both are read; openai: is
        # asked about the second
        hits={"exact": [1, 0, 0, 0], "rule": [1, 1, 1, 0], "openai": [1, 1, 0, 0]},
        scores={"exact": 25, "rule": 75, "openai": 50},
        replies=last_answer({"too red": "C"}, ANSWER),
    )


def mmbench() -> Case:
    """Three questions with rotated options: all right, one rotation wrong, one cut."""
    options = ["red", "green", "blue", "pink"]
    rows = []
    for question, turns in ((3, 4), (4, 2), (7, 2)):
        for turn in range(turns):
            turned = options[turn:] + options[:turn]
            more = {"index": question + turn * 1_000_000, "answer": "ABCD"[-turn % 4]}
            more |= {"category": "color", "l2-category": "coarse_perception", "split": "dev"}
            rows.append(choices(*turned, **more, hint=None, source="s", comment=None))
    frame = table(rows)
    frame.loc[1:3, "image"] = "3"  # a rotation has the image of its first
    letters = list(frame["answer"])
    said: list[Said] = [*letters[:4], letters[4], "A", letters[6], (letters[7], CUT)]
    said[1] = f"It is {letters[1]}, not {letters[0]}; answer: {letters[1]}"
    return Case(
        "MMBench_DEV_EN",
        frame,
        said,
        hits={"exact": [0] * 8, "rule": [1] * 4 + [0] * 4, "openai": [1] * 4 + [0] * 4},
        scores={"exact": 0, "rule": 100 / 3, "openai": 100 / 3},
        replies=last_answer({"It is": letters[1]}, ANSWER),
    )


def pope() -> Case:
    """F1 over the question's categories: 2 of 3 yes found, 1 of 2 no."""
    truths = ["Yes", "Yes", "No", "No", "Yes"]
    kinds = ["adversarial,popular", "random", "random", "popular", "random"]
    rows = [
        {"question": "Is there a dog?", "answer": truth, "category": kind}
        for truth, kind in zip(truths, kinds, strict=True)
    ]
    said: list[Said] = [
        "Yes, there is.",
        "There is a dog, and no cat: yes",
        "No",
        "yes",
        ("Yes", CUT),
    ]
    # counted by category: the first question twice. exact: tp 2, fp 1, fn 2; rule: tp 3, fn 1
    return Case(
        "POPE",
        table(rows),
        said,
        hits={"exact": [1, 0, 1, 0, 0], "rule": [1, 1, 1, 0, 0], "openai": [1, 1, 1, 0, 0]},
        scores={"exact": 100 * 4 / 7, "rule": 75, "openai": 75},
        replies=lambda prompt: "Yes",
    )


def hallusion() -> Case:
    """aAcc 3 of 4, fAcc: figures 0 (two right) and 1 (one of two), qAcc likewise by question."""
    places = [(0, 0), (0, 1), (1, 0), (1, 1)]  # figure, question
    rows = [
        {"index": f"VD_chart_1_5_{figure}_{question}", "question": "Is it so?", "answer": truth}
        | {"category": "VD", "l2-category": "chart"}
        for (figure, question), truth in zip(places, ["Yes", "No", "No", "Yes"], strict=True)
    ]
    hits = [1, 1, 1, 0]
    score = (75 + 50 + 50) / 3
    return Case(
        "HallusionBench",
        table(rows),
        ["Yes", "No.", "no", ("Yes", CUT)],
        hits={"exact": hits, "rule": hits, "openai": hits},
        scores={"exact": score, "rule": score, "openai": score},
        replies=lambda prompt: "Yes",
    )


MME = (
    *("OCR", "artwork", "celebrity", "color", "count", "existence", "landmark", "position"),
    *("posters", "scene", "code_reasoning", "commonsense_reasoning", "numerical_calculation"),
    "text_translation",
)


def mme() -> Case:
    """Two questions on one image for each of 14 categories; one wrong in the last category."""
    rows = [
        {"question": f"{kind}? Please answer yes or no.", "answer": truth, "category": kind}
        | {"image_path": f"{kind}/0.png"}
        for kind in MME
        for truth in ("Yes", "No")
    ]
    said: list[Said] = [*["Yes", "No"] * 13, "Yes", ("No", CUT)]
    hits = [1.0] * 27 + [0.0]
    # 200 points for each of 13 categories, 50 for half of the last one's questions
    score = 100 * (13 * 200 + 50) / 2800
    return Case(
        "MME",
        table(rows),
        said,
        hits={"exact": hits, "rule": hits, "openai": hits},
        scores={"exact": score, "rule": score, "openai": score},
        replies=lambda prompt: "No",
    )


def textvqa() -> Case:
    """Consensus of ten people: min(1, others that said the same / 3), averaged over the ten."""
    rows = [
        {"question": "what is written?", "answer": str(["stop"] * 10)},
        {"question": "what is written?", "answer": str(["exit"] * 2 + ["go"] * 8)},
        {"question": "what is written?", "answer": str(["5 km"] * 10)},
        {"question": "what is written?", "answer": str(["taxi"] * 10)},
    ]
    said: list[Said] = ["Stop.", "exit", 'The sign says "5 km".', ("taxi", CUT)]
    two = (2 * 1 / 3 + 8 * 2 / 3) / 10
    return Case(
        "TextVQA_VAL",
        table(rows),
        said,
        hits={"exact": [1, two, 0, 0], "rule": [1, two, 1, 0], "openai": [1, two, 0, 0]},
        scores={k: 25 * (1 + two + (k == "rule")) for k in ("exact", "rule", "openai")},
    )


def vizwiz() -> Case:
    """Consensus of ten people, as in TextVQA."""
    rows = [
        {"question": "what is it?", "answers": str(["coke"] + ["soda"] * 9)},
        {"question": "what is it?", "answers": str(["unanswerable"] * 10)},
    ]
    said: list[Said] = ["coke", ("unanswerable", CUT)]
    hits = [9 / 10 / 3, 0]  # nine others hear one of three that are needed
    return Case(
        "VizWiz", table(rows), said, {"exact": hits, "rule": hits}, {"exact": 15, "rule": 15}
    )


def chartqa() -> Case:
    """Numbers may be off by 5 percent."""
    rows = [
        {"question": "How much?", "answer": truth, "split": split}
        for truth, split in (
            ("100", "test_human"),
            ("Asia", "test_human"),
            ("12.5", "test_augmented"),
        )
    ]
    said: list[Said] = ["104", "asia", "The value is 12.5 percent."]
    return Case(
        "ChartQA_TEST",
        table(rows),
        said,
        hits={"exact": [1, 1, 0], "rule": [1, 1, 1]},
        scores={"exact": 200 / 3, "rule": 100},
    )


def ocrbench() -> Case:
    """The truth must stand in the answer; not in the words for no answer."""
    rows = [
        {"question": "what is written?", "answer": "['CENTRE']"},
        {"question": "what is written?", "answer": "['the', 'answer']"},
        {"question": "formula?", "answer": "['x ^ {2}']"},
    ]
    kinds = ("Irregular Text Recognition", "Doc-oriented VQA")
    formula = "Handwritten Mathematical Expression Recognition"
    rows = [row | {"category": kind} for row, kind in zip(rows, (*kinds, formula), strict=True)]
    said: list[Said] = ["It says: centre", ("the", CUT), "$ x^{2} + 1 $"]
    hits = [1, 0, 1]
    return Case(
        "OCRBench",
        table(rows),
        said,
        hits={"exact": hits, "rule": hits},
        scores={"exact": 200 / 3, "rule": 200 / 3},
    )


def cases() -> list[Case]:
    """Returns all perception benchmarks."""
    simple = [_simple("RealWorldQA"), _simple("SEEDBench_IMG", category="Scene")]
    simple.append(_simple("AI2D_TEST", category="food chain"))
    yes_no = [pope(), hallusion(), mme()]
    return [*simple, mmbench(), *yes_no, textvqa(), vizwiz(), chartqa(), ocrbench()]
