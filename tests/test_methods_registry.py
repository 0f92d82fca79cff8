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
from frism.methods.groups import GRANULARITIES
from frism.methods.method import NEEDS, Choice, Parameter
from frism.methods.registry import (
    check_parameters,
    completed,
    method,
    methods,
    parameters_slug,
    parse_parameters,
    reduced,
)

GATED = {"frism", "matrix_gates", "frism_closed_form"}
ALL = pytest.mark.parametrize("slug", sorted(methods()))


def test_methods_are_found() -> None:
    assert {"frism", "matrix_gates", "task_arithmetic"} <= set(methods())


@ALL
def test_methods_describe_themselves(slug: str) -> None:
    found = method(slug)
    assert found.slug == slug
    assert all((found.name, found.paper, found.summary, found.rescale))
    assert found.granularity in GRANULARITIES
    assert set(found.needs) <= set(NEEDS)
    for parameter in found.parameters.values():
        assert parameter.description.endswith(".")
        assert all(parameter.allows(value) for value in parameter.default)
        assert parameter.optional is None or parameter.allows(parameter.optional)


@ALL
def test_gates_are_trained_by_a_method_that_trains(slug: str) -> None:
    found = method(slug)
    if found.gates is None:
        assert found.learned is None
        return
    trainer = method(found.gates)
    assert trainer.gates == trainer.slug
    assert found.learned is not None
    assert found.learned.granularity in GRANULARITIES


@ALL
def test_what_is_out_of_range_is_refused(slug: str) -> None:
    found = method(slug)
    given = {name: _allowed(each) for name, each in found.parameters.items()}
    check_parameters(found, given)
    for name, parameter in found.parameters.items():
        wrong = "no such word" if isinstance(parameter, Choice) else parameter.high + 1
        with pytest.raises(MergeError, match=name):
            check_parameters(found, {**given, name: wrong})


def _allowed(parameter: Parameter | Choice) -> float | str:
    return parameter.values[0] if isinstance(parameter, Choice) else parameter.low


@pytest.mark.parametrize(
    ("slug", "name"),
    [
        ("dare", "seed"),
        ("della", "seed"),
        ("dare_ties", "seed"),
        ("consensus_ta", "agree"),
        ("rank_group", "group"),
        ("rank_group", "groups"),
        ("frism", "images"),
        ("wudi", "steps"),
    ],
)
def test_fractions_of_whole_numbers_are_refused(slug: str, name: str) -> None:
    found = method(slug)
    given = {key: _allowed(each) for key, each in found.parameters.items()}
    with pytest.raises(MergeError, match=rf"'{name}' .* is 1\.5; expected whole numbers, at least"):
        check_parameters(found, {**given, name: 1.5})


def test_large_bounds_are_told_in_full() -> None:
    seed = method("dare").parameters["seed"]
    assert seed.allowed == "whole numbers, at least 0, at most 2147483647"


def test_what_is_left_out_is_completed_and_reduced() -> None:
    frism = method("frism")
    given = {"alpha": 0.3, "lambda_lrm": 1.0}
    whole = completed(frism, given)
    assert whole == given | {"energy": 1.0, "modules": "all", "calibration": "mixed", "images": 0}
    assert reduced(frism, whole) == given
    assert reduced(frism, whole | {"modules": "only_q"}) == given | {"modules": "only_q"}


def test_a_method_says_what_it_lacks() -> None:
    reason = method("tsv_m").undefined({"curvature"})
    assert reason is not None
    assert "vlm_base" in reason
    assert method("tsv_m").undefined({"vlm_base"}) is None
    assert method("frism").undefined(()) is None


def test_a_probe_lacks_candidates() -> None:
    assert method("rank_group").missing == ("group", "lambda")
    assert method("frism").missing == ()


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
        ({"lambda_lrm": 1.0, "alpha": 0.3}, "alpha=0.3+lambda_lrm=1"),
        ({"alpha": 1e-5}, "alpha=1e-05"),
        ({"alpha": 0.12345678}, "alpha=0.12345678"),
        ({"modules": "only_q", "alpha": 1.0}, "alpha=1+modules=only_q"),
    ],
)
def test_parameters_as_text_and_back(parameters: dict[str, float | str], slug: str) -> None:
    assert parameters_slug(parameters) == slug
    assert parse_parameters(slug) == parameters


@pytest.mark.parametrize("slug", ["", "alpha", "alpha=", "=1", "alpha=1,alpha=2"])
def test_other_texts_are_refused(slug: str) -> None:
    with pytest.raises(MergeError, match=r"parameters .* expected"):
        parse_parameters(slug)


def test_wrong_parameters_are_named() -> None:
    arithmetic = method("task_arithmetic")
    with pytest.raises(MergeError, match=r"\['alpha'\]; expected \['lambda'\] of"):
        check_parameters(arithmetic, {"alpha": 1.0})
    for value in (-0.1, 2.1, float("nan")):
        with pytest.raises(
            MergeError, match=r"'lambda' .* is .*; expected numbers, at least 0, at most 2"
        ):
            check_parameters(arithmetic, {"lambda": value})
    with pytest.raises(MergeError, match=r"unknown method 'tees'; expected one of .*frism"):
        method("tees")


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
        ("methods/task_arithmetic.py", r"\.add_\(matrix", ".sub_(matrix", {"task_arithmetic"}),
        ("methods/gated.py", r"matrix\.gated\.values", "-matrix.gated.values", GATED),
        ("subspaces/components.py", r"return", "0\n    return", GATED),
        ("injection/granularity.py", r"return", "0\n    return", GATED),
        ("distillation/objective.py", r"return", "0\n    return", GATED),
        ("distillation/secant.py", r"return", "0\n    return", {"frism_closed_form"}),
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
    assert found & {"task_arithmetic", *GATED} == changed
