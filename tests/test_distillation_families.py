"""Examples of every family of VLMs, packed, against the model's own forward on each alone."""

from __future__ import annotations

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import nn

from frism.distillation.batches import pack
from frism.distillation.calibration import build_examples, encode
from frism.distillation.capture import record
from frism.distillation.examples import DEEPSTACK, VISUAL, Example, read_examples, write_examples
from frism.distillation.packed import answer_logits
from frism.distillation.questions import Question
from frism.distillation.recomputation import recomputed
from frism.distillation.training import train_gates
from frism.errors import DataError, MergeError
from frism.injection.decoder import matrices
from frism.injection.design import GateDesign
from frism.injection.inject import inject
from frism.subspaces.decomposition import decompose
from tests.distillation_inputs import SCHEDULE, objective_of
from tests.tiny_vlms import END, FAMILIES, TOKEN_ID, tiny_vlm
from tests.tolerances import Tolerance

EACH = pytest.mark.parametrize("family", FAMILIES)
CLOSE: Tolerance = {"rtol": 1e-4, "atol": 5e-5}
WINDOWS: dict[str, dict[str, Any]] = {
    "Idefics2": {"sliding_window": 16},
    "Qwen2_5_VL": {"use_sliding_window": True, "sliding_window": 8, "max_window_layers": 1},
}


def questions() -> list[Question]:
    """Returns questions with images of several shapes and one without."""
    rng = np.random.default_rng(0)

    def image(width: int, height: int) -> bytes:
        file = io.BytesIO()
        Image.fromarray(rng.integers(0, 255, (height, width, 3)).astype(np.uint8)).save(file, "png")
        return file.getvalue()

    return [
        Question(image(16, 16), "read this"),
        Question(None, "count now what is"),
        Question(image(40, 16), "item"),
        Question(image(16, 48), "what is this now"),
    ]


@cache
def prepared(family: str) -> tuple[Any, Any, list[Example]]:
    model, processor = tiny_vlm(family)
    return model, processor, build_examples(model, processor, questions())


def own_logits(model: Any, processor: Any, question: Question) -> torch.Tensor:
    """Returns the logits of a greedy answer, found token by token by the model's own forward."""
    inputs = dict(encode(processor, [question]))
    prompt = inputs["input_ids"].shape[1]
    placeholders = [model.config.image_token_id, getattr(model.config, "video_token_id", None)]
    for _ in range(64):
        with torch.no_grad():
            logits: torch.Tensor = model(**inputs).logits[0]
        ranked = logits[-1].argsort(descending=True).tolist()
        token = next(each for each in ranked if each not in placeholders)
        _append(inputs, token)
        if token == TOKEN_ID[END]:
            break
    return logits[prompt - 1 :]


def _append(inputs: dict[str, Any], token: int) -> None:
    for name, value in (("input_ids", token), ("attention_mask", 1), ("mm_token_type_ids", 0)):
        if name in inputs:
            inputs[name] = torch.cat([inputs[name], torch.tensor([[value]])], dim=1)


@EACH
def test_packed_answers_are_the_models_own(family: str) -> None:
    model, processor, examples = prepared(family)
    assert_own(model, processor, examples)
    assert len({len(example.embeddings) for example in examples}) > 1


def assert_own(model: Any, processor: Any, examples: list[Example]) -> None:
    batch = pack(examples, range(len(examples)))
    with torch.no_grad():
        found = torch.split(
            answer_logits(model, batch), [examples[i].answer_tokens for i in batch.members]
        )
    for place, i in enumerate(batch.members):
        expected = own_logits(model, processor, questions()[i])
        assert len(expected) == examples[i].answer_tokens
        torch.testing.assert_close(found[place], expected, **CLOSE)


@pytest.mark.parametrize("family", WINDOWS)
def test_windows_reach_no_further_than_in_the_model(family: str) -> None:
    model, processor = tiny_vlm(family, **WINDOWS[family])
    examples = build_examples(model, processor, questions())
    assert max(len(example.embeddings) for example in examples) > 16
    assert_own(model, processor, examples)
    plain = tiny_vlm(family)[0]
    batch = pack(examples, range(len(examples)))
    with torch.no_grad():
        assert not torch.allclose(answer_logits(model, batch), answer_logits(plain, batch))


@EACH
def test_gradients_flow_and_recomputation_changes_none(family: str) -> None:
    model, _, examples = prepared(family)
    found = []
    for wanted in (False, True):
        batch = pack(examples, range(len(examples)))
        batch.embeddings.requires_grad_()
        with recomputed(model, wanted):
            logits = answer_logits(model, batch)
            logits.square().mean().backward()  # type: ignore[no-untyped-call]
        found.append((logits.detach(), batch.embeddings.grad))
    for plain, again in zip(*found, strict=True):
        assert plain is not None
        assert torch.equal(plain, again)
        assert plain.abs().sum() > 0
    assert not any(module.training for module in model.modules())


@EACH
def test_gates_learn_on_packed_examples(family: str) -> None:
    model, _ = tiny_vlm(family)
    examples = prepared(family)[2]
    torch.manual_seed(0)
    subspaces = {
        name: decompose(name, 0.05 * torch.randn(model.get_submodule(path).weight.shape))
        for name, path in matrices(model).items()
    }
    injection = inject(model, subspaces, GateDesign(), 1.0)
    schedule = replace(SCHEDULE, steps=8, batch_size=3, alpha=0.0, gradient_checkpointing=True)
    objective = objective_of(model, injection, examples, schedule)
    history = train_gates(objective, examples, schedule).history
    assert history[-1]["kl"] < 0.5 * history[0]["kl"]
    with torch.no_grad():  # closed gates leave the VLM
        injection.raw.fill_(-torch.inf)
        assert float(objective.preservation(pack(examples, range(4)))) < 1e-7


@EACH
def test_files_hold_examples_as_they_are(family: str, tmp_path: Path) -> None:
    model, processor, examples = prepared(family)
    write_examples(tmp_path / "file", examples)
    assert_same(read_examples(tmp_path / "file"), examples)
    kept = build_examples(model, processor, questions(), batch_size=3, folder=tmp_path)
    assert len(kept) == len(examples)
    # the second time nothing is asked: the model is none
    assert_same(build_examples(None, None, questions(), 3, tmp_path), kept)


def assert_same(found: list[Example], expected: list[Example]) -> None:
    for one, other in zip(found, expected, strict=True):
        assert torch.equal(one.embeddings, other.embeddings)
        assert torch.equal(one.positions, other.positions)
        assert one.answer == other.answer
        assert one.extras.keys() == other.extras.keys()
        assert all(torch.equal(one.extras[name], other.extras[name]) for name in one.extras)


def test_inner_features_go_with_their_images() -> None:
    """Of Qwen3-VL: one row for each image token and each layer that takes some in."""
    _, _, examples = prepared("Qwen3VL")
    for question, example in zip(questions(), examples, strict=True):
        places, features = example.extras[VISUAL], example.extras[DEEPSTACK]
        assert features.shape == (int(places.sum()), 2, 32)
        assert bool(places.any()) == (question.image is not None)
        assert not places[example.answer :].any()
    model, processor, _ = prepared("Qwen3VL")
    text = build_examples(model, processor, [questions()[1]])
    assert text[0].extras == {}
    mixed = pack([*text, examples[0]], [0, 1])
    with torch.no_grad():
        alone = answer_logits(model, pack([examples[0]], [0]))
        torch.testing.assert_close(answer_logits(model, mixed)[-len(alone) :], alone, **CLOSE)


def test_dropout_stays_off_in_recomputed_layers() -> None:
    model, _ = tiny_vlm("LlavaNext", attention_dropout=0.5)
    examples = prepared("LlavaNext")[2]
    with torch.no_grad(), recomputed(model):
        first, again = (answer_logits(model, pack(examples, [0])) for _ in range(2))
    assert torch.equal(first, again)


def test_what_cannot_be_packed_is_refused() -> None:
    model, processor = tiny_vlm("Idefics3")
    inputs = encode(processor, questions())
    for more, message in (
        ({"bias": torch.ones(3)}, r"gives its decoder 'bias', which does not belong to single"),
        ({"attention_mask": {}}, "an attention mask of its own; expected causal attention"),
        ({"inputs_embeds": None}, "expected inputs_embeds, which hold the images"),
    ):
        with given(model.model.text_model, more), pytest.raises(DataError, match=message):
            record(model, inputs)
    attention, example = model.model.text_model.layers[0].self_attn, prepared("Idefics3")[2][0]
    with (
        given(attention, {"softcap": 30.0}),
        pytest.raises(MergeError, match="computes attention with 'softcap'"),
    ):
        answer_logits(model, pack([example], [0]))


@contextmanager
def given(module: nn.Module, more: dict[str, Any]) -> Iterator[None]:
    """Changes the arguments of a module."""
    handle = module.register_forward_pre_hook(
        lambda _, positional, named: (positional, named | more), with_kwargs=True, prepend=True
    )
    yield
    handle.remove()
