"""Whether models fit each other, and what becomes of each tensor."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch

from frism.checkpoints.card import tensor_class, tensor_fates
from frism.checkpoints.compatibility import match_matrices, notes
from frism.checkpoints.key_map import causal_lm, language_model
from frism.checkpoints.reader import Checkpoint
from frism.errors import CheckpointError
from tests.pico import MATRICES, Pico
from tests.test_checkpoints import NAME, write_weights


def test_partners_must_have_equal_shapes(tmp_path: Path) -> None:
    one = causal_lm(write_weights(tmp_path / "one", {NAME: torch.zeros(2, 3)}))
    other = causal_lm(write_weights(tmp_path / "other", {NAME: torch.zeros(3, 2)}))
    with pytest.raises(CheckpointError, match=rf"'{NAME}' .*\[2, 3\].*one.*\[3, 2\].*other"):
        match_matrices(one, other)


def test_partners_must_exist_on_both_sides(tmp_path: Path) -> None:
    extra = NAME.replace("layers.1", "layers.2")
    one = causal_lm(write_weights(tmp_path / "one", {NAME: torch.zeros(1, 1)}))
    both = {NAME: torch.zeros(1, 1), extra: torch.zeros(1, 1)}
    two = causal_lm(write_weights(tmp_path / "two", both))
    for source, target in ((one, two), (two, one)):
        with pytest.raises(CheckpointError, match=rf"'{extra}' of .*two.* has no partner in .*one"):
            match_matrices(source, target)
    with pytest.raises(CheckpointError, match=r"none has no layers\.<number>\.\*; expected"):
        causal_lm(write_weights(tmp_path / "none", {"a": torch.zeros(1, 1)}))


def test_differences_that_shapes_do_not_show_are_noted(tmp_path: Path) -> None:
    one = write_weights(tmp_path / "one", {"a": torch.zeros(1)})
    two = write_weights(tmp_path / "two", {"a": torch.zeros(1)})
    assert notes(one, two, "the LRM") == []
    nested = {"text_config": {"rope_parameters": {"rope_theta": 1e6}, "vocab_size": 9}}
    (tmp_path / "one" / "config.json").write_text(json.dumps(nested))
    (tmp_path / "two" / "config.json").write_text(json.dumps({"rope_theta": 1e4, "vocab_size": 9}))
    one, two = Checkpoint(one.directory), Checkpoint(two.directory)
    assert notes(one, two, "the LRM") == [
        "the LRM has rope theta 10000.0, the VLM 1000000.0; the VLM's is kept"
    ]


def test_every_tensor_has_one_fate(pico: Pico) -> None:
    vlm, lrm = causal_lm(Checkpoint(pico.vlm)), causal_lm(Checkpoint(pico.lrm))
    fates = tensor_fates(vlm, lrm)
    listed = [n for fate in ("matched", "copied") for names in fates[fate].values() for n in names]
    assert sorted(listed) == list(vlm.checkpoint.tensors)
    assert sum(map(len, fates["matched"].values())) == MATRICES
    assert set(fates["skipped"]) == {"bias", "embedding", "norm"}


def test_a_vision_tower_with_the_lrms_names_is_no_projection(tmp_path: Path) -> None:
    own = NAME.replace("model.", "text.", 1)
    weights = {NAME: torch.zeros(2, 2), own: torch.zeros(1, 1)}
    vlm = write_weights(tmp_path / "vlm", weights)
    lrm = causal_lm(write_weights(tmp_path / "lrm", {NAME: torch.zeros(1, 1)}))
    fates = tensor_fates(language_model(vlm, lrm), lrm)
    assert fates["matched"] == {"up_proj": [own]}
    assert fates["copied"] == {"vision": [NAME]}


@pytest.mark.parametrize(
    ("name", "canonical", "expected"),
    [
        ("model.text_model.layers.1.mlp.up_proj.weight", NAME, "up_proj"),
        (*["model.layers.0.self_attn.q_proj.bias"] * 2, "bias"),
        (*["model.layers.0.input_layernorm.weight"] * 2, "norm"),
        (*["model.norm.weight"] * 2, "norm"),
        ("language_model.model.embed_tokens.weight", None, "embedding"),
        ("lm_head.weight", None, "head"),
        ("visual.merger.ln_q.weight", None, "vision"),
        ("model.connector.modality_projection.proj.weight", None, "vision"),
    ],
)
def test_classes_of_tensors(name: str, canonical: str | None, expected: str) -> None:
    assert tensor_class(name, canonical) == expected
