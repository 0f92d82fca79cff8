"""The language model of every family is found: by model_type, by tensors alone, by a key_map."""

from __future__ import annotations

from pathlib import Path

import pytest
from transformers import AutoConfig, AutoModelForImageTextToText

from frism.checkpoints.key_map import LanguageModel, causal_lm, language_model
from frism.checkpoints.reader import Checkpoint
from frism.checkpoints.stacks import stacks
from frism.errors import CheckpointError
from frism.injection.decoder import matrices
from tests.altered_checkpoints import Tensors, altered, renamed_tensors
from tests.family_merge import FamilyMerge
from tests.vlm_families import FAMILIES, FamilyMaker

EACH = pytest.mark.parametrize("layout", ["hub", "memory"])
EACH_FAMILY = pytest.mark.parametrize("family", FAMILIES)
RESAMPLER, TEXT = "model.connector.perceiver_resampler.", "model.text_model."


def found_in(vlm: Path, lrm: Path, key_map: dict[str, str] | None = None) -> LanguageModel:
    return language_model(Checkpoint(vlm), causal_lm(Checkpoint(lrm)), key_map)


def expected_names(made: FamilyMerge) -> dict[str, str]:
    """Returns the VLM's name of each tensor of the causal LM's layers and its last norm."""
    names = Checkpoint(made.models.lrm).tensors
    inside = [name for name in names if name.startswith(("model.layers.", "model.norm."))]
    return {name: made.own_name(name) for name in inside}


@EACH_FAMILY
@EACH
def test_a_family_is_found_by_its_model_type(
    family: str, layout: str, families: FamilyMaker, tmp_path: Path
) -> None:
    options = {"layout": layout, "bias": True}
    made = FamilyMerge(family, options, families(family, **options), tmp_path)
    found = found_in(made.models.vlm, made.models.lrm)
    assert found.names == expected_names(made)
    assert "by its family" in found.found
    model = AutoModelForImageTextToText.from_config(AutoConfig.from_pretrained(made.models.vlm))
    in_memory = {name: f"{path}.weight" for name, path in matrices(model).items()}
    assert list(in_memory) == list(found.matrices)
    assert (in_memory == found.matrices) == (made.own_name("") == FAMILIES[family].text_model)


@EACH_FAMILY
@EACH
@pytest.mark.parametrize("kind", [None, "brand_new_vl"])
def test_an_unknown_family_is_found_by_its_tensors(
    family: str, layout: str, kind: str | None, families: FamilyMaker, tmp_path: Path
) -> None:
    options = {"layout": layout, "bias": True}
    made = FamilyMerge(family, options, families(family, **options), tmp_path)
    vlm = altered(made.models.vlm, tmp_path / "vlm", config={"model_type": kind})
    found = found_in(vlm, made.models.lrm)
    assert found.names == expected_names(made)
    assert "by names and shapes" in found.found


def test_a_resampler_that_looks_like_the_language_model_is_told_apart(
    families: FamilyMaker, tmp_path: Path
) -> None:
    models = families("idefics2")
    found = stacks(Checkpoint(models.vlm))
    assert found[RESAMPLER].keys() == found[TEXT].keys()
    differing = {name for name in found[TEXT] if found[TEXT][name] != found[RESAMPLER][name]}
    assert {name.split(".")[3] for name in differing} == {"mlp"}
    vlm = altered(models.vlm, tmp_path / "vlm", config={"model_type": None})
    assert all(own.startswith(TEXT) for own in found_in(vlm, models.lrm).names.values())


def test_biases_that_only_one_side_has_do_not_matter(families: FamilyMaker, tmp_path: Path) -> None:
    with_biases, without = families("llava_next", bias=True), families("llava_next", bias=False)
    for ours, theirs in ((with_biases, without), (without, with_biases)):
        vlm = altered(ours.vlm, tmp_path / ours.vlm.parent.name, config={"model_type": "new"})
        assert found_in(vlm, theirs.lrm).names == found_in(ours.vlm, theirs.lrm).names


def test_two_equal_stacks_are_listed(families: FamilyMaker, tmp_path: Path) -> None:
    models = families("smolvlm")

    def twin(tensors: Tensors) -> Tensors:
        copies = {n.replace(TEXT, "model.draft."): t.clone() for n, t in tensors.items()}
        return copies | tensors

    vlm = altered(models.vlm, tmp_path / "vlm", twin, {"model_type": "new"})
    with pytest.raises(CheckpointError) as caught:
        found_in(vlm, models.lrm)
    head, *lines, last = str(caught.value).splitlines()
    assert f"cannot tell where {vlm} (model_type new) keeps its language model" in head
    assert f"the 14 matrices in 2 layers of {models.lrm}, found" in head
    alike = "14 matrices in 2 layers, 14 of the names and 14 of the shapes wanted"
    assert lines == [
        f"  model.draft.layers.*: {alike}",
        f"  model.text_model.layers.*: {alike}",
        "  model.vision_model.encoder.layers.*: 12 matrices in 2 layers, 6 of the names and "
        "0 of the shapes wanted; model.layers.0.self_attn.k_proj.weight is [16, 16], not [16, 32]",
    ]
    assert "in the pair's YAML, for example key_map: {" in last
    chosen = found_in(vlm, models.lrm, {r"^model\.text_model\.": "model."})
    assert chosen.names == found_in(models.vlm, models.lrm).names


def test_layers_of_other_names_are_asked_for(families: FamilyMaker, tmp_path: Path) -> None:
    models = families("qwen3_vl")
    rename = renamed_tensors(lambda name: name.replace(".layers.", ".blocks."))
    vlm = altered(models.vlm, tmp_path / "vlm", rename)  # of a known family by its model_type
    with pytest.raises(CheckpointError, match=r"no layers\.<number>\.\*, but lm_head\.weight") as e:
        found_in(vlm, models.lrm)
    assert "(model_type qwen3_vl)" in str(e.value)
    chosen = found_in(vlm, models.lrm, {r"^model\.language_model\.blocks": "model.layers"})
    assert len(chosen.matrices) == 14


@pytest.mark.parametrize(
    ("key_map", "message"),
    [
        (
            {"^llm": "model"},
            r"key_map \{'\^llm': 'model'\} finds no matrix of .*vlm; expected patterns .* it has "
            r"model\.text_model\.layers\.\* \(2 layers\)",
        ),
        ({r"^model\.text_model\.norm": "model.norm"}, "finds no matrix of"),
        (
            {r"text_model\.layers\.\d+": "layers.0"},
            r"gives 'model\.text_model\.layers\.1\.\S+' and 'model\.text_model\.layers\.0\.\S+' of "
            r".*vlm the same name 'model\.layers\.0\.\S+'; expected one: anchor its patterns",
        ),
    ],
)
def test_a_key_map_that_does_not_fit_is_explained(
    key_map: dict[str, str], message: str, families: FamilyMaker
) -> None:
    models = families("idefics3")
    with pytest.raises(CheckpointError, match=message):
        found_in(models.vlm, models.lrm, key_map)


def test_a_family_may_be_given_as_base_or_lrm(families: FamilyMaker) -> None:
    for family in ("qwen2_5_vl", "llava_next"):
        for layout in ("hub", "memory"):
            models = families(family, layout=layout)
            found = causal_lm(Checkpoint(models.vlm))
            assert found.names == found_in(models.vlm, models.lrm).names


def test_an_unknown_vlm_as_base_or_lrm_is_refused(families: FamilyMaker, tmp_path: Path) -> None:
    vlm = altered(families("idefics3").vlm, tmp_path / "vlm", config={"model_type": "new"})
    message = (
        r"vlm has model\.text_model\.layers\.\* \(2 layers\), model\.vision_model\.encoder\."
        r"layers\.\* \(2 layers\); expected .*: give a text model as base and LRM"
    )
    with pytest.raises(CheckpointError, match=message):
        causal_lm(Checkpoint(vlm))


def test_layers_beside_those_of_a_causal_lm_do_not_matter(
    families: FamilyMaker, tmp_path: Path
) -> None:
    models = families("qwen3_vl")

    def drafted(tensors: Tensors) -> Tensors:
        first = {n: t for n, t in tensors.items() if n.startswith("model.layers.0.")}
        return tensors | {n.replace("model.", "mtp.", 1): t.clone() for n, t in first.items()}

    lrm = altered(models.lrm, tmp_path / "lrm", drafted)
    assert causal_lm(Checkpoint(lrm)).names == causal_lm(Checkpoint(models.lrm)).names
