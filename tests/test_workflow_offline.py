"""What needs a network runs where Snakemake was started; nothing else asks the hub."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from frism.cli.main import OFFLINE_VARIABLES, stay_offline
from tests.pico import Pico
from tests.workspace import Workspace

COMMIT = "0" * 40
CONFIG: dict[str, Any] = {
    "name": "tiny",
    "pairs": ["hub", "disk"],
    "merges": {"frism": {}},
    "suite": "paper",
    "distillation": {"images": 4, "batch_size": 2},
}


TELL = """
for rule in workflow.rules:
    if rule.name in workflow._localrules:
        print("stays", rule.name)
"""


@pytest.fixture
def workspace(pico: Pico, tmp_path: Path) -> Workspace:
    """A pair of the hub with a dataset to calibrate on, and one on disk with a folder of images."""
    hub: dict[str, Any] = {role: f"o/{role}@{COMMIT}" for role in ("vlm", "lrm", "base")}
    disk: dict[str, Any] = {role: str(getattr(pico, role)) for role in ("vlm", "lrm", "base")}
    images = tmp_path / "images"
    images.mkdir()
    for number in range(4):
        (images / f"{number}.png").touch()
    hub["calibration"] = {"dataset": f"datasets:o/questions@{COMMIT}", "template": "what"}
    disk["calibration"] = {"images": str(images), "template": "what"}
    return Workspace.make(tmp_path / "run", CONFIG, {"hub": hub, "disk": disk})


def test_jobs_that_need_a_network_are_not_submitted(workspace: Workspace) -> None:
    with (workspace.folder / "Snakefile").open("a") as file:
        file.write(TELL)
    plan = workspace.run("--dry-run", "all", "evaluations")
    jobs = set(re.findall(r"^rule (\w+)", plan, re.MULTILINE)) - {"all", "evaluations"}
    local = set(re.findall(r"^stays (\w+)", plan, re.MULTILINE)) & jobs
    assert local == {"download_o", "prefetch", "calibration_hub"}
    assert {"calibration_disk", "svd_lrm_hub", "gates_hub", "merge_hub", "eval_hub"} <= jobs


@pytest.mark.parametrize("step", ["svd", "gates", "merge", "eval", "evaluate", "curvature"])
def test_steps_on_compute_nodes_do_not_ask_the_hub(
    step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", {"HF_DATASETS_OFFLINE": "0"})
    stay_offline(step)
    expected = dict.fromkeys(OFFLINE_VARIABLES, "1") | {"HF_DATASETS_OFFLINE": "0"}
    assert os.environ == expected


@pytest.mark.parametrize("step", ["download", "prefetch", "calibration", "plan", "budget"])
def test_steps_that_need_the_hub_may_ask_it(step: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "environ", {})
    stay_offline(step)
    assert os.environ == {}


def test_the_command_is_offline_before_libraries_read_the_variables() -> None:
    code = (
        "import sys; from frism.cli import main; sys.argv = ['frism', 'svd'];"
        "main.main = lambda: 0; main.command();"
        "from huggingface_hub import constants; print(constants.HF_HUB_OFFLINE)"
    )
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "True"
