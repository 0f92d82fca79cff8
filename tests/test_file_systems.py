"""Outputs stay atomic where scratch, results and links to them lie on several file systems."""

from __future__ import annotations

import ast
import tempfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import pytest

from frism.files import atomic_directory, atomic_file, resumable_directory, write_text
from tests.test_architecture import modules

Opened = AbstractContextManager[Path]
FOLDERS: dict[str, Callable[[Path], Opened]] = {
    "atomic": atomic_directory,
    "resumable": lambda path: resumable_directory(path, "key"),
}
RENAMES = {"os.replace", "os.rename", "os.renames", "shutil.move"}


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def write(opened: Opened, text: str) -> None:
    with opened as folder:
        (folder / "file").write_text(text)


@pytest.fixture
def scratch(other_file_system: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """TMPDIR of a job, on another file system than the results."""
    monkeypatch.setattr(tempfile, "tempdir", str(other_file_system))
    return other_file_system


@pytest.mark.parametrize("kind", FOLDERS)
def test_scratch_elsewhere_takes_no_part_in_outputs(
    scratch: Path, tmp_path: Path, kind: str
) -> None:
    for text in ("old", "new"):
        write(FOLDERS[kind](tmp_path / "out"), text)
    write_text(tmp_path / "a.txt", "text")
    assert (tmp_path / "out" / "file").read_text() == "new"
    assert names(tmp_path) == ["a.txt", "out"]
    assert names(scratch) == []


@pytest.mark.parametrize("kind", FOLDERS)
def test_results_may_lie_behind_a_link(other_file_system: Path, tmp_path: Path, kind: str) -> None:
    (tmp_path / "results").symlink_to(other_file_system)
    for text in ("old", "new"):
        write(FOLDERS[kind](tmp_path / "results" / "out"), text)
    assert (other_file_system / "out" / "file").read_text() == "new"
    assert names(other_file_system) == ["out"]


@pytest.mark.parametrize("kind", FOLDERS)
def test_an_output_that_is_a_link_is_replaced_and_not_what_it_leads_to(
    other_file_system: Path, tmp_path: Path, kind: str
) -> None:
    (other_file_system / "file").write_text("theirs")
    (tmp_path / "out").symlink_to(other_file_system)
    write(FOLDERS[kind](tmp_path / "out"), "ours")
    assert (other_file_system / "file").read_text() == "theirs"
    assert not (tmp_path / "out").is_symlink()
    assert (tmp_path / "out" / "file").read_text() == "ours"
    assert names(tmp_path) == ["out"]


def test_a_file_that_is_a_link_is_replaced(other_file_system: Path, tmp_path: Path) -> None:
    (other_file_system / "a.txt").write_text("theirs")
    (tmp_path / "a.txt").symlink_to(other_file_system / "a.txt")
    with atomic_file(tmp_path / "a.txt") as half:
        half.write_text("ours")
    assert (other_file_system / "a.txt").read_text() == "theirs"
    assert (tmp_path / "a.txt").read_text() == "ours"


def test_only_the_modules_that_keep_to_one_file_system_rename() -> None:
    renaming = {
        name
        for name, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) in RENAMES
    }
    assert renaming == {"frism.files", "frism.shared"}
