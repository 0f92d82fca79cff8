"""Pins have one source: constraints.txt; pyproject.toml and environment.yml agree with it."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions, requires, version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
DIRECT = PROJECT["dependencies"]
TEST = PROJECT["optional-dependencies"]["test"]
# Laid over opencv-python by the Makefile, asked for by no package.
OVERLAID = "opencv-python-headless"
# what torch brings, and pins itself, where PyPI's build of it is installed
OF_CUDA = ("cuda-", "nvidia-", "triton")


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pairs = [line.split("==") for line in lines if line and not line.startswith("#")]
    return {str(canonicalize_name(name)): release for name, release in pairs}


def closure(roots: list[str]) -> set[str]:
    found: set[str] = set()
    waiting = [Requirement(root) for root in roots]
    while waiting:
        requirement = waiting.pop()
        name = str(canonicalize_name(requirement.name))
        if name in found or (requirement.marker and not requirement.marker.evaluate({"extra": ""})):
            continue
        found.add(name)
        waiting += [Requirement(text) for text in requires(name) or []]
    return found


def imported_packages(folder: str) -> set[str]:
    names: set[str] = set()
    for path in (ROOT / folder).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Import):
                names |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
                names.add(node.module.partition(".")[0])
    return names - set(sys.stdlib_module_names) - {"frism", "tests"}


def distributions(modules: set[str]) -> set[str]:
    known = packages_distributions()
    return {str(canonicalize_name(known[module][0])) for module in modules if module in known}


def names(requirements: list[str]) -> set[str]:
    return {str(canonicalize_name(Requirement(text).name)) for text in requirements}


@pytest.mark.parametrize("text", DIRECT + TEST)
def test_pyproject_pins_what_the_constraints_pin(text: str) -> None:
    requirement = Requirement(text)
    assert str(requirement.specifier) == f"=={pins()[canonicalize_name(requirement.name)]}"


def test_constraints_pin_everything_that_is_installed_for_frism() -> None:
    unpinned = closure(DIRECT + TEST) - pins().keys() - {"pip", "setuptools"}
    assert {name for name in unpinned if not name.startswith(OF_CUDA)} == set()


def test_constraints_pin_nothing_twice_and_no_local_build() -> None:
    text = (ROOT / "constraints.txt").read_text()
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert len(lines) == len(pins())
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9a-z.]*", line) for line in lines)
    assert OVERLAID in pins()
    assert pins()[OVERLAID] == pins()["opencv-python"]


@pytest.mark.parametrize("name", ["ms-vlmeval", "snakemake", "torch", "transformers"])
def test_installed_is_what_is_pinned(name: str) -> None:
    assert version(name).partition("+")[0] == pins()[name]


def test_environment_takes_its_pins_from_the_constraints() -> None:
    environment = yaml.safe_load((ROOT / "environment.yml").read_text())
    (pip,) = [item["pip"] for item in environment["dependencies"] if isinstance(item, dict)]
    assert pip == ["--constraint constraints.txt", "--editable .[test]"]
    plain = [item for item in environment["dependencies"] if isinstance(item, str)]
    (python,) = [item.partition("=")[2] for item in plain if item.startswith("python=")]
    minimum = PROJECT["requires-python"].removeprefix(">=")
    assert tuple(map(int, python.split("."))) >= tuple(map(int, minimum.split(".")))
    assert not {item.partition("=")[0] for item in plain} & pins().keys()


def test_every_import_is_a_declared_dependency() -> None:
    assert distributions(imported_packages("frism")) - names(DIRECT) == set()
    assert distributions(imported_packages("tests")) - names(DIRECT + TEST) <= {"packaging"}


def test_makefile_installs_with_the_constraints() -> None:
    text = (ROOT / "Makefile").read_text()
    assert "install --constraint constraints.txt" in text
    assert OVERLAID in text
