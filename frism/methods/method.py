"""What the registry knows of a merge method."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import torch

    from frism.methods.matrix import MatrixInputs

Merge = Callable[["MatrixInputs", Mapping[str, Any]], "torch.Tensor"]
Conflict = Callable[[Mapping[str, Any]], str | None]
Value = float | str

# what a method may need beside VLM, base and LRM, and what to do where a pair lacks it
NEEDS = {
    "vlm_base": "the language model that the VLM was trained from; name it as vlm_base of the pair",
    "curvature": "the curvature of each singular direction; run `frism curvature`",
}
LAYER_LEVEL = ("model", "layer", "matrix")


@dataclass(frozen=True)
class Parameter:
    """A number that a method is swept over.

    Args:
        description: What it does.
        low: Smallest allowed value.
        high: Largest allowed value.
        default: Candidate values of the default configuration.
        optional: Value where a configuration leaves it out; None where it must be given.
        whole: Whether only whole numbers are allowed.
    """

    description: str
    low: float
    high: float
    default: tuple[float, ...] = ()
    optional: float | None = None
    whole: bool = False

    @property
    def allowed(self) -> str:
        """The allowed values in words."""
        numbers = "whole numbers" if self.whole else "numbers"
        return f"{numbers}, at least {self.low:.12g}, at most {self.high:.12g}"

    def allows(self, value: Value) -> bool:
        """Tells whether `value` is allowed."""
        if isinstance(value, str) or not self.low <= value <= self.high:
            return False
        return not self.whole or value % 1 == 0


@dataclass(frozen=True)
class Choice:
    """A word that a method is swept over.

    Args:
        description: What it does.
        values: The allowed words.
        default: Candidate words of the default configuration.
        optional: Word where a configuration leaves it out; None where it must be given.
    """

    description: str
    values: tuple[str, ...]
    default: tuple[str, ...] = ()
    optional: str | None = None

    @property
    def allowed(self) -> str:
        """The allowed words."""
        return ", ".join(self.values)

    def allows(self, value: Value) -> bool:
        """Tells whether `value` is allowed."""
        return value in self.values


@dataclass(frozen=True)
class Learned:
    """How the coefficients of a method are learned.

    Args:
        granularity: What one coefficient governs, a key of `frism.injection.granularity`.
        activation: From the raw number that is trained to the coefficient: `sigmoid`, `identity`
            or `mask` (0 or 1, with gradients passed straight through).
        objective: `distillation` (FRISM Eq. 10) or `entropy` of the predictions.
        directions: Whose singular directions they stand before: `lrm`, or `random` ones.
        gates_of: Slug of the method whose gates are taken over; None where it trains its own.
    """

    granularity: str
    activation: str = "sigmoid"
    objective: str = "distillation"
    directions: str = "lrm"
    gates_of: str | None = None


@dataclass(frozen=True)
class Method:
    """A merge method.

    Args:
        slug: Name in configuration, paths and tables.
        name: Name in text and figures.
        paper: Where it was published, such as `arXiv:2212.04089`.
        granularity: What one coefficient governs: `model`, `layer`, `matrix`, `head`, `block` or
            `direction`.
        summary: Its formula.
        rescale: How the task vector is rescaled before it is added.
        parameters: Its coefficients by name.
        merge: Tensor inputs and all coefficients to the merged tensor, float32; maths only.
        vectors: Whether norms and biases of the language model are merged by the same function;
            where not they stay the VLM's, as embeddings, head and vision tower always do.
        rowwise: Whether each row of a tensor is merged without a look at its other rows, so that a
            merge may go through it block by block.
        needs: What it needs beside VLM, base and LRM, keys of `NEEDS`.
        directions: Whose singular directions it reads, `lrm` and `vlm`; where gates are learned
            those of the LRM always.
        learned: How its coefficients are learned, or None where nothing is trained.
        conflict: Tells of all coefficients, each allowed by itself, why they are not allowed
            together, or None; where not given all are.
    """

    slug: str
    name: str
    paper: str
    granularity: str
    summary: str
    rescale: str
    parameters: Mapping[str, Parameter | Choice]
    merge: Merge
    vectors: bool = False
    rowwise: bool = False
    needs: tuple[str, ...] = ()
    directions: tuple[str, ...] = ()
    learned: Learned | None = None
    conflict: Conflict | None = None

    @property
    def gates(self) -> str | None:
        """Slug of the method that trains this one's gates, or None where it has none."""
        return (self.learned.gates_of or self.slug) if self.learned else None

    @property
    def decomposed(self) -> tuple[str, ...]:
        """Whose task vectors must be decomposed for it: `lrm`, `vlm`, both or none."""
        return self.directions or (("lrm",) if self.learned else ())

    @property
    def missing(self) -> tuple[str, ...]:
        """Parameters without candidates of the method's own: a configuration must give them."""
        given = self.parameters.items()
        return tuple(n for n, each in given if each.optional is None and not each.default)

    def undefined(self, given: Collection[str]) -> str | None:
        """Returns why the method is not defined for a pair that has only `given` of `NEEDS`."""
        lacking = [NEEDS[need] for need in self.needs if need not in given]
        return f"needs {' and '.join(lacking)}" if lacking else None
