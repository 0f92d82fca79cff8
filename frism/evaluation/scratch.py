"""The temporary directory in which VLMEvalKit works, made fresh for each model."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from frism.evaluation.local_files import local_file

MEMORY = Path("/dev/shm")
# decoded images and result files take several times the bytes of small TSV files
ROOM = 16


@contextmanager
def scratch_directory(files: Iterable[Path], memory: Path = MEMORY) -> Iterator[tuple[Path, Path]]:
    """Yields a data root with links to the TSV files, and an empty work directory.

    VLMEvalKit writes decoded images beside the TSV files, which must not land in the data, and
    takes over predictions that it finds in a work directory. Both vanish after the block.

    Args:
        files: TSV files of the benchmarks.
        memory: a file system in memory, used where it has room.
    """
    files = list(files)
    with tempfile.TemporaryDirectory(prefix="frism-evaluate-", dir=_place(files, memory)) as name:
        data, work = Path(name) / "data", Path(name) / "work"
        data.mkdir()
        work.mkdir()
        for file in files:
            for each in (file, local_file(file)):
                if each.is_file():
                    (data / each.name).symlink_to(each.resolve())
        yield data, work


def _place(files: list[Path], memory: Path) -> Path | None:
    # VLMEvalKit rewrites its result file after every single question: on a disk that takes as
    # long as generating the answers. Small benchmarks fit into memory, others go to TMPDIR.
    if not os.access(memory, os.W_OK):
        return None
    needed = ROOM * sum(file.stat().st_size for file in files)
    return memory if shutil.disk_usage(memory).free > needed else None
