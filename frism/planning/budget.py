"""What a run costs before anything is submitted: jobs, hours, memory and disk by pair and step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from frism.dag.jobs import EVERYTHING
from frism.planning.estimates import Job
from frism.planning.jobs import Kind, jobs
from frism.planning.needs import MB, Need, Needs, need_of
from frism.planning.unit_costs import SECONDS, unit

HOUR = 3600


@dataclass(frozen=True)
class Row:
    """Jobs of one kind.

    Args:
        kind: Pair, step and detail.
        count: Number of jobs.
        job: The estimate of one job; None where no size of a model changes it.
        need: What a job asks for at its first attempt.
        threads: CPU threads of a job.
    """

    kind: Kind
    count: int
    job: Job | None
    need: Need
    threads: int

    @property
    def seconds(self) -> float:
        """Time of one job, its start included."""
        own = self.job.cost.seconds if self.job else SECONDS[self.kind.step]
        return own + unit("start of a job")

    @property
    def gpu_hours(self) -> float:
        """Hours of GPUs of all jobs."""
        return self.count * self.need.gpu * self.seconds / HOUR

    @property
    def cpu_hours(self) -> float:
        """Hours of CPU threads of all jobs."""
        return self.count * self.threads * self.seconds / HOUR

    @property
    def memory(self) -> int:
        """Bytes that one job holds."""
        return self.job.cost.memory if self.job else self.need.mem_mb * MB

    @property
    def reads(self) -> int:
        """Bytes that all jobs read."""
        return self.count * self.job.cost.reads if self.job else 0

    @property
    def writes(self) -> int:
        """Bytes that all jobs leave on disk."""
        fetched = "benchmark file" if self.kind.step == "prefetch" else "small output"
        return self.count * (self.job.cost.writes if self.job else int(unit(fetched)))


@dataclass(frozen=True)
class Budget:
    """What a target of a run costs.

    Args:
        needs: What the rules of the run ask for.
        target: The target.
    """

    needs: Needs
    target: str = EVERYTHING

    @cached_property
    def rows(self) -> list[Row]:
        """The kinds of jobs, pair by pair in the order of the work."""
        found = jobs(self.needs.run, self.target)
        order = {pair: i for i, pair in enumerate(["", *self.needs.run.pairs])}
        steps = list(STEPS)
        kinds = sorted(found, key=lambda kind: (order[kind.pair], steps.index(kind.step)))
        return [self._row(kind, found[kind]) for kind in kinds]

    def of_pair(self, pair: str) -> list[Row]:
        """Returns the rows of a pair; of files that all share for ''."""
        return [row for row in self.rows if row.kind.pair == pair]

    def _row(self, kind: Kind, count: int) -> Row:
        if not kind.pair:
            return Row(kind, count, None, need_of(kind.step, None), 1)
        job = self.needs.job(kind.step, kind.pair, kind.detail)
        need = self.needs.need(kind.step, kind.pair, kind.detail)
        return Row(kind, count, job, need, job.threads if job else 1)


# in the order of the work
STEPS = (
    *("prefetch", "download", "base", "lrm", "vlm", "questions", "calibration", "svd", "curvature"),
    *("gates", "references", "sweep", "merge", "answers", "scores", "eval", "compare"),
    *("tables", "figures", "samples", "times"),
)


@dataclass(frozen=True)
class Totals:
    """Sums of rows."""

    count: int
    gpu_hours: float
    cpu_hours: float
    reads: int
    writes: int

    @classmethod
    def of(cls, rows: Sequence[Row]) -> Totals:
        """Returns the sums of some rows."""
        return cls(
            sum(row.count for row in rows),
            sum(row.gpu_hours for row in rows),
            sum(row.cpu_hours for row in rows),
            sum(row.reads for row in rows),
            sum(row.writes for row in rows),
        )
