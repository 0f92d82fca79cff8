"""A budget as text: a table for each pair, totals, the largest needs, and what all rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from frism.config.resources import DEVICES, device_of
from frism.planning.budget import Budget, Row, Totals
from frism.planning.needs import MB, MEMORY_MARGIN, TIME_MARGIN
from frism.planning.size import GUESSED, STORED
from frism.planning.unit_costs import UNIT_COSTS
from frism.text_table import amount, duration, table

HEAD = (
    *("step", "jobs", "threads", "GPUs", "GPU-hours", "CPU-hours", "memory", "GPU memory"),
    *("a job takes", "asks for", "reads", "writes (disk)"),
)
SHARED = "shared by all pairs"
LARGEST: tuple[tuple[str, Callable[[Row], float], Callable[[float], str]], ...] = (
    ("memory of a job", lambda row: row.need.mem_mb * MB, amount),
    ("time of a job", lambda row: row.seconds, duration),
    ("GPUs of a job", lambda row: row.need.gpu, str),
    ("disk of a step", lambda row: row.writes, amount),
)


def budget_lines(budget: Budget) -> Iterator[str]:
    """Yields the whole budget."""
    for pair in ["", *budget.needs.run.pairs]:
        if rows := budget.of_pair(pair):
            yield from (_title(budget, pair), *table(HEAD, _cells(rows)), "")
    yield from totals_lines(budget)
    yield ""
    if notes := list(notes_of(budget)):
        yield from (*notes, "")
    yield from assumption_lines()


def totals_lines(budget: Budget) -> Iterator[str]:
    """Yields the sums, and the largest need of each kind with the jobs that have it."""
    total = Totals.of(budget.rows)
    yield (
        f"target {budget.target}: {total.count} jobs, {total.gpu_hours:.1f} GPU-hours, "
        f"{total.cpu_hours:.1f} CPU-hours, {amount(total.reads)} read, "
        f"{amount(total.writes)} written"
    )
    for words, value, shown in LARGEST:
        row = max(budget.rows, key=value, default=None)
        if row and value(row):
            yield f"largest {words}: {shown(value(row))}, {_name(row)}"


def notes_of(budget: Budget) -> Iterator[str]:
    """Yields what a reader of the table should know before the run is submitted."""
    config = budget.needs.run.setup.config
    for pair in budget.needs.run.pairs:
        estimates = budget.needs.estimates(pair)
        if estimates and estimates.size.source == GUESSED:
            yield (
                f"note: the size of {pair} is not known and {GUESSED}; name it as `size` of the "
                "pair, or download it"
            )
    for step in dict.fromkeys(row.kind.step for row in budget.rows if row.job):
        if device_of(config, step) == "auto":
            yield (
                f"note: {step} asks for no GPU: {DEVICES[step]}.device is auto; set it to cuda "
                "where jobs are to get one"
            )
    for row in budget.rows:
        yield from _over(row, config.limits.gpu_memory * 1e9, budget)


def _over(row: Row, gpu_memory: float, budget: Budget) -> Iterator[str]:
    """Yields which limits of the machines a job is estimated to break."""
    limits = budget.needs.run.setup.config.limits
    if row.job and row.need.gpu and row.job.gpu_memory > row.need.gpu * gpu_memory:
        have = f"{row.need.gpu} of {limits.gpu_memory:g} GB"
        needed = f"{_name(row)} needs {amount(row.job.gpu_memory)} on its GPUs, more than {have}"
        yield f"note: {needed}; {_remedy(row, budget)}"
    if limits.mem_mb and row.need.mem_mb > limits.mem_mb:
        have = f"limits.mem_mb, {amount(limits.mem_mb * MB)}"
        yield f"note: {_name(row)} would ask for {amount(row.need.mem_mb * MB)}, more than {have}"
    if limits.runtime and row.seconds > 60 * limits.runtime:
        have = f"limits.runtime, {duration(60 * limits.runtime)}"
        yield f"note: {_name(row)} would take {duration(row.seconds)}, more than {have}"


def _remedy(row: Row, budget: Budget) -> str:
    """Says what makes a job fit on its GPUs."""
    config, setting = budget.needs.run.setup.config, DEVICES[row.kind.step]
    more = "limits.gpu_memory where GPUs have more"
    estimates = budget.needs.estimates(row.kind.pair)
    if "evaluation" not in setting or estimates is None:
        return f"ask for more GPUs, or raise {more}"
    weights = estimates.size.parameters * STORED[getattr(config, setting).dtype]
    if weights > config.limits.gpu_memory * 1e9:
        return f"its weights alone are {amount(weights)}, and it takes one GPU: raise {more}"
    return f"lower {setting}.max_batch_tokens, or raise {more}"


def assumption_lines() -> Iterator[str]:
    """Yields the rates that the budget rests on, those that nobody measured here marked."""
    yield (
        f"All of it as if nothing was done yet. Jobs ask for {MEMORY_MARGIN:g} times the memory "
        f"and {TIME_MARGIN:g} times the time that is estimated, and for as much again at each "
        "further attempt."
    )
    rows = [
        [name, f"{cost.value:.4g}", cost.unit, "measured" if cost.measured else "NOT measured",
         cost.source]
        for name, cost in UNIT_COSTS.items()
    ]  # fmt: skip
    yield from table(["unit cost", "value", "unit", "", "source"], rows)


def _title(budget: Budget, pair: str) -> str:
    if not pair:
        return SHARED
    estimates = budget.needs.estimates(pair)
    if estimates is None:
        return f"{pair}: trained by the workflow"
    size = estimates.size
    return f"{pair}: {size.parameters / 1e9:.2f} billion parameters, by {size.source}"


def _cells(rows: Sequence[Row]) -> list[list[str]]:
    cells = [_row(row) for row in rows]
    total = Totals.of(rows)
    hours = [f"{total.gpu_hours:.1f}", f"{total.cpu_hours:.1f}"]
    sums = [*hours, "", "", "", "", amount(total.reads), amount(total.writes)]
    return [*cells, ["all", str(total.count), "", "", *sums]]


def _row(row: Row) -> list[str]:
    there = amount(row.job.gpu_memory) if row.job and row.job.gpu_memory else "-"
    asked = f"{amount(row.need.mem_mb * MB)}, {duration(60 * row.need.runtime)}"
    return [
        f"{row.kind.step} {row.kind.detail}".strip(),
        str(row.count),
        str(row.threads),
        str(row.need.gpu),
        f"{row.gpu_hours:.1f}",
        f"{row.cpu_hours:.1f}",
        amount(row.memory),
        there,
        duration(row.seconds),
        asked,
        amount(row.reads),
        amount(row.writes),
    ]


def _name(row: Row) -> str:
    step = f"{row.kind.step} {row.kind.detail}".strip()
    return f"{step} of {row.kind.pair}" if row.kind.pair else step
