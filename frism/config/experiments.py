"""The experiments of the default configuration.

The most expensive part of a candidate is the training of its gates. So experiments share
candidates wherever their parameters are the same, and those with many rows try few alphas.
"""

from __future__ import annotations

from typing import Any

# stands for every method in an experiment
ALL = "all"
# names of the workflow's own targets, which no experiment can have
TARGETS = ("all", "everything", "merges", "evaluations", "downloads")
FRISM_CURVE = (0.0, 0.003, 0.03, 0.1, 0.3, 1.0, 3.0, 30.0)
# what most rows of FRISM choose from
FEW = (0.1, 1.0)
ONE = (1.0,)
PROJECTIONS = ("q", "k", "v", "o", "gate", "up", "down")

EXPERIMENTS: dict[str, dict[str, Any]] = {
    "main": {"title": "All methods", "figure": "main", "methods": {"all": {}}},
    "tradeoff": {
        "title": "Reasoning against perception over each method's coefficient",
        "figure": "tradeoff",
        "by": ("alpha", "lambda"),
        "methods": {
            "task_arithmetic": {},
            "ties": {},
            "dare": {},
            "matrix_gates": {},
            "frism": {},
        },
    },
    "heterogeneity": {
        "title": "Groups of singular directions injected alone",
        "figure": "heatmap",
        "by": ("group", "lambda"),
        "methods": {"rank_group": {"group": (1.0, 2.0, 3.0, 4.0), "lambda": (0.5, 1.0, 2.0, 4.0)}},
    },
    "granularity": {
        "title": "The same objective with coarser gates",
        "figure": "bars",
        "methods": {
            name: {}
            for name in (
                "model_gate",
                "layer_gates",
                "matrix_gates",
                "head_gates",
                "block_gates",
                "frism",
            )
        },
    },
    "alpha": {
        "title": "Weight of the injection term",
        "figure": "curve",
        "by": ("alpha",),
        "methods": {"frism": {"alpha": FRISM_CURVE, "lambda_lrm": ONE}},
    },
    "cap": {
        "title": "Cap of every gate",
        "figure": "curve",
        "by": ("lambda_lrm",),
        "methods": {"frism": {"alpha": FEW, "lambda_lrm": (0.5, 0.75, 1.0, 1.25, 1.5)}},
    },
    "calibration": {
        "title": "What the calibration shows and asks",
        "figure": "bars",
        "by": ("calibration",),
        "methods": {
            "frism": {
                "alpha": FEW,
                "lambda_lrm": ONE,
                "calibration": ("mixed", "read", "item", "count", "last", "noise", "text"),
            }
        },
    },
    "calibration_size": {
        "title": "Number of calibration images",
        "figure": "curve",
        "by": ("images",),
        "methods": {
            "frism": {
                "alpha": FEW,
                "lambda_lrm": ONE,
                "images": (8.0, 32.0, 128.0, 512.0, 1024.0),
            }
        },
    },
    "rank": {
        "title": "Truncation of the task vector by energy",
        "figure": "curve",
        "by": ("energy",),
        "methods": {
            "frism": {"alpha": FEW, "lambda_lrm": ONE, "energy": (0.5, 0.7, 0.9, 0.99, 1.0)}
        },
    },
    "modules": {
        "title": "Kinds of matrices alone and left out",
        "figure": "bars",
        "by": ("modules",),
        "methods": {
            "frism": {
                "alpha": FEW,
                "lambda_lrm": ONE,
                "modules": (
                    "all",
                    *(f"only_{each}" for each in PROJECTIONS),
                    *(f"without_{each}" for each in PROJECTIONS),
                ),
            }
        },
    },
    "closed_form": {
        "title": "Gates without training",
        "figure": "closed_form",
        "by": ("curvature", "rule"),
        "methods": {
            "frism": {},
            "frism_closed_form": {
                "alpha": (0.001, 0.01, 0.1, 0.5, 1.0),
                "curvature": ("diagonal", "secant"),
                "rule": ("stationary", "ratio"),
            },
        },
    },
    "spectra": {"title": "Spectra of the task vectors", "figure": "spectra"},
}

# what the target `merges` writes where the configuration says nothing else
MERGES: dict[str, Any] = {
    "task_arithmetic": {"lambda": (0.5,)},
    "frism": {"alpha": (1.0,), "lambda_lrm": ONE},
}
