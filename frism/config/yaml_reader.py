"""YAML as people mean it: no key twice, `1e-3` is a number, `yes` and `2024-01-01` are text."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import yaml

from frism.errors import ConfigError

MERGE_TAG = "tag:yaml.org,2002:merge"


def read_yaml(path: Path) -> dict[str, Any]:
    """Returns the mapping in `path`.

    Raises:
        ConfigError: The file is missing, is not UTF-8, YAML or a mapping, or has a key twice.
    """
    try:
        data = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError, RecursionError) as error:
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
    except yaml.YAMLError as error:
        raise ConfigError(f"found {text!r}: {_reason(error)}") from None


class _Loader(yaml.SafeLoader):
    """SafeLoader with the scalars of YAML 1.2; a key that appears twice is an error."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        seen: set[str] = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode) or key.tag == MERGE_TAG:
                continue
            if key.value in seen:
                problem = f"key '{key.value}' appears twice"
                raise yaml.constructor.ConstructorError(None, None, problem, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


def _resolve(kind: str, pattern: str, first: str) -> None:
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{kind}", re.compile(pattern), list(first))


_resolve("bool", r"^(?:true|True|TRUE|false|False|FALSE)$", "tTfF")
_resolve("null", r"^(?:~|null|Null|NULL)$", "~nN")
_Loader.add_implicit_resolver("tag:yaml.org,2002:null", re.compile(r"^$"), [""])
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
