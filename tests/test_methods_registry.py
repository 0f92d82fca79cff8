"""The registry, parameter texts and what every method must fulfil."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from frism.config import digest
from frism.config.digest import code_digest
from frism.errors import MergeError
from frism.injection.granularity import GRANULARITIES
from frism.methods.registry import (
    check_parameters,
    method,
    methods,
    parameters_slug,
    parse_parameters,
)

ALL = pytest.mark.parametrize("slug", sorted(methods()))


def test_methods_are_found() -> None:
    assert {"frism", "matrix_gates", "task_arithmetic"} <= set(methods())


@ALL
def test_methods_describe_themselves(slug: str) -> None:
    found = method(slug)
    assert found.slug == slug
    assert found.name
    assert found.paper
    assert found.gates is None or found.gates in GRANULARITIES
    for parameter in found.parameters.values():
        assert parameter.description.endswith(".")
        assert parameter.default
        assert all(parameter.low <= value <= parameter.high for value in parameter.default)


@ALL
def test_defaults_are_allowed(slug: str) -> None:
    found = method(slug)
    defaults = {name: p.default[0] for name, p in found.parameters.items()}
    check_parameters(found, defaults)
    for name, parameter in found.parameters.items():
        with pytest.raises(MergeError, match=name):
            check_parameters(found, {**defaults, name: parameter.high + 1})


def test_registry_imports_nothing_heavy() -> None:
    code = (
        "import sys; from frism.config.digest import code_digest; code_digest('frism'); "
        "print(sorted({'torch', 'transformers', 'vlmeval', 'pandas'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize(
    ("parameters", "slug"),
    [
        ({}, "none"),
        ({"lambda": 0.2}, "lambda=0.2"),
        ({"lambda_lrm": 1.0, "alpha": 0.3}, "alpha=0.3,lambda_lrm=1"),
        ({"alpha": 1e-5}, "alpha=1e-05"),
        ({"alpha": 0.12345678}, "alpha=0.12345678"),
    ],
)
def test_parameters_as_text_and_back(parameters: dict[str, float], slug: str) -> None:
    assert parameters_slug(parameters) == slug
    assert parse_parameters(slug) == parameters


@pytest.mark.parametrize("slug", ["", "alpha", "alpha=", "=1", "alpha=x", "alpha=1,alpha=2"])
def test_other_texts_are_refused(slug: str) -> None:
    with pytest.raises(MergeError, match=r"parameters .* expected"):
        parse_parameters(slug)


def test_wrong_parameters_are_named() -> None:
    arithmetic = method("task_arithmetic")
    with pytest.raises(MergeError, match=r"\['alpha'\]; expected \['lambda'\]"):
        check_parameters(arithmetic, {"alpha": 1.0})
    for value in (-0.1, 2.1, float("nan")):
        with pytest.raises(MergeError, match=r"'lambda' .* is .*; expected a number from 0 to 2"):
            check_parameters(arithmetic, {"lambda": value})
    with pytest.raises(MergeError, match=r"unknown method 'ties'; expected one of .*frism"):
        method("ties")


def edited_digests(
    monkeypatch: pytest.MonkeyPatch, folder: Path, file: str, pattern: str, replacement: str
) -> set[str]:
    """Returns the methods whose digests change when a file of a copy of frism is edited."""
    before = {slug: code_digest(slug) for slug in methods()}
    shutil.copytree(digest.ROOT / "frism", folder / "frism")
    path = folder / "frism" / file
    text, count = re.subn(pattern, replacement, path.read_text(), count=1)
    assert count == 1
    path.write_text(text)
    monkeypatch.setattr(digest, "ROOT", folder)
    return {slug for slug in methods() if code_digest(slug) != before[slug]}


@pytest.mark.parametrize(
    ("file", "pattern", "replacement", "changed"),
    [
        ("methods/task_arithmetic.py", r"\* matrix\.tau", "* -matrix.tau", {"task_arithmetic"}),
        ("methods/frism.py", r"sigmoid\(\)", "tanh()", {"frism", "matrix_gates"}),
        ("subspaces/decomposition.py", r"return", "0\n    return", {"frism", "matrix_gates"}),
        ("methods/task_arithmetic.py", r'"""Returns', '"""Gives back', set()),
        ("methods/task_arithmetic.py", r'^"""Task', '"""The Task', set()),
        ("methods/task_arithmetic.py", r"    return", "    # a remark\n\n    return", set()),
        ("methods/task_arithmetic.py", r" \* ", "  *  ", set()),
        ("errors.py", r"class", "X = 1\nclass", set()),
    ],
)
def test_digest_changes_with_code_alone(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    file: str,
    pattern: str,
    replacement: str,
    changed: set[str],
) -> None:
    found = edited_digests(monkeypatch, tmp_path, file, pattern, replacement)
    assert found & {"task_arithmetic", "frism", "matrix_gates"} == changed
