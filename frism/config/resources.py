"""What jobs may ask for: limits of the machines, and numbers of a pair in place of estimates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from pydantic import Field

from frism.config.problems import unknown
from frism.config.values import Settings

if TYPE_CHECKING:
    from frism.config.tree import Config

Found = tuple[str, str]  # key path, message
# each job of a cluster is two processes of Python
LEAST_MEMORY = 400
# the steps that may run on a GPU, with the setting that says where
DEVICES: Mapping[str, str] = {
    "svd": "subspaces",
    "curvature": "distillation",
    "gates": "distillation",
    "sweep": "evaluation",
    "references": "evaluation",
    "answers": "suite_evaluation",
    "eval": "suite_evaluation",
}
REPORTING = ("tables", "figures", "samples", "times")
TRAINED = ("base", "lrm", "vlm", "questions")
HERE = ("svd", "curvature", "gates", "merge", "sweep", "references", *REPORTING)
GIVEN = ("download", "calibration", *HERE, "answers", "scores", "eval", "compare")
STEPS: Mapping[str, tuple[str, ...]] = {"embedded": (*TRAINED, *HERE), "checkpoints": GIVEN}


class StepResources(Settings):
    """What each job of a step asks for in place of the estimate."""

    mem_mb: int | None = Field(
        None,
        ge=LEAST_MEMORY,
        description="Memory in MB at the first attempt; each further one asks for as much again.",
    )
    runtime: int | None = Field(
        None,
        ge=1,
        description="Minutes at the first attempt; each further one asks for as much again.",
    )
    gpu: int | None = Field(None, ge=0, le=64, description="Number of GPUs.")
    disk_mb: int | None = Field(None, ge=1, description="Disk in MB.")


class Limits(Settings):
    """What the machines have that jobs run on."""

    gpu_memory: float = Field(
        80.0,
        gt=0,
        le=10_000,
        description="Memory of one GPU in GB, by which it is counted over how many a model is "
        "spread.",
    )
    mem_mb: int | None = Field(
        None,
        ge=LEAST_MEMORY,
        description="Most memory that a job asks for, in MB; null: whatever is estimated.",
    )
    runtime: int | None = Field(
        None,
        ge=1,
        description="Most minutes that a job asks for, such as a partition's limit; null: whatever "
        "is estimated.",
    )


def device_of(config: Config, step: str) -> str:
    """Returns `cpu`, `cuda` or `auto` for a step."""
    return str(getattr(config, DEVICES[step]).device) if step in DEVICES else "cpu"


def sound_resources(
    config: Config, kind: str, given: Mapping[str, StepResources]
) -> Iterator[Found]:
    """Finds steps that a kind of pair does not have, and GPUs that a step cannot use or lacks.

    Args:
        config: The configuration, which says where steps run.
        kind: `embedded` or `checkpoints`.
        given: The pair's resources by step.
    """
    for step, wanted in given.items():
        if step not in STEPS[kind]:
            yield f"resources.{step}", unknown("step", step, STEPS[kind])
        elif wanted.gpu is not None and (why := _refused(config, step, wanted.gpu)):
            yield f"resources.{step}.gpu", f"found {wanted.gpu}; {why}"


def _refused(config: Config, step: str, gpus: int) -> str | None:
    device = device_of(config, step)
    if gpus and step not in DEVICES:
        return "allowed: 0, this step runs on CPUs"
    if gpus and device == "cpu":
        return f"allowed: 0, since {DEVICES[step]}.device is cpu; set it to cuda or auto"
    if not gpus and device == "cuda":
        return f"allowed: at least 1, since {DEVICES[step]}.device is cuda"
    return None
