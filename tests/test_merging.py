"""Merged checkpoints, from files to files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
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
from frism.checkpoints.names import canonical_name, vector_name
from frism.checkpoints.reader import SINGLE_FILE, Checkpoint
from frism.checkpoints.tensors import TensorFile, write_tensors
from frism.cli.main import main
from frism.errors import FrismError, MergeError
from frism.merging.apply import merge_checkpoint
from frism.merging.sources import MergeFiles
from frism.methods.registry import method, parameters_slug
from tests.pico import MATRICES, Pico, make_pico
from tests.steps import PicoMerge, run_step, train_gates_of
from tests.test_injection import injected, logits
from tests.tolerances import TOLERANCES

GATED = {"alpha": 1.0, "lambda_lrm": 1.0}


def merge_files(files: PicoMerge) -> MergeFiles:
    gates, models = files.gates / "gates.safetensors", files.models
    return MergeFiles(
        models.vlm, models.base, models.lrm, files.task_vectors, files.subspaces, gates
    )


def merge(
    files: PicoMerge,
    output: Path,
    slug: str = "frism",
    parameters: Mapping[str, Any] = GATED,
    **options: int,
) -> Checkpoint:
    merge_checkpoint(merge_files(files), method(slug), parameters, output, **options)
    return Checkpoint(output)


def with_gates(files: PicoMerge, directory: Path, value: float) -> PicoMerge:
    """Returns the same files with every raw gate set to `value`."""
    trained = TensorFile(files.gates / "gates.safetensors")
    gates = {name: torch.full_like(trained[name], value) for name in trained.tensors}
    write_tensors(directory / "gates.safetensors", gates, trained.metadata)
    return replace(files, gates=directory)


def prepared(models: Pico, directory: Path, slug: str = "frism") -> PicoMerge:
    """Runs the steps that lead to a merge."""
    files = PicoMerge(models, directory / "taus", directory / "svd", directory / "gates")
    taus = {"base": models.base, "tuned": models.lrm, "role": "lrm"}
    run_step("task-vectors", **taus, output=files.task_vectors)
    run_step("svd", task_vectors=files.task_vectors, output=files.subspaces)
    train_gates_of(files, files.gates, slug)
    return files


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
    for name in merged.tensors:
        found = merged.tensor(name)
        own = roles["vlm"].tensor(name)
        if canonical_name(name) is None:
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
    many = merge(prepared(parts, tmp_path / "parts"), tmp_path / "many", shard_bytes=30_000)
    assert len(many.weight_files) > 2
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
    inputs = {"task_vectors": files.task_vectors, "subspaces": files.subspaces}
    for slug, parameters, given in (
        ("task_arithmetic", {"lambda": 1.0}, inputs),
        ("frism", GATED, inputs | {"gates": files.gates}),
    ):
        merge(pico_merge, tmp_path / slug, slug, parameters)
        card = json.loads((tmp_path / slug / CARD_FILE).read_text())
        assert card["inputs"] == {role: sha256(path) for role, path in given.items()}


def test_card_tells_how_gates_were_trained(pico_merge: PicoMerge, tmp_path: Path) -> None:
    models = pico_merge.models
    merge(pico_merge, tmp_path / "m")
    assert json.loads((tmp_path / "m" / CARD_FILE).read_text())["gates"] == {
        "base": weights_hash(models.base),
        "lrm": weights_hash(models.lrm),
        "vlm": weights_hash(models.vlm),
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
        "examples": 12,
        "steps": 4,
        "batch_size": 5,
        "learning_rate": 0.5,
        "normalisation": "spectrum",
        "seed": 0,
        "accumulation": 1,
        "gradient_checkpointing": False,
        "validation": 0,
        "validate_every": 10,
        "patience": 0,
        "dtype": "float32",
        "device": "cpu",
        "offload": False,
        "generation_batch": 256,
        "trust_remote_code": False,
    }
    merge(pico_merge, tmp_path / "ta", "task_arithmetic", {"lambda": 1.0})
    assert json.loads((tmp_path / "ta" / CARD_FILE).read_text())["gates"] is None


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def test_relative_change_is_lambda_times_the_ratio_of_norms(
    pico_merge: PicoMerge, tmp_path: Path
) -> None:
    taus, vlm = TensorFile(pico_merge.task_vectors), Checkpoint(pico_merge.models.vlm)
    tau = np.concatenate([taus[name].double().numpy().ravel() for name in taus.tensors])
    own = [
        vlm.tensor(name).double().numpy().ravel() for name in vlm.tensors if canonical_name(name)
    ]
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
    names = [name for name in vlm.tensors if canonical_name(name) or vector_name(name)]
    assert len(names) > MATRICES
    own, found = (
        np.concatenate([each.tensor(name).double().numpy().ravel() for name in names])
        for each in (vlm, merged)
    )
    card = json.loads((tmp_path / "m" / CARD_FILE).read_text())
    expected = np.linalg.norm(found - own) / np.linalg.norm(own)
    assert card["relative_change"] == pytest.approx(expected, rel=1e-9, abs=0)


def test_task_vectors_and_subspaces_of_different_bases_are_refused(
    pico_merge: PicoMerge, tmp_path: Path
) -> None:
    taus, svd, other = tmp_path / "taus", tmp_path / "svd", tmp_path / "other"
    models, files = pico_merge.models, merge_files(pico_merge)
    run_step("task-vectors", base=models.base, tuned=models.vlm, role="vlm", output=taus)
    run_step("task-vectors", base=models.lrm, tuned=models.vlm, role="vlm", output=other)
    run_step("svd", task_vectors=taus, output=svd)
    mixed = replace(files, vlm_task_vectors=other, vlm_subspaces=svd)
    with pytest.raises(MergeError, match=r"other was made with base .*, but .*svd with base .*"):
        merge_checkpoint(mixed, method("tsv_m"), {"lambda": 1.0}, tmp_path / "m")
    assert not (tmp_path / "m").exists()
    merge_checkpoint(
        replace(mixed, vlm_task_vectors=taus), method("tsv_m"), {"lambda": 1.0}, tmp_path / "m"
    )


def test_files_of_other_models_are_refused(pico_merge: PicoMerge, tmp_path: Path) -> None:
    other = make_pico(tmp_path / "other", seed=1)
    stale = replace(pico_merge, models=replace(pico_merge.models, lrm=other.lrm))
    for slug, parameters in (("frism", GATED), ("task_arithmetic", {"lambda": 1.0})):
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
    files = prepared(models, tmp_path)
    taus = TensorFile(files.task_vectors)
    tensors = {name: taus[name] for name in taus.tensors}
    name = "model.layers.0.mlp.up_proj.weight"
    tensors[name][0, 0] = torch.inf
    write_tensors(files.task_vectors, tensors, taus.metadata)
    with pytest.raises(MergeError, match=rf"no numbers in tensor '{name}'"):
        merge(files, tmp_path / "m", "task_arithmetic", {"lambda": 1.0})
    assert not (tmp_path / "m").exists()


def test_merge_step_serves_several_families(pico_merge: PicoMerge, tmp_path: Path) -> None:
    models, expected = pico_merge.models, merge(pico_merge, tmp_path / "expected")
    outputs = [tmp_path / "one", tmp_path / "two"]
    lists: dict[str, object] = {
        "vlm": models.vlm,
        "base": models.base,
        "lrm": models.lrm,
        "task-vectors": pico_merge.task_vectors,
        "subspaces": pico_merge.subspaces,
        "gates": pico_merge.gates,
    }
    words = [w for name, path in lists.items() for w in (f"--{name}", str(path), str(path))]
    parameters = "alpha=1,lambda_lrm=1"
    run_step("merge", *words, "--output", *map(str, outputs), method="frism", parameters=parameters)
    for output in outputs:
        assert weights_hash(output) == weights_hash(expected.directory)


def test_lists_of_different_lengths_are_refused(
    pico: Pico, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base, lrm = str(pico.base), str(pico.lrm)
    step = ["task-vectors", "--role", "lrm"]
    words = [*step, "--base", base, base, "--tuned", lrm, "--output", str(tmp_path / "t")]
    assert main(words) == 2
    capsys.readouterr()
    assert main([*words, str(tmp_path / "t")]) == 2
    assert "--base 2, --tuned 1, --output 2" in capsys.readouterr().err
    twice = [*step, "--base", base, base, "--tuned", lrm, lrm]
    assert main([*twice, "--output", str(tmp_path / "t"), str(tmp_path / "t")]) == 2
    assert "names a path twice" in capsys.readouterr().err
    lost = [*step, "--base", base, str(tmp_path / "lost"), "--tuned", lrm, lrm]
    outputs = [tmp_path / "one", tmp_path / "two"]
    assert main([*lost, "--output", *map(str, outputs)]) == 2
    assert "lost does not exist" in capsys.readouterr().err
    assert not outputs[0].exists()
