"""Connections that break and runs that are killed lose nothing of what has come."""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import time
from pathlib import Path

import huggingface_hub
import pytest

from frism.evaluation.catalogue import Source
from frism.prefetch.run import prefetch_sources
from tests.file_server import FileServer

MB = 1_000_000
CONTENT = random.Random(0).randbytes(13 * MB)
PATH = "/utils/POPE.tsv"
ADDRESS, MD5 = f"https://files.example{PATH}", hashlib.md5(CONTENT).hexdigest()
DEADLINE = 60.0


@pytest.fixture(autouse=True)
def no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    huggingface_hub.close_session()


def test_a_server_that_dies_every_4_mb_is_asked_for_the_next_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    with FileServer({PATH: CONTENT}) as server:
        server.drops[PATH] = [4 * MB] * 3
        prefetch_sources([Source("POPE", ADDRESS, MD5)], tmp_path, server.url)
    assert server.got() == [None, "bytes=4000000-", "bytes=8000000-", "bytes=12000000-"]
    assert (tmp_path / "POPE.tsv").read_bytes() == CONTENT


def test_a_killed_run_keeps_what_has_come(tmp_path: Path) -> None:
    part = tmp_path / "POPE.tsv.part"
    with FileServer({PATH: CONTENT}) as server:
        server.stalls[PATH] = [5 * MB]
        code = (
            "from pathlib import Path\n"
            "from frism.evaluation.catalogue import Source\n"
            "from frism.prefetch.run import prefetch_sources\n"
            f"source = Source('POPE', {ADDRESS!r}, {MD5!r})\n"
            f"prefetch_sources([source], Path({str(tmp_path)!r}), {server.url!r})\n"
        )
        command = [sys.executable, "-c", code]
        with subprocess.Popen(command, env=os.environ, stdout=subprocess.DEVNULL) as process:
            end = time.monotonic() + DEADLINE
            while not (part.exists() and part.stat().st_size == 5 * MB):
                assert time.monotonic() < end
                assert process.poll() is None
                time.sleep(0.05)
            process.kill()
        assert part.read_bytes() == CONTENT[: 5 * MB]
        prefetch_sources([Source("POPE", ADDRESS, MD5)], tmp_path, server.url)
    assert server.got() == [None, "bytes=5000000-"]
    assert (tmp_path / "POPE.tsv").read_bytes() == CONTENT
