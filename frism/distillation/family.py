"""Training the gates of one family from its files to its files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any

import torch

import frism
from frism.checkpoints.tensors import write_tensors
from frism.distillation.announcement import announcement
from frism.distillation.compute import Compute
from frism.distillation.examples import Example
from frism.distillation.loading import Family, Inputs, load_inputs
from frism.distillation.objective import energy_normaliser
from frism.distillation.run import Checkpoints, Run
from frism.distillation.schedule import Schedule
from frism.distillation.training import Objective, train_gates
from frism.files import resumable_directory, write_text
from frism.injection.design import GateDesign
from frism.injection.gates import Injection
from frism.injection.inject import inject

GATES_FILE = "gates.safetensors"
HISTORY_FILE = "training.json"
# hidden: no part of the finished output
RUN_FILE = ".run.safetensors"


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
        compute: Where and in which precision the VLM runs.
        checkpoint_every: Updates between two checkpoints of the training.
        code: Digest of the code; a training begun by other code is not gone on with.
    """

    parameters: Mapping[str, Any]
    design: GateDesign
    scale: float
    initial: float | None
    schedule: Schedule
    normalisation: str
    compute: Compute = field(default_factory=Compute)
    checkpoint_every: int = 10
    code: str = ""

    @property
    def metadata(self) -> dict[str, Any]:
        """All settings, for the metadata of the gates."""
        settings = {**asdict(self.schedule), **asdict(self.design), **asdict(self.compute)}
        return {**settings, "normalisation": self.normalisation, **self.parameters}


def train_family(family: Family, plan: Plan, output: Path, job: ExitStack) -> None:
    """Trains gates and writes `gates.safetensors` and `training.json` to `output`, atomically.

    The gates depend on the family and the plan alone, not on what ran in this process before. Where
    an earlier call for the same died, the training goes on from its last checkpoint.

    Args:
        family: The inputs.
        plan: What is trained, and how.
        output: The folder, which appears at the end of the job.
        job: Ends when all its families are trained. Snakemake removes what a job has written that
            is stopped and starts again, so none of them may stand in its place before.
    """
    metadata = family.origin() | plan.metadata
    key = _key(metadata, family, plan)
    directory = job.enter_context(resumable_directory(output, key))
    inputs = load_inputs(family, plan.compute, directory)
    start = perf_counter()
    objective = _objective(inputs, plan)
    prepared = inputs.seconds + perf_counter() - start
    checkpoints = Checkpoints(directory / RUN_FILE, plan.checkpoint_every)
    run = train_gates(objective, inputs.examples, plan.schedule, checkpoints)
    report = {
        **_summary(run, objective, inputs.examples),
        "seconds": prepared + run.seconds,
        "preparation_seconds": prepared,
        "training_seconds": run.seconds,
        "settings": metadata,
    }
    gates = {key: gate.float().cpu() for key, gate in objective.injection.gates.items()}
    write_tensors(directory / GATES_FILE, gates, metadata)
    write_text(directory / HISTORY_FILE, json.dumps(report, indent=1) + "\n")


def _key(metadata: Mapping[str, Any], family: Family, plan: Plan) -> str:
    """Returns a digest of all that the gates of a family depend on."""
    software = [frism.__version__, torch.__version__, plan.code]
    text = json.dumps([metadata, family.subspaces_metadata(), software], sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def _objective(inputs: Inputs, plan: Plan) -> Objective:
    """Injects the task vector into the VLM and says how."""
    injection = inject(
        inputs.model,
        inputs.subspaces,
        plan.design,
        plan.scale,
        plan.initial,
        offload=plan.compute.offload,
    )
    print(announcement(inputs.model, injection, inputs.examples, plan.schedule), flush=True)
    normaliser = energy_normaliser([s.s for s in inputs.subspaces.values()], plan.normalisation)
    return Objective(inputs.model, injection, inputs.examples, plan.schedule, normaliser)


def _summary(run: Run, objective: Objective, examples: Sequence[Example]) -> dict[str, Any]:
    """Returns the training curve and, for each matrix, what its gates came to."""
    stop = run.finish(objective.name)
    print(f"gates of step {stop['kept_step']}: {stop['reason']}", flush=True)
    return {
        # as they come back from a checkpoint, so that no interruption shows
        "steps": [dict(sorted(record.items())) for record in run.history],
        "validation": [dict(sorted(record.items())) for record in run.measured],
        "stop": stop,
        "gates": _gates(objective.injection),
        "examples": len(examples),
        "answer_tokens": sum(example.answer_tokens for example in examples),
    }


def _gates(injection: Injection) -> dict[str, dict[str, float]]:
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
    return gates
