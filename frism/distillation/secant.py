"""Slope of the perception loss along each singular direction where all directions are injected.

The gradient of FRISM's loss is `(h_i - 2 alpha S_i^2 / Z) sigma_i` in its second-order view (arXiv
2601.21187), so at sigma = 1 the slope of the distillation loss is what h_i stands for:

    d KL / d sigma_i (sigma = 1) = h_i = sum_j H_ij    for a quadratic loss with Hessian H

Other than the diagonal H_ii at sigma = 0 it knows what the other directions do, and it is measured
where the merge will be, in a region that the quadratic view from the VLM does not reach.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from frism.distillation.batches import pack
from frism.distillation.calibration import Example
from frism.distillation.objective import kl_divergence
from frism.distillation.packed import answer_logits
from frism.distillation.teacher import Teacher
from frism.injection.activation import IDENTITY
from frism.injection.design import GateDesign
from frism.injection.inject import inject
from frism.progress import progress
from frism.subspaces.decomposition import Subspace


def secants(
    model: Any,
    subspaces: Mapping[str, Subspace],
    examples: Sequence[Example],
    batch_size: int,
) -> dict[str, torch.Tensor]:
    """Returns the slope of KL(VLM || merge) along each direction at full injection, by name, [r].

    It is exact: the mean over all answer tokens of all examples.

    Args:
        model: The VLM, which is injected and stays so.
        subspaces: Decomposed task vectors by canonical name.
        examples: Calibration examples; each is used once.
        batch_size: Examples of one backward pass; it does not change the result.
    """
    injection = inject(model, subspaces, GateDesign(activation=IDENTITY), 1.0, initial=1.0)
    teacher = Teacher(model, examples)
    tokens = sum(len(example.embeddings) - example.answer for example in examples)
    total = torch.zeros_like(injection.raw)
    for start in progress(range(0, len(examples), batch_size), "slopes"):
        batch = pack(examples, range(start, min(start + batch_size, len(examples))))
        kl = kl_divergence(teacher.log_probabilities(batch), answer_logits(model, batch))
        (slope,) = torch.autograd.grad(kl, injection.raw)
        total += slope * (len(batch.predicts) / tokens)
    return {name: slope.clone() for name, slope in injection.by_group(total).items()}
