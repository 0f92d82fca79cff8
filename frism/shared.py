"""Results that users and working directories share: folders named by a digest of what made them.

    <store>/<kind>/<digest>/<file>

The digest covers all that determines the content, so an entry is never out of date and never
changes. An entry appears whole, by one rename. Files are links to those of the result that was
shared first, where the file system has them, else copies. Who takes an entry checks it first.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from frism.files import sync_file

FOLDER = "FRISM_SHARED"


def take(kind: str, digest: str, directory: Path, is_whole: Callable[[Path], bool]) -> bool:
    """Fills a folder with the files of an entry; tells whether there was one.

    Args:
        kind: What it is, a folder of the store.
        digest: Of all that determines the content.
        directory: Exists; files of the same names are replaced.
        is_whole: Tells of a folder whether it holds what it should. An entry that is not whole
            is passed over, and replaced when the next result is given.
    """
    entry = _entry(kind, digest)
    if entry is None or not entry.is_dir():
        return False
    if not is_whole(entry):
        print(f"{entry} is damaged: passed over and made again", flush=True)
        with contextlib.suppress(OSError):
            shutil.rmtree(entry)
        return False
    for file in entry.iterdir():
        target = directory / file.name
        target.unlink(missing_ok=True)
        _link(file, target)
    print(f"taken from {entry}", flush=True)
    return True


def give(kind: str, digest: str, directory: Path) -> None:
    """Shares the files of a finished folder where a store is named; a full store is no error."""
    entry = _entry(kind, digest)
    if entry is None or entry.exists():
        return
    try:
        _make_folder(entry.parent)
        _publish(directory, entry)
        print(f"shared as {entry}", flush=True)
    except OSError as error:
        print(f"not shared as {entry}: {error.strerror}", flush=True)


def _entry(kind: str, digest: str) -> Path | None:
    root = os.environ.get(FOLDER)
    return Path(root).expanduser() / kind / digest if root else None


def _make_folder(folder: Path) -> None:
    """Makes a folder into which all may write who may write into the one above."""
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        folder.chmod(folder.parent.stat().st_mode & 0o7777)


def _publish(directory: Path, entry: Path) -> None:
    with tempfile.TemporaryDirectory(dir=entry.parent, prefix=f".{entry.name}.") as name:
        half = Path(name, "half")
        half.mkdir()
        for file in directory.iterdir():
            _link_or_copy(file, half / file.name)
        # where another was faster, its entry has the same content
        with contextlib.suppress(OSError):
            os.replace(half, entry)
    if not entry.is_dir():
        raise OSError(0, "the entry did not appear")


def _link_or_copy(file: Path, target: Path) -> None:
    try:
        # the file itself, not a link that leads out of the store
        os.link(file.resolve(), target)
    except OSError:
        shutil.copyfile(file, target)
        sync_file(target)


def _link(file: Path, target: Path) -> None:
    """Links as one file, which outlives the store; else by path, over file systems and users."""
    try:
        os.link(file.resolve(), target)
    except OSError:
        target.symlink_to(file.resolve())
