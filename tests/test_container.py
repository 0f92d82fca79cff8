"""Both definitions of the image hold the same, with the pins of constraints.txt."""

from __future__ import annotations

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.container_lines import (
    DEFINITION,
    DOCKERFILE,
    INSTALL,
    ROOT,
    apptainer_commands,
    docker_commands,
    docker_copies,
    instructions,
    sections,
)
from tests.test_architecture import imports, modules

# packages whose names are not those of their modules
DISTRIBUTIONS = {"yaml": "PyYAML"}
IMPORT = re.compile(r"^(?:import|from) .*$", re.MULTILINE)
# the instructions of Dockerfiles and the sections of definitions that are used here
KNOWN = {"FROM", "ENV", "RUN", "WORKDIR", "COPY"}
SECTIONS = ["files", "post", "environment", "test", "runscript"]


def test_both_start_from_the_same_exact_python() -> None:
    words = dict(instructions(DOCKERFILE.read_text()))
    image = re.search(r"^From: (.*)$", DEFINITION.read_text(), re.MULTILINE)
    assert image is not None
    assert words["FROM"] == image[1]
    release = re.fullmatch(r"python:(\d+)\.(\d+)\.\d+-slim-\w+", image[1])
    assert release is not None
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    least = project["requires-python"].removeprefix(">=")
    assert (int(release[1]), int(release[2])) >= tuple(map(int, least.split(".")))


def test_the_dockerfile_has_only_known_instructions() -> None:
    assert {word for word, _ in instructions(DOCKERFILE.read_text())} == KNOWN


def test_both_run_the_same_commands() -> None:
    assert list(sections()) == SECTIONS
    assert apptainer_commands() == docker_commands()


def test_both_copy_the_same_and_it_is_there() -> None:
    pairs = [line.split() for line in sections()["files"].strip().splitlines()]
    assert {source for source, _ in pairs} == docker_copies()
    assert [target for source, target in pairs if target != f"/opt/frism/{source}"] == []
    assert [name for name in docker_copies() if not (ROOT / name).exists()] == []


def test_everything_is_installed_as_pinned_and_as_the_makefile_does() -> None:
    installs = [line for line in docker_commands() if line.startswith(INSTALL)]
    assert all("--constraint constraints.txt" in line for line in installs)
    wanted = [line.rpartition("constraints.txt ")[2] for line in installs]
    makefile = re.findall(r"^\t@\$\(PIP\) (.*)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert wanted == makefile[: len(wanted)]


def test_the_guide_to_clusters_installs_the_same() -> None:
    guide = (ROOT / "docs" / "cluster.md").read_text()
    told = re.findall(r"^pip install (.*)$", guide, re.MULTILINE)
    done = [line.removeprefix(INSTALL) for line in docker_commands() if line.startswith(INSTALL)]
    assert told[: len(done)] == [line.removeprefix("--no-cache-dir ") for line in done]


def test_snakemake_outside_the_image_has_what_the_snakefile_imports() -> None:
    guide = (ROOT / "docs" / "cluster.md").read_text()
    *_, line = re.findall(r"^pip install --constraint constraints.txt (.*)$", guide, re.MULTILINE)
    tree = ast.parse("\n".join(IMPORT.findall((ROOT / "Snakefile").read_text())))
    waiting = [name for node in ast.walk(tree) for name in names_of(node)]
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            waiting += imports(name, at_start_only=True) if name in modules() else []
    other = {name.partition(".")[0] for name in found} - sys.stdlib_module_names - {"frism"}
    assert {DISTRIBUTIONS.get(name, name) for name in other} <= set(line.split())
    assert "safetensors" in other


def names_of(node: ast.AST) -> list[str]:
    """Returns the modules that a statement imports."""
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [alias.name for alias in node.names] if isinstance(node, ast.Import) else []


@pytest.mark.parametrize("name", ["post", "test", "environment", "runscript"])
def test_sections_are_shell(name: str) -> None:
    done = subprocess.run(["bash", "-n"], input=sections()[name], text=True, check=False)
    assert done.returncode == 0


def test_hadolint_finds_nothing() -> None:
    command = shutil.which("hadolint") or shutil.which("hadolint", path=Path(sys.executable).parent)
    if command is None:
        pytest.skip("hadolint is not installed: make test-container")
    done = subprocess.run([command, DOCKERFILE], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
