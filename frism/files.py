"""Atomic outputs: a path either holds a finished result or does not exist."""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from frism.errors import OutputError
from frism.interruption import noted, postponed
from frism.locks import lock
from frism.writable import told

KEY = ".key"
# what tempfile makes of a name: a dot before it, eight letters and the ending behind it
HALF = re.compile(r"\..+\.[a-z0-9_]{8}(\.\w+)?")


@contextmanager
def atomic_file(path: str | Path) -> Iterator[Path]:
    """Yields a temporary sibling of `path` that replaces `path` when the block succeeds."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=path.suffix)
    os.close(handle)
    temporary = Path(name)
    try:
        yield temporary
        sync_file(temporary)
        temporary.chmod(0o644)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


@contextmanager
def atomic_directory(path: str | Path) -> Iterator[Path]:
    """Yields a temporary sibling directory that becomes `path` when the block succeeds.

    A directory that stands at `path` already is a stale result and is replaced.
    """
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
    try:
        yield temporary
        for file in temporary.rglob("*"):
            if file.is_file():
                sync_file(file)
        temporary.chmod(0o755)
        _replace_directory(temporary, path)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


@contextmanager
def resumable_directory(path: str | Path, key: str) -> Iterator[Path]:
    """Yields a hidden sibling directory that becomes `path` when the block succeeds.

    Other than that of `atomic_directory` it outlives a failure or the death of the process, and the
    next call with the same key goes on with what it holds. Files written into it must be atomic
    themselves. Entries whose names begin with a dot are the writer's own notes for going on: they
    go away once `path` stands.

    Args:
        path: Directory to write; a stale result that stands there is replaced.
        key: Digest of all that determines the result; work begun under another key is wiped.

    Raises:
        OutputError: another process is at work on `path`.
    """
    path = Path(path)
    partial = path.parent / f".{path.name}.partial"
    partial.mkdir(parents=True, exist_ok=True)
    with (partial / KEY).open("a+b") as file:
        lock(file, path)
        _claim(partial, file, key.encode())
        _clear_leftovers(path, partial)
        with noted(lambda: f"what is done is kept in {partial}: the same command goes on with it"):
            yield partial
        for each in partial.rglob("*"):
            if each.is_file():
                sync_file(each)
        _replace_directory(partial, path)
        # not before the rename: a death in between would cost all that was done
        for hidden in path.glob(".*"):
            _remove(hidden)


def refuse_foreign(path: str | Path, *marks: str) -> None:
    """Refuses to replace a folder that holds something else than what a step writes.

    Args:
        path: What will be written.
        marks: Files that a folder written by the step holds.

    Raises:
        OutputError: there is a folder with files, but none of these.
    """
    path = Path(path)
    if path.is_dir() and any(path.iterdir()) and not any((path / m).exists() for m in marks):
        raise OutputError(
            f"{path} holds files, but no {' or '.join(marks)}; expected a new folder or an earlier "
            "output, which would be replaced: name another, or remove it"
        )


def write_text(path: str | Path, text: str) -> None:
    """Writes `text` to `path` atomically; an OutputError says why it cannot be written."""
    with told(path), atomic_file(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def sync_file(path: Path) -> None:
    """Waits until the content of a file is on disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _claim(partial: Path, file: BinaryIO, key: bytes) -> None:
    """Empties a partial directory that was begun under another key."""
    file.seek(0)
    if file.read() == key:
        return
    # without any key first: a death in mid-way must not leave old work under the new one
    file.truncate(0)
    for each in partial.iterdir():
        if each.name != KEY:
            _remove(each)
    file.write(key)
    file.flush()
    os.fsync(file.fileno())


def _clear_leftovers(path: Path, partial: Path) -> None:
    """Removes what a death in mid-write left: half files, and an output that stepped aside."""
    halves = [each for each in partial.rglob(".*") if HALF.fullmatch(each.name)]
    for each in [*halves, *path.parent.glob(f".{path.name}.stale.*")]:
        _remove(each)


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()


@postponed()
def _replace_directory(temporary: Path, path: Path) -> None:
    # rename cannot replace a directory that has content, so the stale one steps aside first
    stale = None
    if path.is_symlink():
        # what it leads to is not ours, and a directory cannot replace a link
        path.unlink()
    if path.exists():
        stale = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}.stale."))
        os.replace(path, stale)
    os.replace(temporary, path)
    if stale is not None:
        shutil.rmtree(stale)
