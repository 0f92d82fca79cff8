"""Waits between tries: doubled, bounded, and what a server asks for."""

from __future__ import annotations

import time
from email.utils import formatdate

import pytest

from frism.judging.waiting import backoff, retry_after


def test_waits_double_up_to_the_bound() -> None:
    for tried, full in ((1, 0.5), (2, 1.0), (3, 2.0), (4, 3.0), (5000, 3.0)):
        waits = [backoff(tried, first=0.5, longest=3.0) for _ in range(200)]
        assert full * 0.75 <= min(waits) < max(waits) <= full


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, 0.0),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.25"}, 0.25),
        ({"retry-after": "7", "retry-after-ms": "250"}, 0.25),
        ({"retry-after": "7", "retry-after-ms": "x"}, 7.0),
        ({"retry-after": "-3"}, 0.0),
        ({"retry-after": "nan"}, 0.0),
        ({"retry-after": "inf"}, 0.0),
        ({"retry-after": "tomorrow"}, 0.0),
        ({"retry-after": "Wed, 21 Oct 2015 07:28:00 GMT"}, 0.0),
    ],
)
def test_retry_after_in_seconds(headers: dict[str, str], seconds: float) -> None:
    assert retry_after(headers) == seconds


def test_retry_after_as_a_date() -> None:
    date = formatdate(time.time() + 3600, usegmt=True)
    assert 3300 < retry_after({"retry-after": date}) <= 3600
