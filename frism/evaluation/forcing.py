"""Budget forcing: a chain that is too long is closed, and the final answer asked for.

As in s1 (arXiv:2501.19393): when an open chain has taken its budget of tokens, `</think>` and the
beginning of a final answer are appended, and the model goes on from there.
"""

from __future__ import annotations

from dataclasses import dataclass

from frism.errors import ConfigError
from frism.evaluation.answers import END_THINK, is_open
from frism.evaluation.markers import Markers

PHRASE = "Final answer:"
ASKED = [END_THINK, *PHRASE.split()]


@dataclass(frozen=True)
class Forcing:
    """When and how chains are closed.

    Attributes:
        budget: tokens of a chain.
        closing: tokens that are appended then.
        markers: of the model's chains.
    """

    budget: int
    closing: tuple[int, ...]
    markers: Markers

    @classmethod
    def of(cls, markers: Markers, budget: int, limit: int) -> Forcing:
        """Returns how the chains of a model are closed.

        Args:
            markers: of its chains.
            budget: tokens of a chain.
            limit: tokens of an answer with its chain.

        Raises:
            ConfigError: The budget leaves no room for an answer.
        """
        closing = tuple(_closing(markers))
        if budget + len(closing) >= limit:
            raise ConfigError(
                f"thinking_budget is {budget}, the words that close a chain take {len(closing)} "
                f"tokens, and max_new_tokens is {limit}; expected room for an answer: lower the "
                "budget or raise the limit"
            )
        return cls(budget, closing, markers)

    def is_open(self, tokens: list[int]) -> bool:
        """Tells whether these tokens are a chain that has not been closed."""
        return is_open(*self.markers.read([tokens]))


def _closing(markers: Markers) -> list[int]:
    """Returns the tokens; a vocabulary that cannot say the phrase closes the chain alone."""
    tokenizer = markers.tokenizer
    tokens: list[int] = tokenizer.encode(
        f"\n{markers.closing}\n\n{PHRASE}", add_special_tokens=False
    )
    (text,) = markers.read([tokens])
    if text.split()[-len(ASKED) :] == ASKED:
        return tokens
    return list(tokenizer.encode(markers.closing, add_special_tokens=False))
