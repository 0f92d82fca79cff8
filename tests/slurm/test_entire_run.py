"""The whole workflow of an embedded family on SLURM: the same results as on one machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.slurm.cluster import Cluster
from tests.slurm.records import records, states
from tests.slurm.runs import SlurmRuns
from tests.slurm.small import CONFIG, PAIR
from tests.workflow_results import contents
from tests.workspace import Workspace

pytestmark = pytest.mark.slurm
JOBS = 16


def test_the_whole_workflow_gives_the_same_contents(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EASY", "yes")
    local = Workspace.make(tmp_path / "local", CONFIG, {"small": PAIR})
    local.run("--cores", "2")
    distributed = Workspace.make(tmp_path / "distributed", CONFIG, {"small": PAIR})
    runs = SlurmRuns.prepare(distributed, cluster)
    runs.run("--set-resources", "gates_small:gpu=1")
    assert contents(distributed.results) == contents(local.results)
    ended = states(cluster)
    assert len(ended) == JOBS
    assert set(map(tuple, ended.values())) == {("COMPLETED",)}
    # training of gates is the only rule that was told to ask for a GPU
    placed = {(each.rule.split()[0] == "gates_small", each.partition, each.gpus) for each in records(cluster)}
    assert placed == {(True, "gpu", 1), (False, "cpu", 0)}
    assert "Nothing to be done" in runs.run()
