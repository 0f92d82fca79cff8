"""Two configurations that are scaled down until their workflow takes a minute."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from frism.embedded.benchmarks import write_benchmarks
from tests.pico import make_pico
from tests.workspace import Workspace

BUDGET = {"steps": 2, "extension": 1, "extensions": 0, "attempts": 1}
QUESTIONS = {"calibration": 24, "validation": 12, "test": 12}
FRISM: dict[str, list[float]] = {"alpha": [0.3], "lambda_lrm": [0.9]}
PLAIN: dict[str, list[float]] = {"lambda": [0.5]}
COMMON: dict[str, Any] = {
    "name": "tiny",
    "distillation": {"steps": 3, "batch_size": 8, "images": 24},
}
EMBEDDED: dict[str, Any] = {
    "kind": "embedded",
    "seeds": [1],
    "training": {"base": BUDGET, "lrm": BUDGET, "vlm": BUDGET | {"alignment_steps": 2}},
    "questions": QUESTIONS,
}
METHODS = {"task_arithmetic": PLAIN, "tsv_m": {"lambda": [1.0]}, "frism": FRISM}
EVALUATED = COMMON | {
    "pairs": ["family"],
    "experiments": {"main": {"figure": "main", "methods": METHODS}},
    "benchmarks": {
        "reasoning": {"judge": "rule", "benchmarks": ["FrismSolve", "FrismSolveMCQ"]},
        "perception": {"judge": "rule", "benchmarks": ["FrismRead"]},
        "text": {"judge": "rule", "benchmarks": ["FrismSolveText"]},
    },
    "evaluation": {"batch_size": 64, "max_new_tokens": 8},
    "statistics": {"resamples": 100},
}
MERGED = COMMON | {"pairs": ["pico"], "merges": {"task_arithmetic": PLAIN, "frism": FRISM}}
# the jobs of the second by rule and wildcards
PARTS = ["svd_lrm_pico 1", "svd_lrm_pico 2"]
GATES = "gates_pico frism_alpha=0.3+lambda_lrm=0.9"
GATED = "merge_pico frism_alpha=0.3+lambda_lrm=0.9"
UNGATED = "merge_pico task_arithmetic_lambda=0.5"
JOBS = {*PARTS, GATES, GATED, UNGATED}


def family(folder: Path) -> Workspace:
    """An embedded family that is trained, merged and evaluated: 16 jobs, seven after each other."""
    return Workspace.make(folder, EVALUATED, {"family": EMBEDDED})


def make_models(folder: Path) -> dict[str, str]:
    """Makes checkpoints and calibration questions; returns their paths by role."""
    models, data = make_pico(folder), folder / "data"
    data.mkdir()
    write_benchmarks(data, 0, QUESTIONS)
    roles = {"base": models.base, "vlm": models.vlm, "lrm": models.lrm, "calibration": data}
    return {role: str(path) for role, path in roles.items()}


def merges(folder: Path, models: dict[str, str], **keys: Any) -> Workspace:
    """Two merges of checkpoints: `JOBS`, three after each other.

    Args:
        folder: Where to work.
        models: As `make_models` returns them.
        keys: More of the pair.
    """
    pair: dict[str, Any] = {"kind": "checkpoints", "svd_parts": 2, **models, **keys}
    return Workspace.make(folder, MERGED, {"pico": pair})
