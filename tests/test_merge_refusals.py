"""Merges that are refused: files of other models, gates of other designs, broken weights."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

from frism.checkpoints.card import CARD_FILE
from frism.checkpoints.hashing import weights_hash
from frism.checkpoints.reader import SINGLE_FILE
from frism.errors import FrismError, MergeError
from frism.merging.apply import merge_checkpoint
from frism.methods.registry import method
from tests.pico import make_pico
from tests.pico_merges import GATED, merge, merge_files
from tests.steps import PicoMerge, run_step


def test_subspaces_of_another_base_are_refused(pico_merge: PicoMerge, tmp_path: Path) -> None:
    models, files = pico_merge.models, merge_files(pico_merge)
    for name, base in (("svd", models.base), ("other", models.lrm)):
        run_step("svd", base=base, tuned=models.vlm, role="vlm", output=tmp_path / name)
    parameters = {"lambda": 1.0}
    mixed = replace(files, vlm_base=models.base, vlm_subspaces=tmp_path / "other")
    with pytest.raises(MergeError, match=r"other was made with base .*, but this merge has"):
        merge_checkpoint(mixed, method("tsv_m"), parameters, tmp_path / "m")
    assert not (tmp_path / "m").exists()
    right = replace(mixed, vlm_subspaces=tmp_path / "svd")
    merge_checkpoint(right, method("tsv_m"), parameters, tmp_path / "m")
    card = json.loads((tmp_path / "m" / CARD_FILE).read_text())
    assert card["weights"]["vlm_base"] == card["weights"]["base"] == weights_hash(models.base)


def test_files_of_other_models_are_refused(pico_merge: PicoMerge, tmp_path: Path) -> None:
    other = make_pico(tmp_path / "other", seed=1)
    stale = replace(pico_merge, models=replace(pico_merge.models, lrm=other.lrm))
    for slug, parameters in (("frism", GATED), ("star", {"lambda": 1.0, "eta": 0.5})):
        with pytest.raises(MergeError, match=r"was made with lrm .* make it again"):
            merge(stale, tmp_path / "m", slug, parameters)
    stale = replace(pico_merge, models=replace(pico_merge.models, vlm=other.vlm))
    with pytest.raises(MergeError, match=r"gates\.safetensors was made with vlm"):
        merge(stale, tmp_path / "m")
    with pytest.raises(MergeError, match=r"granularity direction, but this merge has matrix"):
        merge(pico_merge, tmp_path / "m", "matrix_gates")
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize(
    ("other", "message"),
    [
        ({"lambda_lrm": 0.5}, r"made with lambda_lrm 1\.0, but this merge has 0\.5"),
        ({"alpha": 0.3}, r"made with alpha 1\.0, but this merge has 0\.3"),
        ({"energy": 0.9}, r"made with energy 1\.0, but this merge has 0\.9"),
        ({"modules": "only_q"}, "made with modules all, but this merge has only_q"),
        ({"calibration": "noise"}, "made with calibration mixed, but this merge has noise"),
        ({"images": 8.0}, r"made with images 0, but this merge has 8\.0"),
    ],
)
def test_gates_of_other_parameters_are_refused(
    pico_merge: PicoMerge, tmp_path: Path, other: dict[str, Any], message: str
) -> None:
    with pytest.raises(MergeError, match=message):
        merge(pico_merge, tmp_path / "m", "frism", GATED | other)


@pytest.mark.parametrize(
    ("slug", "message"),
    [
        ("matrix_gates", "granularity direction, but this merge has matrix"),
        ("frism_random", "directions lrm, but this merge has random"),
    ],
)
def test_gates_of_another_design_are_refused(
    pico_merge: PicoMerge, tmp_path: Path, slug: str, message: str
) -> None:
    with pytest.raises(MergeError, match=message):
        merge(pico_merge, tmp_path / "m", slug)


def test_gates_are_needed(pico_merge: PicoMerge, tmp_path: Path) -> None:
    files = replace(merge_files(pico_merge), gates=None)
    with pytest.raises(FrismError, match=r"needs learned gates; .* --gates"):
        merge_checkpoint(files, method("frism"), GATED, tmp_path / "m")


def test_infinite_weights_are_refused(tmp_path: Path) -> None:
    models = make_pico(tmp_path)
    name = "model.layers.0.mlp.up_proj.weight"
    tensors = load_file(models.lrm / SINGLE_FILE)
    tensors[name][0, 0] = torch.inf
    save_file(tensors, models.lrm / SINGLE_FILE, metadata={"format": "pt"})
    files = PicoMerge(models, tmp_path / "svd", tmp_path / "gates")
    with pytest.raises(MergeError, match=rf"'{name}' has 1 values that are infinite"):
        merge(files, tmp_path / "m", "task_arithmetic", {"lambda": 1.0})
    with pytest.raises(MergeError, match=rf"no numbers in tensor '{name}'"):
        merge(files, tmp_path / "m", "br2v_linear", {"a": 0.5})
    assert not (tmp_path / "m").exists()


@pytest.mark.parametrize(("dtype", "entry"), [(torch.float16, 6e4), (torch.bfloat16, 3e38)])
def test_a_merge_that_overflows_the_vlms_type_is_refused(
    tmp_path: Path, dtype: torch.dtype, entry: float
) -> None:
    models, name = make_pico(tmp_path, dtype=dtype), "model.layers.0.mlp.up_proj.weight"
    for folder in (models.vlm, models.lrm):
        tensors = load_file(folder / SINGLE_FILE)
        tensors[name][0, 0] = entry
        save_file(tensors, folder / SINGLE_FILE, metadata={"format": "pt"})
    files = PicoMerge(models, tmp_path / "svd", tmp_path / "gates")
    with pytest.raises(MergeError, match=rf"tensor '{name}'; expected finite weights in {dtype}"):
        merge(files, tmp_path / "m", "task_arithmetic", {"lambda": 1.13})
    assert not (tmp_path / "m").exists()
