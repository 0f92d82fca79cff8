"""The command line: steps are found, errors are one message, threads are limited."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from frism import __version__
from frism.cli.main import THREAD_VARIABLES, build_parser, discover, limit_threads, main

ROOT = Path(__file__).parents[1]


def frism(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "frism", *words]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


def test_help_names_every_step() -> None:
    steps = {path.stem.replace("_", "-") for path in (ROOT / "frism/cli/steps").glob("[a-z]*.py")}
    assert set(discover()) == steps
    text = build_parser().format_help()
    assert all(step in text for step in steps)


def test_a_known_step_is_imported_alone() -> None:
    assert set(discover("merge")) == {"merge"}
    assert set(discover("mergee")) == set(discover("--version")) == set(discover())
    code = "import sys, frism.cli.main as main; main.build_parser('merge'); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True)
    steps = {name for name in done.stdout.split() if name.startswith("frism.cli.steps.")}
    assert steps == {"frism.cli.steps.merge"}


@pytest.mark.parametrize("step", discover())
def test_every_step_has_help(step: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main([step, "--help"])
    assert caught.value.code == 0
    output = capsys.readouterr().out
    assert "--threads" in output
    assert discover()[step].HELP.split()[0] in output


def test_error_is_one_message_without_traceback(tmp_path: Path) -> None:
    done = frism("check-config", str(tmp_path / "none.yaml"))
    assert done.returncode == 2
    assert done.stderr == f"frism: {tmp_path / 'none.yaml'}: the file does not exist\n"


def test_unknown_step_and_version() -> None:
    assert frism("mergee").returncode == 2
    assert frism("--version").stdout == f"frism {__version__}\n"


def test_interrupt_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(threads: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("frism.cli.main.limit_threads", interrupted)
    assert main(["check-config"]) == 130


def test_threads_reach_libraries_loaded_already(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    before = torch.get_num_threads()
    for variable in THREAD_VARIABLES:
        monkeypatch.setenv(variable, "1")
    try:
        limit_threads(2)
        assert torch.get_num_threads() == 2
        assert [os.environ[variable] for variable in THREAD_VARIABLES] == ["2", "2", "2"]
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize(("set_before", "expected"), [(None, "PASSIVE"), ("ACTIVE", "ACTIVE")])
def test_waiting_threads_sleep_unless_told_otherwise(
    monkeypatch: pytest.MonkeyPatch, set_before: str | None, expected: str
) -> None:
    monkeypatch.setenv("OMP_WAIT_POLICY", set_before or "")
    if set_before is None:
        monkeypatch.delenv("OMP_WAIT_POLICY")
    limit_threads(1)
    assert os.environ["OMP_WAIT_POLICY"] == expected


@pytest.mark.parametrize("threads", ["0", "-1", "two"])
def test_threads_must_be_positive(threads: str) -> None:
    done = frism("check-config", "--threads", threads)
    assert done.returncode == 2
    assert f"'{threads}' is not a whole number of at least 1" in done.stderr
