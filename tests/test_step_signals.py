"""Steps in processes of their own that are sent a signal: one clear line, nothing half-written."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from frism.checkpoints.card import CARD_FILE
from frism.files import HALF
from tests.steps import run_step
from tests.test_merge_resumption import PART, SHARDS, files_of, merge_words, svd_words
from tests.vlm_families import Family, FamilyMaker
from tests.workspace import ROOT, Death

TERM, INT = signal.SIGTERM, signal.SIGINT
KEPT = "what is done is kept in {}: the same command goes on with it"


@pytest.fixture(scope="module")
def models(families: FamilyMaker) -> Family:
    """A family in three files each."""
    return families("qwen2_5_vl", sharded=True)


def stopped(words: list[str], event: str, path: str, number: signal.Signals) -> str:
    """Runs a step that sends itself a signal; returns what it said on standard error."""
    deaths = json.dumps([Death(words[0], event, path, signal=number)])
    command = [sys.executable, str(ROOT / "tests" / "mortal_frism.py"), *words]
    environment = os.environ | {"DEATHS": deaths, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 128 + number, done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr.splitlines()[-1]


def halves(folder: Path) -> list[Path]:
    """Returns temporary files and folders below a folder."""
    return [path for path in folder.rglob(".*") if HALF.fullmatch(path.name)]


@pytest.mark.parametrize(
    ("point", "number"), [(SHARDS[0], TERM), (SHARDS[1] + "$", INT), (CARD_FILE, TERM)]
)
def test_a_stopped_merge_goes_on(
    point: str, number: signal.Signals, models: Family, tmp_path: Path
) -> None:
    run_step(*merge_words(models, tmp_path / "whole"))
    said = stopped(merge_words(models, tmp_path / "cut"), "os.rename", point, number)
    partial = tmp_path / ".cut.partial"
    assert said == f"frism: stopped by {number.name}: {KEPT.format(partial)}"
    assert halves(tmp_path) == []
    run_step(*merge_words(models, tmp_path / "cut"))
    assert files_of(tmp_path / "cut") == files_of(tmp_path / "whole")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut", "whole"]


@pytest.mark.parametrize("point", [r"layers\.1\.self_attn\.q_proj\.safetensors$", "manifest.json"])
def test_a_stopped_decomposition_goes_on(point: str, models: Family, tmp_path: Path) -> None:
    run_step(*svd_words(models, tmp_path / "whole"))
    said = stopped(svd_words(models, tmp_path / "cut"), "os.rename", point, TERM)
    partial = tmp_path / "cut" / f".{PART}.partial"
    assert said == f"frism: stopped by SIGTERM: {KEPT.format(partial)}"
    assert halves(tmp_path) == []
    run_step(*svd_words(models, tmp_path / "cut"))
    assert files_of(tmp_path / "cut") == files_of(tmp_path / "whole")
    assert [path.name for path in (tmp_path / "cut").iterdir()] == [PART]


@pytest.mark.parametrize(("point", "number"), [("FrismRead_VAL", TERM), ("FrismSum_TEST", INT)])
def test_a_step_that_cannot_go_on_leaves_nothing(
    point: str, number: signal.Signals, tmp_path: Path
) -> None:
    sizes = ["--calibration", "4", "--validation", "4", "--test", "4"]
    words = ["questions", "--seeds", "7", *sizes, "--output", str(tmp_path / "data")]
    assert stopped(words, "open", rf"{point}\.tsv", number) == f"frism: stopped by {number.name}"
    assert list(tmp_path.iterdir()) == []
