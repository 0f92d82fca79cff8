"""Compares ways of training gates, side by side in one process; see README.md."""

from __future__ import annotations

import argparse
import contextlib
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import torch
from family import add_family
from table import render

from frism.checkpoints.subspace_file import read_subspace, subspace_names
from frism.checkpoints.tensors import TensorFile
from frism.config.tree import Distillation
from frism.distillation import training
from frism.distillation.calibration import Example, build_examples, read_questions
from frism.injection.gated_linear import GatedLinear
from frism.injection.granularity import granularity
from frism.injection.inject import Injection, inject

Variant = Callable[[Injection], AbstractContextManager[None]]
HEADER = ("variant", "seconds", "ratio", "final loss")
ALPHA, LAMBDA = 0.3, 1.0


def main() -> None:
    """Trains the same gates in each way and prints seconds and ratios."""
    args = _arguments()
    torch.set_num_threads(1)
    model, injection, examples = _prepare(args.family)
    variants: dict[str, Variant] = {
        "as it is: teacher cached, matrices formed": _as_it_is,
        "teacher answers anew in each step": _teacher_anew,
        "low-rank product kept apart": _low_rank,
    }
    times: dict[str, list[float]] = {name: [] for name in variants}
    losses: dict[str, float] = {}
    # in turns, so that a busy moment of the machine does not fall on one variant alone
    for _ in range(args.repeats):
        for name, variant in variants.items():
            with variant(injection):
                seconds, losses[name] = _train(model, injection, examples, args.steps)
            times[name].append(seconds)
    ours = min(next(iter(times.values())))
    rows = [
        (name, min(taken), min(taken) / ours, f"{losses[name]:.6f}")
        for name, taken in times.items()
    ]
    print(f"{len(examples)} examples, {args.steps} steps, best of {args.repeats}\n")
    print(render(HEADER, rows, args.markdown))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add_family(parser)
    parser.add_argument("--steps", type=int, default=Distillation().steps)
    parser.add_argument("--repeats", type=int, default=2, help="runs of each variant")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    return parser.parse_args()


def _prepare(family: Path) -> tuple[Any, Injection, list[Example]]:
    # after frism, which makes torchvision importable beside a CPU build of torch
    from transformers import AutoModelForImageTextToText, AutoProcessor

    vlm, file = family / "models" / "vlm", TensorFile(family / "subspaces.safetensors")
    model = AutoModelForImageTextToText.from_pretrained(vlm, dtype=torch.float32).eval()
    questions = read_questions(family / "data" / "calibration.tsv", Distillation().images)
    examples = build_examples(model, AutoProcessor.from_pretrained(vlm), questions)
    subspaces = {name: read_subspace(file, name) for name in subspace_names(file)}
    return model, inject(model, subspaces, granularity("direction"), LAMBDA), examples


def _train(
    model: Any, injection: Injection, examples: Sequence[Example], steps: int
) -> tuple[float, float]:
    """Returns seconds and final loss of a training from closed gates, cache included."""
    settings = Distillation()
    schedule = training.Schedule(
        ALPHA, settings.learning_rate, steps, settings.batch_size, settings.normalisation, seed=0
    )
    with torch.no_grad():
        for gate in injection.gates.values():
            gate.zero_()
    start = time.perf_counter()
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
        history = training.train_gates(model, injection, examples, schedule)
    return time.perf_counter() - start, history[-1]["loss"]


@contextmanager
def _as_it_is(injection: Injection) -> Iterator[None]:
    yield


@contextmanager
def _teacher_anew(injection: Injection) -> Iterator[None]:
    before, training.TEACHER_CACHE_BYTES = training.TEACHER_CACHE_BYTES, 0
    yield
    training.TEACHER_CACHE_BYTES = before


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
    return y + layer.scale * ((x @ layer.vh.T) * (layer.values() * layer.s)) @ layer.u.T


if __name__ == "__main__":
    main()
