"""Which merge of mergekit is held against which of frism, and whether they are the same method."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

LAMBDA, DENSITY, P = 0.7, 0.2, 0.4
KEEP = 1 - P
# parameters of one model in mergekit: whole, trimmed or thinned task vectors
WHOLE = {"weight": 1.0, "density": 1.0}
TRIMMED = {"weight": 1.0, "density": DENSITY}
THINNED = {"weight": 1.0, "density": KEEP}


@dataclass(frozen=True)
class Comparison:
    """One method of frism and its counterpart.

    Args:
        method: Slug of frism's method.
        parameters: Its coefficients.
        mergekit: mergekit's configuration, with `base`, `vlm` and `lrm` for the checkpoints.
        difference: Why the two are not the same by definition; empty where they must agree.
    """

    method: str
    parameters: dict[str, float | str]
    mergekit: dict[str, Any]
    difference: str = ""


def tasks(
    method: str, vlm: dict[str, float], lrm: dict[str, float], **shared: float | bool
) -> dict[str, Any]:
    """Returns mergekit's configuration of a method that merges task vectors."""
    models = [{"model": "vlm", "parameters": vlm}, {"model": "lrm", "parameters": lrm}]
    return {
        "merge_method": method,
        "base_model": "base",
        "models": models,
        "parameters": shared,
        "dtype": "float32",
    }


def scaled(model: dict[str, float], factor: float = LAMBDA, **more: float) -> dict[str, float]:
    """Returns the parameters of a model with its weight times a factor."""
    return {**model, "weight": model["weight"] * factor, **more}


COMPARISONS = (
    Comparison(
        "task_arithmetic",
        {"lambda": LAMBDA},
        tasks("task_arithmetic", {"weight": 1.0}, {"weight": LAMBDA}),
    ),
    Comparison(
        "ties_tensor",
        {"lambda": LAMBDA, "density": DENSITY},
        tasks("ties", TRIMMED, scaled(TRIMMED), normalize=False),
    ),
    Comparison(
        "ties",
        {"lambda": LAMBDA, "density": 1.0},
        tasks("ties", WHOLE, WHOLE, **{"lambda": LAMBDA}),
    ),
    Comparison(
        "ties",
        {"lambda": LAMBDA, "density": DENSITY},
        tasks("ties", TRIMMED, TRIMMED, **{"lambda": LAMBDA}),
        "mergekit trims each tensor by itself, the paper the whole vector",
    ),
    Comparison(
        "dare",
        {"lambda": LAMBDA, "p": P},
        tasks("dare_linear", WHOLE, scaled(THINNED, LAMBDA / KEEP), rescale=False),
    ),
    Comparison(
        "dare",
        {"lambda": LAMBDA, "p": P, "rescale": "norm"},
        tasks("dare_linear", WHOLE, scaled(THINNED)),
    ),
    Comparison(
        "dare",
        {"lambda": LAMBDA, "p": P},
        tasks("dare_linear", WHOLE, scaled(THINNED)),
        "mergekit's default restores the l1 norm, the paper divides by 1 - p",
    ),
    Comparison(
        "dare_ties",
        {"lambda": LAMBDA, "p": P},
        tasks(
            "dare_ties",
            THINNED,
            THINNED,
            rescale=False,
            normalize=True,
            **{"lambda": LAMBDA / KEEP},
        ),
    ),
    Comparison(
        "breadcrumbs",
        {"lambda": LAMBDA, "density": 0.9, "gamma": 0.01},
        tasks("breadcrumbs", WHOLE, scaled(WHOLE, density=0.9, gamma=0.01)),
    ),
    Comparison(
        "della",
        {"lambda": LAMBDA, "p": P, "epsilon": 0.15, "rescale": "norm"},
        tasks("della_linear", WHOLE, scaled(THINNED, epsilon=0.15)),
    ),
    Comparison(
        "della",
        {"lambda": LAMBDA, "p": P, "epsilon": 0.15},
        tasks("della_linear", WHOLE, scaled(THINNED, epsilon=0.15)),
        "mergekit restores the l1 norm, the paper divides by each 1 - p_ij",
    ),
    Comparison(
        "slerp",
        {"t": 0.3},
        {
            "merge_method": "slerp",
            "base_model": "vlm",
            "models": [{"model": "vlm"}, {"model": "lrm"}],
            "parameters": {"t": 0.3},
            "dtype": "float32",
        },
    ),
    Comparison(
        "br2v_linear",
        {"a": 0.9},
        {
            "merge_method": "linear",
            "models": [
                {"model": "vlm", "parameters": {"weight": 0.9}},
                {"model": "lrm", "parameters": {"weight": 1 - 0.9}},
            ],
            "dtype": "float32",
        },
    ),
)
