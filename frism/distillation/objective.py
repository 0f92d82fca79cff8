"""The dual objective of FRISM, Eq. 8 to 10 (arXiv 2601.21187): pure functions of tensors.

L_distill = E_x KL(P(. | x; W_vlm) || P(. | x; W(g)))
L_inject  = - sum_l ||sigmoid(g_l) * S_l||^2
L         = L_distill + alpha * L_inject
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from frism.errors import MergeError


def kl_divergence(
    teacher_logits: torch.Tensor, student_logits: torch.Tensor, mask: torch.Tensor
) -> torch.Tensor:
    """Returns KL(teacher || student) over the vocabulary, averaged over the masked tokens.

    Args:
        teacher_logits: Logits, or log-probabilities, of the VLM, [..., vocabulary].
        student_logits: Logits of the injected model, [..., vocabulary].
        mask: True on the tokens that count, [...].

    Raises:
        MergeError: the mask is empty.
    """
    if not mask.any():
        raise MergeError("no answer tokens in the batch; expected at least one per example")
    teacher = torch.log_softmax(teacher_logits[mask], dim=-1)  # [tokens, vocabulary]
    student = torch.log_softmax(student_logits[mask], dim=-1)
    return (teacher.exp() * (teacher - student)).sum(dim=-1).mean()


def injection_loss(
    gate_values: Sequence[torch.Tensor], singular_values: Sequence[torch.Tensor], normalisation: str
) -> torch.Tensor:
    """Returns `- sum_l ||sigmoid(g_l) * S_l||^2`, divided by a constant of the task vector.

    Args:
        gate_values: sigmoid(g) of each direction, one tensor [r] or [1] per matrix.
        singular_values: S, one tensor [r] per matrix.
        normalisation: `spectrum` divides by `sum_l ||S_l||^2`, so that the loss lies in [-1, 0];
            `none` keeps Eq. 9 as it stands.

    Raises:
        MergeError: unknown normalisation.
    """
    injected = torch.stack(
        [(gate * s).square().sum() for gate, s in zip(gate_values, singular_values, strict=True)]
    ).sum()
    return -injected / normaliser(singular_values, normalisation)


def normaliser(singular_values: Sequence[torch.Tensor], normalisation: str) -> float:
    """Returns the constant that L_inject is divided by.

    Raises:
        MergeError: unknown normalisation.
    """
    if normalisation == "none":
        return 1.0
    if normalisation == "spectrum":
        return float(sum(float(s.double().square().sum()) for s in singular_values))
    raise MergeError(f"unknown normalisation '{normalisation}'; expected 'spectrum' or 'none'")
