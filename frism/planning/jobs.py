"""How many jobs of each kind a target of the workflow has, all of them, as if nothing was done."""

from __future__ import annotations

from collections import Counter
from typing import NamedTuple

from frism.config.layout import Layout
from frism.dag.job import WorkflowJob
from frism.dag.jobs import EVERYTHING, jobs_for, outputs_of
from frism.planning.needs import users

# steps whose jobs cost differently by what they are for
DETAILED = ("svd", "merge")


class Kind(NamedTuple):
    """Jobs that cost the same.

    Attributes:
        pair: Name of the pair; empty for files that all pairs share.
        step: The step, as `frism.planning.needs` knows it.
        detail: The role of a `download` or an `svd`, the method of a `merge`.
    """

    pair: str
    step: str
    detail: str = ""


def jobs(run: Layout, target: str = EVERYTHING) -> Counter[Kind]:
    """Returns the number of jobs of each kind, pair by pair.

    Args:
        run: The paths of the run.
        target: `all`, `everything`, `merges`, `evaluations` or the name of an experiment.

    Raises:
        ConfigError: there is no such target.
    """
    return Counter(_kind(run, job) for job in jobs_for(run, outputs_of(run, target)))


def _kind(run: Layout, job: WorkflowJob) -> Kind:
    if job.step == "download":
        # whoever uses it first stands for all
        pair, role = users(run, job.outputs[0])[0]
        return Kind(pair, job.step, role)
    if job.step == "train":
        return Kind(job.pair, job.what)
    if job.step == "evaluate":
        return Kind(job.pair, "references")
    if job.step == "eval" and run.setup.config.suite_shard:
        return Kind(job.pair, "scores")
    return Kind(job.pair, job.step, job.what if job.step in DETAILED else "")
