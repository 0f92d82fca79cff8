"""How gates are trained: the settings that their result depends on."""

from __future__ import annotations

from dataclasses import dataclass

import torch

from frism.arithmetic.randomness import generator
from frism.errors import MergeError


@dataclass(frozen=True)
class Schedule:
    """How gates are trained.

    Args:
        objective: `distillation` (FRISM) or `entropy` of the predictions.
        alpha: Weight of the injection term.
        learning_rate: Of Adam.
        steps: Number of updates.
        batch_size: Examples per update.
        seed: Of the order of examples, and of which are held out.
        accumulation: Parts in which the examples of an update are computed.
        gradient_checkpointing: Whether activations are computed again in the backward pass.
        validation: Examples that are held out.
        validate_every: Updates between measurements on these.
        patience: Measurements without a new smallest divergence after which training stops; 0 for
            never.
    """

    objective: str
    alpha: float
    learning_rate: float
    steps: int
    batch_size: int
    seed: int
    accumulation: int = 1
    gradient_checkpointing: bool = False
    validation: int = 0
    validate_every: int = 10
    patience: int = 0

    def split(self, examples: int) -> tuple[list[int], list[int]]:
        """Returns the places of the examples that are learnt from, and of those held out.

        Raises:
            MergeError: none would be left to learn from.
        """
        if self.validation >= examples:
            raise MergeError(
                f"{self.validation} of {examples} examples would be held out; expected some to be "
                "left: lower distillation.validation"
            )
        if not self.validation:
            return list(range(examples)), []
        drawn = torch.randperm(examples, generator=generator(self.seed, "validation")).tolist()
        return sorted(drawn[self.validation :]), sorted(drawn[: self.validation])

    def measures(self, step: int) -> bool:
        """Tells whether held-out examples are measured after so many updates."""
        return bool(self.validation) and (step % self.validate_every == 0 or step == self.steps)
