"""The rule of a stage, on a line through the origin, and what a seed fixes."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from frism.config.pair_tree import TrainingBudget
from frism.embedded import stages
from frism.embedded.architecture import new_language_model
from frism.embedded.training import Level, Scores, Stage, optimise, train_to_level
from frism.errors import TrainingError
from tests.embedded import SHORT, SHORT_VLM, lower_levels

SLOPE = 2.0
BUDGET = TrainingBudget(steps=5, extension=10, extensions=2, attempts=3)


def line(starts: list[float], levels: dict[str, Level]) -> Stage:
    """Fits y = 2 x from the slopes `starts`, one per initialisation, at most 0.1 a step."""

    def build(attempt: int) -> nn.Linear:
        model = nn.Linear(1, 1, bias=False)
        nn.init.constant_(model.weight, starts[attempt])
        return model

    def losses(model: nn.Module, rng: np.random.Generator) -> Iterator[Tensor]:
        while True:
            x = torch.tensor(rng.uniform(1, 2, (8, 1)), dtype=torch.float32)
            yield (model(x) - SLOPE * x).square().mean()

    def scores(model: nn.Module) -> Scores:
        assert not model.training
        error = abs(slope(model) - SLOPE)
        return {"fit": 1 - error, "error": error}

    def rates(model: nn.Module) -> list[tuple[list[nn.Parameter], float]]:
        return [(list(model.parameters()), 0.2)]

    return Stage("line", build, rates, losses, scores, levels)


def slope(model: nn.Module) -> float:
    (weight,) = model.parameters()
    return weight.item()


def verdicts(text: str) -> list[str]:
    return [row for row in text.splitlines() if "initialisation" in row]


def test_a_level_bounds_a_score_from_below_or_above() -> None:
    assert Level(0.9).met(0.9)
    assert not Level(0.9).met(0.899)
    assert Level(0.35, at_most=True).met(0.35)
    assert not Level(0.35, at_most=True).met(0.351)


def test_a_stage_that_is_good_at_once_trains_no_longer(capsys: pytest.CaptureFixture[str]) -> None:
    model = train_to_level(line([2.01], {"fit": Level(0.9)}), BUDGET, (0, 0))
    assert slope(model) == pytest.approx(SLOPE, abs=0.1)
    (row,) = verdicts(capsys.readouterr().err)
    assert row.startswith("line: initialisation 1, extension 0: good (fit 0.9")


def test_a_miss_extends_then_starts_from_another_initialisation(
    capsys: pytest.CaptureFixture[str],
) -> None:
    levels = {"fit": Level(0.9), "error": Level(0.1, at_most=True)}
    # -50 is out of reach; from 1.85 the first five steps, which warm up, are too few
    model = train_to_level(line([-50.0, 1.85, SLOPE], levels), BUDGET, (0, 0))
    rows = verdicts(capsys.readouterr().err)
    assert [row.split(":")[1] for row in rows[:4]] == [
        " initialisation 1, extension 0",
        " initialisation 1, extension 1",
        " initialisation 1, extension 2",
        " initialisation 2, extension 0",
    ]
    for row in rows[:-1]:
        assert "missed fit " in row
        assert "(expected at least 0.9), error " in row
        assert "(expected at most 0.1)" in row
    assert "initialisation 2, extension 1: good" in rows[4]
    assert len(rows) == 5
    assert slope(model) == pytest.approx(SLOPE, abs=0.1)


def test_a_stage_that_never_gets_there_fails(capsys: pytest.CaptureFixture[str]) -> None:
    stage = line([-50.0, -60.0, -70.0], {"fit": Level(0.9)})
    with pytest.raises(TrainingError) as caught:
        train_to_level(stage, BUDGET, (0, 0))
    message = str(caught.value)
    assert "line: missed fit -7" in message
    assert "(expected at least 0.9) after 3 initialisations of up to 25 steps" in message
    assert "`training`" in message
    assert len(verdicts(capsys.readouterr().err)) == 9


def test_the_rate_warms_up_and_decays() -> None:
    weight, values = nn.Parameter(torch.zeros(1)), [0.0]

    def losses() -> Iterator[Tensor]:
        while True:
            values.append(weight.item())
            yield -weight.sum()

    optimise(losses(), [([weight], 0.01)], 400, "ramp")
    steps = np.diff([*values[1:], weight.item()])
    # Adam's step is the rate where the gradient is constant, but for the decay of the weight
    factors = np.minimum(np.minimum(1, np.arange(1, 401) / 50), (400 - np.arange(400)) / 150)
    np.testing.assert_allclose(steps, 0.01 * factors, rtol=0.04)


@pytest.mark.parametrize("name", ["base", "lrm", "vlm"])
def test_a_seed_fixes_every_bit(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    lower_levels(monkeypatch)
    one, same, other = (train(name, seed) for seed in (5, 5, 6))
    assert one.keys() == same.keys() == other.keys()
    assert all(torch.equal(one[key], same[key]) for key in one)
    assert not all(torch.equal(one[key], other[key]) for key in one)


def train(name: str, seed: int) -> dict[str, Tensor]:
    base = new_language_model(1)
    makers: dict[str, Callable[[], nn.Module]] = {
        "base": lambda: stages.train_base(seed, SHORT),
        "lrm": lambda: stages.train_lrm(base, seed, SHORT),
        "vlm": lambda: stages.train_vlm(base, seed, SHORT_VLM),
    }
    torch.rand(seed)  # the state of torch's own generator must not matter
    return makers[name]().state_dict()


def test_levels_are_those_that_were_fixed() -> None:
    found = stages.BASE_LEVELS | stages.LRM_LEVELS | stages.VLM_LEVELS
    assert found == {
        "text perception": Level(0.99),
        "restatement": Level(0.99),
        "text reasoning": Level(0.98),
        "perception": Level(0.95),
        "reasoning": Level(0.35, at_most=True),
    }
