"""Compares expressions by math-verify in a process of its own, which a hard limit can end.

Its argument is the processor time of one comparison in seconds. It reads one JSON list
`[found, truth]` a line and answers `1` or `0`. Neither an exception handler
nor a signal handler of Python stops a power of a million digits, so the limit is one on processor
time, which the system enforces and which the load of the machine does not change.
"""

from __future__ import annotations

import json
import logging
import resource
import signal
import sys

MEMORY = 2 << 30  # bytes


def main() -> None:
    """Answers until the input ends."""
    logging.disable(logging.CRITICAL)  # it warns that its own time-outs are off
    import math_verify  # noqa: F401 - before the limits begin

    seconds = float(sys.argv[1])
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    sys.setrecursionlimit(2000)
    for line in sys.stdin:
        found, truth = json.loads(line)
        signal.setitimer(signal.ITIMER_PROF, seconds)
        equal = _equal(found, truth)
        signal.setitimer(signal.ITIMER_PROF, 0)
        print(int(equal), flush=True)


def _equal(found: str, truth: str) -> bool:
    from math_verify import parse, verify

    try:
        gold, said = (parse(f"${text}$", parsing_timeout=None) for text in (truth, found))
        # x < 2 is (-oo, 2), whichever of them is the truth
        return bool(verify(gold, said, timeout_seconds=None, allow_set_relation_comp=True))
    except (Exception, RecursionError, MemoryError):
        return False


if __name__ == "__main__":
    main()
