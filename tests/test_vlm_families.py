"""The pico families are what the merge tests take them for: real files that transformers reads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest
from transformers import AutoConfig, AutoModelForCausalLM, AutoTokenizer

from tests.vlm_answers import ask, load_vlm, pictures
from tests.vlm_cases import CASES, TYPES, VOCABULARIES, case_id
from tests.vlm_families import FAMILIES, FamilyMaker, make_family
from tests.vlm_layouts import read_weights

# what the files of the hub hold: prefix of the language model, the head, prefixes of all else
HUB_NAMES: Mapping[str, tuple[str, str, set[str]]] = {
    "qwen2_vl": ("model.", "lm_head.", {"visual."}),
    "qwen2_5_vl": ("model.", "lm_head.", {"visual."}),
    "qwen3_vl": ("model.language_model.", "lm_head.", {"model.visual."}),
    "llava_next": (
        "language_model.model.",
        "language_model.lm_head.",
        {"vision_tower.vision_model.", "multi_modal_projector.", "image_newline"},
    ),
    "idefics2": (
        "model.text_model.",
        "lm_head.",
        {"model.vision_model.", "model.connector.perceiver_resampler.", "model.connector."},
    ),
    "idefics3": ("model.text_model.", "lm_head.", {"model.vision_model.", "model.connector."}),
    "smolvlm": ("model.text_model.", "lm_head.", {"model.vision_model.", "model.connector."}),
    "internvl": (
        "language_model.model.",
        "language_model.lm_head.",
        {"vision_tower.", "multi_modal_projector."},
    ),
    "internvl_qwen3": (
        "language_model.model.",
        "language_model.lm_head.",
        {"vision_tower.", "multi_modal_projector."},
    ),
}
PARTNERS = {
    **dict.fromkeys(("qwen2_vl", "qwen2_5_vl", "internvl"), "qwen2"),
    **dict.fromkeys(("qwen3_vl", "internvl_qwen3"), "qwen3"),
    **dict.fromkeys(("llava_next", "idefics3", "smolvlm"), "llama"),
    "idefics2": "mistral",
}


def settings(config: Mapping[str, Any]) -> dict[str, Any]:
    """Returns a configuration without its folder and what an old one adds to the same model."""
    kept = {k: v for k, v in config.items() if k not in ("_name_or_path", "dtype", "type")}
    return {k: settings(v) if isinstance(v, dict) else v for k, v in kept.items()}


@pytest.fixture(params=CASES, ids=case_id)
def case(request: pytest.FixtureRequest) -> tuple[str, dict[str, Any]]:
    chosen: tuple[str, dict[str, Any]] = request.param
    return chosen


def test_every_two_options_meet() -> None:
    values: dict[str, list[Any]] = {
        "family": list(FAMILIES),
        "layout": ["hub", "memory"],
        "dtype": list(TYPES),
        "extra_vocabulary": list(VOCABULARIES),
        **{switch: [False, True] for switch in ("tied", "sharded", "bias")},
    }
    rows = [{"family": family, **options} for family, options in CASES]
    for one, other in combinations(values, 2):
        met = {(row[one], row[other]) for row in rows}
        assert met == {(a, b) for a in values[one] for b in values[other]}, (one, other)


def test_a_vlm_loads_whole_and_answers_about_images(
    case: tuple[str, dict[str, Any]], families: FamilyMaker
) -> None:
    name, options = case
    made = families(name, **options)
    model, processor = load_vlm(made.vlm)
    assert model.dtype == options["dtype"]
    answers = [ask(model, processor, picture, "What is shown?") for picture in pictures()]
    assert answers[0] != answers[1]
    assert len(set(answers[0] + answers[1])) > 4
    written = read_weights(made.vlm)
    assert {tensor.dtype for tensor in written.values()} == {options["dtype"]}
    assert len(list(made.vlm.glob("*.safetensors"))) == (3 if options["sharded"] else 1)
    assert any("lm_head" in tensor for tensor in written) != options["tied"]
    assert (model.lm_head.weight is model.get_input_embeddings().weight) == options["tied"]


def test_files_hold_the_names_they_should(
    case: tuple[str, dict[str, Any]], families: FamilyMaker, tmp_path: Path
) -> None:
    name, options = case
    made = families(name, **options)
    model, _ = load_vlm(made.vlm)
    written = set(read_weights(made.vlm))
    if options["layout"] == "memory":
        assert written == set(model.state_dict()) - (
            {"lm_head.weight"} if options["tied"] else set()
        )
        return
    model.save_pretrained(tmp_path)
    # transformers writes one level of CLIP less than the files of the hub have
    assert {n.replace("vision_tower.vision_model.", "vision_tower.") for n in written} == {
        n.replace("vision_tower.vision_model.", "vision_tower.") for n in read_weights(tmp_path)
    }
    text, head, others = HUB_NAMES[name]
    for prefix in (f"{text}layers.", f"{text}embed_tokens.", f"{text}norm.", *others):
        assert any(tensor.startswith(prefix) for tensor in written), prefix
    rest = [n for n in written if not n.startswith((text, *others))]
    assert rest == ([] if options["tied"] else [f"{head}weight"])


def test_models_are_the_base_with_small_changes(
    case: tuple[str, dict[str, Any]], families: FamilyMaker
) -> None:
    name, options = case
    made = families(name, **options)
    base, lrm, vlm = (read_weights(folder) for folder in (made.base, made.lrm, made.vlm))
    text, head = HUB_NAMES[name][:2]
    if options["layout"] == "memory":
        text, head = FAMILIES[name].text_model, "lm_head."
    assert set(lrm) == set(base)
    biases = any(tensor.startswith("model.layers.0") and "bias" in tensor for tensor in base)
    assert biases == FAMILIES[name].has_biases(options["bias"])
    for tensor, ours in base.items():
        theirs = head + "weight" if tensor == "lm_head.weight" else text + tensor[len("model.") :]
        seen = vlm[theirs]
        added = options["extra_vocabulary"] * ("lm_head" in tensor or "embed_tokens" in tensor)
        assert seen.shape == (ours.shape[0] + added, *ours.shape[1:]), tensor
        for other in (lrm[tensor], seen[: ours.shape[0]]):
            change = (other.double() - ours.double()).abs()
            # rows of image tokens are made small on purpose, and may lie among the LM's
            assert 0 < change.median() < 0.1, tensor


@pytest.mark.parametrize("name", FAMILIES)
def test_partners_are_causal_lms(name: str, families: FamilyMaker) -> None:
    made = families(name, bias=True)
    for folder in (made.base, made.lrm):
        model, found = AutoModelForCausalLM.from_pretrained(folder, output_loading_info=True)
        assert {kind: names for kind, names in found.items() if names} == {}
        assert model.config.model_type == PARTNERS[name]
        ids = AutoTokenizer.from_pretrained(folder)("Read the number", return_tensors="pt")
        answer = model.generate(**ids, max_new_tokens=8, do_sample=False)[0]
        assert len(set(answer.tolist())) > 4


@pytest.mark.parametrize("name", FAMILIES)
def test_both_layouts_describe_the_same_model(name: str, families: FamilyMaker) -> None:
    hub, memory = (families(name, layout=layout) for layout in ("hub", "memory"))
    written = json.loads((hub.vlm / "config.json").read_text())
    assert ("text_config" not in written) == (name in ("qwen2_vl", "qwen2_5_vl"))
    assert "rope_parameters" not in (hub.vlm / "config.json").read_text()
    ours, theirs = (AutoConfig.from_pretrained(made.vlm) for made in (hub, memory))
    assert settings(ours.to_dict()) == settings(theirs.to_dict())
    (a, processor), (b, _) = load_vlm(hub.vlm), load_vlm(memory.vlm)
    picture = pictures()[0]
    assert ask(a, processor, picture, "Why?") == ask(b, processor, picture, "Why?")


def test_a_tied_vlm_may_come_from_an_untied_lm(families: FamilyMaker) -> None:
    made = families("qwen2_5_vl", tied=True, lm_tied=False)
    assert "lm_head.weight" in read_weights(made.base)
    assert "lm_head.weight" not in read_weights(made.vlm)
    load_vlm(made.vlm)


def test_the_same_words_give_the_same_files(families: FamilyMaker, tmp_path: Path) -> None:
    made = families("smolvlm", sharded=True)
    assert families("smolvlm", sharded=True) is made
    again = make_family(tmp_path / "again", "smolvlm", sharded=True)
    for one, other in ((made.base, again.base), (made.lrm, again.lrm), (made.vlm, again.vlm)):
        names = sorted(file.name for file in one.iterdir())
        assert names == sorted(file.name for file in other.iterdir())
        assert all((one / n).read_bytes() == (other / n).read_bytes() for n in names)
