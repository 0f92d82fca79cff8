"""The plan of a pair as text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from frism.checkpoints.compatibility import notes
from frism.planning.costs import Cost
from frism.planning.fates import Fate, fates, mismatches
from frism.planning.models import PlannedPair
from frism.planning.norms import TOO_LARGE, ModuleNorm
from frism.text_table import Rows, amount, duration, table

MOST_SHOWN = 20


def models_table(pair: PlannedPair) -> list[str]:
    """Returns what the models are and where their language models are."""
    rows = [
        [
            role,
            source.reference + (" (headers only)" if source.remote else ""),
            str(len(source.model.checkpoint.tensors)),
            amount(source.nbytes),
            f"{len(source.model.matrices)} in {source.model.found}",
        ]
        for role, source in pair.sources.items()
    ]
    return table(["model", "where", "tensors", "size", "matrices"], rows)


def fates_table(pair: PlannedPair, vectors: bool = False) -> list[str]:
    """Returns what becomes of the tensors, by class; then those that do not fit."""
    lines = table(
        ["tensors", "class", "number", "size", "shapes"], _fate_rows(fates(pair, vectors))
    )
    odd = mismatches(pair)
    if odd:
        more = [f"  and {len(odd) - MOST_SHOWN} more"] if len(odd) > MOST_SHOWN else []
        lines += ["", f"mismatched ({len(odd)}), so this pair cannot be merged:"]
        lines += [f"  {line}" for line in odd[:MOST_SHOWN]] + more
    return lines


def norms_table(norms: Sequence[ModuleNorm]) -> list[str]:
    """Returns how far the LRM moved from its base, by kind of matrix."""
    rows = [
        [
            each.module,
            str(len(each.norms)),
            f"{each.mean:.4f}",
            f"{min(each.norms.values()):.4f}",
            f"{max(each.norms.values()):.4f}",
        ]
        for each in norms
    ]
    return table(["||tau||/||W||", "layers", "mean", "smallest", "largest"], rows)


def warnings(pair: PlannedPair, norms: Sequence[ModuleNorm]) -> list[str]:
    """Returns what shapes do not show and a reader of the merge should know."""
    vlm = pair.vlm.checkpoint
    found = notes(vlm, pair.lrm.checkpoint, "the LRM") + notes(
        vlm, pair.base.checkpoint, "the base"
    )
    if not any(each.kind == "vision" for each in fates(pair) if each.fate == "copied"):
        found.append(
            "the VLM has no tensors but those of a language model: are vlm and lrm swapped?"
        )
    large = [each for each in norms if each.mean > TOO_LARGE]
    if large:
        worst = max(large, key=lambda each: each.mean)
        found.append(
            f"||tau||/||W|| of {worst.module} is {worst.mean:.2f}, more than {TOO_LARGE}: the base "
            "is probably not what the LRM was tuned from (two models trained apart come to 1.4)"
        )
    return [f"warning: {each}" for each in found]


def costs_table(costs: Iterable[Cost]) -> list[str]:
    """Returns what each step costs."""
    rows = [
        [c.step, amount(c.reads), amount(c.writes), amount(c.memory), duration(c.seconds), c.note]
        for c in costs
    ]
    return table(["step", "reads", "writes (disk)", "peak memory", "time", ""], rows)


def _fate_rows(found: Iterable[Fate]) -> Rows:
    return [
        [each.fate, each.kind, str(each.count), amount(each.nbytes), _shapes(each.shapes)]
        for each in found
    ]


def _shapes(shapes: Sequence[tuple[int, ...]], most: int = 3) -> str:
    words = ["x".join(map(str, shape)) or "scalar" for shape in shapes[:most]]
    return ", ".join(words) + (f", {len(shapes) - most} more" if len(shapes) > most else "")
