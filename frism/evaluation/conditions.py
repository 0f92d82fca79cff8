"""Under which conditions models are asked: what must be equal for two results to be the same."""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from platform import python_version

from frism import __version__
from frism.config.digest import bare_code
from frism.config.tree import Evaluation

PACKAGES = ("ms-vlmeval", "torch", "torchvision", "transformers")
# answers do not depend on how many questions are asked at a time
IRRELEVANT = ("batch_size",)


@dataclass(frozen=True)
class Conditions:
    """How answers are generated and scored.

    Attributes:
        judge: how answers are compared.
        generation: settings of the generation.
        code: SHA-256 (hex) of this package's code; comments and formatting do not count.
        versions: of the packages that have a part in it.
    """

    judge: str
    generation: dict[str, bool | int | str]
    code: str
    versions: dict[str, str]

    @classmethod
    def of(cls, settings: Evaluation, blind: bool, judge: str) -> Conditions:
        """Returns the conditions of this installation under the given settings."""
        generation: dict[str, bool | int | str] = {
            "decoding": "greedy",
            "dtype": "float32",
            "batch_size": settings.batch_size,
            "max_new_tokens": settings.max_new_tokens,
            "blind": blind,
        }
        return cls(judge, generation, _code(), _versions())

    def same(self, other: Conditions) -> bool:
        """Tells whether the same answers and scores come of both."""
        return self._relevant() == other._relevant()

    def _relevant(self) -> tuple[object, ...]:
        kept = {name: v for name, v in self.generation.items() if name not in IRRELEVANT}
        return self.judge, kept, self.code, self.versions


def _versions() -> dict[str, str]:
    packages = {name: version(name) for name in PACKAGES}
    return {"frism": __version__, "python": python_version()} | packages


@cache
def _code() -> str:
    files = sorted(Path(__file__).parent.glob("*.py"))
    texts = [(file.name, bare_code(ast.parse(file.read_text("utf-8")))) for file in files]
    return hashlib.sha256(repr(texts).encode()).hexdigest()
