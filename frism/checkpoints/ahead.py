"""Reading ahead: a tensor is read, or merged, while the one before it is hashed and written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

import torch


def one_ahead(read: Callable[[str], torch.Tensor], names: Iterable[str]) -> Iterator[torch.Tensor]:
    """Yields the tensor of each name in turn, while a thread reads the next one.

    Torch, hashlib and the file system leave Python's lock while they work, so both go on at once.
    Beside the tensor that was yielded there is one more in memory, however slow its reader is.

    Args:
        read: Gives the tensor of a name; its errors are raised in the name's turn.
        names: The names.
    """
    with ThreadPoolExecutor(1) as thread:
        upcoming = (thread.submit(read, name) for name in names)
        waiting = next(upcoming, None)
        while waiting is not None:
            found = waiting.result()
            waiting = next(upcoming, None)
            yield found
