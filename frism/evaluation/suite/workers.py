"""Workers that share the questions: this process alone, or several, each with its own device."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import traceback
from collections.abc import Iterator, Sequence
from contextlib import suppress
from functools import cached_property
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from types import TracebackType
from typing import TYPE_CHECKING, Protocol, Self, cast

from tqdm import tqdm

from frism.errors import EvaluationError, FrismError
from frism.interruption import leave_to_parent

if TYPE_CHECKING:
    from frism.evaluation.answering import Answering
    from frism.evaluation.suite.asking import Model, Places, Told
    from frism.evaluation.suite.sheets import Question

SECONDS_TO_END = 10.0
DONE = None


class Workers(Protocol):
    """Whoever answers questions; a context manager."""

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...

    def ask(self, questions: Sequence[Question], places: Places) -> Iterator[Told]:
        """Yields questions with their answers, which are on record by then."""


def workers(model: Model, count: int) -> Workers:
    """Returns this process, or several others, which load the model each."""
    return Processes(model, count) if count > 1 else Alone(model)


class Alone:
    """This process; the model is loaded when the first question is asked."""

    def __init__(self, model: Model) -> None:
        self._model = model

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        pass

    def ask(self, questions: Sequence[Question], places: Places) -> Iterator[Told]:
        """Yields questions with their answers, which are on record by then."""
        from frism.evaluation.suite.asking import ask

        if questions:
            yield from ask(self._engine, questions, places)

    @cached_property
    def _engine(self) -> Answering:
        return self._model.load()


class Processes:
    """Processes that load the model each and share the questions by turns.

    Args:
        model: The model.
        count: How many processes.
    """

    def __init__(self, model: Model, count: int) -> None:
        self._model, self._count = model, count
        self._members: dict[Connection, BaseProcess] = {}

    def __enter__(self) -> Self:
        # forked processes could not use a GPU that this one has touched
        context = multiprocessing.get_context("spawn")
        for number in range(self._count):
            ours, theirs = context.Pipe()
            process = context.Process(
                target=_serve, args=(theirs, self._model, number), daemon=True
            )
            process.start()
            theirs.close()
            self._members[ours] = process
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        for connection, process in self._members.items():
            connection.close()
            if error is not None:
                process.kill()
        for process in self._members.values():
            process.join(SECONDS_TO_END)
            process.kill()

    def ask(self, questions: Sequence[Question], places: Places) -> Iterator[Told]:
        """Yields questions with their answers, which are on record by then.

        Raises:
            EvaluationError: A worker died or failed; what it said stands in the message.
        """
        for number, connection in enumerate(self._members):
            with suppress(OSError):  # whoever has died is found out below
                connection.send((questions[number :: self._count], places))
        working = set(self._members)
        while working:
            for connection in cast("list[Connection]", wait(working)):
                told = self._received(connection)
                if told is DONE:
                    working.remove(connection)
                else:
                    yield told

    def _received(self, connection: Connection) -> Told | None:
        number = list(self._members).index(connection)
        try:
            found = connection.recv()
        except (EOFError, OSError):
            process = self._members[connection]
            process.join(SECONDS_TO_END)
            raise EvaluationError(
                f"worker {number} died ({_ending(process.exitcode)}); finished questions are kept: "
                "run the same command again, with smaller batches or fewer workers if memory ran "
                "out"
            ) from None
        if isinstance(found, str):
            kept = "" if "are kept" in found else "; finished questions are kept"
            raise EvaluationError(f"worker {number}: {found}{kept}")
        told: Told | None = found
        return told


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        return f"killed by {signal.Signals(-code).name}"
    return f"exit status {code}"


def _serve(connection: Connection, model: Model, number: int) -> None:
    """Answers what is sent until the connection is closed; errors are sent as text."""
    # a terminal and SLURM send their signals to all processes: it is the parent's to end them
    leave_to_parent()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # one among processes would outlive a worker that is killed
    tqdm.set_lock(threading.RLock())
    try:
        _answer(connection, model, number)
    except (EOFError, BrokenPipeError):
        pass
    except FrismError as error:
        connection.send(str(error))
    except Exception:
        connection.send(f"failed\n{traceback.format_exc()}")


def _answer(connection: Connection, model: Model, number: int) -> None:
    from frism.evaluation.offline import offline
    from frism.evaluation.suite.asking import ask

    # started afresh, this process does not inherit its parent's guard
    with offline():
        engine = model.load(number)
        while True:
            questions, places = connection.recv()
            for told in ask(engine, questions, places, number) if questions else ():
                connection.send(told)
            connection.send(DONE)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        # the main thread may be deep in a batch, which nobody waits for any more
        os._exit(1)
