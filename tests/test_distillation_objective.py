"""The dual objective and its gradient."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from transformers import AutoProcessor

from frism.distillation.batches import pack
from frism.distillation.objective import (
    energy_normaliser,
    entropy,
    injection_loss,
    kl_divergence,
)
from frism.errors import MergeError
from frism.injection.gated_linear import teacher
from tests.distillation_inputs import (
    SCHEDULE,
    everything,
    examples_of,
    in_double,
    objective_of,
    questions,
    softmax,
)
from tests.steps import PicoMerge
from tests.test_injection import ALL, injected
from tests.tolerances import FINITE_DIFFERENCES, TOLERANCES


def test_kl_and_entropy_equal_the_direct_formulas() -> None:
    rng = np.random.default_rng(0)
    ours, theirs = rng.normal(size=(2, 4, 7))
    p, q = softmax(theirs), softmax(ours)
    known, logits = torch.from_numpy(np.log(p)), torch.from_numpy(ours)
    expected = (p * np.log(p / q)).sum() / 4
    found = kl_divergence(known, logits)
    np.testing.assert_allclose(found.item(), expected, **TOLERANCES[torch.float64])
    assert kl_divergence(known, torch.from_numpy(theirs)).item() == pytest.approx(0, abs=1e-15)
    expected = -(q * np.log(q)).sum() / 4
    np.testing.assert_allclose(entropy(logits).item(), expected, **TOLERANCES[torch.float64])


def test_losses_of_nothing_are_refused() -> None:
    nothing = torch.zeros(0, 3)
    with pytest.raises(MergeError, match="no answer tokens"):
        kl_divergence(nothing, nothing)
    with pytest.raises(MergeError, match="no answer tokens"):
        entropy(nothing)


def test_injection_equals_the_direct_formula() -> None:
    rng = np.random.default_rng(0)
    values, energies = rng.uniform(size=(2, 7))
    found = injection_loss(torch.from_numpy(values), torch.from_numpy(energies), 2.5)
    expected = -(values**2 * energies).sum() / 2.5
    np.testing.assert_allclose(found.item(), expected, **TOLERANCES[torch.float64])


def test_injection_is_normalised_by_all_singular_values() -> None:
    spectra = [torch.tensor([3.0, 1.0]), torch.tensor([2.0])]
    assert energy_normaliser(spectra, "spectrum") == 14
    assert energy_normaliser(spectra, "none") == 1
    with pytest.raises(MergeError, match=r"'l2'; expected 'spectrum' or 'none'"):
        energy_normaliser(spectra, "l2")


@ALL
@pytest.mark.parametrize("objective", ["distillation", "entropy"])
def test_gradient_equals_finite_differences(
    pico_merge: PicoMerge, kind: str, objective: str
) -> None:
    model, injection, examples = in_double(pico_merge, kind)
    schedule = replace(SCHEDULE, objective=objective)
    losses, batch = objective_of(model, injection, examples, schedule), pack(examples, range(3))

    def loss() -> torch.Tensor:
        return losses(batch).total

    loss().backward()  # type: ignore[no-untyped-call]
    gradient = injection.raw.grad
    assert gradient is not None
    for index in sorted({0, injection.raw.numel() // 2, injection.raw.numel() - 1}):
        expected = central_difference(loss, injection.raw, index)
        np.testing.assert_allclose(gradient[index].item(), expected, **FINITE_DIFFERENCES)


def central_difference(loss: Any, raw: nn.Parameter, index: int, step: float = 1e-4) -> float:
    ends: list[float] = []
    with torch.no_grad():
        for sign in (1, -1):
            raw[index] += sign * step
            ends.append(loss().item())
            raw[index] -= sign * step
    return (ends[0] - ends[1]) / (2 * step)


def test_objective_equals_the_models_own_forward(pico_merge: PicoMerge) -> None:
    """One question at a time, from pixels and tokens, without cache, padding or our batches."""
    files = pico_merge.models
    model, injection = injected(pico_merge, "direction")
    processor, total, count = AutoProcessor.from_pretrained(files.vlm), 0.0, 0
    for question in questions(files):
        content = [{"type": "image"}, {"type": "text", "text": question.text}]
        text = processor.apply_chat_template(
            [{"role": "user", "content": content}], add_generation_prompt=True
        )
        inputs = processor(text=[text], images=[question.image], return_tensors="pt")
        prompt = inputs["input_ids"].shape[1]
        with torch.no_grad(), teacher(model):
            answer = model.generate(**inputs, do_sample=False, max_new_tokens=64)
            inputs |= {"input_ids": answer, "attention_mask": torch.ones_like(answer)}
            kinds = torch.zeros_like(answer)
            kinds[:, :prompt] = inputs["mm_token_type_ids"]
            inputs["mm_token_type_ids"] = kinds
            p = softmax(model(**inputs).logits[0, prompt - 1 : -1].double().numpy())
        with torch.no_grad():
            q = softmax(model(**inputs).logits[0, prompt - 1 : -1].double().numpy())
        total += (p * np.log(p / q)).sum()
        count += len(p)
    examples = examples_of(files)
    batch, losses = everything(examples), objective_of(model, injection, examples)
    found = losses(batch)
    assert len(batch.predicts) == count
    np.testing.assert_allclose(found.preservation.item(), total / count, rtol=1e-3)
    np.testing.assert_allclose(found.injection.item(), -0.25, **TOLERANCES[torch.float32])
    expected = found.preservation.item() + SCHEDULE.alpha * found.injection.item()
    np.testing.assert_allclose(found.total.item(), expected, **TOLERANCES[torch.float32])
