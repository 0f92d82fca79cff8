"""What Snakemake and Python wrote down about the jobs of a run."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from frism.results.jobs import kind_of_job

IMPORT = re.compile(r"^import time: +(\d+) \|", re.MULTILINE)
MICROSECOND = 1e-6


def read_jobs(logs: Path) -> pd.DataFrame:
    """Returns one row per job: `rule`, `seconds`, `startup` (seconds) and `rss` (MiB).

    Start-up is what the job itself spent on imports: the run sets PYTHONPROFILEIMPORTTIME, by which
    Python writes the time of each import into the job's log, those that a step puts off included.

    Args:
        logs: Folder of one pair, with a `<step>.tsv` and a `<step>.log` of each job.

    Raises:
        SystemExit: The folder holds no job.
    """
    rows = [_job(path, logs) for path in sorted(logs.rglob("*.tsv"))]
    if not rows:
        raise SystemExit(f"{logs} holds no benchmark files; expected one per job of a finished run")
    return pd.DataFrame(rows)


def per_rule(jobs: pd.DataFrame) -> pd.DataFrame:
    """Returns count, sum, mean and longest seconds, start-up and peak of each rule's jobs."""
    return (
        jobs.groupby("rule")
        .agg(
            jobs=("seconds", "size"),
            total=("seconds", "sum"),
            mean=("seconds", "mean"),
            longest=("seconds", "max"),
            startup=("startup", "sum"),
            rss=("rss", "max"),
        )
        .sort_values("total", ascending=False)
        .reset_index()
    )


def _job(path: Path, logs: Path) -> dict[str, str | float]:
    measured = pd.read_csv(path, sep="\t").iloc[0]
    imports = IMPORT.findall(path.with_suffix(".log").read_text(encoding="utf-8"))
    return {
        "rule": kind_of_job(path.relative_to(logs)),
        "seconds": float(measured["s"]),
        "startup": sum(map(int, imports)) * MICROSECOND,
        # missing where a job was over before its first sample
        "rss": float(measured["max_rss"]),
    }
