"""Merges of a pair without questions of its own are evaluated on the suite, beside their VLM."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

from tests.eval_runs import LIMIT, NAMES, SUITE, EvalRuns
from tests.pico import Pico
from tests.workspace import Job, Workspace

MERGES = ("lambda=0.5", "lambda=1")
EVALUATIONS = "results/tiny/given/seed-0/evaluations"


def make_workspace(
    folder: Path, pico: Pico, data: Path, suite: dict[str, Any] = SUITE, **more: Any
) -> Workspace:
    (folder / "suite.yaml").write_text(yaml.safe_dump(suite))
    config: dict[str, Any] = {
        "name": "tiny",
        "pairs": ["given"],
        "merges": {"task_arithmetic": {"lambda": [0.5, 1.0]}},
        "suite": str(folder / "suite.yaml"),
        "suite_evaluation": {"max_new_tokens": LIMIT, "dtype": "float32", "device": "cpu"},
        "prefetch": {"data": str(data)},
        **more,
    }
    pair = {role: str(getattr(pico, role)) for role in ("base", "vlm", "lrm")}
    return Workspace.make(folder / "run", config, {"given": pair})


@pytest.mark.slow
def test_the_vlm_and_its_merges_on_the_suite(pico: Pico, tmp_path: Path) -> None:
    runs = EvalRuns.make(tmp_path / "eval")
    workspace = make_workspace(tmp_path, pico, runs.folder / "data")
    planned = workspace.would_run("evaluations")
    assert {job for job in planned if job.rule == "eval_given"} == {
        Job("eval_given", f"model={model}")
        for model in ("vlm", *(f"task_arithmetic/{each}" for each in MERGES))
    }
    # the default target only merges
    assert "eval_given" not in {job.rule for job in workspace.would_run()}
    workspace.run("--cores", "2", "evaluations")
    table = pd.read_csv(workspace.results / "tables" / "evaluations.csv")
    models = ["vlm", *(f"task_arithmetic {each}" for each in MERGES)]
    assert list(table["model"].unique()) == models
    assert len(table) == len(models) * (len(NAMES) + 2)
    for model, folder in zip(
        models, ["vlm", *(f"task_arithmetic/{m}" for m in MERGES)], strict=True
    ):
        for name in NAMES:
            file = workspace.folder / EVALUATIONS / folder / f"{name}.json"
            (row,) = table[(table["model"] == model) & (table["benchmark"] == name)].to_dict(
                "records"
            )
            assert row["score"] == pytest.approx(json.loads(file.read_text())["score"], abs=1e-4)
    predictions = workspace.folder / "results" / "predictions"
    assert len([each for each in predictions.iterdir() if each.is_dir()]) == len(models)
    assert workspace.would_run("evaluations") == set()


@pytest.mark.slow
def test_jobs_that_share_the_questions(pico: Pico, tmp_path: Path) -> None:
    """Of a benchmark that is not listed a thousand questions are assumed: three jobs."""
    name = NAMES[0]
    suite = {"reasoning": {"judge": "rule", "benchmarks": [name]}}
    runs = EvalRuns.make(tmp_path / "eval")
    merges = {"task_arithmetic": {"lambda": [0.5]}}
    workspace = make_workspace(
        tmp_path, pico, runs.folder / "data", suite, suite_shard=400, merges=merges
    )
    models = ("vlm", f"task_arithmetic/{MERGES[0]}")
    planned = workspace.would_run("evaluations")
    assert {job for job in planned if job.rule in ("answers_given", "eval_given")} == {
        *(Job("eval_given", f"model={model}") for model in models),
        *(
            Job("answers_given", f"model={model}, benchmark={name}, shard={k}, shards=3")
            for model in models
            for k in (1, 2, 3)
        ),
    }
    workspace.run("--cores", "2", "evaluations")
    assert workspace.would_run("evaluations") == set()
    seed = workspace.folder / EVALUATIONS
    said = (workspace.results / "logs/given/evaluations/vlm.log").read_text()
    assert f"{name}: 12 questions, 12 done" in said
    asked = sorted(path.name for path in workspace.folder.glob("results/predictions/*/*/*.jsonl"))
    assert asked == sorted(f"shard-{k}-of-3-worker-0.jsonl" for k in (1, 2, 3) for _ in models)
    # the settings of the workflow, by hand and in one run
    settings = ["--batch-size", "64", "--benchmarks", name]
    assert runs.run(tmp_path / "whole", *settings, model=pico.vlm) == 0
    scattered, whole = (
        json.loads(path.read_text()) | {"seconds": {}}
        for path in (seed / f"vlm/{name}.json", tmp_path / f"whole/out/{name}.json")
    )
    assert scattered == whole
