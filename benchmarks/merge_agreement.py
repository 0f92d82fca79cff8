"""Whether two merges of the same bfloat16 checkpoints are the same up to rounding."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import torch

from frism.checkpoints.key_map import causal_lm
from frism.checkpoints.reader import Checkpoint

# one place of bfloat16, and what float32 loses where terms of about 0.1 cancel
PLACE, CANCELLED = 2**-7, 2**-26


def differences(folder: Path, ours: Path, theirs: Path, density: float) -> dict[str, float]:
    """Compares the matrices of the layers, entry by entry.

    Args:
        folder: Holds `base`, `vlm` and `lrm`.
        ours: A merge.
        theirs: Another one.
        density: Share of each task vector that both keep. Of equal magnitudes they may keep
            different ones.

    Returns:
        `largest`: the largest difference; and how many `entries` there are, how many of them are
        `different`, `beyond rounding`, and beyond it though neither of the two task vectors has
        there the smallest kept magnitude, `unexplained`.
    """
    models = {name: causal_lm(Checkpoint(folder / name)) for name in ("base", "vlm", "lrm")}
    merged = [Checkpoint(ours), Checkpoint(theirs)]
    total: Counter[str] = Counter()
    largest = 0.0
    for name, own in models["vlm"].matrices.items():
        one, other = (checkpoint.tensor(own).float() for checkpoint in merged)
        apart = (one - other).abs()
        beyond = apart > PLACE * torch.maximum(one.abs(), other.abs()) + CANCELLED
        stored = {role: model.checkpoint.tensor(name) for role, model in models.items()}
        total["entries"] += one.numel()
        total["different"] += int(apart.count_nonzero())
        total["beyond rounding"] += int(beyond.count_nonzero())
        total["unexplained"] += int((beyond & ~_on_the_edge(stored, density)).count_nonzero())
        largest = max(largest, float(apart.max()))
    return {"largest": largest, **total}


def _on_the_edge(stored: dict[str, torch.Tensor], density: float) -> torch.Tensor:
    """Returns where one of the task vectors has the smallest magnitude that is kept, bool."""
    base = stored["base"].float()
    found = torch.zeros_like(base, dtype=torch.bool)
    for role in ("vlm", "lrm") if density < 1 else ():
        magnitudes = (stored[role].float() - base).abs()
        place = magnitudes.numel() - int(density * magnitudes.numel())
        found |= magnitudes == float(np.sort(magnitudes.flatten().numpy())[place])
    return found
