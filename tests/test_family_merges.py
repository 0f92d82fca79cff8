"""Merges into every family of VLM: closed gates, open gates, and what no merge may touch."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from frism.checkpoints.card import CARD_FILE
from frism.injection.decoder import matrices
from tests.family_merge import FamilyMerge
from tests.tolerances import TOLERANCES
from tests.vlm_answers import ask, load_vlm, pictures
from tests.vlm_cases import CASES, case_id
from tests.vlm_families import FamilyMaker
from tests.vlm_layouts import read_weights

KINDS = ["mlp.down", "mlp.gate", "mlp.up"] + [f"self_attn.{each}" for each in "koqv"]
MATRICES = {f"model.layers.{layer}.{kind}_proj.weight" for layer in range(2) for kind in KINDS}


@pytest.fixture(scope="module", params=CASES, ids=case_id)
def made(
    request: pytest.FixtureRequest, families: FamilyMaker, tmp_path_factory: pytest.TempPathFactory
) -> FamilyMerge:
    """A family with its task vectors decomposed."""
    family, options = request.param
    folder = tmp_path_factory.mktemp(family)
    merge = FamilyMerge(family, options, families(family, **options), folder)
    merge.decompose()
    return merge


@pytest.fixture(scope="module")
def opened(made: FamilyMerge) -> Path:
    """The merge with open gates."""
    return made.merge_with_gates(np.inf)


def files_of(directory: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in sorted(directory.iterdir())}


def test_closed_gates_give_the_files_of_the_vlm_back(made: FamilyMerge) -> None:
    merged = files_of(made.merge_with_gates(-np.inf))
    card = json.loads(merged.pop(CARD_FILE))
    assert merged == files_of(made.models.vlm)
    assert (card["weights"]["merged"], card["relative_change"]) == (card["weights"]["vlm"], 0)
    # rope and head are the same in these models, only the VLM's own tokens are told
    assert len(card["notes"]) == 2 * (made.options["extra_vocabulary"] > 0)
    assert all("has vocabulary size" in note for note in card["notes"])


def test_open_gates_are_task_arithmetic_and_touch_nothing_else(
    made: FamilyMerge, opened: Path
) -> None:
    base, lrm, vlm = (
        read_weights(folder) for folder in (made.models.base, made.models.lrm, made.models.vlm)
    )
    merged = read_weights(opened)
    assert set(merged) == set(vlm)
    names = {made.own_name(canonical): canonical for canonical in MATRICES}
    for own, tensor in merged.items():
        if own not in names:
            assert torch.equal(tensor, vlm[own]), own
            continue
        w_vlm, w_base, w_lrm = (
            each.double().numpy() for each in (vlm[own], base[names[own]], lrm[names[own]])
        )
        assert tensor.dtype == made.dtype
        np.testing.assert_allclose(
            tensor.double().numpy(), w_vlm + w_lrm - w_base, **TOLERANCES[made.dtype], err_msg=own
        )


def test_all_but_weights_is_the_vlms_byte_for_byte(made: FamilyMerge, opened: Path) -> None:
    ours, theirs = files_of(opened), files_of(made.models.vlm)
    assert ours.keys() == theirs.keys() | {CARD_FILE}
    same = {name for name in theirs if ours[name] == theirs[name]}
    assert all(name.endswith(".safetensors") for name in theirs.keys() - same)
    assert same >= {"config.json", "tokenizer.json", "chat_template.jinja"}
    assert any("processor" in name for name in same)
    assert ("model.safetensors.index.json" in same) == made.options["sharded"]


def test_the_merged_model_loads_whole_and_answers_about_an_image(
    made: FamilyMerge, opened: Path
) -> None:
    model, processor = load_vlm(opened)
    weights = read_weights(opened)
    for canonical, path in matrices(model).items():
        loaded = model.get_submodule(path).weight
        assert torch.equal(loaded, weights[made.own_name(canonical)]), canonical
    assert len(ask(model, processor, pictures()[0], "What is shown?")) == 8


@pytest.mark.parametrize("family", ["qwen2_5_vl", "llava_next", "internvl_qwen3"])
def test_norms_and_biases_are_merged_where_the_method_says_so(
    family: str, families: FamilyMaker, tmp_path: Path
) -> None:
    made = FamilyMerge(family, {"bias": True}, families(family, bias=True), tmp_path)
    merged = read_weights(made.merge("m", method="br2v_linear", parameters="a=0.25"))
    lrm, vlm = read_weights(made.models.lrm), read_weights(made.models.vlm)
    inside = [name for name in lrm if name.startswith(("model.layers.", "model.norm."))]
    assert {"model.norm.weight", "model.layers.1.self_attn.q_proj.bias"} < set(inside)
    for own, canonical in {made.own_name(name): name for name in inside}.items():
        expected = 0.25 * vlm.pop(own).double().numpy() + 0.75 * lrm[canonical].double().numpy()
        found = merged.pop(own).double().numpy()
        np.testing.assert_allclose(found, expected, **TOLERANCES[torch.float32], err_msg=own)
    assert merged.keys() == vlm.keys()
    assert all(torch.equal(merged[name], vlm[name]) for name in vlm)


def test_a_tied_vlm_takes_the_task_vectors_of_an_untied_lm(
    families: FamilyMaker, tmp_path: Path
) -> None:
    models = families("qwen2_5_vl", tied=True, lm_tied=False)
    made = FamilyMerge("qwen2_5_vl", {}, models, tmp_path)
    merged = made.merge("m", method="task_arithmetic", parameters="lambda=0")
    card = json.loads((merged / CARD_FILE).read_text())
    assert card["tensors"]["skipped"]["names"]["head"] == ["lm_head.weight"]
    assert "the LRM has tied embeddings False, the VLM True; the VLM's is kept" in card["notes"]
    assert read_weights(merged).keys() == read_weights(models.vlm).keys()
    model, _ = load_vlm(merged)
    assert model.lm_head.weight is model.get_input_embeddings().weight
