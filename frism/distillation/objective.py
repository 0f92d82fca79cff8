"""What gates are trained for: pure functions of tensors.

The dual objective of FRISM, Eq. 8 to 10 (arXiv 2601.21187):

L_distill = E_x KL(P(. | x; W_vlm) || P(. | x; W(g)))
L_inject  = - sum_l ||sigmoid(g_l) * S_l||^2
L         = L_distill + alpha * L_inject

and the entropy of the merged model's predictions, of AdaMerging (arXiv 2310.02575).
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from frism.errors import MergeError

DISTILLATION, ENTROPY = "distillation", "entropy"


def kl_divergence(
    teacher_log_probabilities: torch.Tensor, student_logits: torch.Tensor
) -> torch.Tensor:
    """Returns KL(teacher || student) over the vocabulary, averaged over the tokens.

    Args:
        teacher_log_probabilities: Of the VLM, [tokens, vocabulary].
        student_logits: Of the injected model, [tokens, vocabulary].

    Raises:
        MergeError: there are no tokens.
    """
    _check_tokens(student_logits)
    student = torch.log_softmax(student_logits, dim=-1)
    teacher = teacher_log_probabilities
    return (teacher.exp() * (teacher - student)).sum(dim=-1).mean()


def entropy(logits: torch.Tensor) -> torch.Tensor:
    """Returns the entropy of predictions over the vocabulary, averaged over the tokens.

    Args:
        logits: [tokens, vocabulary].

    Raises:
        MergeError: there are no tokens.
    """
    _check_tokens(logits)
    known = torch.log_softmax(logits, dim=-1)
    return -(known.exp() * known).sum(dim=-1).mean()


def injection_loss(values: torch.Tensor, energies: torch.Tensor, normaliser: float) -> torch.Tensor:
    """Returns `- sum_i sigma_i^2 ||tau_i||^2`, divided by a constant of the task vector.

    Args:
        values: The gate value sigma of each component of the model, [components].
        energies: The squared norm of each component, [components].
        normaliser: The constant, see `energy_normaliser`.
    """
    return -(values.square() * energies).sum() / normaliser


def energy_normaliser(singular_values: Sequence[torch.Tensor], normalisation: str) -> float:
    """Returns the constant that L_inject is divided by, the same for all granularities.

    Args:
        singular_values: S of every matrix of the model, also of those that are left out: alpha
            weighs the directions that are kept as if the others were there.
        normalisation: `spectrum` divides by `sum_l ||S_l||^2`, so that the loss lies in [-1, 0]
            for gates in [0, 1]; `none` keeps Eq. 9 as it stands.

    Raises:
        MergeError: unknown normalisation.
    """
    if normalisation == "none":
        return 1.0
    if normalisation == "spectrum":
        return float(sum(float(s.double().square().sum()) for s in singular_values))
    raise MergeError(f"unknown normalisation '{normalisation}'; expected 'spectrum' or 'none'")


def _check_tokens(logits: torch.Tensor) -> None:
    if not len(logits):
        raise MergeError("no answer tokens in the batch; expected at least one per example")
