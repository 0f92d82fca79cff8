"""A pair of the hub goes through the workflow by YAML alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from frism.checkpoints.card import CARD_FILE
from frism.checkpoints.key_map import causal_lm
from frism.checkpoints.reader import Checkpoint
from frism.distillation.questions import content_hash, read_questions
from tests.hub_runs import HubRuns
from tests.tolerances import TOLERANCES
from tests.vlm_answers import ask, load_vlm
from tests.vlm_families import Family, FamilyMaker
from tests.workspace import Workspace

ROLES = ("base", "lrm", "vlm")
CONFIG: dict[str, Any] = {
    "name": "tiny",
    "pairs": ["unseen"],
    "merges": {"task_arithmetic": {"lambda": [0.5]}, "frism": {"alpha": [1.0]}, "tsv_m": {}},
    "subspaces": {"storage": "bfloat16", "rank": 8},
    "distillation": {"steps": 2, "batch_size": 2, "images": 4},
}
MERGED = "results/tiny/unseen/seed-0/merged"


def picture(seed: int) -> Image.Image:
    pixels = np.random.default_rng(seed).integers(0, 256, (24, 24, 3))
    return Image.fromarray(pixels.astype(np.uint8))


def write_images(folder: Path) -> None:
    folder.mkdir()
    for index in range(4):
        picture(index).save(folder / f"{index}.png")


def make_workspace(family: Family, hub: HubRuns, folder: Path) -> Workspace:
    models = {role: hub.server.add_repo(f"o/{role}", getattr(family, role)) for role in ROLES}
    pair: dict[str, Any] = {role: f"o/{role}@{commit}" for role, commit in models.items()}
    write_images(folder / "images")
    drawn = {"images": str(folder / "images"), "template": "what is this"}
    pair |= {"calibration": drawn, "svd_parts": 2}
    return Workspace.make(folder / "run", CONFIG, {"unseen": pair})


@pytest.fixture
def _hub_environment(hub: HubRuns, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in hub.environment(no_proxy="127.0.0.1,localhost").items():
        monkeypatch.setenv(name, value)


@pytest.mark.slow
@pytest.mark.usefixtures("_hub_environment")
def test_a_pair_of_the_hub_is_merged_by_yaml_alone(
    hub: HubRuns, families: FamilyMaker, tmp_path: Path
) -> None:
    family = families("idefics3", sharded=True, dtype=torch.bfloat16)
    workspace = make_workspace(family, hub, tmp_path)
    planned = {job.rule for job in workspace.would_run()}
    assert {"svd_lrm_unseen", "calibration_unseen", "gates_unseen", "merge_unseen"} <= planned
    assert sum(rule.startswith("download_o--") for rule in planned) == 3
    workspace.run("--cores", "1")
    merged = workspace.folder / MERGED
    assert sorted(folder.name for folder in merged.iterdir()) == ["frism", "task_arithmetic"]
    plain, gated = merged / "task_arithmetic/lambda=0.5", merged / "frism/alpha=1+lambda_lrm=1"
    check_arithmetic(family, plain)
    questions = read_questions(merged.parent / "calibration" / "calibration.tsv", 4)
    card = json.loads((gated / CARD_FILE).read_text())
    assert set(card["inputs"]) == {"subspaces", "gates"}
    assert card["gates"]["shown"] == content_hash(questions)
    assert len(ask(*load_vlm(gated), picture(7), "what is this")) > 0
    assert "Nothing to be done" in workspace.run("--cores", "1")
    # the cache has everything: without the hub only what is missing is made again
    hub.server.asked.clear()
    (plain / CARD_FILE).unlink()
    plain.rename(tmp_path / "gone")
    workspace.run("--cores", "1", "--rerun-triggers", "mtime")
    assert (plain / CARD_FILE).is_file()
    assert hub.server.asked == []


def check_arithmetic(family: Family, merged: Path) -> None:
    models = {role: causal_lm(Checkpoint(getattr(family, role))) for role in ROLES}
    found = causal_lm(Checkpoint(merged))
    for name in found.matrices:
        own, lrm, base = (
            models[role].checkpoint.tensor(models[role].names[name]).double()
            for role in ("vlm", "lrm", "base")
        )
        got = found.checkpoint.tensor(found.names[name])
        assert got.dtype == torch.bfloat16
        expected = own + 0.5 * (lrm - base)
        torch.testing.assert_close(got.double(), expected, **TOLERANCES[torch.bfloat16])
