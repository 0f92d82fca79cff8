"""Headers and tensors of single safetensors files."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors import SafetensorError, safe_open

from frism.errors import CheckpointError

if TYPE_CHECKING:
    import torch

ITEM_BYTES = {"F64": 8, "I64": 8, "U64": 8, "F32": 4, "I32": 4, "U32": 4}
ITEM_BYTES |= {"F16": 2, "BF16": 2, "I16": 2, "U16": 2}
TORCH_NAMES = {"F16": "float16", "F32": "float32", "F64": "float64", "BF16": "bfloat16"}
TORCH_NAMES |= {f"I{bits}": f"int{bits}" for bits in (8, 16, 32, 64)}
TORCH_NAMES |= {f"U{bits}": f"uint{bits}" for bits in (8, 16, 32, 64)}
TORCH_NAMES |= {"C64": "complex64", "BOOL": "bool"}
TORCH_NAMES |= {"F8_E4M3": "float8_e4m3fn", "F8_E4M3FNUZ": "float8_e4m3fnuz"}
TORCH_NAMES |= {"F8_E5M2": "float8_e5m2", "F8_E5M2FNUZ": "float8_e5m2fnuz"}


@dataclass(frozen=True)
class TensorInfo:
    """What a header says of one tensor.

    Args:
        file: Path of the safetensors file that holds it.
        dtype: Its type as safetensors names it (`F32`, `BF16`, ...).
        shape: Its shape.
    """

    file: Path
    dtype: str
    shape: tuple[int, ...]

    @property
    def nbytes(self) -> int:
        """Its size in bytes."""
        return math.prod(self.shape) * ITEM_BYTES.get(self.dtype, 1)

    @property
    def torch_dtype(self) -> str:
        """Its type as torch names it (`torch.bfloat16`, ...), one that torch lacks as it is."""
        return f"torch.{TORCH_NAMES[self.dtype]}" if self.dtype in TORCH_NAMES else self.dtype


def read_headers(file: Path) -> dict[str, TensorInfo]:
    """Reads names, types and shapes from one safetensors file."""
    # numpy is quicker to import than torch, and no tensor is read
    with _open(file, "np") as handle:
        slices = {name: handle.get_slice(name) for name in handle.keys()}  # noqa: SIM118
        return {
            name: TensorInfo(file, part.get_dtype(), tuple(part.get_shape()))
            for name, part in slices.items()
        }


def read_tensor(file: Path, name: str) -> torch.Tensor:
    """Reads one tensor of a safetensors file.

    Raises:
        CheckpointError: the file is missing or damaged, or does not hold the tensor.
    """
    with _open(file, "pt") as handle:
        try:
            tensor: torch.Tensor = handle.get_tensor(name)
        except SafetensorError as error:
            raise CheckpointError(f"tensor '{name}' cannot be read from {file}: {error}") from None
    return tensor


def missing(file: Path) -> str:
    """Says that a file does not exist; of a downloaded one, that it has left the hub's cache."""
    if not file.is_symlink():
        return "does not exist"
    return (
        f"leads to {file.readlink()}, which is gone from the cache: remove {file.parent} and "
        "download the model again"
    )


def _open(file: Path, framework: str) -> Any:
    if not file.is_file():
        raise CheckpointError(f"{file} {missing(file)}; expected a safetensors file")
    try:
        return safe_open(file, framework=framework)
    except SafetensorError as error:
        raise CheckpointError(
            f"{file} is no readable safetensors file ({error}); write or download it again"
        ) from None
