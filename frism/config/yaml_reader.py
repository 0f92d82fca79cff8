"""YAML as people mean it: no key twice, `1e-3` is a number, `yes` and `2024-01-01` are text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from frism.config.schema import KINDS as SCHEMA_KINDS
from frism.config.schema import shown
from frism.errors import ConfigError

TAGS = "tag:yaml.org,2002:"
KINDS = {
    "int": "a whole number of at most 308 digits",
    "float": SCHEMA_KINDS["number"],
    "bool": SCHEMA_KINDS["boolean"],
    "timestamp": "a date",
}
LARGEST_BITS = 1024  # no float is larger, and Python refuses to print what is far larger


def read_yaml(path: Path) -> dict[str, Any]:
    """Returns the mapping in `path`.

    Raises:
        ConfigError: The file is missing, is not UTF-8, YAML or a mapping, or has a key twice.
    """
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise ConfigError(f"{path}: {_reason(error)}") from None
    if not isinstance(data, dict):
        found = "nothing" if data is None else f"a {type(data).__name__}"
        raise ConfigError(f"{path}: found {found}; expected a mapping of keys to values")
    return data


def read_scalar(text: str) -> Any:
    """Returns the number, switch or text that `text` is as a YAML value.

    Raises:
        ConfigError: It is no YAML.
    """
    try:
        return yaml.load(text, Loader=_Loader)
    except (ValueError, yaml.YAMLError, RecursionError) as error:
        raise ConfigError(f"found {_short(text)}: {_reason(error)}") from None


class _Loader(yaml.SafeLoader):
    """SafeLoader with the scalars of YAML 1.2; a key that appears twice is an error."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    def __init__(self, stream: str) -> None:
        super().__init__(stream)
        self._open: set[str] = set()
        self._keys: dict[yaml.Node, str] = {}

    def compose_node(self, parent: yaml.Node | None, index: Any) -> yaml.Node | None:
        """Composes a node unless it is an alias of a node that it stands in."""
        event: Any = self.peek_event()  # type: ignore[no-untyped-call]
        if event.anchor is None:
            return super().compose_node(parent, index)
        if isinstance(event, yaml.AliasEvent):
            if event.anchor in self._open:
                raise _error(event, f"found *{event.anchor} inside itself; write the value out")
            return super().compose_node(parent, index)
        self._open.add(event.anchor)
        node = super().compose_node(parent, index)
        self._open.remove(event.anchor)
        return node

    def construct_object(self, node: yaml.Node, deep: bool = False) -> Any:
        """Constructs a value; one that does not fit its tag is an error of the file."""
        try:
            value = super().construct_object(node, deep)
        # PyYAML takes the text of a tagged value apart without a look at it
        except (ValueError, LookupError, ArithmeticError, AttributeError, TypeError):
            raise self._misfit(node) from None
        if isinstance(value, int) and value.bit_length() > LARGEST_BITS:
            raise self._misfit(node)
        return value

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Constructs a mapping whose keys are text and appear once."""
        seen: set[str] = set()
        for key, value in _entries(node):
            if not isinstance(key, yaml.ScalarNode) or key.tag == f"{TAGS}merge":
                continue
            if key.tag != f"{TAGS}str":
                found = key.value or "null"
                raise _error(key, f"found the key {found}; allowed: text (put it in quotes)")
            if key.value in seen:
                raise _error(key, f"key '{key.value}' appears twice")
            seen.add(key.value)
            self._keys[value] = f"{key.value}: "
        return super().construct_mapping(node, deep)

    def _misfit(self, node: yaml.Node) -> yaml.YAMLError:
        kind = KINDS.get(node.tag.removeprefix(TAGS), "text without a tag")
        return _error(
            node, f"{self._keys.get(node, '')}found {_short(node.value)}; allowed: {kind}"
        )


def _entries(node: yaml.Node) -> list[tuple[yaml.Node, yaml.Node]]:
    # a list or text can have the tag of a mapping
    return node.value if isinstance(node, yaml.MappingNode) else []


def _error(place: Any, problem: str) -> yaml.YAMLError:
    return yaml.constructor.ConstructorError(None, None, problem, place.start_mark)


def _short(text: object) -> str:
    return shown(str(text))


def _resolve(kind: str, pattern: str, first: str) -> None:
    _Loader.add_implicit_resolver(f"{TAGS}{kind}", re.compile(pattern), list(first))


_resolve("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF")
_resolve("null", r"^(?:~|null|Null|NULL)$", "~nN")
_Loader.add_implicit_resolver(f"{TAGS}null", re.compile(r"^$"), [""])
_resolve("int", r"^[-+]?(?:0|[1-9][0-9]*)$", "-+0123456789")
_resolve(
    "float",
    r"^(?:[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?|[-+]?\.(?:inf|Inf|INF)|\.(?:nan|NaN|NAN))$",
    "-+0123456789.",
)
_resolve("merge", r"^<<$", "<")


def _reason(error: Exception) -> str:
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark is not None:
        mark = error.problem_mark
        return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}"
    if isinstance(error, FileNotFoundError):
        return "the file does not exist"
    if isinstance(error, OSError):
        return f"cannot be read: {error.strerror}"
    if isinstance(error, RecursionError):
        return "is nested too deeply"
    return f"is not readable text: {str(error).splitlines()[0]}"
