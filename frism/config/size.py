"""The size of a pair's models, for estimates while the weights are not there."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from frism.config.values import Settings

# CPU threads of a large job, from so many parameters of the language model on
THREADS = ((20e9, 16), (1e9, 8))


class Size(Settings):
    """Architecture of a pair's language models, as in the VLM's config.json."""

    layers: int = Field(ge=1, description="Layers of the language model.")
    hidden: int = Field(ge=1, description="Size of the hidden state.")
    heads: int = Field(ge=1, description="Attention heads.")
    kv_heads: int = Field(ge=1, description="Heads of keys and values.")
    head_size: int | None = Field(
        None, ge=1, description="Size of a head; where it is left out, hidden over heads."
    )
    intermediate: int = Field(ge=1, description="Size of the inner layer of each MLP.")
    vocabulary: int = Field(ge=1, description="Rows of the embeddings.")
    tied: bool = Field(False, description="Whether the head is the embeddings.")
    vision: int = Field(
        0, ge=0, description="Parameters of the VLM beside its language model: tower and projector."
    )
    dtype: Literal["bfloat16", "float16", "float32"] = Field(
        "bfloat16", description="Type in which the weights are stored."
    )

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        """Shapes [m, n] of the linear matrices of one layer: q, k, v, o, gate, up, down."""
        width = self.head_size or self.hidden // self.heads
        queries, keys = self.heads * width, self.kv_heads * width
        hidden, inner = self.hidden, self.intermediate
        attention = ((queries, hidden), (keys, hidden), (keys, hidden), (hidden, queries))
        return (*attention, (inner, hidden), (inner, hidden), (hidden, inner))

    @property
    def language(self) -> int:
        """Parameters of the language model, norms and biases aside."""
        inside = self.layers * sum(m * n for m, n in self.shapes)
        return inside + self.vocabulary * self.hidden * (1 if self.tied else 2)


def threads_of(size: Size | None) -> int:
    """Returns the CPU threads of a pair's large jobs; 1 where its size is not given."""
    parameters = size.language if size else 0
    return next((threads for least, threads in THREADS if parameters >= least), 1)
