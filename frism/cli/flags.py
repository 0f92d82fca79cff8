"""Settings as command-line flags, both ways: a pydantic model names the flags of a step.

A rule writes `{params.flags}` with `to_flags(config.distillation)`, so each step is given exactly
the settings it depends on; the step turns them back into the same model, ranges checked.
"""

from __future__ import annotations

import argparse
import shlex
from collections.abc import Collection, Sequence
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from frism.errors import ConfigError

Model = TypeVar("Model", bound=BaseModel)


def add_flags(
    parser: argparse.ArgumentParser,
    model: type[BaseModel],
    prefix: str = "",
    own: Collection[str] = (),
) -> None:
    """Adds one flag per field of `model`: `learning_rate` becomes `--learning-rate`.

    Args:
        parser: Gets the flags.
        model: Settings.
        prefix: What the names begin with, `judge_` for `--judge-model`.
        own: Fields whose flags the step adds itself.
    """
    group = parser.add_argument_group(model.__name__)
    for name, field in ((n, f) for n, f in model.model_fields.items() if n not in own):
        group.add_argument(flag(prefix + name), dest=prefix + name, **_argument(field))


def settings_from(args: argparse.Namespace, model: type[Model], prefix: str = "") -> Model:
    """Builds `model` from the parsed flags, whose names begin with the prefix.

    Raises:
        ConfigError: A value is outside its range; the message names each flag.
    """
    try:
        return model(**{name: getattr(args, prefix + name) for name in model.model_fields})
    except ValidationError as error:
        lines = [_line(problem, prefix) for problem in error.errors()]
        raise ConfigError("\n".join(lines)) from None


def to_flags(settings: BaseModel, prefix: str = "") -> str:
    """Returns the settings as flags quoted for a shell; fields that are None are left out."""
    words: list[str] = []
    for name in type(settings).model_fields:
        words += _words(prefix + name, getattr(settings, name))
    return shlex.join(words)


def optional_flags(**lists: Sequence[object]) -> str:
    """Returns flags of lists, quoted for a shell; those of empty lists are left out."""
    return shlex.join(
        str(word) for name, items in lists.items() if items for word in (flag(name), *items)
    )


def flag(name: str) -> str:
    """Returns the flag of a field."""
    return "--" + name.replace("_", "-")


def _words(name: str, value: object) -> list[str]:
    if value is None:
        return []
    if isinstance(value, bool):
        return [flag(name) if value else flag(name).replace("--", "--no-", 1)]
    items = value if isinstance(value, list | tuple) else [value]
    return [flag(name), *(str(item) for item in items)]


def _argument(field: FieldInfo) -> dict[str, Any]:
    argument: dict[str, Any] = {"help": _escape(field)}
    argument |= {"required": True} if field.is_required() else {"default": field.get_default()}
    return argument | _kind(_without_none(field.annotation))


def _kind(annotation: Any) -> dict[str, Any]:
    if annotation is bool:
        return {"action": argparse.BooleanOptionalAction}
    if get_origin(annotation) in (tuple, list):
        return {"nargs": "*", **_kind(get_args(annotation)[0])}
    if get_origin(annotation) is Annotated:
        return _kind(get_args(annotation)[0])
    if get_origin(annotation) is Literal:
        return {"choices": get_args(annotation)}
    return {"type": annotation, "metavar": annotation.__name__.upper()}


def _without_none(annotation: Any) -> Any:
    if get_origin(annotation) not in (Union, UnionType):
        return annotation
    (kind,) = [member for member in get_args(annotation) if member is not NoneType]
    return get_args(kind)[0] if get_origin(kind) is Annotated else kind


def _escape(field: FieldInfo) -> str:
    text = (field.description or "").replace("%", "%%")
    return text if field.is_required() else f"{text} (default: %(default)s)"


def _line(problem: Any, prefix: str) -> str:
    name = prefix + ".".join(str(part) for part in problem["loc"])
    return f"{flag(name)}: found {problem['input']!r}; {problem['msg'].lower()}"
