"""The figures of docs/scaling.md are those of today's unit costs."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def scaling(*words: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, str(ROOT / "benchmarks" / "scaling.py"), *words]
    environment = {"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_the_document_is_current() -> None:
    done = scaling("--check")
    assert done.returncode == 0, done.stderr


def test_a_bottleneck_is_named_at_each_scale() -> None:
    table = scaling().stdout.partition("first bottleneck")[2].partition("\n\n")[0]
    rows = [line.split("|")[1:3] for line in table.splitlines()[2:]]
    assert [name.strip() for name, _ in rows] == [
        "1 pair of 7B",
        "10 pairs of 7B",
        "100 pairs of 7B",
        "1 pair of 72B",
    ]
    assert all(":" in found for _, found in rows)
    assert "GPU memory" in rows[-1][1]
