"""Curvature and slopes along singular directions against exact sums and finite differences."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from frism.arithmetic.randomness import generator
from frism.checkpoints.tensors import TensorFile
from frism.distillation.batches import pack
from frism.distillation.curvature import curvatures, fisher_vectors
from frism.distillation.examples import Example
from frism.distillation.objective import kl_divergence
from frism.distillation.packed import answer_logits
from frism.distillation.secant import STRENGTH, secants
from frism.distillation.teacher import Teacher
from frism.injection.design import GateDesign
from frism.injection.gates import Injection
from frism.injection.inject import inject
from tests.distillation_inputs import double_model, examples_of
from tests.pico import MATRICES
from tests.steps import PicoMerge, run_step
from tests.test_injection import read_subspaces

SETTINGS = ["--steps", "1", "--batch-size", "5", "--images", "12", "--learning-rate", "0.5"]


def in_double(files: PicoMerge) -> tuple[Any, list[Example]]:
    """Returns a float64 VLM and three examples with short answers."""
    model, examples = double_model(files)
    shortest = sorted(examples, key=lambda e: len(e.embeddings) - e.answer)[:3]
    return model, shortest


def strengths(files: PicoMerge, initial: float) -> tuple[Any, Injection, list[Example]]:
    """Returns the model with sigma of each direction as its parameter."""
    model, examples = in_double(files)
    design = GateDesign(activation="identity")
    return model, inject(model, read_subspaces(files), design, 1.0, initial), examples


def exact_curvatures(
    model: Any, injection: Injection, examples: Sequence[Example]
) -> dict[str, torch.Tensor]:
    """Returns h with the Fisher information summed over the whole vocabulary, token by token."""
    total, tokens = torch.zeros_like(injection.raw), 0
    for example in examples:
        logits = answer_logits(model, pack([example], [0]))
        known = torch.log_softmax(logits, dim=-1)
        tokens += len(known)
        for token in known:
            p = token.detach().exp()
            for y in range(len(token)):
                (score,) = torch.autograd.grad(token[y], injection.raw, retain_graph=True)
                total += p[y] * score.square()
    return injection.by_group(total / tokens)


def kl(model: Any, teacher: Teacher, examples: Sequence[Example]) -> float:
    batch = pack(examples, range(len(examples)))
    with torch.no_grad():
        return kl_divergence(teacher.log_probabilities(batch), answer_logits(model, batch)).item()


def test_random_vectors_have_the_covariance_of_the_labels() -> None:
    logits = torch.tensor([0.3, -1.0, 2.0, 0.0], dtype=torch.float64)
    drawn = fisher_vectors(logits.expand(200_000, -1), generator(0, "test"))
    p = torch.softmax(logits, dim=0)
    expected = torch.diag(p) - torch.outer(p, p)
    torch.testing.assert_close(drawn.mean(dim=0), torch.zeros(4).double(), rtol=0, atol=3e-3)
    torch.testing.assert_close(drawn.T @ drawn / len(drawn), expected, rtol=0, atol=3e-3)


def test_estimate_is_unbiased(pico_merge: PicoMerge) -> None:
    """The exact sum over labels, and the mean of many estimates."""
    model, injection, examples = strengths(pico_merge, initial=0.0)
    exact = exact_curvatures(model, injection, examples)
    plain, _ = in_double(pico_merge)
    subspaces = {n: type(s)(*(part.double() for part in s))
                 for n, s in read_subspaces(pico_merge).items()}  # fmt: skip
    estimates = [curvatures(plain, subspaces, examples, 2, seed) for seed in range(150)]
    assert len(exact) == MATRICES
    ratios = []
    for name, expected in exact.items():
        mean = torch.stack([each[name] for each in estimates]).mean(dim=0)
        ratios.append(mean / expected)
        assert float(mean.sum() / expected.sum()) == pytest.approx(1, abs=0.15)
    everything = torch.cat(ratios)
    assert float(everything.mean()) == pytest.approx(1, abs=0.03)
    assert float((everything - 1).abs().max()) < 0.7
    assert float((torch.cat([estimates[0][n] / exact[n] for n in exact]) - 1).abs().max()) > 0.7


def test_kl_rises_with_half_the_curvature(pico_merge: PicoMerge) -> None:
    model, injection, examples = strengths(pico_merge, initial=0.0)
    exact = exact_curvatures(model, injection, examples)
    teacher, step = Teacher(model, examples), 1e-3
    for name in list(exact)[::3]:
        place = int(exact[name].argmax())
        rises = []
        for sign in (1, -1):
            with torch.no_grad():
                injection.by_group(injection.raw)[name][place] = sign * step
                rises.append(kl(model, teacher, examples))
                injection.raw.zero_()
        # the cubic term has the sign of the step
        assert 2 * np.mean(rises) / step**2 == pytest.approx(float(exact[name][place]), rel=1e-3)


def test_slopes_equal_finite_differences(pico_merge: PicoMerge) -> None:
    plain, examples = in_double(pico_merge)
    found = secants(plain, read_subspaces(pico_merge), examples, batch_size=2)
    model, injection, _ = strengths(pico_merge, initial=STRENGTH)
    teacher, step = Teacher(model, examples), 1e-4
    for name in list(found)[::3]:
        for place in (0, 7):
            ends = []
            for sign in (1, -1):
                with torch.no_grad():
                    own = injection.by_group(injection.raw)[name]
                    own[place] += sign * step
                    ends.append(kl(model, teacher, examples))
                    own[place] -= sign * step
            expected = (ends[0] - ends[1]) / (2 * step) / STRENGTH
            assert float(found[name][place]) == pytest.approx(expected, rel=1e-4, abs=1e-7)


def test_batches_do_not_change_slopes(pico_merge: PicoMerge) -> None:
    one, other = (
        secants(
            in_double(pico_merge)[0], read_subspaces(pico_merge), in_double(pico_merge)[1], size
        )
        for size in (1, 3)
    )
    for name, slope in one.items():
        torch.testing.assert_close(slope, other[name], rtol=1e-8, atol=1e-12)


def test_the_step_writes_both_and_says_what_from(pico_merge: PicoMerge, tmp_path: Path) -> None:
    files, models = pico_merge, pico_merge.models
    for output in ("one", "two"):
        run_step(
            "curvature",
            *SETTINGS,
            vlm=models.vlm,
            subspaces=files.subspaces,
            data=models.calibration.parent,
            output=tmp_path / output,
        )
    found, again = TensorFile(tmp_path / "one"), TensorFile(tmp_path / "two")
    assert len(found.tensors) == 2 * MATRICES
    for name in found.tensors:
        assert torch.equal(found[name], again[name])
    for name, subspace in read_subspaces(files).items():
        assert found[name].shape == found[f"{name}.secant"].shape == subspace.s.shape
        assert (found[name] > 0).all()
        assert (found[f"{name}.secant"] != 0).all()
    gates = TensorFile(files.gates / "gates.safetensors").metadata
    origin = ("base", "lrm", "vlm", "questions", "examples")
    assert {key: found.metadata[key] for key in origin} == {key: gates[key] for key in origin}
    assert found.metadata["seconds"] > 0 < found.metadata["diagonal_seconds"]


def test_examples_in_float32_give_nearly_the_same(pico_merge: PicoMerge) -> None:
    model, examples = in_double(pico_merge)
    exact = secants(model, read_subspaces(pico_merge), examples, 3)
    single = examples_of(pico_merge.models)
    chosen = sorted(single, key=lambda e: len(e.embeddings) - e.answer)[:3]
    from tests.test_injection import load

    found = secants(load(pico_merge.models), read_subspaces(pico_merge), chosen, 3)
    both = (torch.cat(list(each.values())).double() for each in (exact, found))
    assert float(torch.corrcoef(torch.stack(list(both)))[0, 1]) > 0.999
