"""Types of single values in the configuration, and of groups of them."""

from __future__ import annotations

from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from frism.config.problems import NUMBER, WORD

Item = TypeVar("Item")
# YAML has lists, a frozen tree needs tuples: the sequence converts, its items stay strict.
Items = Annotated[tuple[Item, ...], Field(strict=False, min_length=1)]
Name = Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.-]*$", max_length=64)]
Seed = Annotated[int, Field(ge=0, le=2**31 - 1)]
Path = Annotated[str, Field(min_length=1)]
Finite = Annotated[float, Field(allow_inf_nan=False)]
# by the kind of what is there, so that a wrong value has one message
Value = Annotated[
    Annotated[Finite, Tag(NUMBER)] | Annotated[str, Tag(WORD)],
    Discriminator(lambda value: WORD if isinstance(value, str) else NUMBER),
]


class Settings(BaseModel):
    """A group of settings: unknown keys and wrong types are errors, values never change."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True, allow_inf_nan=False)
