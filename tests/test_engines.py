"""Which engine the settings name, what they refuse, and what results depend on."""

from __future__ import annotations

import importlib.util
from pathlib import Path

import pytest

from frism import evaluation
from frism.config.tree import Evaluation
from frism.errors import ConfigError, EvaluationError
from frism.evaluation.conditions import Conditions, code_files
from frism.evaluation.engine import Engine
from frism.evaluation.engines import load_engine
from frism.sweep.resident import load
from tests.pico_vlm import save_lrm

no_vllm = pytest.mark.skipif(
    importlib.util.find_spec("vllm") is not None, reason="vLLM is installed here"
)


@pytest.fixture(scope="module")
def lrm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_lrm(tmp_path_factory.mktemp("lrm"))


def test_transformers_is_the_engine_unless_told_otherwise(lrm: Path) -> None:
    assert isinstance(load_engine(lrm, Evaluation()), Engine)


@no_vllm
def test_vllm_says_how_to_get_it(lrm: Path) -> None:
    with pytest.raises(EvaluationError, match=r"pip install vllm.* or set engine: transformers"):
        load_engine(lrm, Evaluation(engine="vllm"))


@pytest.mark.parametrize("name", ["thinking_budget", "stop_loops"])
def test_vllm_refuses_what_it_cannot_do(lrm: Path, name: str) -> None:
    settings = Evaluation.model_validate(
        {"engine": "vllm", name: {"stop_loops": True}.get(name, 8)}
    )
    with pytest.raises(ConfigError, match=f"vllm, which does not know {name}"):
        load_engine(lrm, settings)


def test_a_sweep_refuses_an_engine_that_takes_no_weights(lrm: Path) -> None:
    with pytest.raises(ConfigError, match=r"evaluation\.engine is vllm, but a sweep"):
        load(lrm, Evaluation(engine="vllm"))


BASE: dict[str, object] = {"temperature": 1.0}


@pytest.mark.parametrize(
    ("change", "same"),
    [
        ({"batch_size": 3}, True),
        ({"max_batch_tokens": 77}, True),
        ({"max_new_tokens": 77}, False),
        ({"dtype": "bfloat16"}, False),
        ({"temperature": 0.5}, False),
        ({"top_p": 0.5}, False),
        ({"seed": 5}, False),
        ({"thinking_budget": 5}, False),
        ({"stop_loops": True}, False),
    ],
)
def test_what_results_depend_on(change: dict[str, object], same: bool) -> None:
    one, other = (
        Conditions.of(Evaluation.model_validate(BASE | each), blind=False, judge="rule")
        for each in ({}, change)
    )
    assert one.same(other) == same


def test_results_depend_on_all_code_of_evaluation() -> None:
    root = Path(evaluation.__file__).parents[1]
    expected = {
        str(file.relative_to(root))
        for package in ("evaluation", "judging")
        for file in root.joinpath(package).glob("**/*.py")
    }
    assert set(code_files()) == expected
    assert {"evaluation/suite/judged.py", "evaluation/__init__.py", "judging/rules.py"} < expected


def test_seed_and_share_say_nothing_of_greedy_answers() -> None:
    one, other = (
        Conditions.of(settings, blind=False, judge="rule")
        for settings in (Evaluation(), Evaluation(seed=5, top_p=0.5))
    )
    assert one.same(other)
    assert one.generation["decoding"] == "greedy"
    assert not one.same(Conditions.of(Evaluation(), blind=True, judge="rule"))
