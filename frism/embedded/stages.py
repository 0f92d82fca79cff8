"""The stages of a family: base, then the LRM and the VLM that both start from the base."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from frism.config.pair_tree import TrainingBudget, VlmBudget
from frism.embedded import corpus, forward, glyphs
from frism.embedded import vocabulary as v
from frism.embedded.architecture import new_language_model, new_vlm
from frism.embedded.examples import Example
from frism.embedded.packing import batches, patchify
from frism.embedded.rows import any_row
from frism.embedded.training import Level, Scores, Stage, optimise, train_to_level

ROWS, LENGTH = 10, 144  # packed words of a batch
TOWER_IMAGES = 32
VALIDATION_EXAMPLES = 500
BASE_RATE, LRM_RATE, VLM_RATE = 3e-3, 1e-3, 3e-4
TOWER_ALIGNMENT_RATE, TOWER_RATE = 2e-3, 1e-3
BASE_LEVELS = {"text perception": Level(0.99), "restatement": Level(0.99)}
LRM_LEVELS = {"text reasoning": Level(0.98)}
VLM_LEVELS = {"perception": Level(0.95), "reasoning": Level(0.35, at_most=True)}
# streams of the family's random numbers
BASE, LRM, VLM, TOWER, CHECK = range(5)


def train_base(seed: int, budget: TrainingBudget) -> Any:
    """Returns the base of family `seed`: a Qwen2ForCausalLM that reads, restates and computes."""
    stage = Stage(
        "base",
        build=lambda attempt: new_language_model(_torch_seed(seed, BASE, attempt)),
        rates=lambda model: [(list(model.parameters()), BASE_RATE)],
        losses=_losses(corpus.BASE),
        scores=_scores(
            seed, {"text perception": corpus.perception, "restatement": corpus.restatement}
        ),
        levels=BASE_LEVELS,
    )
    return train_to_level(stage, budget, (seed, BASE))


def train_lrm(base: Any, seed: int, budget: TrainingBudget) -> Any:
    """Returns the LRM: the base trained to solve problems in text with a chain of thought."""
    stage = Stage(
        "lrm",
        build=lambda attempt: copy.deepcopy(base),
        # the VLM keeps its own embeddings, so what the LRM learnt there would be lost in a merge
        rates=lambda model: [(_without_embeddings(model), LRM_RATE)],
        losses=_losses(corpus.LRM),
        scores=_scores(seed, {"text reasoning": corpus.reasoning}),
        levels=LRM_LEVELS,
    )
    return train_to_level(stage, budget, (seed, LRM))


def train_vlm(base: Any, seed: int, budget: VlmBudget) -> Any:
    """Returns the VLM: a vision tower aligned with the base's embeddings, then both trained."""

    def build(attempt: int) -> Any:
        model = new_vlm(base, _torch_seed(seed, VLM, attempt))
        rng = np.random.default_rng((seed, TOWER, attempt))
        _align(model, rng, budget.alignment_steps)
        return model

    stage = Stage(
        "vlm",
        build=build,
        rates=_vlm_rates,
        losses=_losses(corpus.VLM),
        scores=_vlm_scores(seed),
        levels=VLM_LEVELS,
    )
    return train_to_level(stage, budget, (seed, VLM))


def _align(model: Any, rng: np.random.Generator, steps: int) -> None:
    """Teaches the tower to map each glyph to the embedding of its symbol.

    A regression, because aligning through the frozen language model takes far longer.
    """
    tower, embeddings = model.model.visual, model.get_input_embeddings().weight.detach()

    def losses() -> Iterator[Tensor]:
        while True:
            rows = [any_row(rng, corpus.SPLIT) for _ in range(TOWER_IMAGES)]
            images = [glyphs.draw(row, corpus.SPLIT, rng) for row in rows]
            grid = torch.tensor([[1, v.MERGE_SIZE, v.MERGE_SIZE * len(row)] for row in rows])
            symbols = torch.tensor([v.TOKEN_ID[symbol] for row in rows for symbol in row])
            target = embeddings[symbols]
            found = forward.visual_tokens(tower, patchify(images), grid)
            yield functional.mse_loss(found, target) / target.square().mean()

    optimise(losses(), [(list(tower.parameters()), TOWER_ALIGNMENT_RATE)], steps, "tower")


def _losses(mixture: corpus.Part) -> Callable[[Any, np.random.Generator], Iterator[Tensor]]:
    def losses(model: Any, rng: np.random.Generator) -> Iterator[Tensor]:
        for batch in batches(_stream(mixture, rng), ROWS, LENGTH):
            yield forward.loss(model, batch)

    return losses


def _stream(part: corpus.Part, rng: np.random.Generator) -> Iterator[Example]:
    while True:
        yield part(rng)


def _scores(seed: int, parts: Mapping[str, corpus.ValidationPart]) -> Callable[[Any], Scores]:
    """Returns a function from a model to its exact-match share on validation rows, per part."""

    def scores(model: Any) -> Scores:
        return {
            name: forward.accuracy(model, _validation(part, seed)) for name, part in parts.items()
        }

    return scores


def _validation(part: corpus.ValidationPart, seed: int) -> list[Example]:
    rng = np.random.default_rng((seed, CHECK))
    return [part(rng, "validation") for _ in range(VALIDATION_EXAMPLES)]


def _vlm_rates(model: Any) -> list[tuple[list[nn.Parameter], float]]:
    language, tower = model.model.language_model, model.model.visual
    return [(list(language.parameters()), VLM_RATE), (list(tower.parameters()), TOWER_RATE)]


def _vlm_scores(seed: int) -> Callable[[Any], Scores]:
    parts = {
        "perception": corpus.image_perception,
        "direct": corpus.image_direct,
        "chain": corpus.image_reasoning,
    }

    def scores(model: Any) -> Scores:
        found = _scores(seed, parts)(model)
        # an answer starts with a chain or without one, so a problem counts at most once
        reasoning = found["direct"] + found["chain"]
        return {"perception": found["perception"], "reasoning": reasoning}

    return scores


def _without_embeddings(model: Any) -> list[nn.Parameter]:
    embedding = model.get_input_embeddings().weight.requires_grad_(False)
    return [parameter for parameter in model.parameters() if parameter is not embedding]


def _torch_seed(seed: int, stream: int, attempt: int) -> int:
    return int(np.random.SeedSequence((seed, stream, attempt)).generate_state(1)[0])
