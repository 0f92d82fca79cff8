"""VLMEvalKit downloads no benchmark: it takes files as they lie there, or stops."""

from __future__ import annotations

import functools
import os
import sys
from collections.abc import Callable
from multiprocessing.pool import ThreadPool
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from frism.errors import DataError


def take_files_as_they_are() -> None:
    """Changes VLMEvalKit for the whole process, once it is imported.

    It would fetch a benchmark whose file is missing or has another MD5. MD5s are checked where
    files are fetched, so here a file is taken as it is. It would also decode the images of a file
    of more than 1 GB in 32 copies of the process.
    """
    from vlmeval.dataset.image_base import ImageBaseDataset
    from vlmeval.dataset.text_base import TextBaseDataset

    for kind in (ImageBaseDataset, TextBaseDataset):
        kind.prepare_tsv = _of_this_machine(kind.prepare_tsv)
    for name, module in list(sys.modules.items()):
        if name.startswith("vlmeval.") and hasattr(module, "download_file"):
            vars(module)["download_file"] = _refuse
    vars(sys.modules["vlmeval.smp.file"])["mp"] = SimpleNamespace(Pool=_threads)


def _of_this_machine(prepare: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(prepare)
    def prepare_tsv(self: Any, url: str, file_md5: str | None = None) -> Any:
        from vlmeval.smp import LMUDataRoot

        path = Path(LMUDataRoot()) / f"{self.dataset_name}.tsv"
        if not path.is_file():
            raise DataError(missing(path))
        return prepare(self, path.name, None)

    return prepare_tsv


def _refuse(url: str, filename: str | None = None) -> str:
    raise DataError(missing(Path(filename or url.rpartition("/")[2])))


def _threads(processes: int) -> ThreadPool:
    return ThreadPool(min(processes, os.cpu_count() or 1))


def missing(path: Path) -> str:
    """Returns the message for a benchmark file that is not there."""
    return (
        f"{path} is missing, and evaluation downloads nothing; "
        f"run: frism prefetch --benchmarks {path.stem}"
    )
