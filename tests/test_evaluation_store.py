"""The store gives back what was measured, and only where everything is still the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, NoReturn

import pytest

from frism.checkpoints.hashing import file_hash
from frism.config.suites import BenchmarkGroup
from frism.config.tree import Evaluation
from frism.evaluation.conditions import Conditions
from frism.evaluation.evaluator import Evaluator
from frism.evaluation.records import Groups, Measurement, Origin, record_of
from frism.evaluation.store import Store
from tests.engines import make_engine
from tests.pico_questions import open_rows, save, text_rows
from tests.pico_vlm import save_vlm
from tests.test_evaluation_records import RECORD

WEIGHTS = "ab" * 32
SETTINGS = Evaluation(max_new_tokens=8)
NAMES = ("FrismPico", "FrismOther")
GROUPS: Groups = {
    "reasoning": BenchmarkGroup(judge="rule", benchmarks=NAMES),
    "text": BenchmarkGroup(judge="exact", benchmarks=("FrismPicoText",)),
}


@pytest.fixture
def data(tmp_path: Path) -> Path:
    for name in NAMES:
        save(open_rows(["1", "2", "3"]), tmp_path / "data", f"{name}_VAL")
    save(text_rows(["1", "2"]), tmp_path / "data", "FrismPicoText_VAL")
    return tmp_path / "data"


@pytest.fixture
def store(data: Path, tmp_path: Path) -> Store:
    return Store(tmp_path / "store", data, Conditions.of(SETTINGS, blind=False, judge="rule"))


def measurement(store: Store, name: str, weights: str = WEIGHTS) -> Measurement:
    content = RECORD.model_dump(include=set(Measurement.model_fields))
    conditions = vars(store.conditions)
    data = file_hash(store.data / f"{name}_VAL.tsv")
    own = {"benchmark": name, "weights": weights, "data": data}
    return Measurement.model_validate({**content, **conditions, **own})


def test_what_was_put_is_found(store: Store) -> None:
    put = [measurement(store, name) for name in NAMES]
    store.put(put)
    assert store.find(WEIGHTS, NAMES, "validation") == put
    assert store.find(WEIGHTS, NAMES[1:], "validation") == put[1:]
    assert sorted(p.relative_to(store.folder).as_posix() for p in store.folder.rglob("*.json")) == [
        "abababababababab/FrismOther_validation.json",
        "abababababababab/FrismPico_validation.json",
    ]


def test_nothing_is_found_where_one_is_missing(store: Store) -> None:
    store.put([measurement(store, NAMES[0])])
    assert store.find(WEIGHTS, NAMES, "validation") is None
    assert store.find(WEIGHTS, NAMES[:1], "test") is None
    assert store.find("ab" * 8 + "cd" * 24, NAMES[:1], "validation") is None


def change_file(store: Store, text: str) -> Store:
    file = store.folder / WEIGHTS[:16] / "FrismPico_validation.json"
    file.write_text(text)
    return store


def new_questions(store: Store) -> Store:
    save(open_rows(["1", "2", "4"]), store.data, "FrismPico_VAL")
    return store


def asked(max_new_tokens: int = 8, batch_size: int = 256) -> Callable[[Store], Store]:
    changed = Evaluation(max_new_tokens=max_new_tokens, batch_size=batch_size)
    return lambda store: replace(
        store, conditions=Conditions.of(changed, blind=False, judge="rule")
    )


def with_conditions(**changes: Any) -> Callable[[Store], Store]:
    return lambda store: replace(store, conditions=replace(store.conditions, **changes))


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (lambda store: store, True),
        (asked(batch_size=3), True),
        (asked(max_new_tokens=9), False),
        (
            lambda store: replace(
                store, conditions=Conditions.of(SETTINGS, blind=True, judge="rule")
            ),
            False,
        ),
        (with_conditions(judge="openai"), False),
        (with_conditions(code="0" * 64), False),
        (with_conditions(versions={"torch": "1"}), False),
        (new_questions, False),
        (lambda store: change_file(store, "{}"), False),
        (lambda store: change_file(store, '{"schema": 2, "bench'), False),
    ],
)
def test_only_what_is_the_same_is_found(
    store: Store, change: Callable[[Store], Store], found: bool
) -> None:
    store.put([measurement(store, "FrismPico")])
    known = change(store).find(WEIGHTS, ["FrismPico"], "validation")
    assert (known is not None) is found


def test_what_no_longer_matches_is_replaced(store: Store) -> None:
    store.put([measurement(store, "FrismPico")])
    newer = replace(store, conditions=replace(store.conditions, judge="openai"))
    newer.put([measurement(newer, "FrismPico")])
    assert newer.find(WEIGHTS, ["FrismPico"], "validation") == [measurement(newer, "FrismPico")]
    assert store.find(WEIGHTS, ["FrismPico"], "validation") is None


def test_a_record_adds_what_was_measured(store: Store) -> None:
    origin = Origin("pico", 3, "ties", {"lambda": 0.4, "variant": "paper"})
    record = record_of(measurement(store, "FrismPico"), origin, GROUPS)
    assert (record.pair, record.family, record.method) == ("pico", 3, "ties")
    assert (record.parameters, record.group) == ({"lambda": 0.4, "variant": "paper"}, "reasoning")
    assert record.questions == RECORD.questions


def never() -> NoReturn:
    raise AssertionError("a model was asked although all was measured before")


def test_a_model_is_asked_once(store: Store, tmp_path: Path) -> None:
    model = save_vlm(tmp_path / "vlm")
    engine = make_engine(model, SETTINGS.batch_size, SETTINGS.max_new_tokens)

    def evaluator_of_store() -> Evaluator:
        return Evaluator(store.data, GROUPS, ["validation"], SETTINGS, store.folder)

    with evaluator_of_store() as evaluator:
        first = evaluator.measure(WEIGHTS, lambda: engine, "validation", "first")
    with evaluator_of_store() as evaluator:
        assert evaluator.measure(WEIGHTS, never, "validation", "again") == first
    assert [each.benchmark for each in first] == [*NAMES, "FrismPicoText"]
    assert [each.judge for each in first] == ["rule", "rule", "exact"]
    (store.folder / WEIGHTS[:16] / "FrismOther_validation.json").unlink()
    with (
        evaluator_of_store() as evaluator,
        pytest.raises(AssertionError, match="a model was asked"),
    ):
        evaluator.measure(WEIGHTS, never, "validation", "a benchmark is missing")


def test_a_stored_file_is_plain_json(store: Store) -> None:
    store.put([measurement(store, "FrismPico")])
    (file,) = store.folder.rglob("*.json")
    content = json.loads(file.read_text())
    assert (content["schema"], content["weights"]) == (2, WEIGHTS)
    assert "method" not in content
    assert content["questions"][0]["final"] == "9"
