"""Times a cold run of the workflow and a second one that has nothing to do; see README.md."""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pandas as pd
from jobs import per_rule, read_jobs
from table import render

from frism.config.load import load

ROOT = Path(__file__).resolve().parents[1]
RULES = ("rule", "jobs", "sum s", "mean s", "longest s", "start-up s", "peak MiB")
COLD_MINUTES, SECOND_SECONDS, JOB_GIB, STARTUP_PERCENT = 30, 8, 3, 15
KIB_PER_GIB, MIB_PER_GIB = 1 << 20, 1 << 10


class Run(NamedTuple):
    """A run of Snakemake that succeeded."""

    seconds: float
    output: str


def main() -> None:
    """Runs the workflow twice in a copy of the repository and prints what it took."""
    args = _arguments()
    config = args.config.resolve()
    settings = load(config).config
    name, pair = settings.name, settings.pairs[0]
    # a configuration of the repository is taken from its copy
    config = config.relative_to(ROOT) if config.is_relative_to(ROOT) else config
    command = ["--configfile", str(config), "--cores", args.cores]
    with _copy(args.keep) as folder:
        cold = _snakemake(folder, command, {"PYTHONPROFILEIMPORTTIME": "1"})
        largest = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / KIB_PER_GIB
        second = _snakemake(folder, command, {})
        jobs = read_jobs(folder / "results" / name / "logs" / pair)
    if "Nothing to be done" not in second.output:
        raise SystemExit("the second run found something to do; expected 'Nothing to be done'")
    print(render(RULES, per_rule(jobs).to_numpy().tolist(), args.markdown), end="\n\n")
    header = ("measured", "value", "limit", "")
    print(render(header, _verdicts(cold, second, jobs, largest), args.markdown))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--config", type=Path, default=ROOT / "config" / "config.yaml")
    parser.add_argument("--cores", default="all", help="cores that Snakemake may use")
    parser.add_argument("--keep", type=Path, help="new folder for the run, which then stays")
    parser.add_argument("--markdown", action="store_true", help="print the tables as Markdown")
    args = parser.parse_args()
    if args.keep and args.keep.exists():
        parser.error(f"--keep: {args.keep} exists already; expected a new folder")
    return args


@contextmanager
def _copy(keep: Path | None) -> Iterator[Path]:
    """Yields a folder with the tracked files as they are in the working tree."""
    listed = subprocess.check_output(["git", "ls-files", "-z"], cwd=ROOT, text=True)
    with tempfile.TemporaryDirectory(prefix="frism-benchmark-") as temporary:
        folder = Path(temporary, "frism") if keep is None else keep.resolve()
        folder.mkdir(parents=True)
        for name in listed.rstrip("\0").split("\0"):
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name, follow_symlinks=False)
        yield folder


def _snakemake(folder: Path, words: list[str], variables: dict[str, str]) -> Run:
    """Runs Snakemake, whose output goes to standard error as it comes.

    Raises:
        SystemExit: It failed.
    """
    path = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]])
    # the copy's package goes before one that is installed
    environment = os.environ | {"PATH": path, "PYTHONPATH": str(folder)} | variables
    start, lines = time.monotonic(), []
    with subprocess.Popen(
        [sys.executable, "-m", "snakemake", *words],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    ) as process:
        for line in process.stdout or ():
            if not line.startswith("import time:"):
                lines.append(line)
                print(line, end="", file=sys.stderr)
    if process.returncode:
        raise SystemExit(f"snakemake {' '.join(words)} ended with status {process.returncode}")
    return Run(time.monotonic() - start, "".join(lines))


def _verdicts(
    cold: Run, second: Run, jobs: pd.DataFrame, largest: float
) -> list[tuple[str, str, str, str]]:
    """Returns each quantity that has a limit, in words.

    Args:
        cold: The first run.
        second: The run that had nothing to do.
        jobs: One row per job of the first.
        largest: GiB of the largest process, by the kernel's account: Snakemake samples every half
            second at best and may miss a peak.
    """
    share = 100 * jobs["startup"].sum() / jobs["seconds"].sum()
    peak = max(largest, jobs["rss"].max() / MIB_PER_GIB)
    return [
        _verdict("cold run", cold.seconds / 60, COLD_MINUTES, "min"),
        _verdict("second run, nothing to do", second.seconds, SECOND_SECONDS, "s"),
        _verdict("largest job", peak, JOB_GIB, "GiB"),
        _verdict("start-up of all jobs", share, STARTUP_PERCENT, "% of job seconds"),
    ]


def _verdict(quantity: str, value: float, limit: int, unit: str) -> tuple[str, str, str, str]:
    mark = "PASS" if value <= limit else "OVER LIMIT"
    return quantity, f"{value:.2f} {unit}", f"{limit} {unit}", mark


if __name__ == "__main__":
    main()
