"""Times merges by frism against mergekit's, of the same files and in turns; see README.md."""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from statistics import median

from merge_agreement import differences
from merge_inputs import make_checkpoints
from merge_programs import ROOT, WORKS, Programs
from processes import Usage
from table import Row, render

from frism.checkpoints.card import CARD_FILE
from frism.checkpoints.reader import Checkpoint

MIB, MILLION, NANO = 2**20, 1e6, 1e-9
PEER = "mergekit"
HEADER = (
    *("method", "program", "seconds", "ratio", "CPU s", "ratio", "start-up s", "peak MiB", "ratio"),
    *("merged, millions", "ns each"),
)

Run = Callable[[], Usage]


def main() -> int:
    """Prints the table and how far the merges differ; 1 where the difference is not rounding."""
    args = _arguments()
    make_checkpoints(args.folder, args.layers)
    programs = Programs(args.folder, args.mergekit, args.threads)
    rows: list[Row] = []
    notes, unexplained = [], 0.0
    for method in args.methods:
        taken = _in_turns(_runs(programs, method, args.bfloat16), args.repeats)
        ours, theirs = args.folder / "frism", args.folder / f"{PEER}-float32"
        found = differences(args.folder, ours, theirs, WORKS[method].density)
        unexplained += found["unexplained"]
        rows += _rows(args.folder, method, taken)
        notes.append(_words(method, found))
    loads = " and ".join(f"{load:.1f}" for load in os.getloadavg()[::2])
    print(f"Medians of {args.repeats} runs, {args.threads} threads; mean load {loads}\n")
    print(render(HEADER, rows, args.markdown), "", *notes, sep="\n")
    return int(unexplained > 0)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--folder", type=Path, default=ROOT / "build" / "merges")
    parser.add_argument("--layers", type=int, default=24, help="of new checkpoints (24)")
    parser.add_argument("--methods", nargs="+", choices=WORKS, default=list(WORKS))
    parser.add_argument("--repeats", type=int, default=3, help="runs of each program (3)")
    parser.add_argument("--threads", type=int, default=2, help="of each program (2)")
    parser.add_argument("--bfloat16", action="store_true", help="mergekit in bfloat16, too")
    parser.add_argument("--mergekit", type=Path, default=ROOT / ".venv-parity" / "bin")
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    args = parser.parse_args()
    args.folder, args.mergekit = args.folder.resolve(), args.mergekit.absolute()
    if not (args.mergekit / "mergekit-yaml").exists():
        parser.error(f"--mergekit: {args.mergekit} holds no mergekit-yaml; run `make parity` first")
    return args


def _runs(programs: Programs, method: str, bfloat16: bool) -> dict[str, Run]:
    """Returns what is run in turns, by name; names of start-ups end in `start`."""
    runs: dict[str, Run] = {
        PEER: partial(programs.mergekit, method, "float32"),
        "frism": partial(programs.frism, method, known=False),
        "frism, models hashed before": partial(programs.frism, method, known=True),
    }
    if bfloat16:
        runs[f"{PEER}, bfloat16 arithmetic"] = partial(programs.mergekit, method, "bfloat16")
    starts = {f"{program} start": partial(programs.start, program) for program in ("frism", PEER)}
    return runs | starts


def _in_turns(runs: Mapping[str, Run], repeats: int) -> dict[str, Usage]:
    """Returns the medians; in turns, so that a busy moment does not fall on one program alone."""
    taken: dict[str, list[Usage]] = {name: [] for name in runs}
    for _ in range(repeats):
        for name, run in runs.items():
            taken[name].append(run())
            print(name, *(f"{value:.2f}" for value in taken[name][-1]), file=sys.stderr, flush=True)
    return {
        name: Usage(*(median(values) for values in zip(*each, strict=True)))
        for name, each in taken.items()
    }


def _rows(folder: Path, method: str, taken: Mapping[str, Usage]) -> list[Row]:
    peer, rows = taken[PEER], list[Row]()
    for name, usage in taken.items():
        if name.endswith(" start"):
            continue
        program = name.split(",")[0]
        merged = _merged(folder / program) if program != PEER else _all(folder / "base")
        times = (usage.seconds, usage.seconds / peer.seconds, usage.cpu, usage.cpu / peer.cpu)
        peak = (usage.peak / MIB, usage.peak / peer.peak)
        start = taken[f"{program} start"].seconds
        share = (merged / MILLION, usage.seconds / merged / NANO)
        rows.append((method, name, *times, start, *peak, *share))
    return rows


def _all(directory: Path) -> int:
    """Returns the number of parameters of a checkpoint: mergekit merges all."""
    return sum(math.prod(info.shape) for info in Checkpoint(directory).tensors.values())


def _merged(directory: Path) -> int:
    """Returns the number of parameters that frism merged, by its card."""
    card = json.loads((directory / CARD_FILE).read_text())
    names = [name for names in card["tensors"]["matched"]["names"].values() for name in names]
    return sum(math.prod(Checkpoint(directory).info(name).shape) for name in names)


def _words(method: str, found: Mapping[str, float]) -> str:
    entries = found["entries"]
    return (
        f"{method}: of {entries:,.0f} entries that both merged {found['different']:,.0f} differ, "
        f"at most by {found['largest']:.1e}; {found['beyond rounding']:,.0f} by more than the last "
        f"place of bfloat16, {found['unexplained']:,.0f} of them not where a magnitude equals the "
        "smallest that is kept"
    )


if __name__ == "__main__":
    sys.exit(main())
