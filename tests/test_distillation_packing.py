"""Packed examples give what each alone would, with and without a cached teacher."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from frism.distillation import teacher as teachers
from frism.distillation.batches import batch_indices, pack
from frism.distillation.packed import answer_logits
from frism.distillation.teacher import Teacher
from tests.distillation_inputs import (
    SCHEDULE,
    everything,
    examples_of,
    train,
)
from tests.pico import Pico
from tests.steps import PicoMerge
from tests.test_injection import injected


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


def test_order_of_examples_is_seeded_and_passes_are_whole() -> None:
    order = list(batch_indices(7, 3, 7, seed=1))
    assert order == list(batch_indices(7, 3, 7, seed=1))
    assert order != list(batch_indices(7, 3, 7, seed=2))
    flat = [index for batch in order for index in batch]
    assert all(sorted(flat[start : start + 7]) == list(range(7)) for start in (0, 7, 14))
    assert {len(batch) for batch in batch_indices(2, 5, 3, seed=0)} == {5}
