"""Merged checkpoints, from files to files."""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoProcessor, Qwen2_5_VLForConditionalGeneration

from frism.checkpoints.card import CARD_FILE
from frism.checkpoints.hashing import weights_hash
from frism.checkpoints.reader import INDEX_FILE, SINGLE_FILE, Checkpoint
from frism.checkpoints.subspace_folder import SubspaceFolder
from frism.distillation.questions import content_hash, read_questions
from frism.methods.registry import method, parameters_slug
from tests.pico import MATRICES, make_pico, merged_names
from tests.pico_merges import GATED, merge, merge_files, prepared, with_gates
from tests.steps import PicoMerge, train_gates_of
from tests.test_injection import injected, logits
from tests.tolerances import TOLERANCES


def load_merged(directory: Path) -> Any:
    return Qwen2_5_VLForConditionalGeneration.from_pretrained(directory, dtype=torch.float32).eval()


@pytest.mark.parametrize(
    ("slug", "design"),
    [
        ("frism", {}),
        ("frism", {"energy": 0.6}),
        ("frism", {"modules": "without_k"}),
        ("frism_random", {}),
        ("head_gates", {}),
        ("block_gates", {}),
        ("layer_gates", {}),
        ("ada_rank", {}),
    ],
)
def test_merged_checkpoint_is_the_injected_model(
    pico_merge: PicoMerge, tmp_path: Path, slug: str, design: dict[str, Any]
) -> None:
    """The very numbers that the gates were trained with."""
    learned = method(slug).learned
    assert learned is not None
    parameters = (GATED if slug != "ada_rank" else {"lambda_lrm": 1.0}) | design
    train_gates_of(pico_merge, tmp_path / "gates", slug, parameters_slug(parameters))
    files = replace(pico_merge, gates=tmp_path / "gates")
    merge(files, tmp_path / "m", slug, parameters)
    kind, activation, directions = learned.granularity, learned.activation, learned.directions
    model, injection = injected(
        pico_merge, kind, activation=activation, directions=directions, **design
    )
    trained = load_file(tmp_path / "gates" / "gates.safetensors")
    with torch.no_grad():
        for name, gate in injection.gates.items():
            gate.copy_(trained[name])
    assert torch.equal(logits(load_merged(tmp_path / "m")), logits(model))
    AutoProcessor.from_pretrained(tmp_path / "m")


def test_task_arithmetic_merge_equals_numpy(pico_merge: PicoMerge, tmp_path: Path) -> None:
    merged = merge(pico_merge, tmp_path / "m", "task_arithmetic", {"lambda": 0.3})
    models = pico_merge.models
    roles = {role: Checkpoint(getattr(models, role)) for role in ("vlm", "base", "lrm")}
    names = merged_names(merged)
    for name in merged.tensors:
        found = merged.tensor(name)
        own = roles["vlm"].tensor(name)
        if name not in names:
            assert torch.equal(found, own), name
            continue
        w_base, w_lrm = (roles[role].tensor(name).double().numpy() for role in ("base", "lrm"))
        expected = own.double().numpy() + 0.3 * (w_lrm - w_base)
        np.testing.assert_allclose(found.numpy(), expected, **TOLERANCES[torch.float32])


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("slug", ["frism", "head_gates", "model_gate"])
def test_closed_gates_write_the_vlm_bit_for_bit(
    tmp_path: Path, dtype: torch.dtype, slug: str
) -> None:
    files = prepared(make_pico(tmp_path, tied=False, dtype=dtype), tmp_path, slug)
    closed = with_gates(files, tmp_path / "closed", -torch.inf)
    merge(closed, tmp_path / "m", slug)
    original = files.models.vlm / SINGLE_FILE
    assert (tmp_path / "m" / SINGLE_FILE).read_bytes() == original.read_bytes()


def test_lambda_zero_keeps_even_negative_zeros(tmp_path: Path) -> None:
    models = make_pico(tmp_path)
    tensors = load_file(models.vlm / SINGLE_FILE)
    tensors["model.layers.0.mlp.up_proj.weight"][:] = -0.0
    save_file(tensors, models.vlm / SINGLE_FILE, metadata={"format": "pt"})
    files = prepared(models, tmp_path)
    merge(files, tmp_path / "m", "task_arithmetic", {"lambda": 0.0})
    assert weights_hash(tmp_path / "m") == weights_hash(models.vlm)


def test_open_gates_equal_task_arithmetic(pico_merge: PicoMerge, tmp_path: Path) -> None:
    opened = merge(with_gates(pico_merge, tmp_path / "open", torch.inf), tmp_path / "m")
    arithmetic = merge(pico_merge, tmp_path / "ta", "task_arithmetic", {"lambda": 1.0})
    for name in opened.tensors:
        torch.testing.assert_close(
            opened.tensor(name), arithmetic.tensor(name), **TOLERANCES[torch.float32]
        )


def test_bfloat16_merge_is_rounded_once(tmp_path: Path) -> None:
    models = make_pico(tmp_path, dtype=torch.bfloat16)
    merged = merge(prepared(models, tmp_path), tmp_path / "m", "task_arithmetic", {"lambda": 0.7})
    name = "model.layers.1.self_attn.o_proj.weight"
    roles = [Checkpoint(d).tensor(name).double() for d in (models.vlm, models.lrm, models.base)]
    exact = roles[0] + 0.7 * (roles[1] - roles[2])
    assert merged.tensor(name).dtype == torch.bfloat16
    torch.testing.assert_close(merged.tensor(name).double(), exact, **TOLERANCES[torch.bfloat16])


@pytest.mark.parametrize("tied", [True, False])
def test_shards_and_ties_do_not_matter(tmp_path: Path, tied: bool) -> None:
    whole = make_pico(tmp_path / "whole", tied=tied)
    parts = make_pico(tmp_path / "parts", tied=tied, max_shard_size="20KB")
    one = merge(prepared(whole, tmp_path / "whole"), tmp_path / "one")
    many = merge(prepared(parts, tmp_path / "parts"), tmp_path / "many")
    assert [f.name for f in many.weight_files] == [
        f.name for f in Checkpoint(parts.vlm).weight_files
    ]
    assert len(many.weight_files) > 2
    assert (tmp_path / "many" / INDEX_FILE).read_bytes() == (parts.vlm / INDEX_FILE).read_bytes()
    assert weights_hash(one.directory) == weights_hash(many.directory)
    ours, theirs = load_merged(one.directory), load_merged(many.directory)
    assert torch.equal(logits(ours), logits(theirs))


def test_merge_is_the_same_twice_and_carries_its_card(
    pico_merge: PicoMerge, tmp_path: Path
) -> None:
    for name in ("one", "two"):
        merge(pico_merge, tmp_path / name)
    for file in (CARD_FILE, SINGLE_FILE):
        assert (tmp_path / "one" / file).read_bytes() == (tmp_path / "two" / file).read_bytes()
    card, models = json.loads((tmp_path / "one" / CARD_FILE).read_text()), pico_merge.models
    assert card["weights"] == {
        "base": weights_hash(models.base),
        "lrm": weights_hash(models.lrm),
        "merged": weights_hash(tmp_path / "one"),
        "vlm": weights_hash(models.vlm),
    }
    assert (card["method"], card["parameters"]) == ("frism", GATED)
    total, lrm = len(Checkpoint(models.vlm).tensors), len(Checkpoint(models.lrm).tensors)
    counts = {fate: entry["count"] for fate, entry in card["tensors"].items()}
    assert counts == {"matched": MATRICES, "copied": total - MATRICES, "skipped": lrm - MATRICES}
    assert card["versions"]["torch"].split("+")[0] == torch.__version__.split("+")[0]


def test_card_names_the_content_of_every_input(pico_merge: PicoMerge, tmp_path: Path) -> None:
    files = merge_files(pico_merge)
    assert files.gates is not None
    subspaces = {"subspaces": SubspaceFolder(pico_merge.subspaces).content}
    for slug, parameters, expected in (
        ("task_arithmetic", {"lambda": 1.0}, {}),
        ("star", {"lambda": 1.0, "eta": 0.5}, subspaces),
        ("frism", GATED, subspaces | {"gates": sha256(files.gates)}),
    ):
        merge(pico_merge, tmp_path / slug, slug, parameters)
        card = json.loads((tmp_path / slug / CARD_FILE).read_text())
        assert card["inputs"] == expected


def test_card_tells_how_gates_were_trained(pico_merge: PicoMerge, tmp_path: Path) -> None:
    models = pico_merge.models
    merge(pico_merge, tmp_path / "m")
    assert json.loads((tmp_path / "m" / CARD_FILE).read_text())["gates"] == {
        "base": weights_hash(models.base),
        "lrm": weights_hash(models.lrm),
        "vlm": weights_hash(models.vlm),
        "subspaces": SubspaceFolder(pico_merge.subspaces).content,
        "objective": "distillation",
        "granularity": "direction",
        "activation": "sigmoid",
        "directions": "lrm",
        "energy": 1.0,
        "modules": "all",
        "calibration": "mixed",
        "images": 0,
        **GATED,
        "questions": sha256(models.calibration),
        "shown": content_hash(read_questions(models.calibration, 12)),
        "examples": 12,
        "steps": 4,
        "batch_size": 5,
        "learning_rate": 0.5,
        "normalisation": "spectrum",
        "seed": 0,
        "accumulation": 1,
        "validation": 0,
        "validate_every": 10,
        "patience": 0,
        "dtype": "float32",
        "device": "cpu",
        "offload": False,
        "gradient_checkpointing": False,
        "generation_batch": 256,
        "trust_remote_code": False,
    }
    merge(pico_merge, tmp_path / "ta", "task_arithmetic", {"lambda": 1.0})
    assert json.loads((tmp_path / "ta" / CARD_FILE).read_text())["gates"] is None


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
