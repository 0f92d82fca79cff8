"""Jobs that are killed, machines that fail, a run that dies: all goes on, and nothing is lost."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.slurm import small
from tests.slurm.cluster import Cluster
from tests.slurm.records import Record, records, states, submitted
from tests.slurm.runs import SlurmRuns
from tests.workflow_results import contents
from tests.workspace import Job, Load

PATIENCE = 120.0
FIRST, SECOND = small.PARTS
# part of the command line of the first
WORDS = "--part 1 --parts"
DONE = {job: ["COMPLETED"] for job in small.JOBS}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """The checkpoints of all runs."""
    return small.make_models(tmp_path_factory.mktemp("models"))


@pytest.fixture(scope="module")
def undisturbed(models: dict[str, str], tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What comes out of a run on this machine."""
    workspace = small.merges(tmp_path_factory.mktemp("undisturbed") / "run", models)
    workspace.run("--cores", "2")
    return contents(workspace.results)


@pytest.fixture
def runs(cluster: Cluster, models: dict[str, str], tmp_path: Path) -> SlurmRuns:
    """A run that has not begun."""
    return SlurmRuns.prepare(small.merges(tmp_path / "run", models), cluster)


def of(rule: str, cluster: Cluster) -> list[Record]:
    """Returns the records of a job, in the order of its tries."""
    return [each for each in records(cluster) if each.rule == rule]


def wait_until(what: Callable[[], Any]) -> None:
    """Waits for something that a cluster does."""
    until = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < until
        time.sleep(0.5)


def node_of(rule: str, cluster: Cluster) -> str:
    """Returns the machine that a job runs on, '' before it does."""
    said = cluster.run("squeue", "--noheader", "--states=RUNNING", "--format=%N %k")
    found = [line.split()[0] for line in said.splitlines() if line.endswith(rule.split()[-1])]
    return found[0] if found else ""


@pytest.mark.slurm
def test_a_job_that_is_killed_by_its_time_limit_runs_again_with_more(
    cluster: Cluster, models: dict[str, str], undisturbed: dict[str, str], tmp_path: Path
) -> None:
    limited = small.merges(tmp_path / "run", models, resources={"svd": {"runtime": 1}})
    # longer than one minute and what SLURM needs to see it, shorter than two
    SlurmRuns.prepare(limited, cluster).run(loads=[Load(WORDS, seconds=75)])
    tries = [(each.state, each.minutes) for each in of(FIRST, cluster)]
    assert tries == [("TIMEOUT", 1), ("COMPLETED", 2)]
    assert states(cluster) == DONE | {FIRST: ["TIMEOUT", "COMPLETED"]}
    assert contents(limited.results) == undisturbed


def test_a_job_that_is_killed_for_its_memory_runs_again_with_more(
    cluster: Cluster, models: dict[str, str], undisturbed: dict[str, str], tmp_path: Path
) -> None:
    limited = small.merges(tmp_path / "run", models, resources={"svd": {"mem_mb": 1000}})
    runs = SlurmRuns.prepare(limited, cluster)
    runs.run(loads=[Load(WORDS, seconds=8, megabytes=1200)])
    tries = [(each.state, each.memory) for each in of(FIRST, cluster)]
    # without cgroups SLURM finds and kills it, but calls it failed
    assert tries == [("FAILED", 1000), ("COMPLETED", 2000)]
    caught = (limited.folder / ".snakemake" / "slurm_logs").rglob("*.log")
    assert any(re.search("xceeded (job )?memory limit", log.read_text()) for log in caught)
    assert states(cluster) == DONE | {FIRST: ["FAILED", "COMPLETED"]}
    assert contents(limited.results) == undisturbed


def test_a_machine_that_is_drained_ends_its_jobs_and_gets_no_more(
    cluster: Cluster, runs: SlurmRuns, undisturbed: dict[str, str]
) -> None:
    running = runs.start(loads=[Load(WORDS, seconds=20)])
    wait_until(lambda: node_of(FIRST, cluster))
    drained = node_of(FIRST, cluster)
    cluster.run("scontrol", "update", f"nodename={drained}", "state=drain", "reason=maintenance")
    runs.finish(running)
    assert states(cluster) == DONE
    assert [each.nodes for each in of(FIRST, cluster)] == [drained]
    later = [each.nodes for job in (small.GATES, small.GATED) for each in of(job, cluster)]
    assert drained not in later
    assert contents(runs.workspace.results) == undisturbed


@pytest.mark.slurm
def test_a_job_of_a_machine_that_fails_is_queued_again_by_slurm(
    cluster: Cluster, runs: SlurmRuns, undisturbed: dict[str, str]
) -> None:
    running = runs.start(loads=[Load(WORDS, seconds=20)])
    wait_until(lambda: node_of(FIRST, cluster))
    time.sleep(5)
    failed = node_of(FIRST, cluster)
    cluster.run("scontrol", "update", f"nodename={failed}", "state=down", "reason=power")
    runs.finish(running)
    tries = of(FIRST, cluster)
    assert [each.state for each in tries] == ["NODE_FAIL", "COMPLETED"]
    assert len({each.job for each in tries}) == 1
    assert submitted(cluster) == sorted(small.JOBS)
    assert contents(runs.workspace.results) == undisturbed


@pytest.mark.slurm
def test_a_run_that_was_killed_goes_on_and_submits_nothing_twice(
    cluster: Cluster, runs: SlurmRuns, undisturbed: dict[str, str]
) -> None:
    running = runs.start(loads=[Load(WORDS, seconds=45)])
    wait_until(lambda: node_of(FIRST, cluster) and of(SECOND, cluster))
    running.kill()
    running.wait()
    assert not of(FIRST, cluster)
    runs.workspace.run("--unlock")
    said = runs.run()
    assert "Waiting for 1 SLURM jobs of an earlier run" in said
    assert submitted(cluster) == sorted(small.JOBS)
    assert states(cluster) == DONE
    assert contents(runs.workspace.results) == undisturbed
    # what ended while no Snakemake looked on is known, too
    assert runs.workspace.would_run() == set()
    runs.workspace.write_config(small.MERGED | {"subspaces": {"energy": 0.9}})
    again = {job for job in runs.workspace.would_run() if job.rule == "svd_lrm_pico"}
    assert again == {Job("svd_lrm_pico", "part=1"), Job("svd_lrm_pico", "part=2")}


@pytest.mark.slurm
def test_training_that_stops_before_its_time_limit_goes_on_to_the_same_gates(
    cluster: Cluster, models: dict[str, str], tmp_path: Path
) -> None:
    # SLURM asks the job to stop two minutes before its time is over, or one earlier
    longer = small.MERGED["distillation"] | {"steps": 40}
    local, runs = (
        small.merges(tmp_path / name, models, resources={"gates": {"runtime": 4}})
        for name in ("local", "run")
    )
    for each in (local, runs):
        each.write_config(small.MERGED | {"distillation": longer})
    local.run("--cores", "2")
    SlurmRuns.prepare(runs, cluster).run(loads=[Load("gates --method", each_step=4)])
    tries = of(small.GATES, cluster)
    assert len({each.job for each in tries}) == 1
    assert submitted(cluster) == sorted(small.JOBS)
    # what SLURM writes of a run that goes back into the queue
    assert [each.state for each in tries] == ["PENDING", "COMPLETED"]
    log = next((runs.results / "logs").rglob("gates/**/*.log")).read_text()
    assert "gates: going on after step" in log
    assert contents(runs.results) == contents(local.results)
