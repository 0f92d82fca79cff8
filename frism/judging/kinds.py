"""The kinds of answer that a question asks for."""

from __future__ import annotations

from typing import Literal, get_args

Kind = Literal["choice", "choices", "yes_no", "number", "list", "expression", "text"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# what a reader returns where a text decides against an answer: two options, or a refusal; nothing
# that stands before it counts then, while None means "look further"
UNDECIDED = ""
