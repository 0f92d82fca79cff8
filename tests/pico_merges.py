"""Merges of the pico family as the tests run them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from frism.checkpoints.reader import Checkpoint
from frism.checkpoints.tensors import TensorFile, write_tensors
from frism.merging.apply import merge_checkpoint
from frism.merging.sources import MergeFiles
from frism.methods.registry import method
from tests.pico import Pico
from tests.steps import PicoMerge, run_step, train_gates_of

GATED = {"alpha": 1.0, "lambda_lrm": 1.0}


def merge_files(files: PicoMerge) -> MergeFiles:
    gates, models = files.gates / "gates.safetensors", files.models
    return MergeFiles(models.vlm, models.base, models.lrm, files.subspaces, gates)


def merge(
    files: PicoMerge,
    output: Path,
    slug: str = "frism",
    parameters: Mapping[str, Any] = GATED,
) -> Checkpoint:
    merge_checkpoint(merge_files(files), method(slug), parameters, output)
    return Checkpoint(output)


def with_gates(files: PicoMerge, directory: Path, value: float) -> PicoMerge:
    """Returns the same files with every raw gate set to `value`."""
    trained = TensorFile(files.gates / "gates.safetensors")
    gates = {name: torch.full_like(trained[name], value) for name in trained.tensors}
    write_tensors(directory / "gates.safetensors", gates, trained.metadata)
    return replace(files, gates=directory)


def prepared(models: Pico, directory: Path, slug: str = "frism") -> PicoMerge:
    """Runs the steps that lead to a merge."""
    files = PicoMerge(models, directory / "svd", directory / "gates")
    run_step("svd", base=models.base, tuned=models.lrm, role="lrm", output=files.subspaces)
    train_gates_of(files, files.gates, slug)
    return files
