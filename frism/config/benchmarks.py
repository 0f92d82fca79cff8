"""The benchmarks of the embedded family by group; other pairs bring their own TSV files."""

from __future__ import annotations

EMBEDDED_BENCHMARKS: dict[str, tuple[str, ...]] = {
    "reasoning": ("FrismSolve", "FrismSolveMCQ", "FrismSum"),
    "perception": ("FrismRead", "FrismItemMCQ", "FrismCount", "FrismLast"),
    "text": ("FrismSolveText",),
}
