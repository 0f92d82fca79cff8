"""torchvision imports beside any torch, and torch is not imported before it is needed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import torch

from frism.torchvision_import import _loads_extension, _TorchvisionFinder, install

PROGRAM = """
import importlib.util, sys
import frism
assert importlib.util.find_spec("torchvision") is not None
assert "torch" not in sys.modules
import torchvision
from torchvision.transforms.v2 import functional
import torch
print(functional.resize(torch.ones(3, 4, 4), [2, 2]).sum().item())
print(hasattr(torch.ops.torchvision, "nms"))
"""


def test_torchvision_imports_in_a_fresh_process() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["12.0", "True"], done.stderr


def test_install_adds_one_finder() -> None:
    before = sum(isinstance(finder, _TorchvisionFinder) for finder in sys.meta_path)
    install()
    assert sum(isinstance(finder, _TorchvisionFinder) for finder in sys.meta_path) == before <= 1


def test_a_loadable_extension_is_left_alone(tmp_path: Path) -> None:
    library = next(Path(torch.__file__).parent.glob("lib/libtorch_global_deps.*"))
    (tmp_path / "_C.so").symlink_to(library)
    assert _loads_extension(tmp_path)


def test_a_broken_or_missing_extension_is_noticed(tmp_path: Path) -> None:
    assert not _loads_extension(tmp_path)
    (tmp_path / "_C.so").write_bytes(b"built for another machine")
    assert not _loads_extension(tmp_path)
