"""Where and in which precision a VLM runs, and loading it so."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from frism.errors import ConfigError

AUTO, CPU, CUDA = "auto", "cpu", "cuda"


@dataclass(frozen=True)
class Compute:
    """How a VLM and the task vector in it are held.

    Args:
        dtype: Type in which it computes; gates are float32 at least.
        device: `cpu`, `cuda`, or `auto`, which is CUDA where it is there. Of several GPUs, all.
        offload: Whether U and Vh stay in CPU memory.
        generation_batch: Calibration questions answered at a time.
        trust_remote_code: Whether code that comes with the checkpoint may run.
    """

    dtype: str = "float32"
    device: str = CPU
    offload: bool = False
    generation_batch: int = 256
    trust_remote_code: bool = False

    def load(self, vlm: Path) -> tuple[Any, Any]:
        """Loads a VLM, in evaluation mode, and its processor.

        Raises:
            ConfigError: there is no GPU, the model does not fit, or it needs code of its own.
        """
        from transformers import AutoModelForImageTextToText, AutoProcessor

        trust = {"trust_remote_code": self.trust_remote_code}
        with _code_explained(vlm):
            model = AutoModelForImageTextToText.from_pretrained(
                vlm, dtype=getattr(torch, self.dtype), **self._placement(), **trust
            )
            processor = AutoProcessor.from_pretrained(vlm, **trust)
        if any(parameter.is_meta for parameter in model.parameters()):
            raise ConfigError(
                f"{vlm} does not fit on the GPUs in {self.dtype}; expected all weights there: set "
                "distillation.dtype to bfloat16, or distillation.device to cpu"
            )
        return model.eval(), processor

    def _placement(self) -> dict[str, Any]:
        gpus = torch.cuda.device_count()
        if self.device == CUDA and not gpus:
            raise ConfigError(
                "distillation.device is cuda, but torch sees no GPU; expected one: check the "
                "driver and torch's build, or set it to auto"
            )
        if self.device == CPU and gpus:
            print("a GPU is there but not used: distillation.device is cpu", flush=True)
        if self.device == CPU or not gpus:
            return {}
        return {"device_map": "auto" if gpus > 1 else {"": 0}}


DEFAULT = Compute()


@contextmanager
def _code_explained(vlm: Path) -> Iterator[None]:
    try:
        yield
    except ValueError as error:
        if "trust_remote_code" not in str(error):
            raise
        raise ConfigError(
            f"{vlm} comes with Python code of its own, which was not run; expected a family of "
            "transformers: read the code, and if you trust it set trust_remote_code: true in the "
            "pair, or pass --trust-remote-code"
        ) from None
