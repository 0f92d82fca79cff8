"""docs/benchmarks.md names each benchmark with its class and the judges that work for it."""

from __future__ import annotations

from pathlib import Path

import pytest

from frism.config.benchmarks import EMBEDDED_BENCHMARKS
from frism.evaluation import kit
from frism.evaluation.forms import FORMS
from tests import kit_formats_perception, kit_formats_reasoning
from tests.kit_formats import Case

LINES = (Path(__file__).parents[1] / "docs" / "benchmarks.md").read_text("utf-8").splitlines()
ROWS = [[cell.strip() for cell in line.strip("|").split("|")] for line in LINES if "|" in line][2:]
CASES = [*kit_formats_perception.cases(), *kit_formats_reasoning.cases()]
NAMES = {name: row for row in ROWS for name in row[0].split(", ")}


def test_the_table_has_every_benchmark_that_is_tested() -> None:
    assert {case.name for case in CASES} | {"WeMath"} == {
        name for name in NAMES if not name.startswith("local")
    }
    assert not NAMES.keys() & {name for names in EMBEDDED_BENCHMARKS.values() for name in names}


@pytest.mark.parametrize("name", [case.name for case in CASES] + ["WeMath"])
def test_classes_are_those_of_vlmevalkit(name: str) -> None:
    # as VLMEvalKit chooses it
    kind = next(each for each in kit.DATASET_CLASSES if name in each.supported_datasets())
    assert NAMES[name][1] == kind.__name__
    assert {each.__name__ for each in kind.__mro__} & FORMS.keys()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_judges_are_those_that_work(case: Case) -> None:
    stated = NAMES[case.name][5].removeprefix("text: ").split(", ")
    # judges that ask nothing are tested by `exact`
    asked = set(case.hits) - ({"openai"} if NAMES[case.name][5].startswith("text") else set())
    assert set(stated) == asked
