"""The same merge as a command of frism and of mergekit."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from processes import Usage, measure

ROOT = Path(__file__).resolve().parents[1]
LAMBDA, DENSITY = 0.7, 0.2
# what a program does before it looks at its arguments
IMPORTS = {
    "frism": "import frism.cli.main, frism.merging.apply",
    "mergekit": "import mergekit.scripts.run_yaml",
}


class Work(NamedTuple):
    """One merge.

    Args:
        parameters: Those of frism's method.
        mergekit: mergekit's method.
        density: Share of each task vector that is kept.
    """

    parameters: str
    mergekit: str
    density: float


WORKS = {
    "task_arithmetic": Work(f"lambda={LAMBDA}", "task_arithmetic", 1.0),
    "ties_tensor": Work(f"density={DENSITY}+lambda={LAMBDA}", "ties", DENSITY),
}


class Programs:
    """Both programs at work on the same checkpoints.

    Args:
        folder: Holds `base`, `vlm` and `lrm`; outputs and logs go there, too.
        mergekit: The `bin` folder of mergekit's environment.
        threads: Of each program.
    """

    def __init__(self, folder: Path, mergekit: Path, threads: int) -> None:
        self.folder = folder
        self._python = {"frism": Path(sys.executable), "mergekit": mergekit / "python"}
        self._command = mergekit / "mergekit-yaml"
        self._threads = str(threads)
        self._environment = {
            "PYTHONPATH": str(ROOT),
            "FRISM_CACHE": str(folder / "digests"),
            "HF_HUB_OFFLINE": "1",
            "OMP_NUM_THREADS": self._threads,
        }

    def start(self, program: str) -> Usage:
        """Imports what a program imports."""
        return self._run([str(self._python[program]), "-c", IMPORTS[program]], f"{program}-start")

    def frism(self, method: str, known: bool) -> Usage:
        """Merges with frism.

        Args:
            method: A key of `WORKS`.
            known: Whether the digests of the models are known from an earlier merge.
        """
        output = self._cleared("frism")
        if not known:
            self._cleared("digests")
        models = {"vlm": "vlm", "base": "base", "lrm": "lrm", "vlm-base": "base"}
        words = [
            word for flag, role in models.items() for word in (f"--{flag}", self.folder / role)
        ]
        words += ["--method", method, "--parameters", WORKS[method].parameters]
        step = [self._python["frism"], "-m", "frism", "merge", "--threads", self._threads]
        return self._run([str(word) for word in (*step, *words, "--output", output)], "frism")

    def mergekit(self, method: str, dtype: str) -> Usage:
        """Merges with mergekit, which calculates in `dtype` and writes bfloat16."""
        output = self._cleared(f"mergekit-{dtype}")
        config = self.folder / f"{method}-{dtype}.json"
        # JSON is YAML, too
        config.write_text(json.dumps(self._configuration(WORKS[method], dtype)))
        words = [self._command, config, output, "--lazy-unpickle", "--no-copy-tokenizer"]
        words += ["--no-write-model-card", "--quiet", "--num-threads", self._threads]
        return self._run([str(word) for word in words], "mergekit")

    def _configuration(self, work: Work, dtype: str) -> Mapping[str, object]:
        weights = {"vlm": 1.0, "lrm": LAMBDA}
        models = [
            {"model": self._path(role), "parameters": {"weight": weight, "density": work.density}}
            for role, weight in weights.items()
        ]
        return {
            "merge_method": work.mergekit,
            "base_model": self._path("base"),
            "models": models,
            "parameters": {"normalize": False},
            "dtype": dtype,
            "out_dtype": "bfloat16",
        }

    def _path(self, role: str) -> str:
        return str(self.folder / role)

    def _cleared(self, name: str) -> Path:
        place = self.folder / name
        shutil.rmtree(place, ignore_errors=True)
        return place

    def _run(self, command: list[str], log: str) -> Usage:
        return measure(command, self._environment, self.folder / f"{log}.log")
