"""The plan of one merge: the first lines of its log."""

from __future__ import annotations

from pathlib import Path

from frism.merging.sources import FileSources
from frism.methods.method import Method
from frism.planning.costs import merge_cost
from frism.planning.measurement import measure
from frism.planning.models import of_sources
from frism.planning.norms import module_norms
from frism.planning.report import costs_table, fates_table, models_table, norms_table, warnings

# the first and the last: enough to see a wrong base, and quick
LAYERS = 2


def merge_plan(sources: FileSources, method: Method, output: Path) -> list[str]:
    """Returns the lines that say what a merge will do.

    Args:
        sources: The models and files of the merge.
        method: How they are merged.
        output: Where the merged checkpoint will lie.
    """
    pair = of_sources(sources)
    norms = module_norms(pair.lrm, pair.base, sources.matrices, LAYERS)
    factors = _size(sources.files.subspaces) if method.decomposed else 0
    cost = merge_cost(pair.size, measure(output.parent, decompositions=False), "merge", factors)
    blocks = [
        models_table(pair),
        fates_table(pair, method.vectors),
        norms_table(norms),
        warnings(pair, norms),
        costs_table([cost]),
    ]
    return [line for block in blocks if block for line in (*block, "")]


def _size(folder: Path | None) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*.safetensors")) if folder else 0
