"""The merge methods by slug, and their coefficients as text.

A file of this package that defines METHOD is a method; nothing else has to be told. The files
import torch only inside their functions, so that a dry run of the workflow stays quick.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from types import MappingProxyType

from frism.errors import MergeError
from frism.methods.method import Method, Value

NO_PARAMETERS = "none"
# not the plus of 1e+06
SEPARATOR = re.compile(r"[+,](?=[a-z_]\w*=)")


@cache
def modules() -> Mapping[str, str]:
    """Returns the name of the module that defines each method, by slug in alphabetical order.

    Raises:
        MergeError: two files define the same slug.
    """
    found: dict[str, str] = {}
    for file in sorted(pkgutil.iter_modules([str(Path(__file__).parent)]), key=lambda m: m.name):
        module = f"{__package__}.{file.name}"
        method = getattr(importlib.import_module(module), "METHOD", None)
        if method is None:
            continue
        if method.slug in found:
            raise MergeError(f"two files of frism.methods define '{method.slug}'; rename one")
        found[method.slug] = module
    return MappingProxyType(dict(sorted(found.items())))


@cache
def methods() -> Mapping[str, Method]:
    """Returns all methods by slug, in alphabetical order."""
    return MappingProxyType(
        {slug: importlib.import_module(module).METHOD for slug, module in modules().items()}
    )


def method(slug: str) -> Method:
    """Returns the method called `slug`.

    Raises:
        MergeError: there is none of that name.
    """
    if slug not in methods():
        raise MergeError(f"unknown method '{slug}'; expected one of {', '.join(methods())}")
    return methods()[slug]


def check_parameters(method: Method, parameters: Mapping[str, Value]) -> None:
    """Checks names and values of a method's coefficients; optional ones may be left out.

    Raises:
        MergeError: a coefficient is missing, unknown or out of range, or two exclude each other.
    """
    required = {name for name, each in method.parameters.items() if each.optional is None}
    if not required <= set(parameters) <= set(method.parameters):
        raise MergeError(
            f"method '{method.slug}' was given the parameters {sorted(parameters)}; expected "
            f"{sorted(required)} of {sorted(method.parameters)}"
        )
    for name, value in parameters.items():
        allowed = method.parameters[name]
        if not allowed.allows(value):
            raise MergeError(
                f"parameter '{name}' of method '{method.slug}' is {_text(value)}; "
                f"expected {allowed.allowed}"
            )
    if method.conflict and (reason := method.conflict(_filled(method, parameters))):
        raise MergeError(f"method '{method.slug}' was given {reason}")


def completed(method: Method, parameters: Mapping[str, Value]) -> dict[str, Value]:
    """Returns all coefficients of a method, those left out with their values.

    Raises:
        MergeError: see `check_parameters`.
    """
    check_parameters(method, parameters)
    return _filled(method, parameters)


def reduced(method: Method, parameters: Mapping[str, Value]) -> dict[str, Value]:
    """Returns the coefficients without those that have the value of being left out.

    One merge has one name by that, however its candidate was written down.
    """
    known = method.parameters
    return {n: v for n, v in parameters.items() if n not in known or known[n].optional != v}


def parameters_slug(parameters: Mapping[str, Value]) -> str:
    """Returns, for example, `alpha=0.3+lambda_lrm=1`; names are sorted.

    A value that six digits do not hold is written in full, so that no two merges share a path.
    There is no comma: Snakemake would cut the name there when it sends a job to another machine.
    """
    words = [f"{name}={_text(parameters[name])}" for name in sorted(parameters)]
    return "+".join(words) or NO_PARAMETERS


def parse_parameters(slug: str) -> dict[str, Value]:
    """Reads what `parameters_slug` wrote; commas do as well.

    Raises:
        MergeError: the text is not of that form, or names a coefficient twice.
    """
    parameters: dict[str, Value] = {}
    for word in SEPARATOR.split(slug) if slug != NO_PARAMETERS else ():
        name, separator, text = word.partition("=")
        if not (name and separator and text) or name in parameters:
            raise MergeError(f"parameters '{slug}' contain '{word}'; expected name=value+...")
        parameters[name] = _parse(text)
    return parameters


def _filled(method: Method, parameters: Mapping[str, Value]) -> dict[str, Value]:
    fixed = {n: p.optional for n, p in method.parameters.items() if p.optional is not None}
    return {**fixed, **parameters}


def _text(value: Value) -> str:
    if isinstance(value, str):
        return value
    short = f"{value:g}"
    return short if float(short) == value else repr(float(value))


def _parse(text: str) -> Value:
    try:
        return float(text)
    except ValueError:
        return text
