"""Training of gates: for the dual objective of FRISM, Eq. 10 (arXiv 2601.21187), or for entropy."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from itertools import islice, takewhile
from time import perf_counter
from typing import Any, NamedTuple

import torch

from frism.distillation.batches import Batch, batch_indices, pack, parts
from frism.distillation.examples import Example
from frism.distillation.objective import DISTILLATION, entropy, injection_loss, kl_divergence
from frism.distillation.packed import answer_logits
from frism.distillation.recomputation import recomputed
from frism.distillation.run import NOWHERE, Checkpoints, Record, Run
from frism.distillation.schedule import Schedule
from frism.distillation.teacher import BATCH, Teacher
from frism.errors import TrainingError
from frism.injection.gates import Injection
from frism.progress import progress


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

    Attributes:
        name: `kl` or `entropy`, what preserves perception.
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
        self.name = "kl" if distils else schedule.objective
        size = max(1, BATCH // schedule.accumulation)
        self.teacher = Teacher(model, examples, size) if distils else None

    def __call__(self, batch: Batch) -> Losses:
        """Returns the terms for one batch."""
        preservation = self.preservation(batch)
        injected = injection_loss(self.injection.values, self.energies, self.normaliser)
        return Losses(preservation + self.alpha * injected, preservation, injected)

    def preservation(self, batch: Batch) -> torch.Tensor:
        """Returns the term that preserves perception for one batch."""
        logits = answer_logits(self.model, batch)
        if self.teacher is None:
            return entropy(logits)
        return kl_divergence(self.teacher.log_probabilities(batch), logits)


def train_gates(
    objective: Objective,
    examples: Sequence[Example],
    schedule: Schedule,
    checkpoints: Checkpoints = NOWHERE,
) -> Run:
    """Trains the gates of `objective` in place; everything else in its model stays as it is.

    A signal that asks the process to end waits until its step is done and saved.

    Returns:
        The training. Each record of its history, taken before the update, has `loss`, `kl` or
        `entropy`, `injection` and `open`, the share of components whose gate value is above one
        half.

    Raises:
        TrainingError: the loss or its gradient is not finite.
        Interrupted: a signal came.
    """
    run = Run(objective.injection.raw, schedule)
    checkpoints.restore(run)
    learnt, held = schedule.split(len(examples))
    order = batch_indices(len(learnt), schedule.batch_size, schedule.steps, schedule.seed)
    # a training may have been cut off after it had stopped
    remaining = takewhile(lambda _: not run.stops(objective.name), islice(order, run.step, None))
    batches = ([learnt[i] for i in indices] for indices in remaining)
    recomputation = recomputed(objective.model, schedule.gradient_checkpointing)
    with recomputation, checkpoints.kept(run) as signals:
        for indices in _reported(batches, run):
            _update(run, objective, examples, indices)
            if schedule.measures(run.step):
                run.measure(objective.name, _measured(objective, examples, held, schedule))
            checkpoints.save(run, at_once=signals.wanted)
            if signals.wanted:
                break
    return run


def _reported(batches: Iterator[list[int]], run: Run) -> Iterator[list[int]]:
    def note() -> str:
        return ", ".join(f"{name} {value:.4g}" for name, value in run.history[-1].items())

    start = perf_counter() - run.seconds
    for indices in progress(batches, "gates", run.schedule.steps, done=run.step, note=note):
        yield indices
        run.seconds = perf_counter() - start


def _update(
    run: Run, objective: Objective, examples: Sequence[Example], indices: Sequence[int]
) -> None:
    """Takes one step along the mean over all answer tokens of a batch, computed part by part."""
    record: Record = {}
    run.optimiser.zero_grad()
    tokens = sum(examples[i].answer_tokens for i in indices)
    for part in parts(examples, indices, run.schedule.accumulation):
        batch = pack(examples, part)
        share = len(batch.predicts) / tokens
        losses = objective(batch)
        for name, value in _record(losses, objective).items():
            record[name] = record.get(name, 0.0) + share * value
        (share * losses.total).backward()  # type: ignore[no-untyped-call]
    record["open"] = float((objective.injection.values.detach() > 0.5).float().mean())
    run.history.append(record)
    _check_finite(run)
    run.optimiser.step()


def _record(losses: Losses, objective: Objective) -> Record:
    return {
        "loss": float(losses.total.detach()),
        objective.name: float(losses.preservation.detach()),
        "injection": float(losses.injection.detach()),
    }


def _measured(
    objective: Objective, examples: Sequence[Example], held: Sequence[int], schedule: Schedule
) -> float:
    """Returns the mean over all answer tokens of held-out examples."""
    total, size = 0.0, max(1, schedule.batch_size // schedule.accumulation)
    with torch.no_grad():
        for start in range(0, len(held), size):
            batch = pack(examples, held[start : start + size])
            total += float(objective.preservation(batch)) * len(batch.predicts)
    return total / sum(examples[i].answer_tokens for i in held)


def _check_finite(run: Run) -> None:
    loss, gradient = run.history[-1]["loss"], run.raw.grad
    sound = gradient is None or bool(torch.isfinite(gradient).all())
    if math.isfinite(loss) and sound:
        return
    found = "its gradient is not finite" if math.isfinite(loss) else "expected a finite number"
    raise TrainingError(
        f"the loss of step {run.step} of {run.schedule.steps} is {loss}, {found}: try a lower "
        f"distillation.learning_rate (now {run.schedule.learning_rate}) or alpha (now "
        f"{run.schedule.alpha}), or distillation.dtype float32"
    )
