"""Signals: when they are raised, when they wait, what is said and what stays behind."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from frism.files import atomic_directory, atomic_file, resumable_directory
from frism.interruption import SIGNALS, Interrupted, got_on, interruptible, noted, postponed

EACH = pytest.mark.parametrize("number", SIGNALS)


def send(number: signal.Signals = signal.SIGTERM) -> None:
    os.kill(os.getpid(), number)


@EACH
def test_a_signal_ends_the_block_with_its_status(number: signal.Signals) -> None:
    before = signal.getsignal(number)
    with pytest.raises(Interrupted) as caught, interruptible():
        send(number)
    assert caught.value.status == 128 + number
    assert str(caught.value) == f"stopped by {number.name}"
    assert signal.getsignal(number) is before


def test_a_signal_that_is_ignored_stays_so() -> None:
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        with interruptible():
            send(signal.SIGHUP)
        assert signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGHUP, before)


def test_signals_after_the_first_change_nothing() -> None:
    cleaned: list[bool] = []

    def work(_: Path) -> None:
        try:
            send(signal.SIGTERM)
        finally:
            send(signal.SIGINT)
            with postponed():
                send(signal.SIGTERM)
            cleaned.append(True)

    assert interrupted(work, Path()) == "stopped by SIGTERM"
    assert cleaned == [True]


def test_a_postponed_signal_waits_for_the_end(capfd: pytest.CaptureFixture[str]) -> None:
    seen: list[bool] = []

    def work(_: Path) -> None:
        with postponed("this is finished first") as signals:
            seen.append(signals.wanted)
            send()
            seen.append(signals.wanted)
            with postponed("never said"):
                send(signal.SIGINT)
            seen.append(True)
        seen.append(False)

    assert interrupted(work, Path()) == "stopped by SIGTERM"
    assert seen == [False, True, True]
    assert capfd.readouterr().err == "SIGTERM: this is finished first\n"


def _fail_late() -> None:
    send()
    raise ValueError("other")


def test_an_error_in_a_postponed_block_is_the_one_that_is_seen() -> None:
    with interruptible(), pytest.raises(ValueError, match="other"), postponed():
        _fail_late()


def test_notes_are_in_order_and_progress_is_of_one_run() -> None:
    for expected in (True, False):
        with interruptible():
            if expected:
                got_on()
            with pytest.raises(Interrupted) as caught, noted(lambda: "two"), noted(lambda: "one"):
                send()
            assert caught.value.got_on is expected
        assert str(caught.value) == "stopped by SIGTERM: one; two"


def interrupted(work: Callable[[Path], None], output: Path) -> str:
    with interruptible(), pytest.raises(Interrupted) as caught:
        work(output)
    return str(caught.value)


def _in_a_file(output: Path) -> None:
    with atomic_file(output) as temporary:
        temporary.write_text("half")
        send()


def _in_a_folder(output: Path) -> None:
    with atomic_directory(output) as temporary:
        (temporary / "half").write_text("half")
        send()


def _in_a_resumable_folder(output: Path) -> None:
    with resumable_directory(output, "key") as partial:
        (partial / "done").write_text("done")
        send()


@pytest.mark.parametrize("work", [_in_a_file, _in_a_folder])
def test_no_temporary_is_left(work: Callable[[Path], None], tmp_path: Path) -> None:
    assert interrupted(work, tmp_path / "output") == "stopped by SIGTERM"
    assert list(tmp_path.iterdir()) == []


def test_what_is_kept_is_said(tmp_path: Path) -> None:
    said = interrupted(_in_a_resumable_folder, tmp_path / "output")
    partial = tmp_path / ".output.partial"
    assert said.startswith(f"stopped by SIGTERM: what is done is kept in {partial}")
    assert list(tmp_path.iterdir()) == [partial]


def test_a_folder_is_replaced_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The signal comes while the old folder has stepped aside and the new one is not there yet."""
    output = tmp_path / "output"
    output.mkdir()
    (output / "old").touch()
    replace = os.replace

    def replaced(source: Path, target: Path) -> None:
        replace(source, target)
        send()

    monkeypatch.setattr("os.replace", replaced)
    with interruptible(), pytest.raises(Interrupted), atomic_directory(output) as temporary:
        (temporary / "new").touch()
    assert [path.name for path in tmp_path.iterdir()] == ["output"]
    assert [path.name for path in output.iterdir()] == ["new"]
