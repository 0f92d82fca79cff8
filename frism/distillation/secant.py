"""Secant curvature: slopes of the perception loss where all directions are half injected.

The gradient of FRISM's loss is `(h_i - 2 alpha S_i^2 / Z) sigma_i` in its second-order view (arXiv
2601.21187). Measured at sigma, the slope of the distillation loss gives what h_i stands for:

    h_i = (d KL / d sigma_i) / sigma = sum_j H_ij    for a quadratic loss with Hessian H

Other than the diagonal H_ii at sigma = 0 it knows what the other directions do. It is measured at
sigma = 1/2, where the training of gates starts, so `h_i - 2 alpha S_i^2 / Z` has the sign of
training's first gradient; and by the midpoint rule the slopes there, summed, are the loss of the
whole task vector. Slopes at sigma = 1/4 and at sigma = 1 made worse gates.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from frism.distillation.batches import pack
from frism.distillation.examples import Example
from frism.distillation.objective import kl_divergence
from frism.distillation.packed import answer_logits
from frism.distillation.teacher import Teacher
from frism.injection.activation import IDENTITY
from frism.injection.design import GateDesign
from frism.injection.inject import inject
from frism.progress import progress
from frism.subspaces.decomposition import Subspace

STRENGTH = 0.5


def secants(
    model: Any,
    subspaces: Mapping[str, Subspace],
    examples: Sequence[Example],
    batch_size: int,
    offload: bool = False,
) -> dict[str, torch.Tensor]:
    """Returns the slope of KL(VLM || merge) over sigma along each direction, by name, [r].

    It is exact: the mean over all answer tokens of all examples.

    Args:
        model: The VLM, which is injected and stays so.
        subspaces: Decomposed task vectors by canonical name.
        examples: Calibration examples; each is used once.
        batch_size: Examples of one backward pass; it does not change the result.
        offload: Whether U and Vh stay in CPU memory.
    """
    injection = inject(
        model, subspaces, GateDesign(activation=IDENTITY), 1.0, initial=STRENGTH, offload=offload
    )
    teacher = Teacher(model, examples)
    tokens = sum(example.answer_tokens for example in examples)
    total = torch.zeros_like(injection.raw)
    for start in progress(range(0, len(examples), batch_size), "slopes"):
        batch = pack(examples, range(start, min(start + batch_size, len(examples))))
        kl = kl_divergence(teacher.log_probabilities(batch), answer_logits(model, batch))
        (slope,) = torch.autograd.grad(kl, injection.raw)
        total += slope * (len(batch.predicts) / tokens / STRENGTH)
    return {name: slope.clone() for name, slope in injection.by_group(total).items()}
