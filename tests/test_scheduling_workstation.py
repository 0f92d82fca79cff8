"""The profile of a workstation: jobs with GPUs run beside each other, each with its own."""

from __future__ import annotations

import re
from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import pytest
from snakemake.profiles import ProfileConfigFileParser

from tests.slurm import small
from tests.workspace import ROOT, Workspace

GPUS = ("0", "1")
ALPHAS = [0.3, 0.6, 0.9]
PROFILE = ("--workflow-profile", "workstation")


@pytest.fixture
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """Three trainings of gates on a machine with two GPUs."""
    for name, value in {
        "CUDA_VISIBLE_DEVICES": ",".join(GPUS),
        "FRISM_GPU_LOCKS": str(tmp_path / "locks"),
        "GPUS_SEEN": str(tmp_path / "seen"),
    }.items():
        monkeypatch.setenv(name, value)
    run = small.merges(tmp_path / "run", small.make_models(tmp_path))
    run.write_config(small.MERGED | {"merges": {"frism": {"alpha": ALPHAS, "lambda_lrm": [0.9]}}})
    return run


@pytest.mark.slow
def test_no_two_jobs_have_one_gpu(workspace: Workspace, tmp_path: Path) -> None:
    said = workspace.run(*PROFILE, "--cores", "3", "--set-resources", "gates_pico:gpu=1")
    assert re.search(r'Provided resources: gpu=Resource\("gpu", 2\)', said)
    held: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for process in by_process(tmp_path / "seen").values():
        (taken, gpus), (left, _) = process
        if gpus:
            held[gpus].append((taken, left))
    assert held.keys() == set(GPUS)
    assert sum(map(len, held.values())) == len(ALPHAS)
    for spans in held.values():
        ordered = sorted(spans)
        assert all(one[1] <= other[0] for one, other in pairwise(ordered))


@pytest.mark.parametrize("given", ["200000", "0", None])
def test_memory_is_the_machines_or_the_jobs_around(
    given: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SLURM_MEM_PER_NODE", raising=False)
    if given:
        monkeypatch.setenv("SLURM_MEM_PER_NODE", given)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "3")
    with (ROOT / "workflow" / "profiles" / "workstation" / "config.yaml").open() as file:
        resources = dict(
            each.split("=") for each in ProfileConfigFileParser().parse(file)["resources"]
        )
    whole = re.search(r"^MemTotal: +(\d+) kB", Path("/proc/meminfo").read_text(), re.MULTILINE)
    assert whole is not None
    expected = int(given or 0) or int(whole[1]) * 1024 / 1e6
    assert int(resources["mem_mb"]) == pytest.approx(expected, rel=1e-3)
    assert resources["gpu"] == "1"


def by_process(seen: Path) -> dict[str, list[tuple[float, str]]]:
    """Returns when each job took and left GPUs, and which it saw then."""
    found: dict[str, list[tuple[float, str]]] = defaultdict(list)
    for line in seen.read_text().splitlines():
        when, process, *gpus = line.split()
        found[process].append((float(when), "".join(gpus)))
    return found
