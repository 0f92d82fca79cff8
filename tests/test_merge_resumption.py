"""A merge or a decomposition that is killed goes on where it was, to the very same files."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from frism.checkpoints.card import CARD_FILE
from tests.steps import run_step
from tests.vlm_families import Family, FamilyMaker
from tests.workspace import ROOT, Death

SHARDS = [f"model-0000{number}-of-00003.safetensors" for number in (1, 2, 3)]
PART = "part-1-of-1"


@pytest.fixture(scope="module")
def models(families: FamilyMaker) -> Family:
    """A family in three files each."""
    return families("qwen2_5_vl", sharded=True)


def merge_words(models: Family, output: Path, factor: float = 0.7) -> list[str]:
    roles = [("vlm", models.vlm), ("base", models.base), ("lrm", models.lrm), ("output", output)]
    words = [word for role, path in roles for word in (f"--{role}", str(path))]
    return ["merge", *words, "--method", "task_arithmetic", "--parameters", f"lambda={factor}"]


def svd_words(models: Family, output: Path) -> list[str]:
    words = ["--base", str(models.base), "--tuned", str(models.lrm), "--output", str(output)]
    return ["svd", *words, "--role", "lrm"]


def die(words: list[str], path: str) -> None:
    """Runs a step that kills itself when it is about to give a file its name."""
    deaths = json.dumps([Death(words[0], "os.rename", path)])
    command = [sys.executable, str(ROOT / "tests" / "mortal_frism.py"), *words]
    environment = os.environ | {"DEATHS": deaths, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr


def files_of(folder: Path) -> dict[str, bytes]:
    found = (path for path in sorted(folder.rglob("*")) if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def inodes(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_ino for path in folder.glob("[!.]*") if path.is_file()}


@pytest.mark.parametrize(
    ("point", "standing"),
    [
        (SHARDS[1] + "$", SHARDS[:1]),
        # the second shard has its name, but not its notes, without which it is not trusted
        (rf"\.{SHARDS[1]}\.json$", SHARDS[:1]),
        (CARD_FILE, SHARDS),
    ],
)
def test_a_killed_merge_goes_on_at_the_shard(
    point: str,
    standing: list[str],
    models: Family,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    run_step(*merge_words(models, tmp_path / "whole"))
    die(merge_words(models, tmp_path / "cut"), point)
    assert not (tmp_path / "cut").exists()
    before = inodes(tmp_path / ".cut.partial")
    capsys.readouterr()
    run_step(*merge_words(models, tmp_path / "cut"))
    assert f"going on: {len(standing)} of 3 shards stand" in capsys.readouterr().out
    assert files_of(tmp_path / "cut") == files_of(tmp_path / "whole")
    after = inodes(tmp_path / "cut")
    assert [shard for shard in SHARDS if before.get(shard) == after[shard]] == standing
    assert sorted(path.name for path in tmp_path.iterdir()) == ["cut", "whole"]


@pytest.mark.parametrize(("sharded", "factor"), [(True, 0.6), (False, 0.7)])
def test_a_merge_of_anything_else_starts_afresh(
    sharded: bool,
    factor: float,
    models: Family,
    families: FamilyMaker,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    die(merge_words(models, tmp_path / "cut"), CARD_FILE)
    # the same weights in one file: no shard of the merge before may stay beside it
    other = families("qwen2_5_vl", sharded=sharded)
    for folder in ("cut", "clean"):
        run_step(*merge_words(other, tmp_path / folder, factor))
    assert "going on" not in capsys.readouterr().out
    assert files_of(tmp_path / "cut") == files_of(tmp_path / "clean")


@pytest.mark.parametrize("role", ["vlm", "base", "lrm"])
def test_a_merge_of_a_file_that_was_changed_starts_afresh(
    role: str, models: Family, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = {each: tmp_path / each for each in ("vlm", "base", "lrm")}
    for each, folder in folders.items():
        shutil.copytree(getattr(models, each), folder)
    copies = Family(**folders)
    die(merge_words(copies, tmp_path / "cut"), CARD_FILE)
    os.utime(folders[role] / SHARDS[2])
    run_step(*merge_words(copies, tmp_path / "cut"))
    assert "going on" not in capsys.readouterr().out


def test_a_killed_decomposition_goes_on_at_the_matrix(models: Family, tmp_path: Path) -> None:
    run_step(*svd_words(models, tmp_path / "whole"))
    die(svd_words(models, tmp_path / "cut"), r"layers\.1\.self_attn\.q_proj\.safetensors$")
    partial = tmp_path / "cut" / f".{PART}.partial"
    before = inodes(partial)
    assert len(before) == 12
    run_step(*svd_words(models, tmp_path / "cut"))
    assert files_of(tmp_path / "cut") == files_of(tmp_path / "whole")
    assert before.items() <= inodes(tmp_path / "cut" / PART).items()
    assert [path.name for path in (tmp_path / "cut").iterdir()] == [PART]
    die([*svd_words(models, tmp_path / "cut"), "--storage", "float16"], "manifest.json")
    run_step(*svd_words(models, tmp_path / "cut"))
    assert files_of(tmp_path / "cut") == files_of(tmp_path / "whole")
