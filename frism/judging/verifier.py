"""Compares expressions by math-verify in a process of its own, which a hard limit can end.

It reads one JSON list `[found, truth]` a line and answers `1` or `0`. Neither an exception handler
nor a signal handler of Python stops a power of a million digits, so the limit is one on processor
time, which the system enforces and which the load of the machine does not change.
"""

from __future__ import annotations

import json
import logging
import resource
import signal
import sys

SECONDS = 5.0  # processor time of one comparison
MEMORY = 2 << 30  # bytes


def main() -> None:
    """Answers until the input ends."""
    logging.disable(logging.CRITICAL)  # it warns that its own time-outs are off
    from math_verify import parse, verify

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    sys.setrecursionlimit(2000)
    for line in sys.stdin:
        found, truth = json.loads(line)
        signal.setitimer(signal.ITIMER_PROF, SECONDS)
        equal = _equal(found, truth, parse, verify)
        signal.setitimer(signal.ITIMER_PROF, 0)
        print(int(equal), flush=True)


def _equal(found: str, truth: str, parse: object, verify: object) -> bool:
    try:
        gold = parse(f"${truth}$", parsing_timeout=None)  # type: ignore[operator]
        said = parse(f"${found}$", parsing_timeout=None)  # type: ignore[operator]
        return bool(verify(gold, said, timeout_seconds=None))  # type: ignore[operator]
    except (Exception, RecursionError, MemoryError):
        return False


if __name__ == "__main__":
    main()
