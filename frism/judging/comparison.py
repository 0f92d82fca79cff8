"""Equality of expressions by math-verify, safe in threads and against endless computation."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from functools import lru_cache
from pathlib import Path

SECONDS = 4.0  # processor time of one comparison
_SCRIPT = Path(__file__).with_name("verifier.py")


class Verifier:
    """A process that compares expressions, started when it is first asked and again if it dies.

    Args:
        seconds: processor time after which a comparison ends.
    """

    def __init__(self, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._owner = 0

    def equal(self, found: str, truth: str) -> bool:
        """Returns whether two expressions are equal; False where the limit ends the comparison."""
        with self._lock:
            answer = _asked(self._running(), json.dumps([found, truth]))
            if not answer:
                self._end()
            return answer == "1\n"

    def _running(self) -> subprocess.Popen[str]:
        # a fork shares the pipes of its parent, whose answers it would take
        if self._process is None or self._owner != os.getpid():
            self._owner = os.getpid()
            self._process = subprocess.Popen(
                [sys.executable, "-P", str(_SCRIPT), str(self._seconds)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


def _asked(process: subprocess.Popen[str], question: str) -> str:
    """Returns the line that a process answers; nothing where it died."""
    if process.stdin is None or process.stdout is None:
        return ""
    try:
        process.stdin.write(question + "\n")
        process.stdin.flush()
        return process.stdout.readline()
    except BrokenPipeError:
        return ""


_verifier = Verifier()


@lru_cache(maxsize=4096)
def verified(found: str, truth: str) -> bool:
    """Returns whether math-verify takes two expressions for equal."""
    return _verifier.equal(found, truth)
