"""`frism status` knows the jobs that Snakemake plans, no more and no fewer."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from frism.config.layout import Layout
from frism.config.load import load
from frism.dag.jobs import ALL, EVERYTHING, jobs_for, outputs_of
from tests.pico import Pico
from tests.workspace import ROOT, Workspace

FIELD = r"^    {}: (.*)$"
PAIR = yaml.safe_load((ROOT / "config" / "pairs" / "embedded.yaml").read_text())
ROLES = ("vlm", "lrm", "base")


def planned(workspace: Workspace, *words: str) -> dict[str, set[str]]:
    """Returns the outputs of the jobs of a dry run by their logs."""
    blocks = re.split(r"^(?:local)?rule ", workspace.run("--dry-run", *words), flags=re.MULTILINE)
    found = {field(block, "log"): field(block, "output") for block in blocks[1:]}
    return {log: set(outputs.split(", ")) for log, outputs in found.items() if log}


def field(block: str, name: str) -> str:
    found = re.search(FIELD.format(name), block, re.MULTILINE)
    return found[1] if found else ""


def assert_known(workspace: Workspace, monkeypatch: pytest.MonkeyPatch, *targets: str) -> None:
    monkeypatch.chdir(workspace.folder)
    run = Layout(load("config/config.yaml"))
    for words, wanted in (((), outputs_of(run, ALL)), (targets, outputs_of(run, EVERYTHING))):
        jobs = jobs_for(run, wanted)
        outputs = {str(job.log): set(job.outputs) for job in jobs}
        expected = planned(workspace, *words)
        assert outputs.keys() == expected.keys()
        assert all(outputs[log] <= expected[log] for log in expected)
        assert len(jobs) == len(expected)


def test_jobs_of_a_trained_pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    methods = {"frism": {"alpha": [0.3]}, "ties": {}, "frism_closed_form": {}}
    experiments = {
        "main": {"figure": "main", "methods": methods},
        "spectra": {"figure": "spectra"},
        "alpha": {"figure": "curve", "by": ["alpha"], "methods": {"frism": {"alpha": [0.3, 3.0]}}},
    }
    config = {"name": "tiny", "pairs": ["embedded"], "experiments": experiments}
    workspace = Workspace.make(tmp_path / "run", config, {"embedded": PAIR})
    assert_known(workspace, monkeypatch, "everything")


def test_jobs_of_pairs_that_are_merged(
    pico: Pico, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub: dict[str, Any] = {role: f"o/{role}@{'0' * 40}" for role in ROLES}
    disk: dict[str, Any] = {role: str(getattr(pico, role)) for role in ROLES}
    hub |= {"calibration": {"benchmark": "VizWiz"}, "svd_parts": 3}
    # nothing is decomposed where no method asks for it, so all methods are asked for
    disk |= {"vlm_base": disk["base"], "svd_parts": 1}
    config: dict[str, Any] = {
        "name": "tiny",
        "pairs": ["hub", "disk"],
        "merges": {"frism": {}, "frism_closed_form": {}, "task_arithmetic": {}, "tsv_m": {}},
        "suite": "paper",
    }
    workspace = Workspace.make(tmp_path / "run", config, {"hub": hub, "disk": disk})
    assert_known(workspace, monkeypatch, "everything", "evaluations")
    workspace.write_config(config | {"suite_shard": 4000})
    assert_known(workspace, monkeypatch, "everything", "evaluations")
