"""Training of gates with the dual objective of FRISM, Eq. 10 (arXiv 2601.21187)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import torch

from frism.distillation.batches import Batch, batch_indices, collate
from frism.distillation.calibration import Example
from frism.distillation.objective import injection_loss, kl_divergence
from frism.injection.gated_linear import teacher
from frism.injection.inject import Injection
from frism.progress import progress

# above this the teacher answers anew in each step instead of once per example
TEACHER_CACHE_BYTES = 1 << 30
TEACHER_BATCH = 64
Record = dict[str, float]


@dataclass(frozen=True)
class Schedule:
    """How gates are trained.

    Args:
        alpha: Weight of the injection term.
        learning_rate: Of Adam.
        steps: Number of updates.
        batch_size: Examples per update.
        normalisation: `spectrum` or `none`, see `injection_loss`.
        seed: Of the order of examples.
    """

    alpha: float
    learning_rate: float
    steps: int
    batch_size: int
    normalisation: str
    seed: int


def train_gates(
    model: Any, injection: Injection, examples: Sequence[Example], schedule: Schedule
) -> list[Record]:
    """Trains the gates of `injection` in place; everything else in `model` stays as it is.

    Returns:
        One record per step, taken before its update: `loss`, `kl`, `injection` and `open`, the
        share of directions whose gate value is above one half.
    """
    known = Teacher(model, examples)
    optimiser = torch.optim.Adam(list(injection.gates.values()), lr=schedule.learning_rate)
    order = batch_indices(len(examples), schedule.batch_size, schedule.steps, schedule.seed)
    history: list[Record] = []
    for indices in progress(order, "gates", total=schedule.steps):
        batch = collate([examples[i] for i in indices])
        answers = known.log_probabilities(batch, indices)
        losses = dual_objective(model, injection, batch, answers, schedule)
        history.append(_record(losses, injection))
        optimiser.zero_grad()
        losses.total.backward()  # type: ignore[no-untyped-call]
        optimiser.step()
    return history


class Losses(NamedTuple):
    """The terms of Eq. 10: `total = kl + alpha * injection`."""

    total: torch.Tensor
    kl: torch.Tensor
    injection: torch.Tensor


def dual_objective(
    model: Any,
    injection: Injection,
    batch: Batch,
    teacher_log_probabilities: torch.Tensor,
    schedule: Schedule,
) -> Losses:
    """Returns the objective of one batch as a function of the gates.

    Args:
        model: The injected VLM.
        injection: Its gates.
        batch: The examples.
        teacher_log_probabilities: What the VLM says at the answer tokens, [tokens, vocabulary].
        schedule: alpha and normalisation.
    """
    student = answer_logits(model, batch)
    everywhere = torch.ones(len(student), dtype=torch.bool, device=student.device)
    kl = kl_divergence(teacher_log_probabilities, student, everywhere)
    values = [layer.values() for layer in injection.layers.values()]
    spectra = [layer.s for layer in injection.layers.values()]
    injected = injection_loss(values, spectra, schedule.normalisation)
    return Losses(kl + schedule.alpha * injected, kl, injected)


class Teacher:
    """The VLM's log-probabilities: `model` with its injection switched off.

    Computed once per example where they fit into memory, else anew for each batch.
    """

    def __init__(self, model: Any, examples: Sequence[Example]) -> None:
        self.model = model
        tokens = sum(len(example.embeddings) - example.answer for example in examples)
        size = tokens * model.config.get_text_config().vocab_size * examples[0].embeddings.itemsize
        self.known: list[torch.Tensor] | None = None
        if size <= TEACHER_CACHE_BYTES:
            self.known = self._answers(examples)

    def log_probabilities(self, batch: Batch, indices: Sequence[int]) -> torch.Tensor:
        """Returns log-probabilities at the answer tokens of a batch, [tokens, vocabulary]."""
        if self.known is None:
            return self._answer(batch)
        return torch.cat([self.known[i] for i in indices])

    def _answers(self, examples: Sequence[Example]) -> list[torch.Tensor]:
        known: list[torch.Tensor] = []
        for start in range(0, len(examples), TEACHER_BATCH):
            chunk = examples[start : start + TEACHER_BATCH]
            counts = [len(example.embeddings) - example.answer for example in chunk]
            known += torch.split(self._answer(collate(chunk)), counts)
        return known

    def _answer(self, batch: Batch) -> torch.Tensor:
        with torch.no_grad(), teacher(self.model):
            return torch.log_softmax(answer_logits(self.model, batch), dim=-1)


def answer_logits(model: Any, batch: Batch) -> torch.Tensor:
    """Returns the logits that predict answer tokens, [tokens, vocabulary].

    The head is applied to those tokens alone: over a real vocabulary the rest would fill memory.
    """
    # no attention mask: padding is on the right, and causal attention never looks there
    hidden = model.model.language_model(
        inputs_embeds=batch.embeddings, position_ids=batch.positions, use_cache=False
    ).last_hidden_state
    return model.lm_head(hidden[batch.predicts])  # type: ignore[no-any-return]


def _record(losses: Losses, injection: Injection) -> Record:
    opened = torch.cat([layer.values() > 0.5 for layer in injection.layers.values()])
    return {
        "loss": float(losses.total.detach()),
        "kl": float(losses.kl.detach()),
        "injection": float(losses.injection.detach()),
        "open": float(opened.float().mean()),
    }
