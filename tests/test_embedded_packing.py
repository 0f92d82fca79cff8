"""Packed batches against the real processor, positions, logits and greedy decoding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from frism.embedded import corpus, forward
from frism.embedded import vocabulary as v
from frism.embedded.architecture import TEXT, new_language_model, new_vlm
from frism.embedded.examples import Example
from frism.embedded.packing import IGNORED, batches, pack, patchify, rope_positions
from tests.tolerances import TOLERANCES

CLOSE = TOLERANCES[torch.float32]


@pytest.fixture(scope="module")
def vlm() -> Any:
    """A VLM of random weights, wide enough that its answers differ."""
    model = new_vlm(new_language_model(1), 2).eval()
    with torch.no_grad():
        for name, weight in model.named_parameters():
            if name.endswith("proj.weight") or "embed_tokens" in name:
                weight.mul_(4)
    return model


def examples(count: int, seed: int = 0) -> list[Example]:
    """Examples with and without images."""
    rng = np.random.default_rng(seed)
    return [corpus.VLM(rng) for _ in range(count)]


def alone(model: Any, example: Example) -> torch.Tensor:
    """Logits [s, vocabulary] by the model's own forward pass, from the processor's pixels."""
    return model(**inputs(example, len(example.words))).logits[0]  # type: ignore[no-any-return]


def inputs(example: Example, length: int) -> dict[str, torch.Tensor]:
    ids = torch.tensor([[v.TOKEN_ID[word] for word in example.words[:length]]])
    found = {"input_ids": ids, "attention_mask": torch.ones_like(ids)}
    if example.image is not None:
        images = v.build_processor().image_processor(
            [Image.fromarray(example.image)], return_tensors="pt"
        )
        types = (ids == v.TOKEN_ID[v.IMAGE]).int()
        found |= {**images, "mm_token_type_ids": types}
    return found


def test_patches_equal_those_of_the_processor() -> None:
    images = [e.image for e in examples(30) if e.image is not None]
    found = v.build_processor().image_processor(
        [Image.fromarray(image) for image in images], return_tensors="pt"
    )
    assert len({image.shape for image in images}) > 1
    torch.testing.assert_close(patchify(images), found["pixel_values"], **CLOSE)
    batch = pack([[e] for e in examples(30)])
    assert batch.grid is not None
    assert batch.grid.tolist() == found["image_grid_thw"].tolist()


def test_positions_equal_those_of_the_model(vlm: Any) -> None:
    for example in examples(20):
        given = inputs(example, len(example.words))
        types = given.get("mm_token_type_ids", torch.zeros_like(given["input_ids"]))
        expected, _ = vlm.model.get_rope_index(
            given["input_ids"],
            mm_token_type_ids=types,
            image_grid_thw=given.get("image_grid_thw"),
            attention_mask=given["attention_mask"],
        )
        assert rope_positions(given["input_ids"][0].numpy()).tolist() == expected[:, 0].tolist()


def test_packed_logits_equal_those_of_each_example_alone(vlm: Any) -> None:
    lines = [examples(3, seed=1), examples(2, seed=2), examples(4, seed=3)]
    assert any(e.image is not None for line in lines for e in line[1:])
    with torch.no_grad():
        found, labels = forward.logits_at_labels(vlm, pack(lines))
        expected = [alone(vlm, e)[:-1][torch.tensor(e.loss[1:])] for line in lines for e in line]
    torch.testing.assert_close(found, torch.cat(expected), rtol=1e-4, atol=1e-4)
    words = [w for line in lines for e in line for w, on in zip(e.words, e.loss, strict=True) if on]
    assert labels.tolist() == [v.TOKEN_ID[word] for word in words]


def test_a_text_model_reads_the_same_batch() -> None:
    model = new_language_model(3).eval()
    lines = [[corpus.reasoning(np.random.default_rng(k)) for k in range(3)]]
    with torch.no_grad():
        found, _ = forward.logits_at_labels(model, pack(lines))
        expected = [alone(model, e)[:-1][torch.tensor(e.loss[1:])] for e in lines[0]]
        mean = forward.loss(model, pack(lines))
    torch.testing.assert_close(found, torch.cat(expected), rtol=1e-4, atol=1e-4)
    labels = [v.TOKEN_ID[w] for e in lines[0] for w, on in zip(e.words, e.loss, strict=True) if on]
    chosen = torch.log_softmax(found.double(), 1)[range(len(labels)), labels]
    assert mean.item() == pytest.approx(-chosen.mean().item(), rel=1e-5)


def test_batches_keep_every_example_once_and_whole() -> None:
    drawn = examples(120, seed=4)

    def stream() -> Iterator[Example]:
        yield from drawn

    packed = [batch for _, batch in zip(range(3), batches(stream(), 4, 144), strict=False)]
    words: list[int] = []
    for batch in packed:
        assert batch.ids.shape == batch.labels.shape == (4, 144)
        for ids, segments in zip(batch.ids, batch.segments, strict=True):
            words += ids[segments >= 0].tolist()
            assert (ids[segments < 0] == v.TOKEN_ID[v.PAD]).all()
    flat = [v.TOKEN_ID[word] for example in drawn for word in example.words]
    assert words == flat[: len(words)]
    assert len(words) > 0.7 * 3 * 4 * 144
    assert (packed[0].labels[packed[0].segments < 0] == IGNORED).all()


def test_exact_match_equals_greedy_generation(vlm: Any) -> None:
    made = [_answered(vlm, e, spoil=k % 3 == 1) for k, e in enumerate(_prompts(12))]
    right = [e for e, hit in made if hit]
    assert 0 < len(right) < len(made)
    found = forward.exact_match(vlm, pack([[e] for e, _ in made]))
    assert found.tolist() == [hit for _, hit in made]
    assert forward.accuracy(vlm, [e for e, _ in made]) == pytest.approx(len(right) / len(made))


def _prompts(count: int) -> list[Example]:
    rng = np.random.default_rng(5)
    draw = (corpus.image_perception, corpus.reasoning)
    return [draw[k % 2](rng) for k in range(count)]


def _answered(vlm: Any, example: Example, spoil: bool) -> tuple[Example, bool]:
    """Returns `example` with four words as answer and whether the model says them."""
    start = example.loss.index(True)
    said = vlm.generate(**inputs(example, start), max_new_tokens=4, do_sample=False)[0, start:]
    words = list(v.TOKEN_ID)
    answer = [words[token] for token in said.tolist()]
    if spoil:
        answer[-1] = "7" if answer[-1] != "7" else "8"
    loss = [False] * start + [True] * len(answer)
    return Example(example.words[:start] + answer, loss, example.image), not spoil


def test_the_tower_makes_one_word_per_glyph(vlm: Any) -> None:
    images = [np.zeros((8, 8 * k, 3), np.uint8) for k in (1, 4, 6)]
    grid = torch.tensor([[1, 2, 2 * k] for k in (1, 4, 6)])
    tokens = forward.visual_tokens(vlm.model.visual, patchify(images), grid)
    assert tokens.shape == (11, TEXT["hidden_size"])
