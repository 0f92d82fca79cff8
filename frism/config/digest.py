"""Whether the code of a method has changed: a digest that comments and formatting do not touch."""

from __future__ import annotations

import ast
import hashlib
from functools import cache
from pathlib import Path

from frism.methods.registry import method, modules

ROOT = Path(__file__).parents[2]
# what merges, gates and curvature are computed by; errors, file access and the like change none
MATHS = tuple(
    f"frism.{package}."
    for package in ("methods", "subspaces", "arithmetic", "injection", "distillation")
)
TRAINING = "frism.distillation.family"
CURVATURE = "frism.distillation.curvature_file"
DRAWING = "frism.distillation.sources.drawing"


def code_digest(slug: str) -> str:
    """Returns the SHA-256 (hex) of a method's code and of the maths that it rests on.

    That is what it imports and, where it has gates or needs curvature, what these are made by.

    Raises:
        MergeError: there is no method of that name.
    """
    chosen = method(slug)
    roots = [modules()[slug]]
    roots += [TRAINING] if chosen.learned else []
    roots += [CURVATURE] if "curvature" in chosen.needs else []
    return modules_digest(*roots)


def modules_digest(*roots: str, within: tuple[str, ...] = MATHS) -> str:
    """Returns the SHA-256 (hex) of modules and of what they import `within` some packages.

    Comments, docstrings and formatting do not count. Nothing is imported.
    """
    texts: dict[str, str] = {}
    waiting = list(roots)
    while waiting:
        module = waiting.pop()
        if module not in texts:
            texts[module], imported = _code(_source(module))
            waiting += [each for each in imported if each.startswith(within)]
    return hashlib.sha256(repr(sorted(texts.items())).encode()).hexdigest()


@cache
def _code(file: Path) -> tuple[str, tuple[str, ...]]:
    """Returns the bare code of a file and what it imports from; many methods share files."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    return bare_code(tree), tuple(_imported(tree))


def bare_code(tree: ast.Module) -> str:
    """Returns code in one fixed format without comments, docstrings and imports of types.

    `tree` loses them, too.
    """
    return ast.unparse(_OnlyWhatRuns().visit(tree))


class _OnlyWhatRuns(ast.NodeTransformer):
    def visit_Expr(self, node: ast.Expr) -> ast.Expr | None:
        text = isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)
        return None if text else node

    def visit_If(self, node: ast.If) -> ast.AST | None:
        return None if ast.unparse(node.test) == "TYPE_CHECKING" else self.generic_visit(node)


def _imported(tree: ast.Module) -> list[str]:
    imports = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return [module for module in imports if module]


def _source(module: str) -> Path:
    return ROOT.joinpath(*module.split(".")).with_suffix(".py")
