"""What one operation, byte or token costs: every measured or assumed rate that estimates rest on.

`frism plan` measures the machine that it runs on. What is planned for another machine, resources of
the workflow's rules and `frism budget`, rests on the rates here. Rates of GPUs, networks and shared
filesystems were not measured: they are assumptions, and said to be wherever they are used.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

PLAN = "`frism plan` on a machine with 2 cores, least of 4 runs"
ASSUMED = "assumed"


class UnitCost(NamedTuple):
    """One rate.

    Attributes:
        value: The number.
        unit: What it counts.
        source: Where it was measured, or what it is assumed from.
        measured: Whether it was measured here.
    """

    value: float
    unit: str
    source: str
    measured: bool = False


UNIT_COSTS: Mapping[str, UnitCost] = {
    "multiplications": UnitCost(8.8e10, "a second and CPU thread, in float32 products", PLAN, True),
    "decompositions": UnitCost(
        4.5e10,
        "operations a second and CPU thread",
        f"{PLAN}; benchmarks/svd.py: 5.7e10 to 6.1e10 where the matrix is larger",
        True,
    ),
    "merged": UnitCost(8.0e8, "bytes of float32 weights a second", PLAN, True),
    "hashed": UnitCost(1.6e9, "bytes read and hashed a second", PLAN, True),
    "written": UnitCost(7.0e8, "bytes a second to a local disk, with fsync", PLAN, True),
    "other methods": UnitCost(
        4.0, "times task arithmetic", "benchmarks/merges.py: TIES takes 3.4 times as long", True
    ),
    "start of a job": UnitCost(
        10.0, "seconds", "5 to 15 on a private SLURM with 2 cores: two starts of Python", True
    ),
    "parsing": UnitCost(
        0.04, "seconds a pair and start of Snakemake", "benchmarks/scaling.py --parsing", True
    ),
    "threads": UnitCost(0.7, "of a thread's work by each further one", ASSUMED),
    "GPU multiplications": UnitCost(
        6.0e13, "a second, in bfloat16", f"{ASSUMED}: 40 % of 312 TFLOP/s, an A100's peak"
    ),
    "GPU decompositions": UnitCost(
        5.0e11,
        "operations a second",
        f"{ASSUMED}: a preprint's 300 s for Qwen3-VL-8B are 5.6e11",
    ),
    "GPU bandwidth": UnitCost(1.0e12, "bytes of weights read a second, in decoding", ASSUMED),
    "GPU latency": UnitCost(0.03, "seconds a decoded token and batch", ASSUMED),
    "network": UnitCost(1.0e8, "bytes a second from the hub", ASSUMED),
    "shared filesystem": UnitCost(5.0e9, "bytes a second, all jobs together", ASSUMED),
    "GPUs": UnitCost(8, "GPUs of a cluster, in docs/scaling.md", ASSUMED),
    "CPU threads": UnitCost(256, "CPU threads of a cluster, in docs/scaling.md", ASSUMED),
    "quota": UnitCost(2e13, "bytes of disk that a user may fill, in docs/scaling.md", ASSUMED),
    "submissions": UnitCost(1.0, "jobs a second that Snakemake submits", ASSUMED),
    "prompt": UnitCost(1300, "tokens a question with its image", ASSUMED),
    "reasoning answer": UnitCost(512, "tokens", ASSUMED),
    "other answer": UnitCost(64, "tokens", ASSUMED),
    "benchmark file": UnitCost(3e8, "bytes of a benchmark with its images", ASSUMED),
    "small output": UnitCost(5e6, "bytes of a job that no size changes", ASSUMED),
    "questions": UnitCost(1000, "a benchmark that is not listed, or a split of a pair's", ASSUMED),
}
# questions of the benchmarks of config/suites/paper.yaml as published, not counted in the files
QUESTIONS: Mapping[str, int] = {
    "MathVista_MINI": 1000,
    "MathVision": 3040,
    "MathVerse_MINI": 3940,
    "MMMU_DEV_VAL": 1050,
    "MMMU_Pro_10c": 1730,
    "MMStar": 1500,
    "LogicVista": 447,
    "DynaMath": 5010,
    "WeMath": 1740,
    "POPE": 9000,
    "TextVQA_VAL": 5000,
    "RealWorldQA": 765,
    "MMBench_DEV_EN": 4329,
    "SEEDBench_IMG": 14232,
    "AI2D_TEST": 3088,
    "OCRBench": 1000,
    "ChartQA_TEST": 2500,
    "HallusionBench": 951,
    "MME": 2374,
}
# Mean seconds of the jobs of the default embedded pair, by benchmarks/workflow.py on a machine that
# had twice as much to do; those of merge, scores, compare, calibration and prefetch are assumed.
SECONDS: Mapping[str, float] = {
    "base": 124,
    "lrm": 36,
    "vlm": 74,
    "questions": 6.4,
    "svd": 1.8,
    "curvature": 8.0,
    "gates": 28,
    "sweep": 42,
    "references": 25,
    "tables": 7.6,
    "figures": 6.9,
    "samples": 1.7,
    "times": 1.4,
    "merge": 5,
    "scores": 120,
    "compare": 5,
    "calibration": 300,
    "prefetch": 300,
}


@dataclass(frozen=True)
class Speed:
    """Rates of one process with its threads.

    Args:
        multiplications: Per second, in a float32 matrix product.
        decompositions: Operations of `svd_operations` per second.
        merged: Bytes of merged float32 weights per second, without files.
        hashed: Bytes per second.
        written: Bytes per second to the disk, with fsync.
    """

    multiplications: float
    decompositions: float
    merged: float
    hashed: float
    written: float


def unit(name: str) -> float:
    """Returns the value of a rate."""
    return UNIT_COSTS[name].value


def speed(threads: int = 1, gpu: bool = False) -> Speed:
    """Returns the rates of a process by the unit costs.

    Args:
        threads: Its CPU threads.
        gpu: Whether products and decompositions run on a GPU.
    """
    factor = 1 + (threads - 1) * unit("threads")
    return Speed(
        unit("GPU multiplications") if gpu else factor * unit("multiplications"),
        unit("GPU decompositions") if gpu else factor * unit("decompositions"),
        factor * unit("merged"),
        unit("hashed"),
        unit("written"),
    )


def svd_operations(m: int, n: int) -> float:
    """Returns the multiplications of a decomposition by the Gram matrix of size `k = min(m, n)`.

    `k^2 max(m, n)` for each of the Gram matrix and the other factor, `9 k^3` for its eigenvectors.
    """
    k, long = min(m, n), max(m, n)
    return 2.0 * k * k * long + 9.0 * k**3


def questions(benchmark: str) -> int:
    """Returns how many questions a benchmark has, as published."""
    return QUESTIONS.get(benchmark, int(unit("questions")))
