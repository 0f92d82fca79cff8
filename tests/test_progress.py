"""Progress of long loops in a log."""

from __future__ import annotations

import time

import pytest

from frism.progress import progress


def test_a_loop_that_goes_on_counts_from_where_it_was(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = iter([100.0, 120.0, 120.5, 140.0])
    monkeypatch.setattr(time, "monotonic", lambda: next(clock))
    seen: list[str] = []
    for item in progress("abc", "gates", total=8, done=5, note=lambda: f"last {seen[-1]}"):
        seen.append(item)
    assert seen == ["a", "b", "c"]
    assert capsys.readouterr().err.splitlines() == [
        "gates: 6/8 in 20 s (0.1/s, 40 s left): last a",
        "gates: 8/8 in 40 s (0.1/s, 0 s left): last c",
    ]
