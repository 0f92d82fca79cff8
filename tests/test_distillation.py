"""The dual objective, its gradient and the training of gates."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import torch
from numpy.typing import NDArray
from safetensors.torch import load_file
from torch import nn
from transformers import AutoProcessor

from frism.distillation import training
from frism.distillation.batches import batch_indices, collate
from frism.distillation.calibration import Example, Question, build_examples, read_questions
from frism.distillation.objective import injection_loss, kl_divergence
from frism.distillation.training import Schedule, Teacher, dual_objective, train_gates
from frism.errors import DataError, MergeError
from frism.injection.gated_linear import teacher
from frism.injection.granularity import granularity
from frism.injection.inject import Injection, inject
from tests.pico import MATRICES, QUESTIONS, Pico
from tests.steps import PicoMerge, run_step, train_gates_of
from tests.test_injection import BOTH, injected, load, read_subspaces
from tests.tolerances import FINITE_DIFFERENCES, TOLERANCES

SCHEDULE = Schedule(
    alpha=0.7, learning_rate=0.5, steps=3, batch_size=5, normalisation="spectrum", seed=1
)


def questions(pico: Pico) -> list[Question]:
    return read_questions(pico.calibration, QUESTIONS)


def examples_of(pico: Pico) -> list[Example]:
    return build_examples(load(pico), AutoProcessor.from_pretrained(pico.vlm), questions(pico))


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    powers: NDArray[np.float64] = np.exp(logits - logits.max(-1, keepdims=True))
    shares: NDArray[np.float64] = powers / powers.sum(-1, keepdims=True)
    return shares


def test_kl_equals_the_direct_formula() -> None:
    rng = np.random.default_rng(0)
    ours, theirs = rng.normal(size=(2, 4, 7)), rng.normal(size=(2, 4, 7))
    mask = np.array([[0, 1, 1, 0], [1, 0, 0, 1]], dtype=bool)
    p, q = softmax(theirs)[mask], softmax(ours)[mask]
    expected = (p * np.log(p / q)).sum() / mask.sum()
    found = kl_divergence(*(torch.from_numpy(x) for x in (theirs, ours, mask)))
    np.testing.assert_allclose(found.item(), expected, **TOLERANCES[torch.float64])
    assert kl_divergence(torch.from_numpy(p), torch.from_numpy(p), torch.ones(4).bool()).item() == 0


def test_kl_of_nothing_is_refused() -> None:
    with pytest.raises(MergeError, match="no answer tokens"):
        kl_divergence(torch.zeros(2, 3), torch.zeros(2, 3), torch.zeros(2).bool())


@pytest.mark.parametrize("normalisation", ["spectrum", "none"])
def test_injection_equals_the_direct_formula(normalisation: str) -> None:
    rng = np.random.default_rng(0)
    gates = [rng.uniform(size=4), rng.uniform(size=1)]
    spectra = [rng.uniform(size=4), rng.uniform(size=3)]
    expected = -sum(((gate * s) ** 2).sum() for gate, s in zip(gates, spectra, strict=True))
    if normalisation == "spectrum":
        expected /= sum((s**2).sum() for s in spectra)
    found = injection_loss(
        [torch.from_numpy(g) for g in gates], [torch.from_numpy(s) for s in spectra], normalisation
    )
    np.testing.assert_allclose(found.item(), expected, **TOLERANCES[torch.float64])


def test_injection_is_minus_one_when_all_gates_are_open() -> None:
    spectra = [torch.tensor([3.0, 1.0]), torch.tensor([2.0])]
    opened = [torch.ones(2), torch.ones(1)]
    assert injection_loss(opened, spectra, "spectrum").item() == -1
    assert injection_loss(opened, spectra, "none").item() == -14
    with pytest.raises(MergeError, match=r"'l2'; expected 'spectrum' or 'none'"):
        injection_loss(opened, spectra, "l2")


def in_double(pico_merge: PicoMerge, kind: str) -> tuple[Any, Injection, list[Example]]:
    """Returns an injected float64 model with random gates, and float64 examples."""
    model = load(pico_merge.models).double()
    for path, module in list(model.model.language_model.named_modules()):
        if type(module).__name__.endswith("RMSNorm"):  # transformers' own computes in float32
            norm = nn.RMSNorm(module.weight.numel(), eps=module.variance_epsilon).double()
            norm.load_state_dict(module.state_dict())
            model.model.language_model.set_submodule(path, norm)
    injection = inject(model, read_subspaces(pico_merge), granularity(kind), 0.9)
    torch.manual_seed(0)
    with torch.no_grad():
        for gate in injection.gates.values():
            gate.normal_()
    examples = examples_of(pico_merge.models)
    return model, injection, [replace(e, embeddings=e.embeddings.double()) for e in examples]


@BOTH
@pytest.mark.parametrize("normalisation", ["spectrum", "none"])
def test_gradient_equals_finite_differences(
    pico_merge: PicoMerge, kind: str, normalisation: str
) -> None:
    model, injection, examples = in_double(pico_merge, kind)
    schedule, batch = replace(SCHEDULE, normalisation=normalisation), collate(examples[:3])
    answers = Teacher(model, examples).log_probabilities(batch, [0, 1, 2])

    def loss() -> torch.Tensor:
        return dual_objective(model, injection, batch, answers, schedule).total

    loss().backward()  # type: ignore[no-untyped-call]
    for key in list(injection.gates)[::3]:
        gate = injection.gates[key]
        assert gate.grad is not None
        expected = central_difference(loss, gate, index=gate.numel() // 2)
        np.testing.assert_allclose(
            gate.grad[gate.numel() // 2].item(), expected, **FINITE_DIFFERENCES
        )


def central_difference(loss: Any, gate: nn.Parameter, index: int, step: float = 1e-4) -> float:
    ends: list[float] = []
    with torch.no_grad():
        for sign in (1, -1):
            gate[index] += sign * step
            ends.append(loss().item())
            gate[index] -= sign * step
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
    everyone = list(range(len(examples)))
    batch = collate(examples)
    answers = Teacher(model, examples).log_probabilities(batch, everyone)
    losses = dual_objective(model, injection, batch, answers, SCHEDULE)
    assert answers.shape[0] == count
    np.testing.assert_allclose(losses.kl.item(), total / count, rtol=1e-3)
    np.testing.assert_allclose(losses.injection.item(), -0.25, **TOLERANCES[torch.float32])
    expected = losses.kl.item() + SCHEDULE.alpha * losses.injection.item()
    np.testing.assert_allclose(losses.total.item(), expected, **TOLERANCES[torch.float32])


def test_padding_does_not_change_answers(pico_merge: PicoMerge) -> None:
    model, _ = injected(pico_merge, "direction")
    examples = examples_of(pico_merge.models)
    assert len({len(example.embeddings) for example in examples}) > 1
    with torch.no_grad():
        alone = [training.answer_logits(model, collate([example])) for example in examples]
        together = training.answer_logits(model, collate(examples))
    torch.testing.assert_close(torch.cat(alone), together, rtol=1e-4, atol=1e-4)


def test_teacher_without_cache_gives_the_same(
    pico_merge: PicoMerge, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, _ = injected(pico_merge, "direction")
    examples = examples_of(pico_merge.models)
    order = [7, 0, 3]
    batch = collate([examples[i] for i in order])
    cached = Teacher(model, examples).log_probabilities(batch, order)
    monkeypatch.setattr(training, "TEACHER_CACHE_BYTES", 0)
    fresh = Teacher(model, examples)
    assert fresh.known is None
    torch.testing.assert_close(cached, fresh.log_probabilities(batch, order), rtol=1e-4, atol=1e-4)


def train(
    files: PicoMerge, examples: Sequence[Example], schedule: Schedule, kind: str = "direction"
) -> tuple[Any, Injection, list[dict[str, float]]]:
    model, injection = injected(files, kind)
    return model, injection, train_gates(model, injection, examples, schedule)


@BOTH
def test_training_changes_gates_and_nothing_else(pico_merge: PicoMerge, kind: str) -> None:
    examples = examples_of(pico_merge.models)
    model, injection, history = train(pico_merge, examples, SCHEDULE, kind)
    before = load(pico_merge.models).state_dict()
    for name, value in model.state_dict().items():
        if not name.endswith(".gate"):
            assert torch.equal(value, before[name.replace(".linear.", ".")]), name
    for name, subspace in read_subspaces(pico_merge).items():
        layer = injection.layers[name]
        for ours, theirs in zip((layer.u, layer.s, layer.vh), subspace, strict=True):
            assert torch.equal(ours, theirs)
    assert all(gate.detach().any() for gate in injection.gates.values())
    assert history[0]["open"] == 0
    assert len(history) == SCHEDULE.steps


def test_alpha_decides_between_distillation_and_injection(pico_merge: PicoMerge) -> None:
    examples = examples_of(pico_merge.models)
    schedule = replace(SCHEDULE, steps=30)
    _, _, closed = train(pico_merge, examples, replace(schedule, alpha=0.0))
    _, _, opened = train(pico_merge, examples, replace(schedule, alpha=1e4))
    assert closed[-1]["kl"] < 0.2 * closed[0]["kl"]
    assert closed[-1]["injection"] > -0.1
    assert opened[-1]["injection"] < -0.99
    assert opened[-1]["open"] > 0.99
    assert opened[-1]["kl"] > closed[0]["kl"]


def test_order_of_examples_is_seeded_and_passes_are_whole() -> None:
    order = list(batch_indices(7, 3, 7, seed=1))
    assert order == list(batch_indices(7, 3, 7, seed=1))
    assert order != list(batch_indices(7, 3, 7, seed=2))
    flat = [index for batch in order for index in batch]
    assert all(sorted(flat[start : start + 7]) == list(range(7)) for start in (0, 7, 14))
    assert {len(batch) for batch in batch_indices(2, 5, 3, seed=0)} == {5}


def test_answers_end_with_the_end_token(pico: Pico) -> None:
    model = load(pico)
    examples = examples_of(pico)
    end = model.get_input_embeddings()(torch.tensor(model.generation_config.eos_token_id))
    lengths = [len(example.embeddings) - example.answer for example in examples]
    ended = [torch.equal(example.embeddings[-1], end) for example in examples]
    assert any(ended)
    for example, length, finished in zip(examples, lengths, ended, strict=True):
        answer = example.embeddings[example.answer :]
        assert length == 64 or finished
        assert (answer == end).all(dim=1).sum() == int(finished)


def test_gates_do_not_depend_on_their_company(pico_merge: PicoMerge, tmp_path: Path) -> None:
    files = pico_merge
    both = [str(tmp_path / "one"), str(tmp_path / "two")]
    run_step(
        "gates",
        *["--vlm", *[str(files.models.vlm)] * 2, "--subspaces", *[str(files.subspaces)] * 2],
        *["--calibration", *[str(files.models.calibration)] * 2, "--output", *both],
        *["--steps", "4", "--batch-size", "5", "--images", "12", "--learning-rate", "0.5"],
        method="frism",
        parameters="alpha=1,lambda_lrm=1",
    )
    for file in ("gates.safetensors", "training.json"):
        alone = (files.gates / file).read_bytes()
        assert (tmp_path / "one" / file).read_bytes() == alone
        assert (tmp_path / "two" / file).read_bytes() == alone


def test_written_gates_and_history(pico_merge: PicoMerge, tmp_path: Path) -> None:
    train_gates_of(pico_merge, tmp_path, "matrix_gates", "alpha=0.5,lambda_lrm=0.8")
    gates = load_file(tmp_path / "gates.safetensors")
    assert {gate.shape for gate in gates.values()} == {(1,)}
    report = json.loads((tmp_path / "training.json").read_text())
    assert len(gates) == len(report["gates"]) == MATRICES
    assert report["examples"] == QUESTIONS
    assert report["settings"]["lambda_lrm"] == 0.8
    assert [set(step) for step in report["steps"]] == [{"loss", "kl", "injection", "open"}] * 4
    for name, gate in gates.items():
        value = 1 / (1 + np.exp(-gate.item()))
        np.testing.assert_allclose(report["gates"][name]["mean"], value, rtol=1e-6)
        np.testing.assert_allclose(report["gates"][name]["energy"], value**2, rtol=1e-5)


def test_broken_calibration_is_named(pico: Pico, tmp_path: Path) -> None:
    table, path = pd.read_csv(pico.calibration, sep="\t"), tmp_path / "c.tsv"
    with pytest.raises(DataError, match=r"c\.tsv does not exist"):
        read_questions(path, 1)
    table.drop(columns="image").to_csv(path, sep="\t", index=False)
    with pytest.raises(DataError, match=r"c\.tsv lacks columns \['image'\]"):
        read_questions(path, 1)
    table.assign(image="AAAA").to_csv(path, sep="\t", index=False)
    with pytest.raises(DataError, match=r"c\.tsv: the image of question 0 cannot be read"):
        read_questions(path, 1)
    with pytest.raises(DataError, match=r"has 12 questions; expected at least 13"):
        read_questions(pico.calibration, 13)
