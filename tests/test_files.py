"""Atomic outputs: finished or absent, whatever happens in between."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from frism.errors import OutputError
from frism.files import (
    atomic_directory,
    atomic_file,
    refuse_foreign,
    resumable_directory,
    write_text,
)

DIE = """
import os, signal, sys
from frism.files import atomic_directory, atomic_file, resumable_directory
path = sys.argv[2]
if sys.argv[1] == "resumable":
    with resumable_directory(path, "key") as temporary:
        (temporary / "half").write_text("half")
        os.kill(os.getpid(), signal.SIGKILL)
if sys.argv[1] == "file":
    with atomic_file(path) as temporary:
        temporary.write_text("half")
        os.kill(os.getpid(), signal.SIGKILL)
with atomic_directory(path) as temporary:
    (temporary / "half").write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def names(directory: Path) -> list[str]:
    return sorted(path.name for path in directory.iterdir())


def test_files_of_others_are_not_replaced(tmp_path: Path) -> None:
    refuse_foreign(tmp_path / "new", "card")
    (tmp_path / "thesis.txt").write_text("three years")
    with pytest.raises(OutputError, match=r"holds files, but no card"):
        refuse_foreign(tmp_path, "card")
    (tmp_path / "card").touch()
    refuse_foreign(tmp_path, "card")


def test_file_appears_with_its_content(tmp_path: Path) -> None:
    write_text(tmp_path / "new" / "a.txt", "text")
    assert (tmp_path / "new" / "a.txt").read_text() == "text"
    assert names(tmp_path / "new") == ["a.txt"]


def test_failure_keeps_the_old_file(tmp_path: Path) -> None:
    path = tmp_path / "a.txt"
    path.write_text("old")
    with contextlib.suppress(RuntimeError), atomic_file(path) as temporary:
        temporary.write_text("new")
        raise RuntimeError
    assert path.read_text() == "old"
    assert names(tmp_path) == ["a.txt"]


def test_directory_replaces_a_stale_one(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.mkdir()
    (path / "stale").write_text("stale")
    with atomic_directory(path) as temporary:
        (temporary / "fresh").write_text("fresh")
        assert names(path) == ["stale"]
    assert names(path) == ["fresh"]
    assert names(tmp_path) == ["out"]


def test_failure_keeps_the_old_directory(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.mkdir()
    with contextlib.suppress(RuntimeError), atomic_directory(path) as temporary:
        (temporary / "fresh").write_text("fresh")
        raise RuntimeError
    assert names(tmp_path) == ["out"]
    assert names(path) == []


@pytest.mark.parametrize("kind", ["file", "directory"])
def test_a_killed_writer_leaves_no_output(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "out"
    done = subprocess.run([sys.executable, "-c", DIE, kind, str(path)], check=False, env=os.environ)
    assert done.returncode == -signal.SIGKILL
    assert not path.exists()


def test_a_killed_writer_goes_on_with_what_it_had(tmp_path: Path) -> None:
    path = tmp_path / "out"
    done = subprocess.run([sys.executable, "-c", DIE, "resumable", str(path)], check=False)
    assert done.returncode == -signal.SIGKILL
    assert names(tmp_path) == [".out.partial"]
    with resumable_directory(path, "key") as partial:
        assert (partial / "half").read_text() == "half"
        (partial / "other").write_text("half")
        assert not path.exists()
    assert names(tmp_path) == ["out"]
    assert names(path) == ["half", "other"]


def test_a_failure_keeps_the_work_and_the_old_result(tmp_path: Path) -> None:
    path = tmp_path / "out"
    path.mkdir()
    (path / "stale").write_text("stale")
    with contextlib.suppress(RuntimeError), resumable_directory(path, "key") as partial:
        (partial / "fresh").write_text("fresh")
        raise RuntimeError
    assert names(path) == ["stale"]
    with resumable_directory(path, "key") as partial:
        pass
    assert names(path) == ["fresh"]


def test_work_under_another_key_is_wiped(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with contextlib.suppress(RuntimeError), resumable_directory(path, "one") as partial:
        (partial / "folder").mkdir()
        (partial / "folder" / "file").write_text("old")
        (partial / ".notes").write_text("old")
        raise RuntimeError
    for key in ("one-longer", "o", "one"):
        with contextlib.suppress(RuntimeError), resumable_directory(path, key) as partial:
            assert names(partial) == [".key"]
            assert (partial / ".key").read_text() == key
            raise RuntimeError


def test_notes_are_no_part_of_the_result(tmp_path: Path) -> None:
    with resumable_directory(tmp_path / "new" / "out", "key") as partial:
        (partial / ".notes").mkdir()
        (partial / ".notes" / "file").write_text("note")
        (partial / "result").write_text("result")
    assert names(tmp_path / "new") == ["out"]
    assert names(tmp_path / "new" / "out") == ["result"]


def test_two_writers_at_once_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "out"
    with resumable_directory(path, "key") as partial:
        (partial / "mine").write_text("mine")
        with pytest.raises(OutputError, match="another process"), resumable_directory(path, "b"):
            pass
    assert names(path) == ["mine"]
