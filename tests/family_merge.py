"""Merges of the pico families, and where their language models are, told by their recipes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from frism.checkpoints.hashing import weights_hash
from frism.checkpoints.subspace_folder import SubspaceFolder
from frism.checkpoints.tensors import write_tensors
from tests.steps import run_step
from tests.vlm_families import FAMILIES, Family
from tests.vlm_layouts import renamed

GATED = {"alpha": 1.0, "lambda_lrm": 1.0}
DESIGN = {
    "objective": "distillation",
    "granularity": "direction",
    "activation": "sigmoid",
    "directions": "lrm",
    "energy": 1.0,
    "modules": "all",
    "calibration": "mixed",
    "images": 0,
}


@dataclass(frozen=True)
class FamilyMerge:
    """A family of VLM and the folders of its merges.

    Args:
        family: A key of `FAMILIES`.
        options: Of `make_family`.
        models: Its checkpoints.
        folder: Where subspaces, gates and merges go.
    """

    family: str
    options: Mapping[str, Any]
    models: Family
    folder: Path

    @property
    def dtype(self) -> torch.dtype:
        """Type of all weights."""
        dtype: torch.dtype = self.options.get("dtype", torch.float32)
        return dtype

    def own_name(self, canonical: str) -> str:
        """Returns what the VLM's files call a tensor of the causal LM's layers or last norm."""
        recipe, hub = FAMILIES[self.family], self.options.get("layout", "hub") == "hub"
        name = recipe.text_model + canonical.removeprefix("model.")
        return renamed(name, recipe.hub if hub else ())

    def decompose(self) -> None:
        """Decomposes the task vectors."""
        models = self.models
        run_step("svd", base=models.base, tuned=models.lrm, role="lrm", output=self.folder / "svd")

    def merge_with_gates(self, raw: float) -> Path:
        """Merges with every raw gate at one value, as if they had been trained to it."""
        gates = self.folder / f"gates{raw}"
        write_constant_gates(gates, self.folder / "svd", self.models.vlm, raw)
        return self.merge(
            f"merged{raw}",
            "--subspaces",
            str(self.folder / "svd"),
            "--gates",
            str(gates),
            method="frism",
            parameters="alpha=1+lambda_lrm=1",
        )

    def merge(self, name: str, *words: str, **flags: object) -> Path:
        """Runs `frism merge` and returns the folder of the merged model."""
        output, models = self.folder / name, self.models
        roles: dict[str, object] = {"vlm": models.vlm, "base": models.base, "lrm": models.lrm}
        run_step("merge", *words, **roles, **flags, output=output)
        return output


def write_constant_gates(directory: Path, subspaces: Path, vlm: Path, raw: float) -> None:
    """Writes a file of gates as training would, but for the values.

    Args:
        directory: Where the file goes.
        subspaces: Folder of subspaces that they stand before.
        vlm: The VLM that they are for.
        raw: Every raw gate; -inf closes them all, inf opens them all.
    """
    folder = SubspaceFolder(subspaces)
    origin = {role: folder.metadata[role] for role in ("base", "lrm")}
    origin |= {"vlm": weights_hash(vlm), "subspaces": folder.content}
    metadata = {**origin, **DESIGN, **GATED}
    gates = {name: torch.full_like(folder[name].s, raw) for name in folder}
    write_tensors(directory / "gates.safetensors", gates, metadata)
