"""Makes torchvision importable beside a CPU build of torch.

The torchvision wheel of PyPI is built for CUDA. Beside a CPU torch its extension `_C.so` cannot be
loaded, and `import torchvision` then stops at registering a shape function for an operator that
nobody declared (`operator torchvision::nms does not exist`). transformers' image processors and
VLMEvalKit need no more than torchvision's Python transforms, so declaring the missing operators
is enough. A healthy installation is left alone.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import ModuleType

_OPERATORS = ("nms", "qnms")
_SCHEMA = "(Tensor dets, Tensor scores, float iou_threshold) -> Tensor"


def install() -> None:
    """Prepares the first import of torchvision in this process; imports nothing by itself."""
    installed = any(isinstance(finder, _TorchvisionFinder) for finder in sys.meta_path)
    if not installed and "torchvision" not in sys.modules:
        sys.meta_path.insert(0, _TorchvisionFinder())


class _TorchvisionFinder(MetaPathFinder):
    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname != "torchvision":
            return None
        spec = PathFinder.find_spec(fullname, path, target)
        if spec is not None and isinstance(spec.loader, SourceFileLoader):
            spec.loader = _TorchvisionLoader(spec.loader.name, spec.loader.path)
        return spec


class _TorchvisionLoader(SourceFileLoader):
    # the work waits for exec_module because find_spec also answers mere questions of
    # availability, which must not cost an import of torch
    def exec_module(self, module: ModuleType) -> None:
        if not _loads_extension(Path(self.path).parent):
            _declare_operators()
        super().exec_module(module)


def _loads_extension(package: Path) -> bool:
    import torch

    extension = PathFinder.find_spec("_C", [str(package)])
    if extension is None or extension.origin is None:
        return False
    try:
        torch.ops.load_library(extension.origin)  # type: ignore[no-untyped-call]
    except OSError:
        return False
    return True


def _declare_operators() -> None:
    import torch

    for operator in _OPERATORS:
        if not hasattr(torch.ops.torchvision, operator):
            torch.library.define(f"torchvision::{operator}", _SCHEMA)
