"""What the VLM itself says at the answer tokens of the calibration examples."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch

from frism.distillation.batches import Batch, pack
from frism.distillation.examples import Example
from frism.distillation.packed import answer_logits
from frism.injection.gated_linear import teacher

# above this the teacher answers anew in each step instead of once per example
CACHE_BYTES = 1 << 30
BATCH = 64


class Teacher:
    """The VLM's log-probabilities: `model` with its injection switched off.

    Computed once per example where they fit into memory, else anew for each batch.

    Args:
        model: The injected VLM.
        examples: All calibration examples.
        batch_size: Examples that are computed at a time.
    """

    def __init__(self, model: Any, examples: Sequence[Example], batch_size: int = BATCH) -> None:
        self.model = model
        self.batch_size = batch_size
        tokens = sum(example.answer_tokens for example in examples)
        # logits come in float32 at least
        digits = max(4, examples[0].embeddings.itemsize)
        size = tokens * model.config.get_text_config().vocab_size * digits
        self.known: list[torch.Tensor] | None = None
        if size <= CACHE_BYTES:
            self.known = self._answers(examples)

    def log_probabilities(self, batch: Batch) -> torch.Tensor:
        """Returns log-probabilities at the answer tokens of a batch, [tokens, vocabulary]."""
        if self.known is None:
            return self._answer(batch)
        return torch.cat([self.known[i] for i in batch.members])

    def _answers(self, examples: Sequence[Example]) -> list[torch.Tensor]:
        known: dict[int, torch.Tensor] = {}
        for start in range(0, len(examples), self.batch_size):
            batch = pack(examples, range(start, min(start + self.batch_size, len(examples))))
            counts = [examples[i].answer_tokens for i in batch.members]
            known |= zip(batch.members, torch.split(self._answer(batch), counts), strict=True)
        return [known[i] for i in range(len(examples))]

    def _answer(self, batch: Batch) -> torch.Tensor:
        with torch.no_grad(), teacher(self.model):
            return torch.log_softmax(answer_logits(self.model, batch), dim=-1)
