"""Where the time of a run went: Snakemake's benchmark files, by kind of job."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from frism.errors import DataError
from frism.results.cells import Table
from frism.results.columns import JOBS

FAMILY = "seed-"


def jobs_table(logs: Path) -> pd.DataFrame:
    """Returns a row per kind of job, the most expensive first.

    Args:
        logs: Folder of the logs of one pair; beside each lies Snakemake's benchmark (.tsv).

    Raises:
        DataError: There is no benchmark.
    """
    paths = sorted(path for path in logs.rglob("*.tsv") if not path.name.startswith("."))
    if not paths:
        raise DataError(
            f"{logs}: found no *.tsv, expected Snakemake's benchmarks; run the workflow"
        )
    runs = pd.concat(
        [_runs(path).assign(rule=kind_of_job(path.relative_to(logs))) for path in paths]
    )
    grouped = runs.groupby("rule", sort=True)
    table = pd.DataFrame(
        {
            "jobs": grouped.size(),
            "seconds": grouped["s"].sum(),
            "cpu_seconds": grouped["cpu_time"].sum(),
            "longest": grouped["s"].max(),
        }
    ).reset_index()
    table["share"] = table["seconds"] / table["seconds"].sum()
    return table.sort_values("seconds", ascending=False, kind="stable")[JOBS]


def jobs_cells(jobs: pd.DataFrame) -> Table:
    """Returns the table as it is read."""
    headers = ["Jobs", "Number", "Seconds", "Share", "Processor seconds", "Longest"]
    rows = [
        [
            str(row["rule"]),
            f"{row['jobs']}",
            f"{row['seconds']:.0f}",
            f"{100 * row['share']:.1f} %",
            f"{row['cpu_seconds']:.0f}",
            f"{row['longest']:.0f}",
        ]
        for row in jobs.to_dict("records")
    ]
    return Table(headers, rows, [False] * len(rows), words=1)


def jobs_note(jobs: pd.DataFrame) -> str:
    """Returns the sums in words."""
    return (
        f"{jobs['jobs'].sum()} jobs, {jobs['seconds'].sum() / 60:.1f} minutes of jobs one after "
        f"the other, {jobs['cpu_seconds'].sum() / 60:.1f} minutes of processors. Jobs run side by "
        "side, so the run itself was shorter; a job that was not repeated counts as it ran last."
    )


def kind_of_job(path: Path) -> str:
    """Returns what a job is of: its first folder, or else its file.

    `gates/frism/alpha=1.tsv` is of gates, `seed-4/base.tsv` and `svd.tsv` are of base and svd.
    """
    folders = path.parts[:-1]
    return folders[0] if folders and not folders[0].startswith(FAMILY) else path.stem


def _runs(path: Path) -> pd.DataFrame:
    table = pd.read_csv(path, sep="\t", na_values=["-"])
    missing = {"s", "cpu_time"} - set(table)
    if missing:
        raise DataError(f"{path}: found no column {min(missing)}; run the workflow again")
    return table[["s", "cpu_time"]].astype(float)
