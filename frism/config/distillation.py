"""The settings of the training of gates."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from frism.config.values import Settings


class Distillation(Settings):
    """Training of the gates."""

    learning_rate: float = Field(0.1, gt=0, le=10, description="Learning rate of Adam.")
    steps: int = Field(150, ge=1, le=100_000, description="Training steps.")
    batch_size: int = Field(64, ge=1, le=4096, description="Calibration questions in one step.")
    accumulation: int = Field(
        1,
        ge=1,
        le=4096,
        description="Parts in which the questions of a step are computed one after the other: less "
        "memory, the same step up to rounding.",
    )
    images: int = Field(768, ge=1, description="Calibration questions used in all.")
    normalisation: Literal["spectrum", "none"] = Field(
        "spectrum",
        description="Scale of the injection term: spectrum divides it by the sum of all squared "
        "singular values, none leaves it as the paper writes it.",
    )
    validation: int = Field(
        0, ge=0, le=100_000, description="Calibration questions of these that are held out."
    )
    validate_every: int = Field(
        10, ge=1, le=100_000, description="Steps between measurements on held-out questions."
    )
    patience: int = Field(
        0,
        ge=0,
        le=100_000,
        description="Measurements without a new smallest divergence on held-out questions after "
        "which training stops; the gates of the smallest are kept. With 0 all steps are taken and "
        "the last gates kept.",
    )
    dtype: Literal["float32", "bfloat16"] = Field(
        "float32", description="Type in which the model computes; gates are float32 always."
    )
    device: Literal["cpu", "cuda", "auto"] = Field(
        "cpu",
        description="Where the model runs: auto is cuda where there is a GPU. Of several GPUs the "
        "model is spread over all.",
    )
    offload: bool = Field(
        False, description="Whether singular vectors stay in CPU memory and come to the GPU in use."
    )
    gradient_checkpointing: bool = Field(
        False,
        description="Whether each layer's activations are computed again in the backward pass: "
        "less memory, a third more time.",
    )
    generation_batch: int = Field(
        256, ge=1, le=65536, description="Calibration questions that the model answers at a time."
    )
    checkpoint_every: int = Field(
        10, ge=1, le=100_000, description="Steps that are lost at most where a training dies."
    )
