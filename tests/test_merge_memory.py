"""A merge takes memory for its largest matrix, whatever the size of the models."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from tests.workspace import ROOT

LARGEST, OTHERS, COUNT = (2048, 2048), (1024, 512), 80
FACTORS = {"task_arithmetic": 6, "slerp": 9, "dare": 9}
PARAMETERS = {"task_arithmetic": "lambda=0.7", "slerp": "t=0.5", "dare": "lambda=0.7+p=0.2"}
# merges once for what the program itself takes, waits, then merges what is measured
MERGE_TWICE = """
import sys
from frism.cli.main import main

def merge(folder):
    words = [word for role in ("vlm", "base", "lrm") for word in (f"--{role}", f"{folder}/{role}")]
    words += ["--method", sys.argv[3], "--parameters", sys.argv[4]]
    assert main(["merge", *words, "--output", f"{folder}/merged"]) == 0

merge(sys.argv[1])
print("READY", flush=True)
sys.stdin.readline()
merge(sys.argv[2])
"""


def write_models(folder: Path, count: int, largest: tuple[int, int], dtype: torch.dtype) -> int:
    """Writes VLM, base (the same) and LRM; returns the bytes of one."""
    random = torch.Generator().manual_seed(0)
    shapes = {f"model.layers.{n}.mlp.up_proj.weight": OTHERS for n in range(count)}
    shapes |= {"model.layers.0.mlp.down_proj.weight": largest, "model.embed_tokens.weight": largest}
    vlm = {name: torch.randn(shape, generator=random) for name, shape in shapes.items()}
    lrm = {name: tensor + 0.01 for name, tensor in vlm.items()}
    for role, tensors in (("vlm", vlm), ("lrm", lrm)):
        (folder / role).mkdir(parents=True)
        (folder / role / "config.json").write_text("{}")
        stored = {name: tensor.to(dtype) for name, tensor in tensors.items()}
        save_file(stored, folder / role / "model.safetensors")
    (folder / "base").symlink_to("vlm")
    return (folder / "vlm" / "model.safetensors").stat().st_size


def anonymous(process: int) -> int:
    """Returns the bytes of a process's memory that no file stands for, 0 when it has ended."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    return sum(int(line.split()[1]) * 1024 for line in lines if line.startswith("RssAnon:"))


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="there is no /proc")
@pytest.mark.parametrize(
    ("method", "dtype"),
    [
        ("task_arithmetic", torch.float32),
        ("task_arithmetic", torch.bfloat16),
        ("slerp", torch.bfloat16),
        ("dare", torch.bfloat16),
    ],
)
def test_memory_is_bounded_by_the_largest_matrix(
    tmp_path: Path, method: str, dtype: torch.dtype
) -> None:
    write_models(tmp_path / "small", 2, OTHERS, dtype)
    size = write_models(tmp_path / "large", COUNT, LARGEST, dtype)
    bound = FACTORS[method] * 4 * LARGEST[0] * LARGEST[1]
    assert 4 * size > 2 * bound, "the models are too small to tell anything"
    words = [str(tmp_path / "small"), str(tmp_path / "large"), method, PARAMETERS[method]]
    command = [sys.executable, "-c", MERGE_TWICE, *words]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    with subprocess.Popen(
        command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as merging:
        assert merging.stdin is not None
        assert merging.stdout is not None
        while "READY" not in (line := merging.stdout.readline()):
            assert line, "the small merge failed"
        before = peak = anonymous(merging.pid)
        merging.stdin.write("\n")
        merging.stdin.close()
        while merging.poll() is None:
            peak = max(peak, anonymous(merging.pid))
            time.sleep(0.001)
    assert merging.returncode == 0
    assert 4 * LARGEST[0] * LARGEST[1] < peak - before < bound
    assert (tmp_path / "large" / "merged" / "model.safetensors").stat().st_size == size
