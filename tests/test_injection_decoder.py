"""The language model is found in every family of VLMs, and nothing outside of it is touched."""

from __future__ import annotations

from typing import Any

import pytest
import torch
import transformers
from torch import nn

from frism.errors import MergeError
from frism.evaluation.weights import kept, mergeable
from frism.injection.decoder import decoder, decoder_path, matrices
from frism.injection.design import GateDesign
from frism.injection.gated_linear import GatedLinear
from frism.injection.inject import inject
from frism.subspaces.decomposition import decompose

LAYERS, HIDDEN, INNER, VOCABULARY = 2, 8, 12, 20
TEXT = {
    "hidden_size": HIDDEN,
    "intermediate_size": INNER,
    "num_hidden_layers": LAYERS,
    "num_attention_heads": 2,
    "num_key_value_heads": 1,
    "head_dim": 4,
    "vocab_size": VOCABULARY,
    "pad_token_id": 0,
    "bos_token_id": 1,
    "eos_token_id": 2,
}
SEES = {
    "hidden_size": 8,
    "intermediate_size": 8,
    "num_hidden_layers": 1,
    "num_attention_heads": 2,
    "image_size": 8,
    "patch_size": 4,
}
SEES_QWEN = {
    "depth": 1,
    "hidden_size": 8,
    "num_heads": 2,
    "intermediate_size": 8,
    "patch_size": 4,
    "out_hidden_size": HIDDEN,
    "deepstack_visual_indexes": [0],
    "num_position_embeddings": 4,
}
ROPE = {"rope_parameters": {"rope_type": "default", "rope_theta": 1e4, "mrope_section": [1, 1, 0]}}
IDS = {"image_token_id": 5, "video_token_id": 6}
PERCEIVER = {
    "hidden_size": HIDDEN,
    "resampler_depth": 1,
    "resampler_n_heads": 2,
    "resampler_head_dim": 4,
    "num_key_value_heads": 1,
}
PROJECTIONS = {"self_attn": "qkvo", "mlp": ("gate", "up", "down")}
NAMES = {
    f"model.layers.{layer}.{block}.{projection}_proj.weight"
    for layer in range(LAYERS)
    for block, projections in PROJECTIONS.items()
    for projection in projections
}


def text(kind: str, **options: Any) -> dict[str, Any]:
    return {"text_config": TEXT | {"model_type": kind} | options}


LLAVA_SEES = SEES | {"model_type": "clip_vision_model", "projection_dim": 8}
FAMILIES: dict[str, tuple[str, dict[str, Any]]] = {
    "Qwen2VL": (
        "model.language_model",
        {**text("qwen2_vl_text", **ROPE), "vision_config": SEES_QWEN | {"embed_dim": 8}, **IDS},
    ),
    "Qwen2_5_VL": (
        "model.language_model",
        {**text("qwen2_5_vl_text", **ROPE), "vision_config": SEES_QWEN, **IDS},
    ),
    "Qwen3VL": (
        "model.language_model",
        {**text("qwen3_vl_text", **ROPE), "vision_config": SEES_QWEN, **IDS},
    ),
    "LlavaNext": ("model.language_model", {**text("llama"), "vision_config": LLAVA_SEES}),
    "Idefics2": (
        "model.text_model",
        {**text("mistral"), "vision_config": SEES, "perceiver_config": PERCEIVER},
    ),
    "Idefics3": ("model.text_model", {**text("llama"), "vision_config": SEES}),
    "SmolVLM": ("model.text_model", {**text("llama"), "vision_config": SEES}),
    "InternVL": (
        "model.language_model",
        {
            **text("qwen2"),
            "vision_config": SEES | {"image_size": [8, 8], "patch_size": [4, 4]},
        },
    ),
}
EACH = pytest.mark.parametrize("family", FAMILIES)


def build(family: str) -> Any:
    torch.manual_seed(0)
    config = getattr(transformers, f"{family}Config")(**FAMILIES[family][1])
    return getattr(transformers, f"{family}ForConditionalGeneration")(config).eval()


@EACH
def test_the_language_model_is_found(family: str) -> None:
    model = build(family)
    path = FAMILIES[family][0]
    assert decoder_path(model) == path
    assert decoder(model) is model.get_submodule(path)
    found = matrices(model)
    assert set(found) == NAMES
    for name, module in found.items():
        assert module == name.replace("model.", f"{path}.", 1).removesuffix(".weight")
        assert isinstance(model.get_submodule(module), nn.Linear)


@EACH
def test_only_the_language_model_is_injected(family: str) -> None:
    model, plain = build(family), build(family)
    subspaces = {
        name: decompose(name, torch.randn(model.get_submodule(path).weight.shape))
        for name, path in matrices(model).items()
    }
    injection = inject(model, subspaces, GateDesign(), 1.0)
    gated = {name for name, module in model.named_modules() if isinstance(module, GatedLinear)}
    assert gated == set(matrices(plain).values())
    tokens = {"input_ids": torch.tensor([[9, 3, 12]])}
    before = model(**tokens).logits.detach()
    assert not torch.equal(before, plain(**tokens).logits)
    with torch.no_grad():  # the hook of the decoder hands the layers what the gates are now
        injection.raw.fill_(-torch.inf)
        assert torch.equal(model(**tokens).logits, plain(**tokens).logits)


@EACH
def test_the_evaluation_merges_the_language_model_alone(family: str) -> None:
    model = build(family)
    merged, path = mergeable(model), FAMILIES[family][0]
    assert set(merged) >= NAMES | {"model.norm.weight", "model.layers.0.input_layernorm.weight"}
    for name, parameter in merged.items():
        assert parameter is model.get_parameter(name.replace("model.", f"{path}.", 1))
    others = {name for name, _ in kept(model)}
    assert f"{path}.embed_tokens.weight" in others
    assert len(others) + len(merged) == len(list(model.named_parameters()))


def test_layers_stand_in_the_order_of_their_numbers() -> None:
    config = transformers.Qwen2Config(**TEXT | {"num_hidden_layers": 11})
    for model, prefix in (
        (transformers.Qwen2ForCausalLM(config), "model."),
        (transformers.Qwen2Model(config), ""),
    ):
        found = matrices(model)
        assert [int(name.split(".")[2]) for name in found] == sorted(list(range(11)) * 7)
        assert [name.split(".")[-2] for name in found][:3] == ["down_proj", "gate_proj", "up_proj"]
        assert found["model.layers.10.mlp.up_proj.weight"] == f"{prefix}layers.10.mlp.up_proj"


def test_a_model_without_language_model_is_refused() -> None:
    vit = transformers.ViTModel(transformers.ViTConfig(**SEES))  # whose blocks are `layers`, too
    with pytest.raises(MergeError, match=r"decoder of a ViTModel is a ViTModel with embeddings"):
        matrices(vit)
    gpt = transformers.GPT2LMHeadModel(
        transformers.GPT2Config(n_embd=8, n_layer=1, n_head=2, vocab_size=9)
    )
    with pytest.raises(MergeError, match=r"is a GPT2Model with wte, .* expected a language model"):
        decoder(gpt)
    with pytest.raises(MergeError, match=r"a Linear has no get_decoder\(\); expected a VLM"):
        decoder_path(nn.Linear(1, 1))
