"""Compares ways of training gates, side by side in one process; see README.md."""

from __future__ import annotations

import argparse
import contextlib
import os
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import torch
from family import add_family
from table import render
from torch.nn.utils.rnn import pad_sequence

from frism.config.distillation import Distillation
from frism.distillation import teacher, training
from frism.distillation.batches import Batch
from frism.distillation.loading import Family, Inputs, load_inputs
from frism.distillation.objective import DISTILLATION, energy_normaliser
from frism.distillation.packed import answer_logits
from frism.distillation.questions import MIXED
from frism.distillation.schedule import Schedule
from frism.distillation.training import Objective, train_gates
from frism.injection.design import GateDesign
from frism.injection.gated_linear import GatedLinear
from frism.injection.gates import Injection
from frism.injection.inject import inject

Variant = Callable[[Injection], AbstractContextManager[None]]
HEADER = ("variant", "seconds", "ratio", "final loss")
ALPHA, LAMBDA = 0.3, 1.0


def main() -> None:
    """Trains the same gates in each way and prints seconds and ratios."""
    args = _arguments()
    torch.set_num_threads(1)
    inputs, injection = _prepare(args.family)
    variants: dict[str, Variant] = {
        "as it is: packed, teacher cached, matrices formed": _as_it_is,
        "batches padded": _padded,
        "teacher answers anew in each step": _teacher_anew,
        "low-rank product kept apart": _low_rank,
    }
    times: dict[str, list[float]] = {name: [] for name in variants}
    losses: dict[str, float] = {}
    # in turns, so that a busy moment of the machine does not fall on one variant alone
    for _ in range(args.repeats):
        for name, variant in variants.items():
            with variant(injection):
                seconds, losses[name] = _train(inputs, injection, args.steps)
            times[name].append(seconds)
    ours = min(next(iter(times.values())))
    rows = [
        (name, min(taken), min(taken) / ours, f"{losses[name]:.6f}")
        for name, taken in times.items()
    ]
    print(f"{len(inputs.examples)} examples, {args.steps} steps, best of {args.repeats}\n")
    print(render(HEADER, rows, args.markdown))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add_family(parser)
    parser.add_argument("--steps", type=int, default=Distillation().steps)
    parser.add_argument("--repeats", type=int, default=2, help="runs of each variant")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    return parser.parse_args()


def _prepare(family: Path) -> tuple[Inputs, Injection]:
    data, subspaces = family / "data", family / "subspaces"
    images = Distillation().images
    inputs = load_inputs(Family(family / "models" / "vlm", subspaces, data, MIXED, images))
    return inputs, inject(inputs.model, inputs.subspaces, GateDesign(), LAMBDA)


def _train(inputs: Inputs, injection: Injection, steps: int) -> tuple[float, float]:
    """Returns seconds and final loss of a training from half-open gates, cache included."""
    settings = Distillation()
    schedule = Schedule(
        DISTILLATION, ALPHA, settings.learning_rate, steps, settings.batch_size, seed=0
    )
    spectra = [subspace.s for subspace in inputs.subspaces.values()]
    normaliser = energy_normaliser(spectra, settings.normalisation)
    with torch.no_grad():
        injection.raw.zero_()
    start = time.perf_counter()
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
        objective = Objective(inputs.model, injection, inputs.examples, schedule, normaliser)
        history = train_gates(objective, inputs.examples, schedule).history
    return time.perf_counter() - start, history[-1]["loss"]


@contextmanager
def _as_it_is(injection: Injection) -> Iterator[None]:
    yield


@contextmanager
def _teacher_anew(injection: Injection) -> Iterator[None]:
    before, teacher.CACHE_BYTES = teacher.CACHE_BYTES, 0
    yield
    teacher.CACHE_BYTES = before


@contextmanager
def _padded(injection: Injection) -> Iterator[None]:
    for module in (training, teacher):
        setattr(module, "answer_logits", _padded_logits)  # noqa: B010
    yield
    for module in (training, teacher):
        setattr(module, "answer_logits", answer_logits)  # noqa: B010


def _padded_logits(model: Any, batch: Batch) -> torch.Tensor:
    """Returns what `answer_logits` does, from a row per example, padded to the longest."""
    sizes = batch.owners.bincount().tolist()
    rows = pad_sequence(list(torch.split(batch.embeddings[0], sizes)), batch_first=True)
    positions = pad_sequence(list(torch.split(batch.positions[:, 0].T, sizes)), batch_first=True)
    hidden = model.model.language_model(
        inputs_embeds=rows, position_ids=positions.permute(2, 0, 1), use_cache=False
    ).last_hidden_state
    real = torch.arange(hidden.shape[1]) < torch.tensor(sizes).unsqueeze(1)
    return model.lm_head(hidden[real][batch.predicts])  # type: ignore[no-any-return]


@contextmanager
def _low_rank(injection: Injection) -> Iterator[None]:
    for layer in injection.layers.values():
        setattr(layer, "forward", partial(_apart, layer))  # noqa: B010
    yield
    for layer in injection.layers.values():
        delattr(layer, "forward")


def _apart(layer: GatedLinear, x: torch.Tensor) -> torch.Tensor:
    """Returns `W x + lambda_lrm * U diag(sigmoid(g) * S) Vh x + b`, the sum never formed."""
    y: torch.Tensor = layer.linear(x)
    if not layer.injecting:
        return y
    u, s, vh = layer.components.subspace
    return y + layer.scale * ((x @ vh.T) * (layer.values * s)) @ u.T


if __name__ == "__main__":
    main()
