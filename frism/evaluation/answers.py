"""Generated answers and how a final answer is read from them."""

from __future__ import annotations

from dataclasses import dataclass

THINK, END_THINK = "<think>", "</think>"
# one of the refusals that VLMEvalKit maps to "no option", and never equal to an answer; an empty
# prediction would come back from its result file as "nan"
NO_ANSWER = "Cannot determine the answer"


def is_open(text: str) -> bool:
    """Tells whether a text ends within a chain: no `</think>` follows the last `<think>`."""
    return text.rfind(THINK) > text.rfind(END_THINK)


@dataclass(frozen=True)
class Answer:
    """What a model generated for one question.

    Attributes:
        text: generated text without special tokens but those around the chain, which are written
            `<think>` and `</think>` whatever the model writes; where the chat template opens the
            chain it begins with `<think>`, too.
        tokens: generated tokens, the end token included.
        ended: whether the model ended its answer; False means the token limit cut it off.
        seconds: share of the batch's wall time.
        chain_tokens: length of the chain in tokens.
        looped: whether the model repeated itself until it was cut off, or its chain closed.
        forced: whether the chain was closed at its budget and the final answer asked for.
    """

    text: str
    tokens: int
    ended: bool
    seconds: float = 0.0
    chain_tokens: int = 0
    looped: bool = False
    forced: bool = False

    @property
    def chain(self) -> bool:
        """Whether the model thought and came to an end: a closed chain that is not empty."""
        return END_THINK in self.text and not is_open(self.text) and bool(self.thinking)

    @property
    def cut(self) -> bool:
        """Whether the token limit cut the answer off."""
        return not self.ended

    @property
    def thinking(self) -> str:
        """The chain: from `<think>`, or the start, to the last `</think>`; if open, to the end."""
        if THINK not in self.text and END_THINK not in self.text:
            return ""
        head, closed, _ = self.text.rpartition(END_THINK)
        ended = closed and not is_open(self.text)
        before, opened, chain = (head if ended else self.text).partition(THINK)
        return (chain if opened else before).strip()

    @property
    def final(self) -> str:
        """The text after the last `</think>`; empty when a chain was never closed."""
        return "" if is_open(self.text) else self.text.rpartition(END_THINK)[2].strip()

    @property
    def scored(self) -> str:
        """The text that is scored; an answer cut off or without a final part is none."""
        return NO_ANSWER if self.cut or not self.final else self.final
