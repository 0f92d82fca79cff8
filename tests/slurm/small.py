"""An embedded family scaled down until its whole workflow takes a minute."""

from __future__ import annotations

from typing import Any

BUDGET = {"steps": 2, "extension": 1, "extensions": 0, "attempts": 1}
PAIR: dict[str, Any] = {
    "kind": "embedded",
    "seeds": [1],
    "training": {
        "base": BUDGET,
        "lrm": BUDGET,
        "vlm": BUDGET | {"alignment_steps": 2},
    },
    "questions": {"calibration": 24, "validation": 12, "test": 12},
}
METHODS: dict[str, dict[str, list[float]]] = {
    "task_arithmetic": {"lambda": [0.5]},
    "tsv_m": {"lambda": [1.0]},
    "frism": {"alpha": [0.3], "lambda_lrm": [0.9]},
}
CONFIG: dict[str, Any] = {
    "name": "tiny",
    "pairs": ["small"],
    "experiments": {"main": {"figure": "main", "methods": METHODS}},
    "distillation": {"steps": 3, "batch_size": 8, "images": 24},
    "benchmarks": {
        "reasoning": {"judge": "rule", "benchmarks": ["FrismSolve", "FrismSolveMCQ"]},
        "perception": {"judge": "rule", "benchmarks": ["FrismRead"]},
        "text": {"judge": "rule", "benchmarks": ["FrismSolveText"]},
    },
    "evaluation": {"batch_size": 64, "max_new_tokens": 8},
    "statistics": {"resamples": 100},
}
