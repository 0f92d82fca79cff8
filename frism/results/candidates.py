"""A candidate is one method at one setting of its parameters; references have no parameters."""

from __future__ import annotations

from typing import NamedTuple

from frism.methods.registry import NO_PARAMETERS, parse_parameters

VLM = "vlm"
LRM = "lrm"
FRISM = "frism"
MATRIX_GATES = "matrix_gates"
REFERENCES = (VLM, LRM)
REASONING = "reasoning"
PERCEPTION = "perception"
TEXT = "text"


class Candidate(NamedTuple):
    """One method with its parameters as they stand in file names, such as `lambda=0.4`."""

    method: str
    parameters: str = NO_PARAMETERS

    @property
    def values(self) -> tuple[float, ...]:
        """The parameters' values in the order of their names: candidates sort by them."""
        return tuple(parse_parameters(self.parameters).values())

    def __str__(self) -> str:
        return labelled(self.method, self.parameters)


def labelled(name: str, parameters: str) -> str:
    """Returns a name with its parameters in brackets, or alone if it has none."""
    return name if parameters == NO_PARAMETERS else f"{name} ({parameters})"
