"""A small run on the private SLURM; `make test-slurm` makes those that take longer."""

from __future__ import annotations

from pathlib import Path

from tests.slurm import small
from tests.slurm.cluster import Cluster
from tests.slurm.records import records, states
from tests.slurm.runs import SlurmRuns
from tests.workflow_results import contents


def test_jobs_of_a_cluster_give_the_same_contents_on_the_right_machines(
    cluster: Cluster, tmp_path: Path
) -> None:
    models = small.make_models(tmp_path)
    local, distributed = (
        small.merges(tmp_path / name, models) for name in ("local", "distributed")
    )
    local.run("--cores", "2")
    # training of gates alone asks for a GPU
    SlurmRuns.prepare(distributed, cluster).run("--set-resources", "gates_pico:gpu=1")
    assert contents(distributed.results) == contents(local.results)
    assert states(cluster) == {job: ["COMPLETED"] for job in small.JOBS}
    with_gpus = {each.rule for each in records(cluster) if each.gpus}
    on_gpus = {each.rule for each in records(cluster) if each.partition == "gpu"}
    assert with_gpus == on_gpus == {small.GATES}
