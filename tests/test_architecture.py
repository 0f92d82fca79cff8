"""Imports go one way, start-up is light, modules stay small."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "frism"
HEAVY = (
    "torch",
    "torchvision",
    "transformers",
    "vlmeval",
    "pandas",
    "matplotlib",
    "sklearn",
    "scipy",
    "statsmodels",
    "huggingface_hub",
)
LIGHT = (
    "frism.config.load",
    "frism.config.workflow",
    "frism.methods.registry",
    "frism.cli.main",
    "frism.hub.selection",
    # files are hashed while torch is imported
    "frism.checkpoints.hashing",
)
MATHS = ("frism.subspaces", "frism.injection", "frism.distillation.objective", "frism.methods")
FILE_ACCESS = (
    *("frism.checkpoints", "frism.files", "frism.hub"),
    *("safetensors", "pathlib", "os", "shutil", "json"),
)
# The registry reads the names of the files beside it.
READS_ITS_OWN_FOLDER = {"frism.methods.registry"}
# Tensor names are text, whoever reads the file.
NO_FILES = {"frism.checkpoints.names"}
FORBIDDEN_NAMES = {"utils", "util", "helpers", "misc", "common"}
LONGEST_MODULE = 200
LONGEST_FUNCTION = 45


@cache
def modules() -> dict[str, ast.Module]:
    return {name_of(path): ast.parse(path.read_text()) for path in sorted(PACKAGE.rglob("*.py"))}


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(name: str, at_start_only: bool) -> set[str]:
    """Returns what a module imports, packages of `from a import b` resolved to modules."""
    found: set[str] = set()
    for node in statements(modules()[name], at_start_only):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            submodules = inner & modules().keys()
            found |= submodules | ({node.module} if submodules != inner else set())
    return found


def statements(tree: ast.AST, at_start_only: bool) -> list[ast.AST]:
    """Returns the statements, those of functions and TYPE_CHECKING blocks left out if asked."""
    found: list[ast.AST] = []
    for child in ast.iter_child_nodes(tree):
        deferred = isinstance(child, ast.FunctionDef) or (
            isinstance(child, ast.If) and ast.unparse(child.test) == "TYPE_CHECKING"
        )
        if not (at_start_only and deferred):
            found += [child, *statements(child, at_start_only)]
    return found


def within(name: str, packages: tuple[str, ...] | set[str]) -> bool:
    return any(name == package or name.startswith(f"{package}.") for package in packages)


def circle(start: str) -> list[str]:
    """Returns the modules of an import circle through `start`, or nothing."""
    paths = [[start]]
    seen: set[str] = set()
    while paths:
        path = paths.pop()
        for target in imports(path[-1], at_start_only=True) & modules().keys():
            if target == start:
                return [*path, start]
            if target not in seen:
                seen.add(target)
                paths.append([*path, target])
    return []


@pytest.mark.parametrize("name", modules())
def test_no_import_circle(name: str) -> None:
    assert circle(name) == []


def test_maths_knows_no_files() -> None:
    for name in modules():
        if within(name, MATHS) and name not in READS_ITS_OWN_FOLDER:
            used = imports(name, at_start_only=False) - NO_FILES
            assert [module for module in used if within(module, FILE_ACCESS)] == [], name


def test_file_access_knows_types_of_maths_only() -> None:
    for name in modules():
        if within(name, ("frism.checkpoints", "frism.files", "frism.hub")):
            used = names_from(name, MATHS)
            assert [word for word in used if not word[0].isupper()] == [], name


def names_from(name: str, packages: tuple[str, ...]) -> set[str]:
    """Returns the names that a module imports from packages; whole modules count as names."""
    found: set[str] = set()
    for node in statements(modules()[name], at_start_only=False):
        if isinstance(node, ast.ImportFrom) and within(node.module or "", packages):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names if within(alias.name, packages)}
    return found


def test_nothing_imports_the_command_line() -> None:
    for name in modules():
        if not within(name, ("frism.cli", "frism.__main__")):
            assert [used for used in imports(name, False) if within(used, ("frism.cli",))] == [], (
                name
            )


def test_only_the_evaluation_imports_vlmeval() -> None:
    users = {name for name in modules() if _uses_vlmeval(name)}
    assert users, "the test looks for something that no longer exists"
    assert all(within(name, ("frism.evaluation",)) for name in users), users


def _uses_vlmeval(name: str) -> bool:
    return any(within(used, ("vlmeval",)) for used in imports(name, False))


@pytest.mark.parametrize("name", LIGHT)
def test_light_modules_import_nothing_heavy(name: str) -> None:
    code = f"import {name}, sys; print([m for m in {HEAVY} if m in sys.modules])"
    assert python(code) == "[]"


def test_help_imports_nothing_heavy() -> None:
    code = (
        "import sys; from frism.cli.main import build_parser; from frism.methods import registry;"
        f"build_parser(); registry.methods(); print([m for m in {HEAVY} if m in sys.modules])"
    )
    assert python(code) == "[]"


def python(code: str) -> str:
    command = [sys.executable, "-c", code]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.strip()


def test_modules_and_functions_stay_small() -> None:
    for name, tree in modules().items():
        assert length(tree) <= LONGEST_MODULE, name
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                assert length(node) <= LONGEST_FUNCTION, f"{name}.{node.name}"


def length(node: ast.AST) -> int:
    lines = [inner.end_lineno or 0 for inner in ast.walk(node) if isinstance(inner, ast.stmt)]
    return max(lines, default=0) - getattr(node, "lineno", 1) + 1


def test_module_names_say_what_is_inside() -> None:
    for name in modules():
        last = name.rpartition(".")[2]
        assert last not in FORBIDDEN_NAMES, name
        assert not last[-1].isdigit(), f"{name}: numbered variants hide what differs"
