"""Memory that is freed goes back to the system at once."""

from __future__ import annotations

import contextlib
import ctypes

# of malloc.h
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD, M_ARENA_MAX = -1, -3, -8
# blocks from here on are large; that much of small ones is kept, or each would be asked for anew
THRESHOLD, KEPT = 1 << 24, 1 << 26


def keep_heap_small() -> None:
    """Lets glibc take each large block from the system, and give it back when it is freed.

    Left alone it learns to keep freed blocks of up to 32 MiB, in a heap for each thread: after some
    matrices several of them stay, and the peak grows with the model. Other C libraries have no such
    switch and no such habit.
    """
    with contextlib.suppress(OSError, AttributeError):
        library = ctypes.CDLL(None)
        library.mallopt(M_MMAP_THRESHOLD, THRESHOLD)
        library.mallopt(M_TRIM_THRESHOLD, KEPT)
        library.mallopt(M_ARENA_MAX, 1)
