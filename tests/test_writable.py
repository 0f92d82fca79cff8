"""A place that takes no files is told of, before work where results would go there."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from frism.errors import OutputError
from frism.files import write_text
from frism.locks import exclusive
from frism.writable import check_writable


@contextmanager
def no_room(size: int) -> Iterator[None]:
    """Lets no file of this process grow beyond a size in bytes, as a full disk would."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_folder_is_made_and_left_empty(tmp_path: Path) -> None:
    check_writable(tmp_path / "new" / "folder")
    assert list((tmp_path / "new" / "folder").iterdir()) == []


def test_what_is_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for path, reason in (("file", "File exists"), ("file/folder", "Not a directory")):
        with pytest.raises(OutputError, match=f"cannot write {tmp_path / path}: {reason}; exp"):
            check_writable(tmp_path / path)
    with pytest.raises(OutputError, match="cannot write"):
        write_text(tmp_path / "file" / "a.txt", "text")


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    with no_room(512), pytest.raises(OutputError, match=f"cannot write {tmp_path}: File too l"):
        check_writable(tmp_path)
    with no_room(512), pytest.raises(OutputError, match=r"a\.txt: File too large"):
        write_text(tmp_path / "a.txt", "text" * 2000)
    assert list(tmp_path.iterdir()) == []


def test_errors_of_the_block_stay_what_they_are(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError), exclusive(tmp_path):
        (tmp_path / "absent").read_text()
