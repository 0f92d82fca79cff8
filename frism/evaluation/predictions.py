"""Answers that are kept as they come: files that only grow, one JSON line for each question.

A folder holds the answers of one model to one benchmark under one set of conditions; its key is a
digest of all these. Several workers append to files of their own, all of which are read together.
The checksum of a line covers the key too: what is half-written, damaged or of another folder does
not count, so that a death at any moment costs no more than what was not yet written.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from frism.evaluation.answers import Answer
from frism.journal import Journal, Writer
from frism.record_lines import Record, digest

Index = int | str
ENDING, HEADER = ".jsonl", "key"
CHARACTERS = 16
# a sync of the disk may take longer than an answer
SECONDS_UNSYNCED = 1.0


@dataclass(frozen=True)
class Key:
    """What answers depend on.

    Args:
        parts: Everything that must be equal for two answers to be the same, as JSON has it.
    """

    parts: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """Its SHA-256 (hex)."""
        return digest(self.parts)

    @property
    def short(self) -> str:
        """The first characters of the digest, for names of folders."""
        return self.digest[:CHARACTERS]


@dataclass(frozen=True)
class Kept:
    """What the files of a folder hold.

    Attributes:
        answers: By the index of the question.
        damaged: Lines that do not count: half-written, changed, or of another key.
        repeated: Lines of questions that an earlier line answers.
    """

    answers: dict[Index, Answer] = field(default_factory=dict)
    damaged: int = 0
    repeated: int = 0


def read_predictions(folder: Path, key: Key) -> Kept:
    """Reads the answers of all workers; of several to one question the first counts."""
    answers: dict[Index, Answer] = {}
    damaged = repeated = 0
    for path in sorted(folder.glob(f"*{ENDING}")):
        journal = Journal(path, key.digest)
        for record in journal.new_records():
            if HEADER in record:
                continue
            found = _told(record)
            if found is None:
                damaged += 1
            else:
                repeated += found[0] in answers
                answers.setdefault(*found)
        damaged += journal.damaged + journal.torn
    return Kept(answers, damaged, repeated)


class PredictionFile:
    """A file that one worker appends to, a context manager.

    Args:
        folder: Folder of the predictions, which is made.
        key: What the answers depend on; the first line of the file tells it.
        worker: Number of the worker; only one at a time may have it.
        shard: Name of the share of the questions that it works on, '' of all.
    """

    def __init__(self, folder: Path, key: Key, worker: int = 0, shard: str = "") -> None:
        self._key = key
        name = "-".join(filter(None, (shard, f"worker-{worker}")))
        self._writer = Writer(folder / f"{name}{ENDING}", key.digest, SECONDS_UNSYNCED)

    def __enter__(self) -> Self:
        self._writer.__enter__()
        if not self._writer.is_begun:
            self._writer.append({HEADER: dict(self._key.parts)})
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._writer.__exit__(kind, error, trace)

    def append(self, answers: Mapping[Index, Answer]) -> None:
        """Writes answers by the index of their question.

        They outlive the death of this process at once, and that of the machine once the file is
        closed or an answer comes a second later.

        Raises:
            OutputError: They cannot be written, for the disk is full, say.
        """
        self._writer.append(*({"index": i} | asdict(a) for i, a in answers.items()))


def _told(record: Record) -> tuple[Index, Answer] | None:
    try:
        return record.pop("index"), Answer(**record)
    except (KeyError, TypeError):
        return None
