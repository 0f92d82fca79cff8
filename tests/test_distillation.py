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

from frism.distillation import teacher as teachers
from frism.distillation.batches import Batch, batch_indices, pack
from frism.distillation.calibration import Example, build_examples
from frism.distillation.objective import (
    energy_normaliser,
    entropy,
    injection_loss,
    kl_divergence,
)
from frism.distillation.packed import answer_logits
from frism.distillation.questions import Question, calibration_file, read_questions
from frism.distillation.teacher import Teacher
from frism.distillation.training import Objective, Record, Schedule, train_gates
from frism.errors import DataError, MergeError
from frism.injection.design import GateDesign
from frism.injection.gated_linear import teacher
from frism.injection.gates import Injection
from frism.injection.inject import inject
from tests.pico import MATRICES, QUESTIONS, Pico
from tests.steps import PicoMerge, run_step, train_gates_of
from tests.test_injection import ALL, injected, load, read_subspaces
from tests.tolerances import FINITE_DIFFERENCES, TOLERANCES

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


def everything(examples: Sequence[Example]) -> Batch:
    return pack(examples, range(len(examples)))


def test_packing_does_not_change_answers(pico_merge: PicoMerge) -> None:
    model, _ = injected(pico_merge)
    examples = examples_of(pico_merge.models)
    assert len({len(example.embeddings) for example in examples}) > 1
    batch = everything(examples)
    with torch.no_grad():
        alone = [answer_logits(model, pack(examples, [i])) for i in batch.members]
        together = answer_logits(model, batch)
    torch.testing.assert_close(torch.cat(alone), together, rtol=1e-4, atol=1e-4)


def test_packed_answers_are_those_of_the_models_own_attention(pico_merge: PicoMerge) -> None:
    model, _ = injected(pico_merge)
    before = model.config.text_config._attn_implementation
    for example in examples_of(pico_merge.models):
        with torch.no_grad():
            hidden = model.model.language_model(
                inputs_embeds=example.embeddings[None], position_ids=example.positions[:, None]
            ).last_hidden_state
            expected = model.lm_head(hidden[0, example.answer - 1 : -1])
            found = answer_logits(model, pack([example], [0]))
        torch.testing.assert_close(found, expected, rtol=1e-4, atol=1e-4)
        assert model.config.text_config._attn_implementation == before


def test_batches_hold_their_examples_one_after_the_other(pico: Pico) -> None:
    examples = examples_of(pico)
    batch = pack(examples, [3, 0, 7, 0])
    lengths = [len(examples[i].embeddings) for i in batch.members]
    assert sorted(batch.members) == [0, 0, 3, 7]
    assert lengths == sorted(lengths)
    assert [length for length, count in batch.lengths for _ in range(count)] == lengths
    assert batch.owners.tolist() == [k for k, size in enumerate(lengths) for _ in range(size)]
    for place, i in enumerate(batch.members):
        own = batch.owners == place
        assert torch.equal(batch.embeddings[0, own], examples[i].embeddings)
        assert torch.equal(batch.positions[:, 0, own], examples[i].positions)
    following = {int(p) + 1 for p in batch.predicts}
    starts = np.cumsum([0, *lengths])
    assert following == {
        int(start) + token
        for start, i in zip(starts, batch.members, strict=False)
        for token in range(examples[i].answer, len(examples[i].embeddings))
    }


def test_teacher_without_cache_gives_the_same(
    pico_merge: PicoMerge, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, _ = injected(pico_merge)
    examples = examples_of(pico_merge.models)
    batch = pack(examples, [7, 0, 3])
    cached = Teacher(model, examples).log_probabilities(batch)
    monkeypatch.setattr(teachers, "CACHE_BYTES", 0)
    fresh = Teacher(model, examples)
    assert fresh.known is None
    torch.testing.assert_close(cached, fresh.log_probabilities(batch), rtol=1e-4, atol=1e-4)


def test_training_without_cache_gives_the_same(
    pico_merge: PicoMerge, monkeypatch: pytest.MonkeyPatch
) -> None:
    examples = examples_of(pico_merge.models)
    _, known, _ = train(pico_merge, examples, SCHEDULE)
    monkeypatch.setattr(teachers, "CACHE_BYTES", 0)
    _, anew, _ = train(pico_merge, examples, SCHEDULE)
    torch.testing.assert_close(known.raw, anew.raw, rtol=1e-3, atol=1e-4)


def train(
    files: PicoMerge,
    examples: Sequence[Example],
    schedule: Schedule,
    kind: str = "direction",
    **design: Any,
) -> tuple[Any, Injection, list[Record]]:
    model, injection = injected(files, kind, **design)
    objective = objective_of(model, injection, examples, schedule)
    return model, injection, train_gates(objective, examples, schedule)


@ALL
def test_training_changes_gates_and_nothing_else(pico_merge: PicoMerge, kind: str) -> None:
    examples = examples_of(pico_merge.models)
    model, injection, history = train(pico_merge, examples, SCHEDULE, kind)
    before = load(pico_merge.models).state_dict()
    for name, value in model.state_dict().items():
        if not name.endswith(".gate"):
            assert torch.equal(value, before[name.replace(".linear.", ".")]), name
    for name, subspace in read_subspaces(pico_merge).items():
        ours = injection.layers[name].components.subspace
        assert all(torch.equal(*parts) for parts in zip(ours, subspace, strict=True))
    assert (injection.raw != 0).float().mean() > 0.9
    assert history[0]["open"] == 0
    assert len(history) == SCHEDULE.steps


def test_training_lowers_entropy(pico_merge: PicoMerge) -> None:
    examples = examples_of(pico_merge.models)
    schedule = replace(SCHEDULE, objective="entropy", alpha=0.0, learning_rate=0.05, steps=30)
    for activation in ("identity", "mask"):
        _, injection, history = train(
            pico_merge, examples, schedule, "direction", activation=activation
        )
        assert set(history[0]) == {"loss", "entropy", "injection", "open"}
        first, last = (np.mean([r["entropy"] for r in part]) for part in halves(history))
        assert last < first
        injection.refresh()
        if activation == "mask":
            assert set(injection.values.tolist()) == {0.0, 1.0}


def halves(history: list[Record]) -> tuple[list[Record], list[Record]]:
    return history[:10], history[-10:]


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


def without_seconds(file: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(file.read_text())
    parts = [report.pop("preparation_seconds"), report.pop("training_seconds")]
    assert min(parts) > 0
    assert report.pop("seconds") == pytest.approx(sum(parts))
    return report


def test_gates_do_not_depend_on_their_company(pico_merge: PicoMerge, tmp_path: Path) -> None:
    files = pico_merge
    both = [str(tmp_path / "one"), str(tmp_path / "two")]
    run_step(
        "gates",
        *["--vlm", *[str(files.models.vlm)] * 2, "--subspaces", *[str(files.subspaces)] * 2],
        *["--data", *[str(files.models.calibration.parent)] * 2, "--output", *both],
        *["--steps", "4", "--batch-size", "5", "--images", "12", "--learning-rate", "0.5"],
        method="frism",
        parameters="alpha=1,lambda_lrm=1",
    )
    for output in both:
        found = (Path(output) / "gates.safetensors").read_bytes()
        assert found == (files.gates / "gates.safetensors").read_bytes()
        report = without_seconds(Path(output) / "training.json")
        assert report == without_seconds(files.gates / "training.json")


def test_written_gates_and_history(pico_merge: PicoMerge, tmp_path: Path) -> None:
    train_gates_of(pico_merge, tmp_path, "matrix_gates", "alpha=0.5,lambda_lrm=0.8")
    gates = load_file(tmp_path / "gates.safetensors")
    assert {gate.shape for gate in gates.values()} == {(1,)}
    report = json.loads((tmp_path / "training.json").read_text())
    assert len(gates) == len(report["gates"]) == MATRICES
    assert report["examples"] == QUESTIONS
    assert report["settings"]["lambda_lrm"] == 0.8
    assert report["settings"]["learning_rate"] == 0.5
    assert [set(step) for step in report["steps"]] == [{"loss", "kl", "injection", "open"}] * 4
    for name, gate in gates.items():
        value = 1 / (1 + np.exp(-gate.item()))
        np.testing.assert_allclose(report["gates"][name]["mean"], value, rtol=1e-6)
        np.testing.assert_allclose(report["gates"][name]["energy"], value**2, rtol=1e-5)


def test_parameters_go_before_settings(pico_merge: PicoMerge, tmp_path: Path) -> None:
    parameters = "initial=0.4,learning_rate=0.002,images=7,modules=only_v,energy=0.8"
    train_gates_of(pico_merge, tmp_path, "ada_merging", parameters)
    report = json.loads((tmp_path / "training.json").read_text())
    assert report["examples"] == 7
    assert {name.split(".")[-2] for name in report["gates"]} == {"v_proj"}
    assert (
        report["settings"].items()
        >= {
            "learning_rate": 0.002,
            "initial": 0.4,
            "activation": "identity",
            "objective": "entropy",
            "granularity": "layer",
            "modules": "only_v",
            "energy": 0.8,
        }.items()
    )
    for gate in load_file(tmp_path / "gates.safetensors").values():
        # four steps of Adam
        assert 0.39 < gate.item() < 0.41


def test_calibration_of_another_kind(pico_merge: PicoMerge, tmp_path: Path) -> None:
    files = pico_merge.models
    table = pd.read_csv(files.calibration, sep="\t", dtype=str)
    table.assign(image="").to_csv(tmp_path / calibration_file("text"), sep="\t", index=False)
    linked = replace(pico_merge, models=replace(files, calibration=tmp_path / "calibration.tsv"))
    train_gates_of(linked, tmp_path / "g", "frism", "alpha=1,lambda_lrm=1,calibration=text")
    settings = json.loads((tmp_path / "g" / "training.json").read_text())["settings"]
    assert settings["calibration"] == "text"
    with pytest.raises(DataError, match=r"calibration\.tsv does not exist"):
        read_questions(linked.models.calibration, 1)


def test_questions_without_images(pico: Pico) -> None:
    """With and without images in one batch, each as it would be alone."""
    shown = questions(pico)[:2]
    mixed = [shown[0], Question(None, "read now"), shown[1]]
    model, processor = load(pico), AutoProcessor.from_pretrained(pico.vlm)
    together = build_examples(model, processor, mixed)
    alone = [build_examples(model, processor, [question])[0] for question in mixed]
    for one, other in zip(together, alone, strict=True):
        torch.testing.assert_close(one.embeddings, other.embeddings, rtol=1e-4, atol=1e-4)
        assert torch.equal(one.positions, other.positions)
        assert one.answer == other.answer
    assert together[1].answer == 4  # user, two words, assistant
    assert torch.equal(
        together[1].positions, torch.arange(len(together[1].embeddings)).expand(3, -1)
    )


@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("task_arithmetic", "'task_arithmetic' learns no gates"),
        ("frism_shuffled", "'frism_shuffled' takes over the gates of 'frism'"),
    ],
)
def test_methods_without_training_are_refused(
    pico_merge: PicoMerge,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    method: str,
    message: str,
) -> None:
    parameters = "lambda=1" if method == "task_arithmetic" else "alpha=1,lambda_lrm=1"
    with pytest.raises(AssertionError):
        train_gates_of(pico_merge, tmp_path / "g", method, parameters)
    assert message in capsys.readouterr().err


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
