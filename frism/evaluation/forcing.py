"""Budget forcing: a chain that is too long is closed, and the final answer asked for.

As in s1 (arXiv:2501.19393): when an open chain has taken its budget of tokens, `</think>` and the
beginning of a final answer are appended, and the model goes on from there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from frism.errors import ConfigError
from frism.evaluation.answers import END_THINK, THINK

PHRASE = "Final answer:"


@dataclass(frozen=True)
class Forcing:
    """When and how chains are closed.

    Attributes:
        budget: tokens of a chain.
        closing: tokens that are appended then.
        opened: whether the template opens the chain.
        tokenizer: of the model.
    """

    budget: int
    closing: tuple[int, ...]
    opened: bool
    tokenizer: Any

    @classmethod
    def of(cls, tokenizer: Any, budget: int, limit: int, opened: bool) -> Forcing:
        """Returns how the chains of a model with this tokenizer are closed.

        Args:
            tokenizer: of the model.
            budget: tokens of a chain.
            limit: tokens of an answer with its chain.
            opened: whether the template opens the chain.

        Raises:
            ConfigError: The budget leaves no room for an answer.
        """
        closing = tuple(_closing(tokenizer))
        if budget + len(closing) >= limit:
            raise ConfigError(
                f"thinking_budget is {budget}, the words that close a chain take {len(closing)} "
                f"tokens, and max_new_tokens is {limit}; expected room for an answer: lower the "
                "budget or raise the limit"
            )
        return cls(budget, closing, opened, tokenizer)

    def is_open(self, tokens: list[int]) -> bool:
        """Tells whether these tokens are a chain that has not been closed."""
        text = self.tokenizer.decode(tokens)
        return END_THINK not in text and (self.opened or THINK in text)


def _closing(tokenizer: Any) -> list[int]:
    """Returns the tokens; a vocabulary that cannot say the phrase gets `</think>` alone."""
    text = f"\n{END_THINK}\n\n{PHRASE}"
    tokens: list[int] = tokenizer.encode(text, add_special_tokens=False)
    if tokenizer.decode(tokens, skip_special_tokens=True).split() == text.split():
        return tokens
    return list(tokenizer.encode(END_THINK, add_special_tokens=False))
