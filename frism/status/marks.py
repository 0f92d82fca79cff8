"""What Snakemake notes of its jobs, and whether it is at work.

.snakemake/incomplete/<base64 of an output>   from the start of a job until its end; holds the
                                              id of its SLURM job
.snakemake/slurm_logs/**/<id>.log             what SLURM caught of a job that is not done
"""

from __future__ import annotations

import binascii
import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PROCESSES = Path("/proc")
# what a job of Snakemake says at its start fits well within
BEGINNING = 2**16
LOG_LINE = re.compile(r"^ +log: (.*?)(?: \(check log file.*)?$", re.MULTILINE)


@dataclass(frozen=True)
class Mark:
    """The mark of a job that was begun and not ended.

    Args:
        begun: When the job was started or submitted, in seconds since the epoch.
        slurm: The id of its SLURM job; empty for one that started, or runs on this machine.
    """

    begun: float
    slurm: str


def begun_jobs(folder: Path) -> dict[str, Mark]:
    """Returns the marks by output, as the outputs are named in the rules.

    Args:
        folder: Snakemake's folder, `.snakemake` of the working directory.
    """
    root, found = folder / "incomplete", {}
    for file in root.rglob("*"):
        try:
            # long names are cut into folders
            parts = [part.removeprefix("@") for part in file.relative_to(root).parts]
            output = urlsafe_b64decode("".join(parts)).decode()
            mark = json.loads(file.read_text(encoding="utf-8"))
            found[output] = Mark(file.stat().st_mtime, str(mark["external_jobid"] or ""))
        except (OSError, binascii.Error, ValueError, KeyError, TypeError):
            # a folder, or a job that ended while we looked
            continue
    return found


def slurm_logs(folder: Path) -> dict[str, Path]:
    """Returns the newest log of SLURM for each log of a job, by the latter's path."""
    found: dict[str, Path] = {}
    logs = sorted((folder / "slurm_logs").rglob("*.log"), key=_changed)
    for file in logs:
        found |= dict.fromkeys(_logs_of(file), file)
    return found


def slurm_id(log: Path) -> str:
    """Returns the id that a log of SLURM is named by."""
    return log.stem


def is_at_work(directory: Path) -> bool:
    """Tells whether a Snakemake of this machine works in a directory.

    Where processes cannot be looked at, its lock says whether one did not end properly, at least.
    """
    directory = directory.resolve()
    if not PROCESSES.is_dir():
        return any((directory / ".snakemake" / "locks").glob("*.lock"))
    return any(_works_in(process, directory) for process in PROCESSES.glob("[0-9]*"))


def _works_in(process: Path, directory: Path) -> bool:
    try:
        if (process / "cwd").readlink() != directory:
            return False
        return b"snakemake" in (process / "cmdline").read_bytes()
    except OSError:
        # it ended, or it is another user's
        return False


def _logs_of(file: Path) -> Iterator[str]:
    try:
        with file.open(encoding="utf-8", errors="replace") as text:
            beginning = text.read(BEGINNING)
    except OSError:
        return
    for line in LOG_LINE.findall(beginning):
        yield from line.split(", ")


def _changed(file: Path) -> float:
    try:
        return file.stat().st_mtime
    except OSError:
        return 0.0
