"""What pairs cost together by the unit costs, and what gives way first; see docs/scaling.md."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from frism.config.calibration import Calibration
from frism.config.layout import Layout
from frism.config.load import Setup, load_config
from frism.config.pair_tree import PairCheckpoints
from frism.config.size import Size
from frism.planning.budget import HOUR, Budget, Row, Totals
from frism.planning.needs import Needs
from frism.planning.pair_size import ASSUMED
from frism.planning.shards import shares
from frism.planning.unit_costs import unit

CONFIG = Path(__file__).resolve().parents[1] / "config" / "cluster.yaml"
COMMIT = "0" * 40
# Qwen2.5-VL-72B
LARGE = Size(
    layers=80,
    hidden=8192,
    heads=64,
    kv_heads=8,
    intermediate=29568,
    vocabulary=152064,
    vision=704573696,
)
SCALES: Mapping[str, tuple[int, Size, int]] = {
    "1 pair of 7B": (1, ASSUMED, 8),
    "10 pairs of 7B": (10, ASSUMED, 8),
    "100 pairs of 7B": (100, ASSUMED, 8),
    "1 pair of 72B": (1, LARGE, 16),
}
CHAIN = ("calibration", "svd", "gates", "merge", "answers", "scores", "compare")


@dataclass(frozen=True)
class Scale:
    """What a number of pairs of a size costs."""

    name: str
    budget: Budget

    @property
    def total(self) -> Totals:
        return Totals.of(self.budget.rows)

    @property
    def fetched(self) -> int:
        """Bytes from the network."""
        return sum(r.writes for r in self.budget.rows if r.kind.step in ("download", "prefetch"))

    @property
    def hours(self) -> dict[str, float]:
        """Hours that each part of the cluster is in use, if it never waits for another one."""
        total = self.total
        moved = total.reads + total.writes
        return {
            "GPUs": total.gpu_hours / unit("GPUs"),
            "CPU threads": total.cpu_hours / unit("CPU threads"),
            "network": self.fetched / unit("network") / HOUR,
            "shared filesystem": moved / unit("shared filesystem") / HOUR,
            "submissions": total.count / unit("submissions") / HOUR,
            "longest chain": self.chain / HOUR,
        }

    @property
    def chain(self) -> float:
        """Seconds of the longest chain of jobs that wait for one another."""
        first = self.budget.needs.run.pairs[0]
        rows = self.budget.of_pair(first)
        steps = ("download", *CHAIN)
        longest = {s: max(r.seconds for r in rows if r.kind.step == s) for s in steps}
        return sum(longest.values()) - longest["answers"] + self._slowest_answers(first)

    def _slowest_answers(self, pair: str) -> float:
        """Seconds of the job of the slowest share; the rows of a budget hold the mean."""
        needs = self.budget.needs
        every = shares(needs.run.setup.config)
        jobs = [needs.job("answers", pair, share.benchmark) for share in every]
        return unit("start of a job") + max(job.cost.seconds for job in jobs if job)

    @property
    def bottleneck(self) -> str:
        """What gives way first: memory that no GPU has, disk beyond the quota, else time."""
        size = 1e9 * self.budget.needs.run.setup.config.limits.gpu_memory
        for row in self.budget.rows:
            if row.job and row.job.gpu_memory > max(1, row.need.gpu) * size:
                needed = f"{row.job.gpu_memory / 1e9:.0f} GB on {row.need.gpu}"
                return f"GPU memory: {row.kind.step} needs {needed} of {size / 1e9:.0f} GB"
        if self.total.writes > unit("quota"):
            return f"disk: {self.total.writes / 1e12:.1f} TB of {unit('quota') / 1e12:.0f} TB"
        name = max(self.hours, key=self.hours.__getitem__)
        return f"{name}: {_share(self.budget.rows, name)}"


def budget_of(count: int, size: Size, parts: int) -> Budget:
    """Returns the budget of pairs that share no model, on the settings of config/cluster.yaml."""
    pairs = {
        f"pair-{number}": PairCheckpoints(
            vlm=f"o/vlm-{number}@{COMMIT}",
            lrm=f"o/lrm-{number}@{COMMIT}",
            base=f"o/base-{number}@{COMMIT}",
            calibration=Calibration(benchmark="VizWiz"),
            size=size,
            svd_parts=parts,
        )
        for number in range(count)
    }
    config = load_config(CONFIG).model_copy(update={"pairs": tuple(pairs)})
    return Budget(Needs(Layout(Setup(config, pairs))))


def _share(rows: list[Row], name: str) -> str:
    """Says which step takes most of what a bottleneck is made of."""
    weights: dict[str, Callable[[Row], float]] = {
        "GPUs": lambda row: row.gpu_hours,
        "CPU threads": lambda row: row.cpu_hours,
        "longest chain": lambda row: row.seconds,
    }
    if name not in weights:
        return "all jobs together"
    spent: dict[str, list[float]] = {}
    for row in rows:
        spent.setdefault(row.kind.step, []).append(weights[name](row))
    # jobs of one step do not wait for one another
    gather: Callable[[list[float]], float] = max if name == "longest chain" else sum
    whole = {step: gather(each) for step, each in spent.items()}
    step = max(whole, key=lambda each: whole[each])
    return f"{100 * whole[step] / sum(whole.values()):.0f} % of it {step}"
