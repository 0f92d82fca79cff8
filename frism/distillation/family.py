"""Training the gates of one family from its files to its files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch

from frism.checkpoints.hashing import file_hash, weights_hash
from frism.checkpoints.subspace_file import read_subspace, subspace_names
from frism.checkpoints.tensors import TensorFile, write_tensors
from frism.distillation.calibration import build_examples, read_questions
from frism.distillation.training import Record, Schedule, train_gates
from frism.files import atomic_directory
from frism.injection.granularity import granularity
from frism.injection.inject import Injection, inject

GATES_FILE = "gates.safetensors"
HISTORY_FILE = "training.json"


@dataclass(frozen=True)
class Family:
    """The inputs of one family.

    Args:
        vlm: Checkpoint directory of the VLM.
        subspaces: File of subspaces.
        calibration: TSV file of calibration questions.
        images: How many of its questions are used.
    """

    vlm: Path
    subspaces: Path
    calibration: Path
    images: int


def train_family(
    family: Family, kind: str, lambda_lrm: float, schedule: Schedule, output: Path
) -> None:
    """Trains gates and writes `gates.safetensors` and `training.json` to `output`, atomically.

    The result depends on the family and the schedule alone, not on what ran in this process before.

    Args:
        family: Input files.
        kind: Granularity of the gates.
        lambda_lrm: Factor of the injection.
        schedule: Objective and optimiser.
        output: Directory to write.
    """
    file = TensorFile(family.subspaces)
    questions = read_questions(family.calibration, family.images)
    model, processor = _load(family.vlm)
    examples = build_examples(model, processor, questions)
    subspaces = {name: read_subspace(file, name) for name in subspace_names(file)}
    injection = inject(model, subspaces, granularity(kind), lambda_lrm)
    history = train_gates(model, injection, examples, schedule)
    metadata = {
        "base": file.metadata["base"],
        "lrm": file.metadata["lrm"],
        "vlm": weights_hash(family.vlm),
        "granularity": kind,
        "lambda_lrm": lambda_lrm,
        "calibration": file_hash(family.calibration),
        "images": family.images,
        **asdict(schedule),
    }
    with atomic_directory(output) as directory:
        write_tensors(directory / GATES_FILE, _cpu(injection), metadata)
        summary = _summary(history, injection, [len(e.embeddings) - e.answer for e in examples])
        text = json.dumps(summary | {"settings": metadata}, indent=1) + "\n"
        (directory / HISTORY_FILE).write_text(text, encoding="utf-8")


def _load(vlm: Path) -> tuple[Any, Any]:
    from transformers import AutoModelForImageTextToText, AutoProcessor

    model = AutoModelForImageTextToText.from_pretrained(vlm, dtype=torch.float32)
    return model.eval(), AutoProcessor.from_pretrained(vlm)


def _cpu(injection: Injection) -> dict[str, torch.Tensor]:
    return {key: gate.detach().float().cpu() for key, gate in injection.gates.items()}


def _summary(
    history: Sequence[Record], injection: Injection, answer_tokens: Sequence[int]
) -> dict[str, Any]:
    """Returns the training curve and, for each matrix, what its gates came to."""
    gates = {}
    for name, layer in injection.layers.items():
        values = layer.values().detach()
        energy = layer.s.square()
        gates[name] = {
            "directions": values.numel(),
            "mean": float(values.mean()),
            "open": float((values > 0.5).float().mean()),
            "energy": float((values.square() * energy).sum() / energy.sum().clamp_min(1e-30)),
        }
    return {
        "steps": list(history),
        "gates": gates,
        "examples": len(answer_tokens),
        "answer_tokens": sum(answer_tokens),
    }
