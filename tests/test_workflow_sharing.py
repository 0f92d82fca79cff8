"""Two working directories with `--cache`: what one has made, the other takes."""

from __future__ import annotations

import os
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from frism.config.workflow import share_or_exit
from frism.shared import FOLDER
from tests.hub_runs import HubRuns
from tests.pico import Pico
from tests.workflow_results import contents
from tests.workspace import Workspace

ROLES = ("base", "lrm", "vlm")
CONFIG: dict[str, Any] = {
    "name": "tiny",
    "pairs": ["shared"],
    "merges": {"task_arithmetic": {"lambda": [0.5]}, "star": {}},
    "subspaces": {"rank": 8},
}
PARTS = [f"results/tiny/shared/seed-0/subspaces/part-{part}-of-2" for part in (1, 2)]


@pytest.fixture
def pair(hub: HubRuns, pico: Pico, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """A pair of a hub on loopback, and a folder that the working directories share."""
    for name, value in hub.environment(no_proxy="127.0.0.1,localhost").items():
        monkeypatch.setenv(name, value)
    # the user's own choice would count more than --cache
    monkeypatch.delenv("HF_HOME")
    (tmp_path / "cache").mkdir()
    monkeypatch.setenv("SNAKEMAKE_OUTPUT_CACHE", str(tmp_path / "cache"))
    models = {role: hub.server.add_repo(f"o/{role}", getattr(pico, role)) for role in ROLES}
    return {role: f"o/{role}@{commit}" for role, commit in models.items()} | {"svd_parts": 2}


@pytest.mark.slow
def test_a_second_working_directory_fetches_and_decomposes_nothing(
    hub: HubRuns, pair: Any, tmp_path: Path, other_file_system: Path
) -> None:
    first = Workspace.make(tmp_path / "first", CONFIG, {"shared": pair})
    # another user's configuration: other merges, a name and a pair of its own
    other = CONFIG | {"merges": {"task_arithmetic": {"lambda": [0.7]}}}
    second = Workspace.make(tmp_path / "second", other, {"shared": pair})
    # results, scratch and cache of the second lie on two file systems
    (second.folder / "results").symlink_to(other_file_system)
    first.run("--cores", "1", "--cache", "--", *PARTS)
    assert hub.server.asked_for("model.safetensors")
    hub.server.asked.clear()
    second.run("--cores", "1", "--cache", "--", *PARTS)
    assert hub.server.asked_for("model.safetensors") == []
    logs = sorted((second.results / "logs" / "shared").glob("svd_*.log"))
    assert ["taken from" in log.read_text() for log in logs] == [True, True]
    for part in PARTS:
        assert contents(first.folder / part) == contents(second.folder / part)
    store = tmp_path / "cache"
    assert sorted(each.name for each in store.iterdir()) == ["hub", "subspaces"]
    assert len(list((store / "subspaces").iterdir())) == 2
    assert "Nothing to be done" in second.run("--cores", "1", "--", *PARTS)


def test_without_the_flag_nothing_is_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = dict(os.environ)
    monkeypatch.setenv("SNAKEMAKE_OUTPUT_CACHE", str(tmp_path))
    share_or_exit(started_with(cache=None))
    monkeypatch.undo()
    assert dict(os.environ) == before


def test_the_users_own_folder_of_the_hub_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "environ", {"SNAKEMAKE_OUTPUT_CACHE": str(tmp_path), "HF_HOME": "own"})
    share_or_exit(started_with(cache=[]))
    assert "HF_HUB_CACHE" not in os.environ
    assert os.environ[FOLDER] == str(tmp_path)


def started_with(cache: list[str] | None) -> Any:
    return SimpleNamespace(workflow_settings=SimpleNamespace(cache=cache))


def test_a_cache_that_is_not_there_stops_with_a_message(
    pair: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workspace = Workspace.make(tmp_path / "run", CONFIG, {"shared": pair})
    monkeypatch.setenv("SNAKEMAKE_OUTPUT_CACHE", str(tmp_path / "gone"))
    done = workspace.snakemake("--dry-run", "--cache")
    assert done.returncode != 0
    assert "Traceback" not in done.stdout
    assert f"SNAKEMAKE_OUTPUT_CACHE; found {tmp_path}/gone; expected a folder" in done.stdout
