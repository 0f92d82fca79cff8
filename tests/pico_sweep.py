"""Pico families with benchmarks and the records of their VLMs: all that a sweep needs."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from frism.cli.main import main
from frism.evaluation import kit
from frism.evaluation.datasets import build
from frism.evaluation.engine import Engine
from tests.pico import Pico, make_pico
from tests.pico_questions import choice_rows, open_rows, save, text_rows
from tests.steps import run_step

LIMIT, COUNT = 48, 10
GROUPS = {
    "reasoning": ("FrismPico", "FrismPicoMCQ"),
    "perception": ("FrismSeen",),
    "text": ("FrismPicoText",),
}
METHOD, BEST = "task_arithmetic", "lambda=0.05"
MERGED = ("vlm", "base", "lrm")
SETTINGS = ["--max-new-tokens", str(LIMIT)]


@dataclass(frozen=True)
class PicoFamily:
    """One family in a folder laid out like that of a run."""

    models: Pico
    folder: Path

    @property
    def inputs(self) -> dict[str, Path]:
        """What `frism sweep` is given for each family."""
        return {
            "vlm": self.models.vlm,
            "base": self.models.base,
            "lrm": self.models.lrm,
            "subspaces": self.folder / "subspaces",
            "data": self.folder / "data",
            "vlm-records": self.folder / "references" / "vlm" / "records",
            "family-folders": self.folder,
        }


def make_family(folder: Path, seed: int) -> PicoFamily:
    """Saves the models and benchmarks and runs the steps before a sweep."""
    family = PicoFamily(make_pico(folder / "models", seed=seed), folder)
    files = family.inputs
    models = {"base": files["base"], "tuned": files["lrm"], "role": "lrm"}
    run_step("svd", **models, output=files["subspaces"])
    write_merge(family, BEST, folder / "best")
    _save_benchmarks(family, files["data"])
    evaluate(family, files["vlm"], files["vlm-records"])
    return family


def write_merge(family: PicoFamily, parameters: str, output: Path) -> Path:
    """Runs `frism merge` with Task Arithmetic."""
    words = [word for name in MERGED for word in (f"--{name}", str(family.inputs[name]))]
    run_step("merge", *words, method=METHOD, parameters=parameters, output=output)
    return output


def evaluate(family: PicoFamily, model: Path, output: Path, *more: str) -> None:
    """Runs `frism evaluate` on one model."""
    words = ["--pair", "pico", "--families", "0", "--method", "vlm", *groups(), *SETTINGS, *more]
    run_step("evaluate", *words, models=model, data=family.inputs["data"], output=output)


def sweep_words(
    families: list[PicoFamily], output: Path, method: str, *candidates: str, by: str | None = None
) -> list[str]:
    """Returns the command line of a sweep of several families."""
    words = ["sweep", "--pair", "pico", "--experiment", "trial", "--method", method]
    words += ["--candidates", *candidates, *(["--by", by] if by else [])]
    words += ["--families", *(str(number) for number in range(len(families)))]
    for name in families[0].inputs:
        words += [f"--{name}", *(str(family.inputs[name]) for family in families)]
    return [*words, "--output", str(output), *groups(), *SETTINGS]


def sweep(words: list[str]) -> None:
    """Runs a sweep and expects it to succeed."""
    assert main(words) == 0


def groups() -> list[str]:
    """Returns the flags of the benchmarks."""
    return [
        word
        for group, names in GROUPS.items()
        for word in (f"--{group}", *names, f"--{group}-judge", "rule")
    ]


def _save_benchmarks(family: PicoFamily, data: Path) -> None:
    """To most questions the VLM's answer is right, to those of FrismPico that of a merge."""
    letters = ["ABCD"[k % 4] for k in range(COUNT)]
    tables = {
        "FrismPico": open_rows(["x"] * COUNT, ("solve", "add")),
        "FrismSeen": open_rows(["x"] * COUNT, ("read", "count")),
        "FrismPicoText": text_rows(["x"] * COUNT),
    }
    for split in ("VAL", "TEST"):
        save(choice_rows(letters), data, f"FrismPicoMCQ_{split}")
        for number, (name, table) in enumerate(tables.items()):
            file = f"{name}_{split}"
            save(table, data, file)
            model = family.folder / "best" if name == "FrismPico" else family.models.vlm
            said = _said(model, data, file)
            keep = [k % (number + 2) > 0 for k in range(COUNT)]
            answers = [word if kept else "x" for word, kept in zip(said, keep, strict=True)]
            save(pd.DataFrame(table.assign(answer=answers)), data, file)


def _said(model: Path, data: Path, name: str) -> list[str]:
    with kit.settings(data):
        dataset = build(name)
        messages = [dataset.build_prompt(row) for _, row in dataset.data.iterrows()]
    return [answer.final or "x" for answer in Engine(model, 64, LIMIT).answer(messages)]
