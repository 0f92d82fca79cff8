"""Working ahead: tensors are read, or merged, while those before them are hashed and written."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

# Bytes. A small tensor is merged in no time, so that its thread would wait while a large one is
# written; several are at hand by then.
AHEAD = 1 << 25


@contextmanager
def working_threads(count: int) -> Iterator[Executor]:
    """Yields threads; what they have not begun when the block ends is never done."""
    threads = ThreadPoolExecutor(count)
    try:
        yield threads
    finally:
        threads.shutdown(cancel_futures=True)


def read_ahead(
    read: Callable[[str], torch.Tensor], sizes: Mapping[str, int]
) -> Iterator[torch.Tensor]:
    """Yields the tensor of each name in turn, while a thread reads the next ones.

    Torch, hashlib and the file system leave Python's lock while they work, so both go on at once.
    Beside the tensor that was yielded there is one more in memory, or there are several of together
    at most `AHEAD` bytes, however slow their reader is.

    Args:
        read: Gives the tensor of a name; its errors are raised in the name's turn.
        sizes: The names and the size of each tensor in bytes.
    """
    waiting: deque[tuple[int, Future[torch.Tensor]]] = deque()
    held = 0
    with working_threads(1) as thread:
        for name, size in sizes.items():
            # the first in line is the next to be yielded
            while len(waiting) > 1 and held - waiting[0][0] + size > AHEAD:
                first, found = waiting.popleft()
                held -= first
                yield found.result()
            waiting.append((size, thread.submit(read, name)))
            held += size
        while waiting:
            yield waiting.popleft()[1].result()
