"""Training the gates of one family from its files to its files."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from frism.checkpoints.tensors import write_tensors
from frism.distillation.calibration import Example
from frism.distillation.loading import Family, load_inputs
from frism.distillation.objective import energy_normaliser
from frism.distillation.training import Objective, Record, Schedule, train_gates
from frism.files import atomic_directory
from frism.injection.design import GateDesign
from frism.injection.gates import Injection
from frism.injection.inject import inject

GATES_FILE = "gates.safetensors"
HISTORY_FILE = "training.json"


@dataclass(frozen=True)
class Plan:
    """What is trained, and how.

    Args:
        parameters: All parameters of the method, for the metadata of the gates.
        design: What the gates stand before.
        scale: lambda_lrm.
        initial: Raw gates at the start; None for the activation's own start.
        schedule: Objective and optimiser.
        normalisation: `spectrum` or `none`, see `energy_normaliser`.
    """

    parameters: Mapping[str, Any]
    design: GateDesign
    scale: float
    initial: float | None
    schedule: Schedule
    normalisation: str

    @property
    def metadata(self) -> dict[str, Any]:
        """All settings, for the metadata of the gates."""
        settings = {**asdict(self.schedule), **asdict(self.design)}
        return {**settings, "normalisation": self.normalisation, **self.parameters}


def train_family(family: Family, plan: Plan, output: Path) -> None:
    """Trains gates and writes `gates.safetensors` and `training.json` to `output`, atomically.

    The gates depend on the family and the plan alone, not on what ran in this process before.
    """
    inputs = load_inputs(family)
    start = perf_counter()
    injection = inject(inputs.model, inputs.subspaces, plan.design, plan.scale, plan.initial)
    normaliser = energy_normaliser([s.s for s in inputs.subspaces.values()], plan.normalisation)
    objective = Objective(inputs.model, injection, inputs.examples, plan.schedule, normaliser)
    prepared = perf_counter()
    history = train_gates(objective, inputs.examples, plan.schedule)
    preparation, training = inputs.seconds + prepared - start, perf_counter() - prepared
    metadata = family.origin() | plan.metadata
    report = {
        **_summary(history, injection, inputs.examples),
        "seconds": preparation + training,
        "preparation_seconds": preparation,
        "training_seconds": training,
        "settings": metadata,
    }
    with atomic_directory(output) as directory:
        gates = {key: gate.float().cpu() for key, gate in injection.gates.items()}
        write_tensors(directory / GATES_FILE, gates, metadata)
        text = json.dumps(report, indent=1) + "\n"
        (directory / HISTORY_FILE).write_text(text, encoding="utf-8")


def _summary(
    history: Sequence[Record], injection: Injection, examples: Sequence[Example]
) -> dict[str, Any]:
    """Returns the training curve and, for each matrix, what its gates came to."""
    injection.refresh()
    gates = {}
    for name, layer in injection.layers.items():
        values, energies = layer.values.detach(), layer.components.energies
        gates[name] = {
            "components": values.numel(),
            "mean": float(values.mean()),
            "open": float((values > 0.5).float().mean()),
            "energy": float((values.square() * energies).sum() / energies.sum().clamp_min(1e-30)),
        }
    return {
        "steps": list(history),
        "gates": gates,
        "examples": len(examples),
        "answer_tokens": sum(len(e.embeddings) - e.answer for e in examples),
    }
