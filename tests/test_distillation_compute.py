"""Where a VLM runs, and whose code."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
import torch
from transformers import dynamic_module_utils

from frism.cli.main import main
from frism.distillation.compute import Compute
from frism.errors import ConfigError
from tests.pico import QUESTIONS, Pico

CODE = """
from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

class OwnConfig(Qwen2_5_VLConfig):
    model_type = "own_vlm"

class OwnModel(Qwen2_5_VLForConditionalGeneration):
    config_class = OwnConfig
"""


def test_models_compute_in_the_given_type(pico: Pico) -> None:
    for dtype in (torch.float32, torch.bfloat16):
        model, processor = Compute(dtype=str(dtype).removeprefix("torch.")).load(pico.vlm)
        assert {parameter.dtype for parameter in model.parameters()} == {dtype}
        assert not model.training
        assert processor.tokenizer.eos_token


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU")
def test_without_a_gpu_auto_is_the_cpu(pico: Pico) -> None:
    model, _ = Compute(device="auto").load(pico.vlm)
    assert model.device.type == "cpu"
    with pytest.raises(ConfigError, match="device is cuda, but torch sees no GPU; expected one"):
        Compute(device="cuda").load(pico.vlm)


@pytest.fixture
def own(pico: Pico, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A VLM whose class stands in a file beside its weights."""
    monkeypatch.setattr(dynamic_module_utils, "HF_MODULES_CACHE", str(tmp_path / "modules"))
    folder = tmp_path / "own"
    shutil.copytree(pico.vlm, folder)
    (folder / "own.py").write_text(CODE)
    config = json.loads((folder / "config.json").read_text())
    config["model_type"], config["architectures"] = "own_vlm", ["OwnModel"]
    config["auto_map"] = {
        "AutoConfig": "own.OwnConfig",
        "AutoModelForImageTextToText": "own.OwnModel",
    }
    (folder / "config.json").write_text(json.dumps(config))
    return folder


def test_code_of_a_checkpoint_runs_only_if_trusted(own: Path) -> None:
    with pytest.raises(ConfigError, match=r"own comes with Python code .* --trust-remote-code"):
        Compute().load(own)
    model, _ = Compute(trust_remote_code=True).load(own)
    assert type(model).__name__ == "OwnModel"


def test_steps_refuse_code_by_default(
    own: Path, pico: Pico, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["curvature", "--vlm", str(own), "--data", str(pico.calibration.parent)]
    words += ["--subspaces", str(pico.calibration), "--output", str(tmp_path / "out")]
    words += ["--images", str(QUESTIONS)]
    assert main(words) == 2
    assert "comes with Python code of its own, which was not run" in capsys.readouterr().err
