"""The benchmarks of the embedded family by group; other pairs bring their own TSV files."""

from __future__ import annotations

from frism.config.suites import BenchmarkGroup, Group, Suite

EMBEDDED_BENCHMARKS: dict[Group, tuple[str, ...]] = {
    "reasoning": ("FrismSolve", "FrismSolveMCQ", "FrismSum"),
    "perception": ("FrismRead", "FrismItemMCQ", "FrismCount", "FrismLast"),
    "text": ("FrismSolveText",),
}
EMBEDDED_SUITE = Suite.model_validate(
    {
        group: BenchmarkGroup(judge="rule", benchmarks=names)
        for group, names in EMBEDDED_BENCHMARKS.items()
    }
)
