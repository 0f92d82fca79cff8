"""The workflow fetches the files of the suite that pairs without questions are evaluated on."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from frism.config.suites import load_suite
from frism.distillation.questions import read_questions
from tests.calibration_inputs import rows, write_tsv
from tests.workspace import Job, Workspace

CONFIG: dict[str, Any] = {"name": "tiny", "pairs": ["given"]}
PAIR = {role: f"o/{role}@{'a' * 40}" for role in ("base", "vlm", "lrm")}


def test_downloads_bring_the_files_of_the_suite(tmp_path: Path) -> None:
    workspace = Workspace.make(tmp_path / "run", CONFIG, {"given": PAIR})
    planned = workspace.would_run("downloads")
    names = load_suite("paper").names
    assert {job for job in planned if job.rule == "prefetch"} == {
        Job("prefetch", f"benchmark={name}") for name in names
    }
    assert sum(job.rule.startswith("download_o--") for job in planned) == 3
    workspace.write_config(CONFIG | {"suite": None})
    assert "prefetch" not in {job.rule for job in workspace.would_run("downloads")}


def test_downloads_bring_the_benchmark_to_calibrate_on(tmp_path: Path) -> None:
    pair = PAIR | {"calibration": {"benchmark": "VizWiz"}}
    config = CONFIG | {"suite": None}
    workspace = Workspace.make(tmp_path / "run", config, {"given": pair})
    fetched = Job("prefetch", "benchmark=VizWiz")
    assert fetched in workspace.would_run("downloads")
    assert {fetched, Job("calibration_given", "")} <= workspace.would_run("merges")


def test_questions_are_drawn_from_a_file_of_ones_own(tmp_path: Path) -> None:
    """The note beside the file is made first; what is drawn does not wait for a network."""
    write_tsv(tmp_path / "data" / "Own.tsv", rows(4))
    pair = PAIR | {"calibration": {"benchmark": "Own"}}
    config = CONFIG | {"prefetch": {"data": str(tmp_path / "data")}}
    few = config | {"distillation": {"images": 3, "batch_size": 1, "validation": 1}}
    workspace = Workspace.make(tmp_path / "run", few, {"given": pair})
    folder = "results/tiny/given/seed-0/calibration"
    workspace.run("--cores", "1", folder)
    assert (tmp_path / "data" / "Own.md5").is_file()
    drawn = read_questions(workspace.folder / folder / "calibration.tsv", 3)
    assert {each.text for each in drawn} <= {f"what {k}" for k in range(4)}


def test_a_file_of_ones_own_is_noted_and_kept(tmp_path: Path) -> None:
    suite = tmp_path / "own.yaml"
    suite.write_text("reasoning: {judge: rule, benchmarks: [Own]}")
    data = tmp_path / "data"
    config = CONFIG | {"suite": str(suite), "prefetch": {"data": str(data)}}
    workspace = Workspace.make(tmp_path / "run", config, {"given": PAIR})
    note = str(data / "Own.md5")
    assert "no address of Own.tsv" in _log(workspace, note)
    data.mkdir(exist_ok=True)
    (data / "Own.tsv").write_text("mine")
    workspace.run("--cores", "1", note)
    assert (data / "Own.tsv").read_text() == "mine"
    assert Path(note).read_text() == f"{hashlib.md5(b'mine').hexdigest()}  Own.tsv\n"


def _log(workspace: Workspace, note: str) -> str:
    assert workspace.snakemake("--cores", "1", note).returncode != 0
    return (workspace.results / "logs" / "benchmarks" / "Own.log").read_text()
