"""The one table of tolerances, by type of the numbers that are compared with a float64 oracle."""

from __future__ import annotations

from typing import TypedDict

import torch


class Tolerance(TypedDict):
    """Relative and absolute tolerance, as `torch.testing.assert_close` takes them."""

    rtol: float
    atol: float


TOLERANCES: dict[torch.dtype, Tolerance] = {
    torch.float64: {"rtol": 1e-9, "atol": 1e-12},
    torch.float32: {"rtol": 1e-5, "atol": 1e-6},
    # half a unit in the last of 8 bits
    torch.bfloat16: {"rtol": 2**-8, "atol": 1e-6},
    # the same of 11 bits
    torch.float16: {"rtol": 2**-11, "atol": 1e-6},
}
# central differences in float64: truncation and cancellation meet at about this size
FINITE_DIFFERENCES: Tolerance = {"rtol": 1e-5, "atol": 1e-9}
