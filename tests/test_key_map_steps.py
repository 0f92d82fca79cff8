"""A VLM of unknown names is merged by its pair's YAML; models that do not fit are explained."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from frism.cli.key_map import parse_key_map
from frism.cli.main import main
from frism.config.layout import Layout
from frism.config.load import Setup, load
from frism.errors import ConfigError
from tests.altered_checkpoints import Tensors, altered, renamed_tensors
from tests.family_merge import FamilyMerge
from tests.steps import run_step
from tests.vlm_families import Family, FamilyMaker
from tests.vlm_layouts import read_weights
from tests.workspace import write_yaml

UNKNOWN = [
    (r"^model\.text_model\.layers\.", "llm.blocks."),
    (r"^model\.text_model\.norm\.", "llm.last_norm."),
    (r"^(llm\.blocks\.\d+)\.self_attn\.(\w)_proj\.", r"\1.attn.\2."),
    (r"^(llm\.blocks\.\d+)\.mlp\.(\w+)_proj\.", r"\1.ffn.\2."),
    (r"^model\.connector\.perceiver_resampler\.", "resampler."),
]
KEY_MAP = {
    r"^llm\.blocks\.(\d+)\.attn\.([a-z])\.": r"model.layers.\1.self_attn.\2_proj.",
    r"^llm\.blocks\.(\d+)\.ffn\.([a-z]+)\.": r"model.layers.\1.mlp.\2_proj.",
    r"^llm\.blocks\.": "model.layers.",
    r"^llm\.last_norm\.": "model.norm.",
}
TEXT = "model.text_model"
WEIGHT = "model.layers.1.mlp.up_proj.weight"


def unknown_name(name: str) -> str:
    for pattern, replacement in UNKNOWN:
        name = re.sub(pattern, replacement, name)
    return name


def load_pair(folder: Path, models: Family, key_map: dict[str, str]) -> Setup:
    """Loads a configuration whose one pair, `new`, has a key_map in its YAML."""
    (folder / "pairs").mkdir()
    paths = {role: str(getattr(models, role)) for role in ("base", "vlm", "lrm")}
    write_yaml(folder / "pairs" / "new.yaml", paths | {"key_map": key_map})
    write_yaml(folder / "config.yaml", {"pairs": ["new"]})
    return load(folder / "config.yaml")


def test_a_vlm_of_unknown_names_is_merged_by_its_pairs_yaml(
    families: FamilyMaker, tmp_path: Path
) -> None:
    models = families("idefics2")
    config = {"model_type": "new"}
    vlm = altered(models.vlm, tmp_path / "vlm", renamed_tensors(unknown_name), config)
    assert "llm.blocks.1.attn.q.weight" in read_weights(vlm)
    mapped = Family(models.base, models.lrm, vlm)
    flags = shlex.split(Layout(load_pair(tmp_path, mapped, KEY_MAP)).key_map("new"))
    assert (flags[0], parse_key_map(flags[1])) == ("--key-map", KEY_MAP)
    merged = {}
    for each, words in ((models, []), (mapped, flags)):
        made = FamilyMerge("idefics2", {}, each, tmp_path)
        own = tmp_path / f"{len(words)}_svd"
        run_step("svd", *words, base=models.base, tuned=each.vlm, role="vlm", output=own)
        made.decompose()
        inputs = {"vlm_base": models.base, "vlm_subspaces": own, "subspaces": tmp_path / "svd"}
        for method, parameters in (("tsv_m", "lambda=1"), ("br2v_linear", "a=0.5")):
            name = f"{len(words)}_{method}"
            given = inputs if method == "tsv_m" else {}
            output = made.merge(name, *words, **given, method=method, parameters=parameters)
            merged[len(words), method] = read_weights(output)
    for method in ("tsv_m", "br2v_linear"):
        plain = {unknown_name(name): tensor for name, tensor in merged[0, method].items()}
        found = merged[2, method]
        assert found.keys() == plain.keys()
        assert all(torch.equal(found[name], plain[name]) for name in plain)
        name = "llm.blocks.1.ffn.up.weight"
        assert not torch.equal(found[name], read_weights(vlm)[name])


def test_steps_without_key_map_ask_for_one(
    families: FamilyMaker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = families("idefics2")
    config = {"model_type": "new"}
    vlm = altered(models.vlm, tmp_path / "vlm", renamed_tensors(unknown_name), config)
    words = ["--base", str(models.base), "--output", str(tmp_path / "out")]
    svd = ["svd", *words, "--tuned", str(vlm), "--role", "vlm"]
    merge = ["merge", *words, "--vlm", str(vlm), "--lrm", str(models.lrm)]
    for step in (svd, [*merge, "--method", "task_arithmetic", "--parameters", "lambda=1"]):
        assert main(step) == 2
        message = capsys.readouterr().err
        # it has the names of the language model, but not all of its shapes
        assert (
            "resampler.layers.*: 14 matrices in 2 layers, 14 of the names and 8 of the shapes "
            "wanted; model.layers.0.mlp.down_proj.weight is [32, 128], not [32, 48]"
        ) in message
        assert "for example key_map: {" in message
    assert not (tmp_path / "out").exists()


def narrow(tensors: Tensors) -> Tensors:
    return {n: t[:40].clone() if n.endswith(WEIGHT[13:]) else t for n, t in tensors.items()}


def first_layer(tensors: Tensors) -> Tensors:
    return {name: tensor for name, tensor in tensors.items() if ".layers.1." not in name}


@pytest.mark.parametrize(
    ("change", "config", "message"),
    [
        (
            narrow,
            {},
            rf"tensor '{WEIGHT}' has shape \[40, 32\] in \S*lrm/model\.safetensors but \[48, 32\] "
            rf"in \S*vlm/model\.safetensors \(there '{WEIGHT.replace('model', TEXT, 1)}'\); ",
        ),
        (
            first_layer,
            {},
            r"tensor 'model\.layers\.1\.mlp\.down_proj\.weight' of \S*vlm/model\.safetensors "
            r"\(there '\S+'\) has no partner in \S*lrm \(7 such tensors\)",
        ),
        (
            first_layer,
            {"model_type": "new"},
            r"expected one stack of layers with the 7 matrices in 1 layers of \S*lrm, found\n"
            r"(.*\n)*"
            r"  model\.text_model\.layers\.\*: 14 matrices in 2 layers, 7 of the names and 7 of ",
        ),
    ],
)
def test_an_lrm_of_another_size_is_explained(
    change: Callable[[Tensors], Tensors],
    config: dict[str, str],
    message: str,
    families: FamilyMaker,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    models = families("smolvlm")
    lrm = altered(models.lrm, tmp_path / "lrm", change)
    vlm = altered(models.vlm, tmp_path / "vlm", config=config)
    words = ["--vlm", str(vlm), "--lrm", str(lrm), "--base", str(models.base)]
    words += ["--method", "task_arithmetic", "--parameters", "lambda=1"]
    assert main(["merge", *words, "--output", str(tmp_path / "out")]) == 2
    assert re.search(message, capsys.readouterr().err)


def test_norms_that_only_the_vlm_has_stop_a_merge_of_norms(
    families: FamilyMaker, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = families("llava_next", bias=True)
    lrm = families("llava_next", bias=False).lrm
    words = ["--vlm", str(models.vlm), "--lrm", str(lrm), "--base", str(models.base)]
    words += ["--output", str(tmp_path / "out"), "--method", "br2v_linear", "--parameters", "a=0.5"]
    assert main(["merge", *words]) == 2
    assert re.search(
        r"tensor 'model\.layers\.0\.mlp\.down_proj\.bias' has shape \[32\] in \S+ \(there "
        r"'language_model\.model\.\S+bias'\) but no partner in \S+lrm; this method merges norms",
        capsys.readouterr().err,
    )
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "text", ["{", "[]", '{"(": "a"}', '{"a": "\\\\2"}', '{"a": 5}', '{"a": null}']
)
def test_a_flag_that_is_no_key_map_is_refused(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        main(["svd", "--key-map", text])
    message = capsys.readouterr().err
    assert "--key-map: found " in message
    assert "expected JSON, patterns to replacements" in message


def test_a_pattern_that_is_no_regular_expression_is_refused_with_the_configuration(
    families: FamilyMaker, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=r"key_map: found .*\^\(llm.*; expected a regular expr"):
        load_pair(tmp_path, families("idefics2"), {"^(llm": "model"})
