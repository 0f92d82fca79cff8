"""GPUs of this machine, each lent to one job at a time.

Snakemake counts GPUs, but does not say which one a job has. A job takes the first free ones by a
lock on a file for each, so that no two jobs share one, of whichever run, configuration or user. The
lock goes with the process, however that ends. In a job of SLURM they are those that it gave.
"""

from __future__ import annotations

import fcntl
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from frism.errors import DeviceError

VISIBLE = "CUDA_VISIBLE_DEVICES"
# where this is set, SLURM has chosen what a job sees
CHOSEN = "SLURM_JOB_ID"
# all users of the machine must look at the same place, so it is no folder for temporary files
LOCKS, PLACE = "FRISM_GPU_LOCKS", "/tmp/frism-gpus"
LIST = ("nvidia-smi", "--query-gpu=index,uuid", "--format=csv,noheader")
TURN = ".turn"
WAIT = 1.0


def visible_gpus() -> list[str]:
    """Returns the GPUs that may be used: of CUDA_VISIBLE_DEVICES, or all of the machine.

    Returns:
        Their UUIDs, or the words of the variable where no driver is there to tell them.
    """
    known = _uuids()
    words = os.environ.get(VISIBLE)
    if words is None:
        return list(known.values())
    chosen = [word.strip() for word in words.split(",")]
    # CUDA looks at no device behind the first that is not there
    end = next((n for n, word in enumerate(chosen) if word in ("", "-1")), len(chosen))
    return [_uuid(word, known) for word in chosen[:end]]


@contextmanager
def own_gpus(count: int | None) -> Iterator[None]:
    """Takes GPUs that no other job has, and shows this process and its children only them.

    Args:
        count: How many. None takes and hides none, which is for those who call a step by hand.

    Raises:
        DeviceError: the machine has fewer.
    """
    if count is None or (count == 0 and CHOSEN in os.environ):
        yield
        return
    with ExitStack() as locks:
        mine = _wait(_enough(count), count, locks) if count else []
        before = os.environ.get(VISIBLE)
        os.environ[VISIBLE] = ",".join(mine)
        try:
            yield
        finally:
            os.environ.pop(VISIBLE) if before is None else os.environ.update({VISIBLE: before})


def _enough(count: int) -> list[str]:
    gpus = visible_gpus()
    if len(gpus) < count:
        raise DeviceError(
            f"found {len(gpus)} GPUs ({', '.join(gpus) or 'none'}), expected at least {count}; ask "
            f"for fewer, set `device` to cpu, or look at {VISIBLE} and nvidia-smi"
        )
    return gpus


def _uuid(word: str, known: Mapping[str, str]) -> str:
    # as in CUDA, the beginning of a UUID is enough
    found = (uuid for uuid in known.values() if uuid.startswith(word))
    return known.get(word) or next(found, word)


def _uuids() -> dict[str, str]:
    """Returns the UUID of each GPU by its number."""
    try:
        done = subprocess.run(LIST, capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return {}
    pairs = [line.split(",") for line in done.stdout.splitlines() if "," in line]
    return {number.strip(): uuid.strip() for number, uuid in pairs}


def _wait(gpus: Sequence[str], count: int, locks: ExitStack) -> list[str]:
    told = False
    while len(mine := _take(gpus, count, locks)) < count:
        if not told:
            print(f"waiting for {count} of {len(gpus)} GPUs", file=sys.stderr, flush=True)
        told = True
        time.sleep(WAIT)
    return mine


def _take(gpus: Sequence[str], count: int, locks: ExitStack) -> list[str]:
    """Locks `count` GPUs, or none where fewer are free; returns those it locked."""
    # one job looks at a time: two that hold a half each would wait for each other
    with ExitStack() as trial, _open(TURN) as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        mine: list[str] = []
        for gpu in gpus:
            file = trial.enter_context(_open(gpu.replace("/", "_")))
            if len(mine) < count and _locked(file):
                mine.append(gpu)
        if len(mine) < count:
            return []
        locks.push(trial.pop_all())
        return mine


def _open(name: str) -> BinaryIO:
    folder = Path(os.environ.get(LOCKS, PLACE))
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        _permit(folder, 0o1777)
    path = folder / name
    if not path.exists():
        path.touch()
        _permit(path, 0o644)
    # another user's file can be locked, though not written
    return path.open("rb")


def _permit(path: Path, mode: int) -> None:
    """Lets other users at a file, whatever the umask; whose it is does, where two came at once."""
    with suppress(PermissionError):
        path.chmod(mode)


def _locked(file: BinaryIO) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
