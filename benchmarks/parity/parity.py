"""Holds frism's merges against mergekit's of the same checkpoints; see ../README.md."""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from checkpoints import write_checkpoints
from comparisons import COMPARISONS, Comparison
from mergers import merge_with_frism, merge_with_mergekit, prepare
from table import render

from frism.checkpoints.key_map import causal_lm
from frism.checkpoints.reader import Checkpoint
from frism.methods.registry import method, parameters_slug

# a few units in the last place of float32 at weights of about 1
TOLERANCE = 1e-6
HEADER = ("method", "parameters", "mergekit", "largest difference", "verdict")


def main() -> int:
    """Prints the largest difference of each comparison; 1 where two that must agree do not."""
    args = _arguments()
    with tempfile.TemporaryDirectory(prefix="frism-parity-") as name:
        folder = Path(name)
        write_checkpoints(folder, args.seed)
        prepare(folder)
        differences = [_difference(folder, each, number) for number, each in enumerate(COMPARISONS)]
    pairs = list(zip(COMPARISONS, differences, strict=True))
    print(render(HEADER, [_row(each, found) for each, found in pairs], args.markdown))
    return int(any(not each.difference and found > TOLERANCE for each, found in pairs))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seed", type=int, default=0, help="seed of the random checkpoints (0)")
    parser.add_argument("--markdown", action="store_true", help="print Markdown")
    return parser.parse_args()


def _difference(folder: Path, comparison: Comparison, number: int) -> float:
    """Returns the largest absolute difference over the tensors that the method merges."""
    ours, theirs = folder / f"frism-{number}", folder / f"mergekit-{number}"
    merge_with_frism(folder, comparison.method, comparison.parameters, ours)
    merge_with_mergekit(folder, comparison.mergekit, theirs)
    chosen, merged, other = method(comparison.method), Checkpoint(ours), Checkpoint(theirs)
    names = causal_lm(merged).canonical(chosen.vectors)
    return max(float((merged.tensor(n) - other.tensor(n)).abs().max()) for n in names)


def _row(comparison: Comparison, found: float) -> tuple[str, ...]:
    verdict = "agrees" if found <= TOLERANCE else f"DISAGREES, more than {TOLERANCE:g}"
    return (
        comparison.method,
        parameters_slug(comparison.parameters),
        _words(comparison),
        f"{found:.1e}",
        f"other definition: {comparison.difference}" if comparison.difference else verdict,
    )


def _words(comparison: Comparison) -> str:
    """Returns mergekit's method and the switches that are not at its defaults."""
    shared = comparison.mergekit.get("parameters", {})
    options = [f"{name}: {value}" for name, value in shared.items() if isinstance(value, bool)]
    return ", ".join([comparison.mergekit["merge_method"], *options])


if __name__ == "__main__":
    sys.exit(main())
