"""The whole workflow of an embedded family on SLURM: the same results as on one machine."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.slurm import small
from tests.slurm.cluster import Cluster
from tests.slurm.records import records, states
from tests.slurm.runs import SlurmRuns
from tests.workflow_results import contents

pytestmark = pytest.mark.slurm
JOBS = 16


def test_the_whole_workflow_gives_the_same_contents(
    cluster: Cluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EASY", "yes")
    local, distributed = (small.family(tmp_path / name) for name in ("local", "distributed"))
    local.run("--cores", "2")
    runs = SlurmRuns.prepare(distributed, cluster)
    runs.run()
    assert contents(distributed.results) == contents(local.results)
    ended = states(cluster)
    assert len(ended) == JOBS
    assert set(map(tuple, ended.values())) == {("COMPLETED",)}
    assert {(each.partition, each.gpus) for each in records(cluster)} == {("cpu", 0)}
    assert "Nothing to be done" in runs.run()
