"""What SLURM itself wrote down about its jobs."""

from __future__ import annotations

import re
from dataclasses import dataclass

from tests.slurm.cluster import Cluster


@dataclass(frozen=True)
class Record:
    """A job, or one of its runs where it was requeued.

    Attributes:
        job: Its id.
        rule: The rule and the wildcards of the comment, such as `gates_first frism_alpha=1`.
        state: How it ended, such as COMPLETED or TIMEOUT.
        partition: Where it ran.
        nodes: On which machines it ran.
        gpus: How many GPUs it was given.
        minutes: Its limit of time.
        memory: Its limit of memory in MB.
    """

    job: str
    rule: str
    state: str
    partition: str
    nodes: str
    gpus: int
    minutes: int
    memory: int


def records(cluster: Cluster) -> list[Record]:
    """Returns all runs of all jobs that ended, in that order, as the accounting file has them."""
    lines = (cluster.root / "jobs.txt").read_text().splitlines()
    known = _of_controller(cluster)
    return [_record(_fields(line), known) for line in lines]


def _of_controller(cluster: Cluster) -> dict[str, dict[str, str]]:
    """Returns what the controller remembers: the accounting file has neither comments nor GPUs."""
    said = cluster.run("scontrol", "show", "job", "--details", "--oneliner")
    return {fields["JobId"]: fields for fields in map(_fields, said.splitlines()) if fields}


def _fields(line: str) -> dict[str, str]:
    return dict(word.split("=", 1) for word in line.split() if "=" in word)


def _record(ended: dict[str, str], known: dict[str, dict[str, str]]) -> Record:
    job = known[ended["JobId"]]
    gpus = re.search(r"gpu:(?:\w+:)?(\d+)", job.get("JOB_GRES", ""))
    memory = re.search(r"mem=(\d+)M", ended["Tres"])
    return Record(
        job=ended["JobId"],
        rule=_rule(job),
        state=ended["JobState"],
        partition=ended["Partition"],
        nodes=ended["NodeList"],
        gpus=int(gpus[1]) if gpus else 0,
        minutes=int(ended["TimeLimit"]),
        memory=int(memory[1]) if memory else 0,
    )


def _rule(job: dict[str, str]) -> str:
    rule, _, wildcards = job.get("Comment", "").removeprefix("rule_").partition("_wildcards_")
    return f"{rule} {wildcards}".strip()


def states(cluster: Cluster) -> dict[str, list[str]]:
    """Returns how each job ended, by rule and wildcards, in the order of the ends."""
    found: dict[str, list[str]] = {}
    for each in records(cluster):
        found.setdefault(each.rule, []).append(each.state)
    return found


def submitted(cluster: Cluster) -> list[str]:
    """Returns the rule and wildcards of each submission, sorted."""
    return sorted(map(_rule, _of_controller(cluster).values()))
