"""The scratch directory is fresh, links the data, and uses memory only where it fits."""

from __future__ import annotations

from pathlib import Path

import pytest

from frism.evaluation.scratch import scratch_directory


@pytest.fixture
def memory(tmp_path: Path) -> Path:
    (tmp_path / "memory").mkdir()
    return tmp_path / "memory"


def test_data_is_linked_and_scratch_vanishes(tmp_path: Path, memory: Path) -> None:
    file = tmp_path / "FrismPico_VAL.tsv"
    file.write_text("index\tquestion\n")
    with scratch_directory([file], memory) as (data, work):
        assert (data / file.name).read_text() == "index\tquestion\n"
        assert list(work.iterdir()) == []
        assert memory in work.parents
    assert file.is_file()
    assert list(memory.iterdir()) == []


def test_files_too_large_for_memory_go_elsewhere(tmp_path: Path, memory: Path) -> None:
    file = tmp_path / "huge.tsv"
    with file.open("wb") as handle:
        handle.truncate(2**43)  # sparse: eight terabytes that take no room
    with scratch_directory([file], memory) as (_, work):
        assert memory not in work.parents


def test_a_missing_memory_file_system_is_no_error(tmp_path: Path) -> None:
    with scratch_directory([], tmp_path / "absent") as (data, work):
        assert data.is_dir()
        assert work.is_dir()
