"""How long to wait between two tries of a question."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Mapping
from contextlib import suppress
from email.utils import parsedate_to_datetime


def backoff(tried: int, first: float, longest: float) -> float:
    """Returns seconds that double from try to try, with a random quarter off.

    Without the random part, questions that were refused together would come again together.

    Args:
        tried: Tries so far, at least 1.
        first: Seconds after the first try.
        longest: Upper bound of the result.
    """
    # 2^60 seconds are beyond any bound; a float cannot hold 2^1100
    return min(longest, first * 2.0 ** min(tried - 1, 60)) * random.uniform(0.75, 1.0)


def retry_after(headers: Mapping[str, str]) -> float:
    """Returns the seconds that a server asks to wait, 0 where it says nothing of use.

    Read are `retry-after-ms`, and `Retry-After` in seconds or as a date (RFC 9110, 10.2.3).
    """
    milliseconds = _number(headers.get("retry-after-ms", "")) / 1000
    text = headers.get("retry-after", "")
    return milliseconds or _number(text) or _until(text)


def _number(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        return 0.0
    return value if math.isfinite(value) and value > 0 else 0.0


def _until(text: str) -> float:
    with suppress(ValueError, OverflowError):
        return max(0.0, parsedate_to_datetime(text).timestamp() - time.time())
    return 0.0
