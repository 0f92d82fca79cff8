"""Under which conditions models are asked: what must be equal for two results to be the same."""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path
from platform import python_version

from frism import __version__, judging
from frism.config.digest import bare_code
from frism.config.suites import Judge
from frism.config.tree import Evaluation
from frism.devices import device
from frism.evaluation.vllm_settings import check_engine

PACKAGES = ("ms-vlmeval", "torch", "torchvision", "transformers")
# answers do not depend on how many questions are asked at a time
IRRELEVANT = ("batch_size", "max_batch_tokens")

Generation = dict[str, bool | int | float | str]


@dataclass(frozen=True)
class Conditions:
    """How answers are generated and scored.

    Attributes:
        judge: how answers are compared.
        generation: settings of the generation.
        code: SHA-256 (hex) of the code of evaluation and rules, not counting comments and format.
        versions: of the packages that have a part in it.
    """

    judge: Judge
    generation: Generation
    code: str
    versions: dict[str, str]

    @classmethod
    def of(cls, settings: Evaluation, blind: bool, judge: Judge) -> Conditions:
        """Returns the conditions of this installation under the given settings.

        Raises:
            EvaluationError: The engine is not installed.
            ConfigError: The settings do not fit the engine, or there is no such device.
        """
        check_engine(settings)
        generation: Generation = {
            "engine": settings.engine,
            "dtype": settings.dtype,
            "device": device(settings.device),
            "batch_size": settings.batch_size,
            "max_batch_tokens": settings.max_batch_tokens,
            "max_new_tokens": settings.max_new_tokens,
            "thinking_budget": settings.thinking_budget,
            "stop_loops": settings.stop_loops,
            "blind": blind,
            **_decoding(settings),
        }
        return cls(judge, generation, _code(), _versions(settings.engine))

    def same(self, other: Conditions) -> bool:
        """Tells whether the same answers and scores come of both."""
        return self._relevant() == other._relevant()

    def _relevant(self) -> tuple[object, ...]:
        kept = {name: v for name, v in self.generation.items() if name not in IRRELEVANT}
        return self.judge, kept, self.code, self.versions


def _decoding(settings: Evaluation) -> Generation:
    """Returns how tokens are chosen; seed and share say nothing where the likeliest is taken."""
    if not settings.temperature:
        return {"decoding": "greedy"}
    drawn = {name: getattr(settings, name) for name in ("temperature", "top_p", "seed")}
    return {"decoding": "sampled", **drawn}


def _versions(engine: str) -> dict[str, str]:
    names = (*PACKAGES, engine) if engine not in PACKAGES else PACKAGES
    packages = {name: version(name) for name in names}
    return {"frism": __version__, "python": python_version()} | packages


def code_files() -> dict[str, Path]:
    """Returns the files of evaluation and rules, packages within them included, by their place."""
    packages = (Path(__file__).parent, Path(judging.__file__).parent)
    files = [file for package in packages for file in sorted(package.rglob("*.py"))]
    return {str(file.relative_to(packages[0].parent)): file for file in files}


@cache
def _code() -> str:
    files = code_files().items()
    texts = [(place, bare_code(ast.parse(file.read_text("utf-8")))) for place, file in files]
    return hashlib.sha256(repr(texts).encode()).hexdigest()
