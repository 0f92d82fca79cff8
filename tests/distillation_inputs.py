"""Calibration examples and trainings of the pico family."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from transformers import AutoProcessor

from frism.distillation.batches import Batch, pack
from frism.distillation.calibration import build_examples
from frism.distillation.examples import Example
from frism.distillation.objective import (
    energy_normaliser,
)
from frism.distillation.questions import Question, read_questions
from frism.distillation.run import Record
from frism.distillation.schedule import Schedule
from frism.distillation.training import Objective, train_gates
from frism.injection.design import GateDesign
from frism.injection.gates import Injection
from frism.injection.inject import inject
from tests.pico import QUESTIONS, Pico
from tests.steps import PicoMerge
from tests.test_injection import injected, load, read_subspaces

SCHEDULE = Schedule(
    objective="distillation", alpha=0.7, learning_rate=0.5, steps=3, batch_size=5, seed=1
)


def questions(pico: Pico) -> list[Question]:
    return read_questions(pico.calibration, QUESTIONS)


def examples_of(pico: Pico) -> list[Example]:
    return build_examples(load(pico), AutoProcessor.from_pretrained(pico.vlm), questions(pico))


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    powers: NDArray[np.float64] = np.exp(logits - logits.max(-1, keepdims=True))
    shares: NDArray[np.float64] = powers / powers.sum(-1, keepdims=True)
    return shares


def objective_of(
    model: Any,
    injection: Injection,
    examples: Sequence[Example],
    schedule: Schedule = SCHEDULE,
    normalisation: str = "spectrum",
) -> Objective:
    spectra = [layer.components.subspace.s for layer in injection.layers.values()]
    normaliser = energy_normaliser(spectra, normalisation)
    return Objective(model, injection, examples, schedule, normaliser)


def double_model(pico_merge: PicoMerge) -> tuple[Any, list[Example]]:
    """Returns the VLM and its examples in float64."""
    model = load(pico_merge.models).double()
    for path, module in list(model.model.language_model.named_modules()):
        if type(module).__name__.endswith("RMSNorm"):  # transformers' own computes in float32
            norm = nn.RMSNorm(module.weight.numel(), eps=module.variance_epsilon).double()
            norm.load_state_dict(module.state_dict())
            model.model.language_model.set_submodule(path, norm)
    examples = examples_of(pico_merge.models)
    return model, [replace(e, embeddings=e.embeddings.double()) for e in examples]


def in_double(pico_merge: PicoMerge, kind: str) -> tuple[Any, Injection, list[Example]]:
    """Returns an injected float64 model with random gates, and float64 examples."""
    model, examples = double_model(pico_merge)
    injection = inject(model, read_subspaces(pico_merge), GateDesign(kind), 0.9)
    torch.manual_seed(0)
    with torch.no_grad():
        injection.raw.normal_()
    return model, injection, examples


def everything(examples: Sequence[Example]) -> Batch:
    return pack(examples, range(len(examples)))


def train(
    files: PicoMerge,
    examples: Sequence[Example],
    schedule: Schedule,
    kind: str = "direction",
    **design: Any,
) -> tuple[Any, Injection, list[Record]]:
    model, injection = injected(files, kind, **design)
    objective = objective_of(model, injection, examples, schedule)
    return model, injection, train_gates(objective, examples, schedule).history
