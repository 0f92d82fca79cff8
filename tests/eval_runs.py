"""Runs of `frism eval` with pico models on three small benchmarks."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from frism.cli.main import main
from frism.evaluation import kit
from frism.evaluation.datasets import build
from tests.engines import make_engine
from tests.pico_questions import choice_rows, open_rows, save
from tests.pico_vlm import save_vlm
from tests.workspace import ROOT, Death

LIMIT, COUNT = 24, 12
SUITE = {
    "reasoning": {"judge": "rule", "benchmarks": ["FrismPico", "FrismPicoMCQ"]},
    "perception": {"judge": "rule", "benchmarks": ["FrismSeen"]},
}
NAMES = ("FrismPico", "FrismPicoMCQ", "FrismSeen")


@dataclass(frozen=True)
class EvalRuns:
    """A model, benchmarks and a suite in a folder."""

    folder: Path

    @classmethod
    def make(cls, folder: Path) -> EvalRuns:
        """Saves a model and questions, to most of which its answers are right."""
        # of this seed some answers end before the limit
        model = save_vlm(folder / "vlm", seed=2)
        tables = {
            "FrismPico": open_rows(["x"] * COUNT),
            "FrismPicoMCQ": choice_rows(["ABCD"[k % 4] for k in range(COUNT)]),
            "FrismSeen": open_rows(["x"] * COUNT, ("item b", "read")),
        }
        for name, table in tables.items():
            save(table, folder / "draft", name)
            if name != "FrismPicoMCQ":
                said = _said(model, folder / "draft", name)
                answers = [text if k % 4 != 2 else "x" for k, text in enumerate(said)]
                table = table.assign(answer=answers)
            save(table, folder / "data", name)
        (folder / "suite.yaml").write_text(yaml.safe_dump(SUITE))
        return cls(folder)

    def words(self, place: Path, *more: str, model: Path | None = None) -> list[str]:
        """Returns a command line whose results and predictions go to `place`."""
        flags: dict[str, object] = {
            "suite": self.folder / "suite.yaml",
            "data": self.folder / "data",
            "output": place / "out",
            "predictions": place / "predictions",
            "max-new-tokens": LIMIT,
        }
        words = [str(word) for name, value in flags.items() for word in (f"--{name}", value)]
        return ["eval", str(model or self.folder / "vlm"), *words, *more]

    def run(self, place: Path, *more: str, model: Path | None = None) -> int:
        """Runs it in this process and returns the exit status."""
        return main(self.words(place, *more, model=model))

    def start(self, place: Path, *more: str, deaths: Sequence[Death] = ()) -> subprocess.Popen[str]:
        """Starts it in a process group of its own."""
        program = [sys.executable, str(ROOT / "tests" / "mortal_frism.py")]
        environment = os.environ | {"DEATHS": json.dumps(deaths), "OMP_NUM_THREADS": "1"}
        return subprocess.Popen(
            [*program, *self.words(place, *more)],
            env=environment | {"PYTHONPATH": str(ROOT)},
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )


def results(place: Path) -> dict[str, str]:
    """Returns the results and the table as text, without what depends on the clock."""
    found = {}
    for path in sorted((place / "out").iterdir()):
        text = path.read_text()
        if path.suffix == ".json":
            text = json.dumps(json.loads(text) | {"seconds": {}})
        found[path.name] = text
    return found


def content(place: Path, name: str) -> Mapping[str, Any]:
    """Returns the result of a benchmark."""
    found: dict[str, Any] = json.loads((place / "out" / f"{name}.json").read_text())
    return found


def records(place: Path) -> list[tuple[str, Any]]:
    """Returns benchmark and index of every record of the predictions that is whole."""
    found = []
    for path in sorted((place / "predictions").glob("*/*/*.jsonl")):
        for line in path.read_bytes().split(b"\n")[:-1]:
            try:
                entry = json.loads(line)["record"]
            except ValueError:
                continue
            if "index" in entry:
                found.append((path.parent.name.rpartition("-")[0], entry["index"]))
    return found


def every_question() -> list[tuple[str, int]]:
    """Returns benchmark and index of all questions."""
    return [(name, index) for name in NAMES for index in range(COUNT)]


def table(runs: EvalRuns, name: str) -> pd.DataFrame:
    """Returns the questions of a benchmark."""
    return pd.read_csv(runs.folder / "data" / f"{name}.tsv", sep="\t", dtype=str)


def _said(model: Path, root: Path, name: str) -> list[str]:
    with kit.settings(root):
        dataset = build(name)
        messages = [dataset.build_prompt(row) for _, row in dataset.data.iterrows()]
    return [answer.final or "x" for answer in make_engine(model, 64, LIMIT).answer(messages)]
