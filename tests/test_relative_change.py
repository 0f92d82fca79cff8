"""How far a merge moves the weights, as its card says."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from frism.checkpoints.card import CARD_FILE
from frism.checkpoints.reader import Checkpoint
from frism.merging.change import BLOCK, RelativeChange
from tests.pico import MATRICES, merged_names, task_vectors
from tests.pico_merges import merge
from tests.steps import PicoMerge


def test_relative_change_is_lambda_times_the_ratio_of_norms(
    pico_merge: PicoMerge, tmp_path: Path
) -> None:
    taus, vlm = task_vectors(pico_merge.models), Checkpoint(pico_merge.models.vlm)
    tau = np.concatenate([each.double().numpy().ravel() for each in taus.values()])
    own = [vlm.tensor(name).double().numpy().ravel() for name in merged_names(vlm)]
    ratio = np.linalg.norm(tau) / np.linalg.norm(np.concatenate(own))
    for factor in (0.0, 0.3, 1.0):
        parameters = {"lambda": factor}
        merge(pico_merge, tmp_path / str(factor), "task_arithmetic", parameters)
        card = json.loads((tmp_path / str(factor) / CARD_FILE).read_text())
        assert card["relative_change"] == pytest.approx(factor * ratio, rel=1e-5, abs=0)


def test_relative_change_counts_norms_and_biases_that_are_merged(
    pico_merge: PicoMerge, tmp_path: Path
) -> None:
    merged = merge(pico_merge, tmp_path / "m", "br2v_linear", {"a": 0.5})
    vlm = Checkpoint(pico_merge.models.vlm)
    names = list(merged_names(vlm, vectors=True))
    assert len(names) > MATRICES
    own, found = (
        np.concatenate([each.tensor(name).double().numpy().ravel() for name in names])
        for each in (vlm, merged)
    )
    card = json.loads((tmp_path / "m" / CARD_FILE).read_text())
    expected = np.linalg.norm(found - own) / np.linalg.norm(own)
    assert card["relative_change"] == pytest.approx(expected, rel=1e-9, abs=0)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16, torch.float64])
def test_large_matrices_are_summed_block_by_block(dtype: torch.dtype) -> None:
    own = torch.randn(BLOCK // 100, 201, dtype=torch.float64).to(dtype)
    merged = (own + 0.1 * torch.randn_like(own)).to(dtype)
    wide = torch.randn(3, BLOCK + 1, dtype=torch.float64).to(dtype)
    before = merged.clone()
    change = RelativeChange()
    for pair in ((own, merged), (wide, wide)):
        change.add(*pair)
    moved, first = ((merged.double() - own.double()), torch.cat([own.ravel(), wide.ravel()]))
    expected = moved.numpy().ravel(), first.double().numpy()
    ratio = np.linalg.norm(expected[0]) / np.linalg.norm(expected[1])
    assert change.value == pytest.approx(ratio, rel=1e-5 if dtype == torch.bfloat16 else 1e-12)
    assert torch.equal(merged, before)
    assert RelativeChange.of([change.taken()["change"]]) == pytest.approx(ratio, rel=1e-5)
    assert change.value == 0
