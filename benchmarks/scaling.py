"""Renews the figures of docs/scaling.md from the unit costs, or checks that they are current."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import yaml
from scales import CONFIG, SCALES, Scale, budget_of
from table import render

from frism.config.pair_tree import PairCheckpoints
from frism.config.size import Size
from frism.config.tree import Config
from frism.planning.budget import Budget
from frism.planning.estimates import Estimates
from frism.planning.pair_size import ASSUMED, of_pair
from frism.planning.unit_costs import UNIT_COSTS, unit

ROOT = Path(__file__).resolve().parents[1]
DOCUMENT = ROOT / "docs" / "scaling.md"
BEGIN = "<!-- {}: begin (python benchmarks/scaling.py --write) -->"
END = "<!-- {}: end -->"
# Qwen2.5-0.5B's shapes, as in benchmarks/true_width, and what was measured there in seconds
SMALL = Size(
    layers=24,
    hidden=896,
    heads=14,
    kv_heads=2,
    intermediate=4864,
    vocabulary=152064,
    tied=True,
)
SMALL_RUN = {"steps": 20, "batch_size": 4, "images": 8}
MEASURED = {
    ("svd", "lrm"): (8, 92.18, 0.48),
    ("gates", ""): (1, 126.0, 5.40),
    ("merge", "frism"): (1, 9.14, 0.34),
    ("merge", "task_arithmetic"): (1, 9.90, 0.50),
}


def main() -> None:
    """Prints, writes or checks the figures, or measures what a start of Snakemake costs."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true", help="write them into docs/scaling.md")
    parser.add_argument("--check", action="store_true", help="fail where docs/scaling.md differs")
    parser.add_argument(
        "--parsing", action="store_true", help="time `snakemake -n` of 1, 100 pairs"
    )
    args = parser.parse_args()
    if args.parsing:
        print(_parsing())
        return
    have = DOCUMENT.read_text(encoding="utf-8")
    wanted = renewed(have)
    if args.write:
        DOCUMENT.write_text(wanted, encoding="utf-8")
    elif args.check and have != wanted:
        sys.exit(f"{DOCUMENT.name} is out of date; run python benchmarks/scaling.py --write")
    elif not args.check:
        print("\n\n".join(figures().values()))


def renewed(text: str) -> str:
    """Returns a document with the figures of today in its sections."""
    for name, figure in figures().items():
        begin, end = BEGIN.format(name), END.format(name)
        before, _, rest = text.partition(begin)
        _, found, after = rest.partition(end)
        if not found:
            sys.exit(f"{DOCUMENT.name} has no section {name}; expected the lines {begin} and {end}")
        text = f"{before}{begin}\n{figure}\n{end}{after}"
    return text


def figures() -> dict[str, str]:
    """Returns the tables of the document by the names of their sections."""
    scales = [Scale(name, budget_of(*given)) for name, given in SCALES.items()]
    return {
        "scales": _table(("", "jobs", "GPU-hours", "CPU-hours", "TB read", "TB written",
                          "TB from the hub", "GB of GPU memory"), scales, _amounts),
        "hours": _table(("", *scales[0].hours), scales, lambda s: list(s.hours.values())),
        "bottlenecks": _table(("", "first bottleneck"), scales, lambda s: [s.bottleneck]),
        "scheduler": _table(("", "jobs", "jobs an hour", "seconds to parse"), scales, _scheduler),
        "steps": _steps(scales[0].budget),
        "measured": _measured(),
        "unit costs": _unit_costs(),
    }  # fmt: skip


def _amounts(scale: Scale) -> list[object]:
    total = scale.total
    there = max(row.job.gpu_memory for row in scale.budget.rows if row.job)
    sizes = [total.reads, total.writes, scale.fetched]
    return [total.count, total.gpu_hours, total.cpu_hours, *(n / 1e12 for n in sizes), there / 1e9]


def _scheduler(scale: Scale) -> list[object]:
    hours = max(scale.hours.values())
    pairs = len(scale.budget.needs.run.pairs)
    return [scale.total.count, scale.total.count / hours, pairs * unit("parsing")]


def _steps(budget: Budget) -> str:
    rows = [
        [f"{r.kind.step} {r.kind.detail}".strip(), r.count, r.seconds / 60, r.gpu_hours,
         r.memory / 1e9, r.job.gpu_memory / 1e9 if r.job else 0.0, r.reads / 1e9, r.writes / 1e9]
        for r in budget.of_pair(budget.needs.run.pairs[0])
    ]  # fmt: skip
    head = ("step", "jobs", "minutes of a job", "GPU-hours", "GB of memory", "GB on GPUs",
            "GB read", "GB written")  # fmt: skip
    return render(head, rows, True)


def _measured() -> str:
    pair = PairCheckpoints(base="o/b@0", vlm="o/v@0", lrm="o/l@0", size=SMALL, threads=2)
    config = Config.model_validate({"distillation": SMALL_RUN})
    estimates = Estimates(config, pair, of_pair(pair), 2)
    rows = []
    for (step, detail), (count, seconds, peak) in MEASURED.items():
        job = estimates.job(step, detail)
        assert job is not None
        own = count * job.cost.seconds
        name = f"{step} {detail}".strip()
        rows.append([name, count, own, seconds, own / seconds, job.cost.memory / 2**30, peak])
    head = ("step", "jobs", "seconds, estimated", "measured", "ratio", "GiB, estimated", "measured")
    return render(head, rows, True)


def _unit_costs() -> str:
    rows = [
        [name, f"{cost.value:.4g}", cost.unit, "measured" if cost.measured else "**not measured**",
         cost.source]
        for name, cost in UNIT_COSTS.items()
    ]  # fmt: skip
    return render(("unit cost", "value", "unit", "", "source"), rows, True)


def _table(
    head: tuple[str, ...], scales: list[Scale], cells: Callable[[Scale], list[object]]
) -> str:
    return render(head, [[scale.name, *cells(scale)] for scale in scales], True)


def _parsing() -> str:
    """Returns processor seconds of a dry run for each pair more: other work does not count."""
    with tempfile.TemporaryDirectory() as folder:
        times = {count: _dry_run(Path(folder), count) for count in (1, 100)}
    return f"{(times[100] - times[1]) / 99:.3f} seconds a pair, {times[1]:.1f} with one"


def _dry_run(folder: Path, count: int) -> float:
    run = budget_of(count, ASSUMED, 8).needs.run
    (folder / "pairs").mkdir(exist_ok=True)
    for name, pair in run.setup.pairs.items():
        text = yaml.safe_dump(pair.model_dump(mode="json", exclude_unset=True))
        (folder / "pairs" / f"{name}.yaml").write_text(text)
    config = yaml.safe_load(CONFIG.read_text()) | {"pairs": run.pairs}
    (folder / "config.yaml").write_text(yaml.safe_dump(config))
    files = ["--snakefile", str(ROOT / "Snakefile"), "--configfile", str(folder / "config.yaml")]
    command = ["-m", "snakemake", "-n", "--quiet", *files, "--directory", str(folder), "everything"]
    before = os.times().children_user
    subprocess.run([sys.executable, *command], check=True, capture_output=True, cwd=ROOT)
    return os.times().children_user - before


if __name__ == "__main__":
    main()
