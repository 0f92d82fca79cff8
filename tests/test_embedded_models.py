"""The checkpoints of a family, as anybody without this package loads them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from transformers import AutoProcessor, PreTrainedTokenizerFast

from frism.cli.flags import to_flags
from frism.cli.main import main
from frism.embedded import vocabulary as v
from tests.embedded import SHORT, Models, make_models

CLASSES = {
    "base": "Qwen2ForCausalLM",
    "lrm": "Qwen2ForCausalLM",
    "vlm": "Qwen2_5_VLForConditionalGeneration",
}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Models:
    return make_models(tmp_path_factory.mktemp("models"))


def load(models: Models, role: str) -> tuple[Any, dict[str, Any]]:
    kind = getattr(transformers, CLASSES[role])
    model, report = kind.from_pretrained(getattr(models, role), output_loading_info=True)
    return model, report


@pytest.mark.parametrize("role", CLASSES)
def test_checkpoints_load_whole(models: Models, role: str) -> None:
    directory: Path = getattr(models, role)
    config = json.loads((directory / "config.json").read_text())
    assert config["architectures"] == [CLASSES[role]]
    model, report = load(models, role)
    assert not any(report.values()), report
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}
    head, embeddings = model.get_output_embeddings().weight, model.get_input_embeddings().weight
    assert head.data_ptr() == embeddings.data_ptr()
    end = model.generation_config.eos_token_id
    assert end in (v.TOKEN_ID[v.END], [v.TOKEN_ID[v.END]])


@pytest.mark.parametrize("role", CLASSES)
def test_checkpoints_hold_what_reads_their_input(models: Models, role: str) -> None:
    directory: Path = getattr(models, role)
    files = {"config.json", "model.safetensors", "tokenizer.json", "chat_template.jinja"}
    assert files <= {file.name for file in directory.iterdir()}
    assert not [file for file in directory.parent.iterdir() if file.name.startswith(".")]
    if role == "vlm":
        reader = AutoProcessor.from_pretrained(directory)
        assert type(reader).__name__ == "Qwen2_5_VLProcessor"
    else:
        reader = PreTrainedTokenizerFast.from_pretrained(directory)
    text = reader.apply_chat_template(
        [{"role": "user", "content": "solve"}, {"role": "assistant", "content": "7"}],
        tokenize=False,
    )
    assert text == "<|user|> solve <|assistant|> 7 <|im_end|> "


def test_rope_of_image_and_text_is_the_same(models: Models) -> None:
    text = json.loads((models.base / "config.json").read_text())["rope_parameters"]
    vlm = json.loads((models.vlm / "config.json").read_text())["text_config"]["rope_parameters"]
    assert vlm.pop("mrope_section") == [0, 0, 12]
    assert vlm == text == {"rope_type": "default", "rope_theta": 20.0}


def test_lrm_and_vlm_start_from_the_base(models: Models) -> None:
    base = load(models, "base")[0].model.state_dict()
    lrm = load(models, "lrm")[0].model.state_dict()
    vlm = load(models, "vlm")[0].model.language_model.state_dict()
    assert base.keys() == lrm.keys() == vlm.keys()
    embeddings = "embed_tokens.weight"
    assert torch.equal(base[embeddings], lrm[embeddings])  # or a merge would lose what it learnt
    for name in base:
        for other in (lrm, vlm):
            # two updates of a rate that warms up from a fiftieth
            torch.testing.assert_close(other[name], base[name], rtol=0, atol=1e-4)
    linear = [name for name in base if name.endswith("proj.weight")]
    assert len(linear) == 21
    assert not any(torch.equal(base[name], lrm[name]) for name in linear)
    assert not any(torch.equal(base[name], vlm[name]) for name in linear)


def test_the_vlms_language_model_computes_what_the_base_does(models: Models) -> None:
    """The same weights give the same answers to text in both architectures."""
    vlm, base = load(models, "vlm")[0].eval(), load(models, "base")[0].eval()
    vlm.model.language_model.load_state_dict(base.model.state_dict())
    processor = AutoProcessor.from_pretrained(models.vlm)
    inputs = processor(text=["<|user|> 3 + 4 solve <|assistant|> "], return_tensors="pt")
    with torch.no_grad():
        expected = base(input_ids=inputs["input_ids"]).logits
        torch.testing.assert_close(vlm(**inputs).logits, expected, rtol=1e-5, atol=1e-5)


def test_a_base_that_misses_its_level_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    output = tmp_path / "base"
    words = ["train", "base", "--seed", "1", "--output", str(output), *to_flags(SHORT).split()]
    assert main(words) == 2
    error = capsys.readouterr().err
    assert "base: initialisation 1, extension 0: missed text perception 0." in error
    assert "(expected at least 0.99)" in error.splitlines()[-1]
    assert "Traceback" not in error
    assert not output.exists()


def test_the_lrm_needs_a_base(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = [
        "train",
        "lrm",
        "--seed",
        "1",
        "--base",
        str(tmp_path),
        "--output",
        str(tmp_path / "l"),
    ]
    assert main([*words, *to_flags(SHORT).split()]) == 2
    assert "holds no config.json" in capsys.readouterr().err
