"""Training of gates: for the dual objective of FRISM, Eq. 10 (arXiv 2601.21187), or for entropy."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch

from frism.distillation.batches import Batch, batch_indices, pack
from frism.distillation.calibration import Example
from frism.distillation.objective import DISTILLATION, entropy, injection_loss, kl_divergence
from frism.distillation.packed import answer_logits
from frism.distillation.teacher import Teacher
from frism.injection.gates import Injection
from frism.progress import progress

Record = dict[str, float]


@dataclass(frozen=True)
class Schedule:
    """How gates are trained.

    Args:
        objective: `distillation` (FRISM) or `entropy` of the predictions.
        alpha: Weight of the injection term.
        learning_rate: Of Adam.
        steps: Number of updates.
        batch_size: Examples per update.
        seed: Of the order of examples.
    """

    objective: str
    alpha: float
    learning_rate: float
    steps: int
    batch_size: int
    seed: int


class Losses(NamedTuple):
    """The terms of Eq. 10: `total = preservation + alpha * injection`.

    Args:
        total: What is minimised.
        preservation: KL(VLM || merged model), or the entropy of the merged model.
        injection: The injection term.
    """

    total: torch.Tensor
    preservation: torch.Tensor
    injection: torch.Tensor


class Objective:
    """The objective of a batch as a function of the gates.

    Args:
        model: The injected VLM.
        injection: Its gates.
        examples: All calibration examples.
        schedule: What is minimised, and alpha.
        normaliser: Constant of the injection term.
    """

    def __init__(
        self,
        model: Any,
        injection: Injection,
        examples: Sequence[Example],
        schedule: Schedule,
        normaliser: float,
    ) -> None:
        self.model = model
        self.injection = injection
        self.alpha = schedule.alpha
        self.normaliser = normaliser
        self.energies = injection.energies
        distils = schedule.objective == DISTILLATION
        self.teacher = Teacher(model, examples) if distils else None

    def __call__(self, batch: Batch) -> Losses:
        """Returns the terms for one batch."""
        logits = answer_logits(self.model, batch)
        if self.teacher is None:
            preservation = entropy(logits)
        else:
            preservation = kl_divergence(self.teacher.log_probabilities(batch), logits)
        injected = injection_loss(self.injection.values, self.energies, self.normaliser)
        return Losses(preservation + self.alpha * injected, preservation, injected)


def train_gates(
    objective: Objective, examples: Sequence[Example], schedule: Schedule
) -> list[Record]:
    """Trains the gates of `objective` in place; everything else in its model stays as it is.

    Returns:
        One record per step, taken before its update: `loss`, `kl` or `entropy`, `injection` and
        `open`, the share of components whose gate value is above one half.
    """
    raw = objective.injection.raw
    optimiser = torch.optim.Adam([raw], lr=schedule.learning_rate)
    order = batch_indices(len(examples), schedule.batch_size, schedule.steps, schedule.seed)
    name = "kl" if schedule.objective == DISTILLATION else schedule.objective
    history: list[Record] = []
    for indices in progress(order, "gates", total=schedule.steps):
        losses = objective(pack(examples, indices))
        history.append(_record(losses, objective.injection, name))
        optimiser.zero_grad()
        losses.total.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return history


def _record(losses: Losses, injection: Injection, name: str) -> Record:
    return {
        "loss": float(losses.total.detach()),
        name: float(losses.preservation.detach()),
        "injection": float(losses.injection.detach()),
        "open": float((injection.values.detach() > 0.5).float().mean()),
    }
