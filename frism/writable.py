"""Whether a place can be written to, found out before the work whose results go there."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from frism.errors import OutputError

# what a disk that is all but full has no room for
PROBE_BYTES = 4096


@contextmanager
def told(path: str | Path) -> Iterator[None]:
    """Says of a block that writes to a path what the system says against it.

    Raises:
        OutputError: It cannot be written.
    """
    try:
        yield
    except OSError as error:
        raise OutputError(
            f"cannot write {path}: {error.strerror}; expected a place that takes files, on a disk "
            "with room: name another, or mend this one, and run the same command again; what it "
            "holds is kept"
        ) from error


def check_writable(folder: str | Path) -> None:
    """Makes a folder and writes a file into it, which goes away.

    Raises:
        OutputError: That cannot be done.
    """
    folder = Path(folder)
    with told(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder, prefix=".probe.") as file:
            file.write(bytes(PROBE_BYTES))
            file.flush()
            os.fsync(file.fileno())
