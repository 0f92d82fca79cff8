"""Which combinations of family, layout and so on the tests run: every pair of values, once or more.

The full product would have 1296 members. Here each family has four, in which every pair of layout,
head and number of files occurs, both switches of biases and all types and vocabularies; over all
families, every two values of different options meet. `test_vlm_families.py` checks this.
"""

from __future__ import annotations

from typing import Any

import torch

from tests.vlm_families import FAMILIES

VOCABULARIES = (0, 2, 70)
TYPES = (torch.float32, torch.bfloat16, torch.float16)


def _case(family: int, row: int) -> dict[str, Any]:
    number = 4 * family + row
    memory, tied = row // 2, row % 2
    return {
        "layout": ("hub", "memory")[memory],
        "tied": bool(tied),
        "sharded": bool(memory ^ tied),
        "bias": bool(memory ^ (family % 2)),
        "dtype": TYPES[number % 3],
        "extra_vocabulary": VOCABULARIES[(number + number // 12) % 3],
    }


CASES = [(name, _case(i, row)) for i, name in enumerate(FAMILIES) for row in range(4)]


def case_id(case: tuple[str, dict[str, Any]]) -> str:
    """Names a case after its family and options."""
    family, options = case
    words = [str(options["layout"]), str(options["dtype"]).removeprefix("torch.")]
    words += [word for word in ("tied", "sharded", "bias") if options[word]]
    return "-".join([family, *words, f"plus{options['extra_vocabulary']}"])
