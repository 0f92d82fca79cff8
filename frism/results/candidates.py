"""A candidate is one method at one setting of its parameters; references have no parameters."""

from __future__ import annotations

from typing import NamedTuple

from frism.methods.registry import NO_PARAMETERS, parse_parameters

VLM = "vlm"
LRM = "lrm"
FRISM = "frism"
MATRIX_GATES = "matrix_gates"
CLOSED_FORM = "frism_closed_form"
REFERENCES = (VLM, LRM)
REASONING = "reasoning"
PERCEPTION = "perception"
TEXT = "text"
# name, whether a word, the number, the word
Rank = tuple[tuple[str, bool, float, str], ...]


class Candidate(NamedTuple):
    """One method with its parameters as they stand in file names, such as `lambda=0.4`."""

    method: str
    parameters: str = NO_PARAMETERS

    @property
    def values(self) -> tuple[float | str, ...]:
        """The parameters' values in the order of their names."""
        return tuple(parse_parameters(self.parameters).values())

    @property
    def rank(self) -> Rank:
        """What candidates of one method sort by: numbers as numbers, words after them."""
        named = parse_parameters(self.parameters).items()
        return tuple(
            (name, True, 0.0, value) if isinstance(value, str) else (name, False, value, "")
            for name, value in named
        )

    def __str__(self) -> str:
        return labelled(self.method, self.parameters)


def labelled(name: str, parameters: str) -> str:
    """Returns a name with its parameters in brackets, or alone if it has none."""
    return name if parameters == NO_PARAMETERS else f"{name} ({parameters})"
