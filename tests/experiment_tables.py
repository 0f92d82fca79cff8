"""Tables of an experiment with known numbers, gates and spectra of its families."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
import torch
from safetensors.numpy import save_file

from frism.checkpoints.names import secant_key
from frism.checkpoints.subspace_folder import part_name, write_manifest, write_subspace
from frism.results.columns import BENCHMARKS, FAMILIES, LINES, SWEEP, TIMES
from frism.results.formats import write_csv
from frism.subspaces.decomposition import Subspace

SEEDS = (1, 2, 3)
VLM_REASONING, VLM_PERCEPTION = 20.0, 98.0
HALF = 2.0
MEMBERS = {"reasoning": ("FrismSolve", "FrismSum"), "perception": ("FrismRead", "FrismCount")}
MATRICES = ("self_attn.q_proj", "mlp.up_proj")
SINGULAR = np.array([3, 2, 1, 0.5], np.float32)


@dataclass(frozen=True)
class Merge:
    """A line of a table.

    Args:
        method: Slug.
        reasoning: Percent on test; validation has the same.
        perception: Percent on test; validation has the same.
        row: Values that the row is made by.
        parameters: All parameters of the chosen candidate; those of the row where not given.
        mark: `best`, `tied` or nothing.
        undefined: Why there are no numbers.
    """

    method: str
    reasoning: float = float("nan")
    perception: float = float("nan")
    row: str = "none"
    parameters: str = ""
    mark: str = ""
    undefined: str = ""

    @property
    def shared(self) -> dict[str, object]:
        """What all tables of the line share."""
        own = self.parameters or self.row
        return {"method": self.method, "row": self.row, "parameters": own}


REFERENCES = (Merge("vlm", VLM_REASONING, VLM_PERCEPTION), Merge("lrm", 0.0, 2.0))


def write_experiment(directory: Path, name: str, merges: Sequence[Merge]) -> None:
    """Writes all tables of an experiment; every interval reaches 2 points to both sides."""
    lines = [*REFERENCES, *merges]
    defined = [each for each in lines if not each.undefined]
    tables = {
        "": pd.DataFrame([_line(each) for each in lines]).reindex(columns=LINES),
        "_sweep": pd.DataFrame([_swept(each) for each in defined[2:]]).reindex(columns=SWEEP),
        "_families": pd.DataFrame(
            [_of_family(each, seed) for each in defined for seed in SEEDS], columns=FAMILIES
        ),
        "_benchmarks": pd.DataFrame(
            [_on_benchmark(each, group, benchmark) for each in defined
             for group, members in MEMBERS.items() for benchmark in members]
        ).reindex(columns=BENCHMARKS),
        "_times": pd.DataFrame([_times(each) for each in defined[2:]]).reindex(columns=TIMES),
    }  # fmt: skip
    for suffix, table in tables.items():
        write_csv(directory / f"{name}{suffix}.csv", table)


def save_singular(folder: Path, singular: Mapping[str, Sequence[float]]) -> Path:
    """Writes a folder of subspaces with the given singular values by name of the matrix."""
    part = folder / part_name(1, 1)
    for name, values in singular.items():
        s = torch.tensor(np.asarray(values, np.float32))
        write_subspace(part, name, Subspace(torch.eye(len(s)), s, torch.eye(len(s))), {})
    write_manifest(part, {}, {name: {} for name in singular})
    return folder


def write_families(root: Path, gates: Mapping[str, Sequence[str]]) -> list[Path]:
    """Writes subspaces, curvature, gates and histories; returns the families' directories.

    Args:
        root: Directory of the pair.
        gates: Parameters of the candidates by method; gates are one half of each direction.
    """
    families = [root / f"seed-{seed}" for seed in SEEDS]
    names = [f"model.layers.{layer}.{each}.weight" for layer in (0, 1) for each in MATRICES]
    for family in families:
        family.mkdir(parents=True)
        save_singular(family / "subspaces", dict.fromkeys(names, SINGULAR.tolist()))
        curvature = dict.fromkeys(names, SINGULAR**4)
        curvature |= {secant_key(name): SINGULAR**3 for name in names}
        save_file(curvature, family / "curvature.safetensors")
        for method, candidates in gates.items():
            for parameters in candidates:
                folder = family / "gates" / method / parameters
                folder.mkdir(parents=True)
                size = 4 if method == "frism" else 1
                save_file(
                    {name: np.zeros(size, np.float32) for name in names},
                    folder / "gates.safetensors",
                )
                steps = [{"loss": 0.1, "kl": 0.1, "injection": -0.25, "open": 0.5}] * 3
                (folder / "training.json").write_text(json.dumps({"steps": steps}))
    return families


def _bounds(name: str, value: float) -> dict[str, float]:
    return {name: value, f"{name}_low": value - HALF, f"{name}_high": value + HALF}


def _line(each: Merge) -> dict[str, object]:
    if each.undefined:
        return {**each.shared, "undefined": each.undefined}
    return {
        **each.shared,
        **_bounds("reasoning", each.reasoning),
        **_bounds("perception", each.perception),
        **_bounds("reasoning_delta", each.reasoning - VLM_REASONING),
        **_bounds("perception_delta", each.perception - VLM_PERCEPTION),
        "candidates": 5,
        "constraint_met": each.perception >= VLM_PERCEPTION - 1,
        "mark": each.mark,
    }


def _swept(each: Merge) -> dict[str, object]:
    return {
        **each.shared,
        "chosen": True,
        "validation_reasoning": each.reasoning,
        "validation_perception": each.perception,
        "validation_perception_delta": each.perception - VLM_PERCEPTION,
        "change": 0.1,
    }


def _of_family(each: Merge, seed: int) -> dict[str, object]:
    off = seed - 2
    averages = {"reasoning": each.reasoning + off, "perception": each.perception + off}
    return {**each.shared, "family": seed, **averages}


def _on_benchmark(each: Merge, group: str, benchmark: str) -> dict[str, object]:
    score = each.reasoning if group == "reasoning" else each.perception
    vlm = VLM_REASONING if group == "reasoning" else VLM_PERCEPTION
    bounds = {**_bounds("score", score), **_bounds("delta", score - vlm)}
    return {**each.shared, "benchmark": benchmark, "group": group, **bounds}


def _times(each: Merge) -> dict[str, object]:
    gates = 400.0 if each.method == "frism" else 0.0
    stages = {"gates": gates, "merge": 5.0, "evaluate": 60.0}
    summed = {"total": gates + 65, "build": (gates + 5) / 15}
    return {**each.shared, **stages, **summed, "candidates": 5, "families": 3}
