"""Whether the code of a method has changed: a digest that comments and formatting do not touch."""

from __future__ import annotations

import ast
import hashlib
from pathlib import Path

from frism.methods.registry import method, modules

ROOT = Path(__file__).parents[2]
# where the maths of methods lies; errors, file access and the like change no weights
MATHS = ("frism.methods.", "frism.subspaces.", "frism.arithmetic.")


def code_digest(slug: str) -> str:
    """Returns the SHA-256 (hex) of a method's code and of the maths that it imports.

    Comments, docstrings and formatting do not count. Nothing is imported but the registry.

    Raises:
        MergeError: there is no method of that name.
    """
    texts: dict[str, str] = {}
    waiting = [modules()[method(slug).slug]]
    while waiting:
        module = waiting.pop()
        if module not in texts:
            tree = ast.parse(_source(module).read_text(encoding="utf-8"))
            texts[module] = bare_code(tree)
            waiting += _imported_maths(tree)
    return hashlib.sha256(repr(sorted(texts.items())).encode()).hexdigest()


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


def _imported_maths(tree: ast.Module) -> list[str]:
    imports = [node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    return [module for module in imports if module and module.startswith(MATHS)]


def _source(module: str) -> Path:
    return ROOT.joinpath(*module.split(".")).with_suffix(".py")
