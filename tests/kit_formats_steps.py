"""WeMath: 525 problems of two or three steps, each asked whole and step by step."""

from __future__ import annotations

import pandas as pd

from frism.evaluation import kit
from tests.kit_formats import encoded

TWO, THREE = 360, 165


def rows() -> pd.DataFrame:
    """Returns a complete file; all questions share one image, and every truth is C."""
    nodes = kit.evaluation_module("utils.wemath").knowledge_structure_nodes
    concept = nodes[0]["full node"].rpartition("_")[2]
    found = []
    for number in range(TWO + THREE):
        steps = 2 if number < TWO else 3
        found += [
            {"ID": number, "key": f"{steps}steps_{part}", "knowledge concept": concept}
            for part in (*range(1, steps + 1), "multi")
        ]
    table = pd.DataFrame(found)
    table.insert(0, "index", range(len(table)))
    options = dict(zip("ABCD", ("1 m", "2 m", "3 m", "4 m"), strict=True))
    table = table.assign(question="How long?", answer="C", image="0", **options)
    table.loc[0, "image"] = encoded(0)
    return table


def said(table: pd.DataFrame, wrong: dict[tuple[int, str], str]) -> list[str]:
    """Returns C for each question but some.

    Args:
        table: the questions.
        wrong: problem and part (`1`, `2`, `3` or `multi`) -> what is said there.
    """
    places = zip(table["ID"], table["key"].str.rpartition("_")[2], strict=True)
    return [wrong.get((problem, part), "C") for problem, part in places]
