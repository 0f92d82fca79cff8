"""Answers that were given before, so that no question is asked twice.

The file is a journal: what one process or run was told, all others that share the file know.
Failures stand in it too, for the run that met them: the next run asks again.
"""

from __future__ import annotations

import threading
from pathlib import Path

from frism.journal import Journal


class AnswerCache:
    """Answers by digest of the question; safe with threads, and with processes of their own object.

    Args:
        path: The journal.
        run: Which failures count.
    """

    def __init__(self, path: Path, run: str) -> None:
        self.path = path
        self._journal = Journal(path)
        self._run = run
        self._answers: dict[str, str] = {}
        self._failures: dict[str, str] = {}
        self._lock = threading.Lock()

    def answer(self, question: str) -> str | None:
        """Returns the answer to the question of this digest, if anyone had one."""
        with self._lock:
            if question not in self._answers:
                self._catch_up()
            return self._answers.get(question)

    def add_answer(self, question: str, answer: str) -> None:
        """Keeps an answer; it is on disk when this returns."""
        self._journal.append({"question": question, "answer": answer})

    def add_failure(self, prompt: str, reason: str) -> None:
        """Keeps why a prompt got no answer in this run."""
        self._journal.append({"prompt": prompt, "failure": reason, "run": self._run})

    def failures(self) -> dict[str, str]:
        """Returns the reasons of this run's failures by digest of the prompt, in order."""
        with self._lock:
            self._catch_up()
            return dict(self._failures)

    def _catch_up(self) -> None:
        for record in self._journal.new_records():
            match record:
                case {"question": str(question), "answer": str(answer)}:
                    self._answers[question] = answer
                case {"prompt": str(prompt), "failure": str(reason), "run": self._run}:
                    self._failures.setdefault(prompt, reason)
