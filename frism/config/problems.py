"""What is wrong with a configuration, one short line each: file, key, value found, allowed."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from frism.config.schema import allowed, node_at, schema_of, shown, with_keys
from frism.errors import ConfigError

# what pydantic puts into the path of a value that may be either
NUMBER, WORD, KEYS = "<number>", "<word>", "<keys>"
# a message stays one short line however many methods there are
MOST_SHOWN = 8


@dataclass(frozen=True)
class Problem:
    """One wrong value: the file it stands in, its key path and what to do about it."""

    file: str
    key: str
    message: str

    def __str__(self) -> str:
        return ": ".join(part for part in (self.file, self.key, self.message) if part)


def raise_if_any(problems: Sequence[Problem]) -> None:
    """Raises one ConfigError with a line for each problem."""
    if problems:
        raise ConfigError("\n".join(dict.fromkeys(str(problem) for problem in problems)))


def unknown(what: str, found: str, known: Iterable[str]) -> str:
    """Says that a name is unknown, which are known, and the nearest one."""
    names = list(known)
    near = difflib.get_close_matches(found, names, n=1)
    hint = f"; did you mean '{near[0]}'?" if near else ""
    more = f", and {len(names) - MOST_SHOWN} more" if len(names) > MOST_SHOWN else ""
    return f"unknown {what} '{found}'; allowed: {', '.join(names[:MOST_SHOWN])}{more}{hint}"


def from_validation(error: ValidationError, model: type[BaseModel], file: str) -> list[Problem]:
    """Turns pydantic's errors into problems of `file`."""
    schema = schema_of(model)
    details = [detail for detail in error.errors() if not _is_echo(detail)]
    return [_problem(detail, schema, file) for detail in details]


def _is_echo(detail: Any) -> bool:
    # A list whose item is wrong is reported as too short as well.
    return bool(detail["type"] == "too_short" and detail["input"])


def _problem(detail: Any, schema: dict[str, Any], file: str) -> Problem:
    detail = detail | {"loc": tuple(p for p in detail["loc"] if p not in (NUMBER, WORD, KEYS))}
    location = [part for part in detail["loc"] if part != "[key]"]
    return Problem(file, key_path(location), _message(detail, location, schema))


def _message(detail: Any, location: list[str | int], schema: dict[str, Any]) -> str:
    if detail["type"] == "extra_forbidden":
        known = with_keys(node_at(schema, location[:-1]))["properties"]
        return unknown("key", str(location[-1]), known)
    if detail["type"] == "missing":
        return f"this key is required; expected {allowed(node_at(schema, location))}"
    if detail["loc"][-1:] == ("[key]",) or "invalid_key" in detail["type"]:
        return f"found the key {shown(detail['input'])}; allowed: text (put it in quotes)"
    return f"found {shown(detail['input'])}; allowed: {allowed(node_at(schema, location))}"


def key_path(location: Sequence[str | int]) -> str:
    """Returns `benchmarks.text[0]` for ("benchmarks", "text", 0)."""
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).removeprefix(".")
