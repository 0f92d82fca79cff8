"""`frism budget`: the jobs that Snakemake would start, and what they cost in all."""

from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
import yaml

from frism.cli.main import main
from frism.config.experiments import TARGETS
from frism.config.layout import Layout
from frism.config.load import load
from frism.planning.budget import Budget, Row, Totals
from frism.planning.budget_report import budget_lines, notes_of
from frism.planning.jobs import Kind, jobs
from frism.planning.needs import Needs
from tests.hub_runs import HubRuns
from tests.pico import Pico
from tests.planned_pairs import COMMIT, TINY, needs_of, suite_file, tiny_pair
from tests.workspace import ROOT, Workspace

MODELS = {role: f"o/{role}@{COMMIT}" for role in ("vlm", "lrm", "base")}
EXPERIMENTS: dict[str, Any] = {
    "main": {
        "figure": "main",
        "methods": {
            "task_arithmetic": {"lambda": [0.4, 0.8]},
            "frism": {"alpha": [0.1, 0.3], "lambda_lrm": [1.0]},
            "frism_mean": {"alpha": [0.3], "lambda_lrm": [1.0]},
            "frism_closed_form": {"alpha": [0.1]},
            "tsv_m": {"lambda": [1.0]},
        },
    },
    "spectra": {"figure": "spectra"},
}
CONFIG: dict[str, Any] = {
    "name": "tiny",
    "pairs": ["embedded", "drawn", "bare"],
    "experiments": EXPERIMENTS,
    "merges": {"task_arithmetic": {"lambda": [0.5, 1.0]}, "frism": {}, "tsv_m": {}},
}
PAIRS: dict[str, Any] = {
    "embedded": {"kind": "embedded", "seeds": [7, 8]},
    "drawn": {
        **MODELS,
        "vlm_base": f"o/base@{COMMIT}",
        "calibration": {"benchmark": "VizWiz"},
        "svd_parts": 3,
    },
    # the VLM is its own; LRM and base are those of the other pair
    "bare": {**MODELS, "vlm": f"o/other@{COMMIT}"},
}
RULES = {"references": "evaluate_reference"}
ASKED = ("mem_mb", "runtime", "gpu", "disk_mb")


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("budget")
    return Workspace.make(folder / "run", CONFIG | {"suite": suite_file(folder)}, PAIRS)


@pytest.mark.parametrize("target", ["all", "everything", "merges", "evaluations", "spectra"])
def test_the_jobs_are_those_that_snakemake_would_start(workspace: Workspace, target: str) -> None:
    config = workspace.folder / "config" / "config.yaml"
    counted = jobs(Layout(load(config)), target)
    ours: Counter[str] = Counter()
    for kind, count in counted.items():
        ours[RULES.get(kind.step, kind.step)] += count
    told = workspace.run(target, "--dry-run", "--quiet", "rules").partition("total")[0]
    theirs: Counter[str] = Counter()
    steps = sorted(ours, key=len, reverse=True)
    for rule, count in re.findall(r"^(\w\S*) +(\d+)$", told, re.MULTILINE):
        if rule != target and rule != "all":
            theirs[next((s for s in steps if rule.startswith(s)), rule)] += int(count)
    assert ours == theirs
    assert all(count > 0 for count in counted.values())


def test_every_job_states_what_it_asks_for(workspace: Workspace) -> None:
    told = workspace.run("everything", "--dry-run", "--config", "subspaces={'device': 'cuda'}")
    blocks = re.findall(r"^(?:local)?rule (\S+):\n((?:    .*\n)+)", told, re.MULTILINE)
    gpus: dict[str, int] = {}
    for rule, details in blocks:
        if rule in TARGETS:
            continue
        found = {key: re.search(rf"\b{key}=(\d+)", details) for key in ASKED}
        assert all(found.values()), (rule, details)
        gpus[rule] = int(found["gpu"][1]) if found["gpu"] else 0
    assert {rule for rule, count in gpus.items() if count} == {
        rule for rule in gpus if rule.startswith("svd_")
    }
    assert "svd_lrm_drawn" in gpus
    # 7 billion parameters are assumed
    (merge,) = [details for rule, details in blocks if rule == "merge_bare" and "=0.5" in details]
    assert "disk_mb=20730" in merge


def test_an_unknown_target_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["budget", str(ROOT / "config" / "config.yaml"), "--target", "mains"]) == 2
    assert "target: found mains; expected one of all, everything" in capsys.readouterr().err


def test_hours_and_bytes_are_sums_over_jobs(tmp_path: Path) -> None:
    settings = {"device": "cuda", "max_new_tokens": 100, "batch_size": 8, "dtype": "bfloat16"}
    needs = needs_of(
        tiny_pair(threads=4),
        merges={"task_arithmetic": {"lambda": [0.5, 1.0]}},
        suite=suite_file(tmp_path),
        suite_evaluation=settings,
    )
    budget = Budget(needs, "evaluations")
    rows = {row.kind: row for row in budget.rows}
    assert {(kind.step, kind.detail): row.count for kind, row in rows.items()} == {
        ("prefetch", ""): 2,
        ("download", "vlm"): 1,
        ("download", "lrm"): 1,
        ("download", "base"): 1,
        ("merge", "task_arithmetic"): 2,
        ("eval", ""): 3,
        ("compare", ""): 1,
    }
    row = rows[Kind("tiny", "eval")]
    decoding = (1500 * 100 + 3088 * 64) / 8 * (330 / 1e12 + 0.03)
    seconds = 10 + 4588 * 1300 * 165 / 6e13 + decoding
    assert row.gpu_hours == pytest.approx(3 * seconds / 3600, rel=1e-9)
    assert row.cpu_hours == pytest.approx(4 * row.gpu_hours, rel=1e-9)
    total = Totals.of(budget.rows)
    assert total.count == 11
    assert total.gpu_hours == row.gpu_hours
    assert total.cpu_hours == pytest.approx(sum(each.cpu_hours for each in budget.rows))
    assert rows[Kind("tiny", "merge", "task_arithmetic")].writes == 2 * 330
    assert rows[Kind("tiny", "download", "lrm")].reads == 320
    assert rows[Kind("", "prefetch")].writes == 2 * 3e8


def test_jobs_that_share_a_suite_cost_what_one_does(tmp_path: Path) -> None:
    settings = {"device": "cuda", "max_new_tokens": 100, "batch_size": 8, "dtype": "bfloat16"}
    given: dict[str, Any] = {
        "merges": {"task_arithmetic": {"lambda": [0.5]}},
        "suite": suite_file(tmp_path),
        "suite_evaluation": settings,
    }
    whole, shared = (
        Budget(needs_of(tiny_pair(threads=4), suite_shard=shard, **given), "evaluations")
        for shard in (None, 1000)
    )
    rows = {row.kind.step: row for row in shared.rows}
    # 1500 and 3088 questions of two models
    assert (rows["answers"].count, rows["answers"].need.gpu) == (2 * (2 + 4), 1)
    assert (rows["scores"].count, rows["scores"].need.gpu) == (2, 0)
    assert "eval" not in rows
    (one,) = [row for row in whole.rows if row.kind.step == "eval"]
    # beside the start of each job
    starts = (rows["answers"].count - one.count) * 10 / 3600
    assert rows["answers"].gpu_hours == pytest.approx(one.gpu_hours + starts, rel=1e-9)
    # what a rule asks for is by the benchmark: chains of thought take longer
    needs = needs_of(tiny_pair(threads=4), suite_shard=1000, **given)
    jobs_of = [needs.job("answers", "tiny", name) for name in ("MMStar", "AI2D_TEST")]
    slow, quick = (each.cost.seconds for each in jobs_of if each)
    assert slow == pytest.approx((750 * 1300 * 165) / 6e13 + 750 * 100 / 8 * (330 / 1e12 + 0.03))
    assert quick == pytest.approx((772 * 1300 * 165) / 6e13 + 772 * 64 / 8 * (330 / 1e12 + 0.03))


def test_the_shipped_pairs_are_budgeted_without_weights_or_a_network() -> None:
    code = (
        "import sys, socket; socket.socket = None; from frism.cli.main import main;"
        "code = main(['budget', 'config/cluster.yaml']);"
        "print([m for m in ('torch', 'transformers', 'huggingface_hub') if m in sys.modules], code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    told = done.stdout
    assert told.endswith("[] 0\n"), told[-200:] + done.stderr
    for pair, size in (("3b_smallthinker-3b", "3.75"), ("7b_r1", "8.29"), ("32b_qwq", "33.45")):
        assert re.search(rf"^qwen2\.5-vl-{pair}\S*: {size} billion parameters, by size", told, re.M)
    for words in ("GPU-hours", "writes (disk)", "largest memory of a job", "NOT measured"):
        assert words in told
    assert "note: answers of qwen2.5-vl-32b_qwq-32b needs" in told


def test_totals_and_largest_needs_are_named() -> None:
    budget = Budget(needs_of(tiny_pair()), "merges")
    lines = list(budget_lines(budget))
    (total,) = [line for line in lines if line.startswith("target merges")]
    assert total.startswith(f"target merges: {sum(row.count for row in budget.rows)} jobs, 0.0 GPU")
    longest = max(budget.rows, key=lambda row: row.seconds)
    assert longest.kind.step == "gates"
    assert any(
        line.startswith("largest time of a job") and "gates of tiny" in line for line in lines
    )
    assert not any("largest GPUs" in line for line in lines)


def test_what_a_reader_should_know_is_said() -> None:
    told = "\n".join(
        notes_of(
            Budget(
                needs_of(
                    tiny_pair(size=None),
                    suite_evaluation={"device": "auto"},
                    limits={"mem_mb": 5000, "runtime": 60},
                )
            )
        )
    )
    assert "the size of tiny is not known and assumed to be as Qwen2.5-VL-7B" in told
    assert "eval asks for no GPU: suite_evaluation.device is auto" in told
    assert "gates of tiny would take" in told
    assert "more than limits.runtime, 60 min" in told
    assert "more than limits.mem_mb, 5.0 GB" in told
    assert list(notes_of(Budget(needs_of(tiny_pair()), "merges"))) == []


@pytest.mark.parametrize(
    ("gigabytes", "words"),
    [(40.0, ""), (20.0, "lower suite_evaluation.max_batch_tokens, or"), (9.0, "weights alone are")],
)
def test_a_model_that_does_not_fit_one_gpu_is_told_with_a_remedy(
    gigabytes: float, words: str
) -> None:
    settings = {"device": "cuda", "dtype": "bfloat16", "max_new_tokens": 4096, "batch_size": 64}
    limits = {"gpu_memory": gigabytes}
    needs = needs_of(tiny_pair(size=None), suite_evaluation=settings, limits=limits)
    told = [line for line in notes_of(Budget(needs)) if "on its GPUs" in line]
    assert len(told) == bool(words)
    assert all(words in line for line in told)


def test_embedded_jobs_take_what_was_measured() -> None:
    budget = Budget(Needs(Layout(load(ROOT / "config" / "config.yaml"))), "all")
    rows: dict[str, Row] = {row.kind.step: row for row in budget.rows}
    assert (rows["base"].count, rows["gates"].count, rows["sweep"].count) == (3, 45, 33)
    assert rows["base"].cpu_hours == pytest.approx(3 * 134 / 3600)
    assert Totals.of(budget.rows).gpu_hours == 0


def test_sizes_may_be_read_from_the_hub(hub: HubRuns, pico: Pico, tmp_path: Path) -> None:
    commits = {r: hub.server.add_repo(f"o/{r}", getattr(pico, r)) for r in ("base", "vlm", "lrm")}
    (tmp_path / "pairs").mkdir()
    pair = {role: f"o/{role}@{commit}" for role, commit in commits.items()} | {"size": TINY}
    (tmp_path / "pairs" / "p.yaml").write_text(yaml.safe_dump(pair))
    (tmp_path / "config.yaml").write_text("name: x\npairs: [p]\n")
    command = [sys.executable, "-m", "frism", "budget", "config.yaml", "--target", "merges"]
    told = []
    for more in ([], ["--hub"]):
        done = subprocess.run(
            [*command, *more],
            env=hub.environment(),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=True,
        )
        told.append(done.stdout)
    assert "by size of the pair" in told[0]
    assert "by headers" in told[1]
