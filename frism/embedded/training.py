"""The training loop of a stage, and the rule that decides when a stage is good.

The rule is fixed in advance and never looks at a merge: a stage trains, its rate decays, and its
validation scores are held against fixed levels. A stage that misses one trains on, up to a cap;
then it starts anew from another initialisation.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
import torch
from torch import Tensor, nn

from frism.config.pair_tree import TrainingBudget
from frism.errors import TrainingError
from frism.progress import progress

Model = TypeVar("Model", bound=nn.Module)
Scores = dict[str, float]
WARM_UP = 50
DECAY = 150
MAX_NORM = 1.0


@dataclass(frozen=True)
class Level:
    """A bound on a validation score (share of problems, 0 to 1)."""

    bound: float
    at_most: bool = False

    def met(self, score: float) -> bool:
        """Returns whether `score` keeps the bound."""
        return score <= self.bound if self.at_most else score >= self.bound


@dataclass(frozen=True)
class Stage:
    """A model to be trained to fixed levels.

    Attributes:
        name: how the log calls it.
        build: makes the model of an attempt.
        rates: parameters and peak learning rates of the model.
        losses: yields the loss of each step for a model, drawn from a generator.
        scores: validation scores of a model.
        levels: the bound of each score.
    """

    name: str
    build: Callable[[int], nn.Module]
    rates: Callable[[nn.Module], list[tuple[list[nn.Parameter], float]]]
    losses: Callable[[nn.Module, np.random.Generator], Iterator[Tensor]]
    scores: Callable[[nn.Module], Scores]
    levels: dict[str, Level]


def train_to_level(stage: Stage, budget: TrainingBudget, seed: tuple[int, ...]) -> nn.Module:
    """Trains `stage` until it meets its levels.

    Raises:
        TrainingError: no attempt met them within the budget.
    """
    for attempt in range(budget.attempts):
        model = stage.build(attempt)
        rng = np.random.default_rng((*seed, attempt))
        for extension in range(budget.extensions + 1):
            steps = budget.extension if extension else budget.steps
            _run(stage, model, steps, rng)
            scores = stage.scores(model)
            missed = [name for name, level in stage.levels.items() if not level.met(scores[name])]
            _report(stage, scores, missed, attempt, extension)
            if not missed:
                return model
    raise TrainingError(
        f"{stage.name}: missed {_describe(stage, scores, missed)} after {budget.attempts} "
        f"initialisations of up to {budget.steps + budget.extensions * budget.extension} steps; "
        "raise the steps or extensions of this stage in the pair's `training`, or change the seed"
    )


def optimise(
    losses: Iterator[Tensor],
    rates: list[tuple[list[nn.Parameter], float]],
    steps: int,
    description: str,
) -> None:
    """Takes `steps` AdamW updates with warm-up, constant rate and linear decay to zero."""
    groups = [{"params": parameters, "lr": rate} for parameters, rate in rates]
    optimiser = torch.optim.AdamW(groups, betas=(0.9, 0.98), weight_decay=0.01, fused=True)
    parameters = [p for group, _ in rates for p in group]
    for step in progress(range(steps), description):
        factor = min(1.0, (step + 1) / WARM_UP, (steps - step) / DECAY)
        for group, (_, rate) in zip(optimiser.param_groups, rates, strict=True):
            group["lr"] = rate * factor
        loss = next(losses)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(parameters, MAX_NORM)
        optimiser.step()
        optimiser.zero_grad()


def _run(stage: Stage, model: nn.Module, steps: int, rng: np.random.Generator) -> None:
    model.train()
    optimise(stage.losses(model, rng), stage.rates(model), steps, stage.name)
    model.eval()


def _report(stage: Stage, scores: Scores, missed: list[str], attempt: int, extension: int) -> None:
    verdict = f"missed {_describe(stage, scores, missed)}" if missed else "good"
    found = ", ".join(f"{name} {score:.3f}" for name, score in scores.items())
    print(
        f"{stage.name}: initialisation {attempt + 1}, extension {extension}: {verdict} ({found})",
        file=sys.stderr,
        flush=True,
    )


def _describe(stage: Stage, scores: Scores, missed: list[str]) -> str:
    return ", ".join(
        f"{name} {scores[name]:.3f} (expected "
        f"{'at most' if stage.levels[name].at_most else 'at least'} {stage.levels[name].bound})"
        for name in missed
    )
