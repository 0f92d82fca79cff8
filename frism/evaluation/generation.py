"""Answers to a batch of encoded prompts; a row that has ended leaves the batch."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
import transformers

from frism.evaluation.forcing import Forcing
from frism.evaluation.loops import loops
from frism.evaluation.prompts import Prompts
from frism.evaluation.sampling import Sampler
from frism.injection.recording import handed_over

STEPS_BETWEEN_LOOKS = 64


@dataclass(frozen=True)
class Decoding:
    """How tokens are chosen and when a row ends.

    Attributes:
        end_tokens: tokens that end an answer, int64.
        limit: longest answer in tokens.
        forcing: closes chains that are too long; None: none is closed.
        stop_loops: whether a row that repeats itself ends early, as one that was cut off.
    """

    end_tokens: torch.Tensor
    limit: int
    forcing: Forcing | None = None
    stop_loops: bool = False


@dataclass(frozen=True)
class Row:
    """What was generated for one prompt.

    Attributes:
        number: of the prompt in its batch.
        tokens: up to and with the end token, or to the limit.
        forced: whether the chain was closed by force.
        looped: whether the chain that was closed by force repeated itself.
    """

    number: int
    tokens: list[int]
    forced: bool = False
    looped: bool = False


class Batch:
    """The rows that have not ended, and what the model holds of them.

    `transformers.generate` runs every row until the last one of the batch has ended, and takes no
    prompts that are encoded already. Its penalties have no part here.

    Args:
        model: a causal language model or VLM of transformers.
        prompts: b prompts.
        decoding: how they are answered.
        sampler: draws tokens; None: the one with the highest logit is taken.
    """

    def __init__(
        self, model: Any, prompts: Prompts, decoding: Decoding, sampler: Sampler | None = None
    ) -> None:
        count, device = len(prompts.embeddings), prompts.embeddings.device
        self._model, self._prompts, self._decoding = model, prompts, decoding
        self._sampler = sampler
        self._tokens = torch.zeros((count, decoding.limit), dtype=torch.int64, device=device)
        self._end_tokens = decoding.end_tokens.to(device)
        self._rows = torch.arange(count, device=device)
        self._forced = torch.zeros(count, dtype=torch.bool, device=device)
        self._looped: set[int] = set()
        self._mask, self._place = prompts.mask, prompts.next
        self._cache = transformers.DynamicCache(config=model.config.get_text_config())

    @torch.inference_mode()
    def generate(self) -> Iterator[list[Row]]:
        """Yields the rows that end in the same step, until none is left."""
        logits = self._read()
        for step in range(self._decoding.limit):
            chosen = self._choose(logits, step)
            self._tokens[self._rows, step] = chosen
            going = self._going(chosen, step)
            if len(going) < len(self._rows):
                yield self._leave(going, step)
            if not len(going):
                return
            logits = self._step(chosen[going])

    def _read(self) -> torch.Tensor:
        with handed_over(self._model, self._prompts.extras):
            return self._forward(
                inputs_embeds=self._prompts.embeddings, position_ids=self._prompts.positions
            )

    def _step(self, chosen: torch.Tensor) -> torch.Tensor:
        self._mask = torch.cat([self._mask, self._mask.new_ones(len(chosen), 1)], dim=1)
        positions = self._prompts.shaped(self._place[:, None])
        self._place = self._place + 1
        return self._forward(input_ids=chosen[:, None], position_ids=positions)

    def _forward(self, **inputs: torch.Tensor) -> torch.Tensor:
        outputs = self._model(
            **inputs,
            attention_mask=self._mask,
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=1,
        )
        logits: torch.Tensor = outputs.logits[:, -1]
        return logits

    def _choose(self, logits: torch.Tensor, step: int) -> torch.Tensor:
        if self._sampler:
            chosen = self._sampler.choose(logits, self._rows.tolist())
        else:
            chosen = logits.argmax(dim=-1)
        forcing = self._decoding.forcing
        if forcing is None or not 0 <= step - forcing.budget < len(forcing.closing):
            return chosen
        if step == forcing.budget:
            self._force(forcing)
        return chosen.masked_fill(self._forced[self._rows], forcing.closing[step - forcing.budget])

    def _force(self, forcing: Forcing) -> None:
        for row in self._rows.tolist():
            written = self._tokens[row, : forcing.budget].tolist()
            self._forced[row] = forcing.is_open(written)
            if self._forced[row] and loops(written):
                self._looped.add(row)

    def _going(self, chosen: torch.Tensor, step: int) -> torch.Tensor:
        going = torch.isin(chosen, self._end_tokens, invert=True)
        if step + 1 == self._decoding.limit:
            going = torch.zeros_like(going)
        elif self._decoding.stop_loops and step % STEPS_BETWEEN_LOOKS == STEPS_BETWEEN_LOOKS - 1:
            written = self._tokens[self._rows, : step + 1].tolist()
            going &= torch.tensor([not loops(row) for row in written], device=going.device)
        return going.nonzero().squeeze(1)

    def _leave(self, going: torch.Tensor, step: int) -> list[Row]:
        """Returns the rows that have ended and forgets them."""
        ended = torch.ones(len(self._rows), dtype=torch.bool, device=going.device)
        ended[going] = False
        numbers = self._rows[ended]
        written = self._tokens[numbers, : step + 1].tolist()
        forced = self._forced[numbers].tolist()
        left = zip(numbers.tolist(), written, forced, strict=True)
        self._rows, self._mask = self._rows[going], self._mask[going]
        self._place = self._place[going]
        if len(going):
            self._cache.batch_select_indices(going)
        return [Row(n, tokens, told, n in self._looped) for n, tokens, told in left]
