"""A pair so small that its costs are counted by hand, and runs of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

from frism.config.layout import Layout
from frism.config.load import Setup
from frism.config.pair_tree import PairCheckpoints
from frism.config.size import Size
from frism.config.tree import Config
from frism.planning.needs import Needs

# q [4, 4], k and v [2, 4], o [4, 4], gate and up [6, 4], down [4, 6]: 120 weights
TINY: dict[str, Any] = {
    "layers": 1,
    "hidden": 4,
    "heads": 2,
    "kv_heads": 1,
    "intermediate": 6,
    "vocabulary": 10,
    "tied": True,
    "vision": 5,
}
COMMIT = "0" * 40


def tiny_pair(**more: Any) -> PairCheckpoints:
    """A pair of the hub of that size, decomposed in two parts; nothing of it is on disk."""
    models = {role: f"o/{role}@{COMMIT}" for role in ("vlm", "lrm", "base")}
    given = {"size": Size(**TINY), "svd_parts": 2, "calibration": "questions", **models}
    return PairCheckpoints.model_validate(given | more)


def needs_of(pair: PairCheckpoints, **config: Any) -> Needs:
    """What the rules of a run with this pair, `tiny`, ask for."""
    settings = Config.model_validate({"name": "run", "pairs": ["tiny"], **config})
    return Needs(Layout(Setup(settings, {"tiny": pair})))


def suite_file(folder: Path) -> str:
    """Writes a suite of two benchmarks, of 1500 and 3088 questions."""
    groups = {"reasoning": "MMStar", "perception": "AI2D_TEST"}
    file = folder / "suite.yaml"
    suite = {name: {"judge": "rule", "benchmarks": [each]} for name, each in groups.items()}
    file.write_text(yaml.safe_dump(suite))
    return str(file)
