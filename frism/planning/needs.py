"""What each rule asks for: threads, memory, time, GPUs and disk of a job, scaled by the attempt.

A step of an embedded pair asks for the small constants of `LEAST`. A step of a pair of checkpoints
asks for what is estimated from its size, with margins, and never for less than the constants. The
YAML of a pair may name other numbers.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from math import ceil
from typing import Any

from frism.config.layout import Layout
from frism.config.pair_tree import PairCheckpoints
from frism.config.places import place
from frism.config.resources import StepResources, device_of
from frism.planning.estimates import Estimates, Job
from frism.planning.pair_size import of_pair
from frism.planning.size import HEADERS, PairSize
from frism.planning.unit_costs import unit
from frism.scheduling.gpus import visible_gpus

MB = 10**6
# what is asked for, in units of what is estimated: a killed job costs more than a reservation
MEMORY_MARGIN, TIME_MARGIN, DISK_MARGIN = 1.3, 3.0, 1.25
# memory in MB, minutes and disk in MB of a job that is small, and the least of all others
LEAST: Mapping[str, tuple[int, int, int]] = {
    "prefetch": (2500, 720, 8000),
    "download": (1500, 60, 200),
    "base": (1500, 30, 200),
    "lrm": (1500, 30, 200),
    "vlm": (1500, 30, 200),
    "questions": (1000, 10, 200),
    "calibration": (4000, 240, 2000),
    "svd": (1500, 30, 200),
    "curvature": (2000, 30, 200),
    "gates": (2000, 60, 200),
    "merge": (2000, 60, 200),
    "sweep": (2500, 120, 500),
    "references": (2500, 60, 200),
    "answers": (6000, 60, 500),
    "scores": (6000, 60, 500),
    "eval": (6000, 60, 500),
    "compare": (1000, 10, 100),
    "tables": (2000, 15, 100),
    "figures": (2000, 15, 100),
    "samples": (2000, 15, 100),
    "times": (1000, 5, 100),
}


@dataclass(frozen=True)
class Need:
    """What a job asks for at its first attempt.

    Args:
        mem_mb: Memory in MB.
        runtime: Time in minutes.
        disk_mb: Disk in MB.
        gpu: Number of GPUs.
    """

    mem_mb: int
    runtime: int
    disk_mb: int
    gpu: int = 0

    def replaced(self, given: StepResources | None) -> Need:
        """Returns the same with the numbers that a pair's YAML names."""
        own = given.model_dump(exclude_none=True) if given else {}
        return Need(**{**vars(self), **own})

    def at(self, attempt: int, key: str, most: int | None = None) -> int:
        """Returns what an attempt asks for: of memory and time as much again each time.

        Args:
            attempt: Number of the attempt, from 1.
            key: `mem_mb` or `runtime`.
            most: The limit of the machines, if there is one.
        """
        wanted = attempt * int(getattr(self, key))
        return min(wanted, most) if most else wanted


def need_of(step: str, job: Job | None) -> Need:
    """Returns what a job of a step asks for, with margins."""
    mem_mb, runtime, disk_mb = LEAST[step]
    if job is None:
        return Need(mem_mb, runtime, disk_mb)
    seconds = TIME_MARGIN * (job.cost.seconds + unit("start of a job"))
    return Need(
        max(mem_mb, ceil(MEMORY_MARGIN * job.cost.memory / MB)),
        max(runtime, ceil(seconds / 60)),
        max(disk_mb, ceil(DISK_MARGIN * job.cost.writes / MB)),
        job.gpus,
    )


class Needs:
    """What the rules of a run ask for.

    Args:
        run: The paths of the run.
        sizes: Sizes of pairs that are known already, such as from headers on the hub.
    """

    def __init__(self, run: Layout, sizes: Mapping[str, PairSize] | None = None) -> None:
        self.run = run
        self._sizes: dict[str, PairSize] = dict(sizes or {})

    def of(self, step: str, pair: str, detail: str = "") -> dict[str, Any]:
        """Returns the resources of a rule; numbers are worked out when a job starts.

        Models may have been downloaded by then. The method of a merge, or the benchmark whose
        questions are answered, is a wildcard.

        Args:
            step: The step.
            pair: The pair.
            detail: As in `Estimates.job`.
        """
        return self._resources(lambda chosen: self.need(step, pair, detail or chosen))

    def download(self, folder: str) -> dict[str, Any]:
        """Returns the resources of fetching the model that lies in `folder`, whoever uses it."""
        return self._resources(lambda _: self.download_need(folder))

    def prefetch(self) -> dict[str, Any]:
        """Returns the resources of fetching the files of a benchmark."""
        return self._resources(lambda _: need_of("prefetch", None))

    def need(self, step: str, pair: str, detail: str = "") -> Need:
        """Returns what a job of a step asks for at its first attempt."""
        own = self.run.setup.pairs[pair].resources.get(step)
        found = need_of(step, self.job(step, pair, detail))
        # of an embedded pair nothing is estimated
        gpus = found.gpu or int(_takes_gpu(device_of(self.run.setup.config, step)))
        return replace(found, gpu=gpus).replaced(own)

    def download_need(self, folder: str) -> Need:
        """Returns the largest need of the pairs that use the model in `folder`."""
        wanted = [self.need("download", pair, role) for pair, role in users(self.run, folder)]
        largest = {key: max(getattr(each, key) for each in wanted) for key in vars(wanted[0])}
        return Need(**largest)

    def job(self, step: str, pair: str, detail: str = "") -> Job | None:
        """Returns the estimate of a job, or None where it does not depend on a size."""
        estimates = self.estimates(pair)
        return estimates.job(step, detail) if estimates else None

    def estimates(self, pair: str) -> Estimates | None:
        """Returns the estimates of a pair of checkpoints, None of an embedded one."""
        given = self.run.setup.pairs[pair]
        if not isinstance(given, PairCheckpoints):
            return None
        if pair not in self._sizes or self._sizes[pair].source != HEADERS:
            self._sizes[pair] = of_pair(given)
        config, threads = self.run.setup.config, self.run.threads(pair)
        return Estimates(config, given, self._sizes[pair], threads)

    def _resources(self, need: Callable[[str], Need]) -> dict[str, Any]:
        limits = self.run.setup.config.limits

        def scaled(key: str, most: int | None) -> Callable[..., int]:
            def at(wildcards: Any, attempt: int) -> int:
                return need(_chosen(wildcards)).at(attempt, key, most)

            return at

        return {
            "mem_mb": scaled("mem_mb", limits.mem_mb),
            "runtime": scaled("runtime", limits.runtime),
            "disk_mb": lambda wildcards: need(_chosen(wildcards)).disk_mb,
            "gpu": lambda wildcards: need(_chosen(wildcards)).gpu,
        }


def _chosen(wildcards: Any) -> str:
    return str(getattr(wildcards, "method", getattr(wildcards, "benchmark", "")))


@cache
def _takes_gpu(device: str) -> bool:
    # `auto` is a GPU where this machine has one
    return device == "cuda" or (device == "auto" and bool(visible_gpus()))


def users(run: Layout, folder: str) -> list[tuple[str, str]]:
    """Returns the pairs that use the model in `folder`, each with its role there."""
    return [
        (name, role)
        for name, pair in run.setup.pairs.items()
        if isinstance(pair, PairCheckpoints)
        for role in ("vlm", "lrm", "base", "vlm_base")
        if (model := getattr(pair, role)) and place(model) == folder
    ]
