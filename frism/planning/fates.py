"""What becomes of each tensor: matched, mismatched, copied or skipped."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from frism.checkpoints.card import tensor_fates
from frism.checkpoints.key_map import LanguageModel
from frism.planning.models import PlannedPair


@dataclass(frozen=True)
class Fate:
    """Tensors of one class with one fate.

    Args:
        fate: `matched` (merged), `copied` (the VLM's own) or `skipped` (of the LRM, unused).
        kind: Projection, bias, norm, embedding, head or vision.
        count: Number of tensors.
        shapes: Their shapes, each once.
        nbytes: Their size in the checkpoint.
    """

    fate: str
    kind: str
    count: int
    shapes: tuple[tuple[int, ...], ...]
    nbytes: int


def fates(pair: PlannedPair, vectors: bool = False) -> list[Fate]:
    """Returns the fates of all tensors, by fate and class.

    Args:
        pair: The models.
        vectors: Whether norms and biases of the language model are merged, too.
    """
    owners = {"matched": pair.vlm, "copied": pair.vlm, "skipped": pair.lrm}
    found = tensor_fates(pair.vlm, pair.lrm, vectors)
    return [
        _fate(fate, kind, names, owners[fate])
        for fate, classes in found.items()
        for kind, names in classes.items()
    ]


def mismatches(pair: PlannedPair) -> list[str]:
    """Returns a line for each matrix that keeps the pair from being merged."""
    lines = []
    for role, match in pair.matches().items():
        lines += [
            f"{name}: {list(ours)} in the VLM ({_file(pair, 'vlm', name)}), {list(theirs)} in the "
            f"{role} ({_file(pair, role, name)})"
            for name, (ours, theirs) in match.mismatched.items()
        ]
        lines += [f"{name}: in the VLM, not in the {role}" for name in match.missing]
        lines += [f"{name}: in the {role}, not in the VLM" for name in match.extra]
    return lines


def _file(pair: PlannedPair, role: str, name: str) -> str:
    model = pair.sources[role].model
    return model.checkpoint.info(model.names[name]).file.name


def merged_bytes(found: Iterable[Fate]) -> Mapping[str, int]:
    """Returns the bytes of each fate."""
    total: dict[str, int] = {}
    for each in found:
        total[each.fate] = total.get(each.fate, 0) + each.nbytes
    return total


def _fate(fate: str, kind: str, names: list[str], owner: LanguageModel) -> Fate:
    infos = [owner.checkpoint.info(name) for name in names]
    shapes = tuple(dict.fromkeys(info.shape for info in infos))
    return Fate(fate, kind, len(names), shapes, sum(info.nbytes for info in infos))
