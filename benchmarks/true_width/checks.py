"""Whether what the workflow made is what is known in advance."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from models import GRID, RANK, factors, singular_values

from frism.checkpoints.key_map import causal_lm
from frism.checkpoints.reader import Checkpoint
from frism.checkpoints.subspace_folder import SubspaceFolder
from frism.checkpoints.tensors import TensorFile


def spectrum_error(subspaces: Path) -> dict[str, Any]:
    """Compares the singular values of all matrices with those of the known task vectors.

    Returns:
        Number of matrices, the largest relative error of the first 8 singular values, the largest
        of the others relative to the first, and the largest reconstruction error.
    """
    folder = SubspaceFolder(subspaces)
    known, rest, errors = [], [], []
    for name, record in folder.records.items():
        m, n = record["shape"]
        s, expected = folder[name].s.double(), singular_values(name, m, n)
        known.append(float(((s[:RANK] - expected) / expected).abs().max()))
        rest.append(float(s[RANK:].max() / s[0]))
        errors.append(record["reconstruction_error"])
    return {
        "matrices": len(known),
        "singular_values": max(known),
        "null_directions": max(rest),
        "reconstruction": max(errors),
    }


def arithmetic_error(vlm: Path, merged: Path, factor: float) -> float:
    """Returns the largest difference of a merge of task arithmetic from `W_vlm + factor A B`."""
    own, found = causal_lm(Checkpoint(vlm)), causal_lm(Checkpoint(merged))
    worst = 0.0
    for canonical, name in own.matrices.items():
        weight = own.checkpoint.tensor(name)
        a, b = factors(canonical, weight.shape[0], weight.shape[1])
        expected = (weight.float() + factor * (a @ b) * GRID).to(weight.dtype)
        got = found.checkpoint.tensor(found.names[canonical])
        worst = max(worst, float((got.float() - expected.float()).abs().max()))
    return worst


def gated_error(vlm: Path, merged: Path, subspaces: Path, gates: Path) -> float:
    """Returns the largest difference of FRISM's merge from Eq. 7, in roundings of bfloat16.

    1 is half a unit in the last of its 8 bits: what rounding once explains.
    """
    own, found = causal_lm(Checkpoint(vlm)), causal_lm(Checkpoint(merged))
    folder, raw = SubspaceFolder(subspaces), TensorFile(gates)
    worst = 0.0
    for canonical, name in own.matrices.items():
        u, s, vh = (part.double() for part in folder[canonical])
        weight = own.checkpoint.tensor(name).double()
        expected = weight + (u * (raw[canonical].double().sigmoid() * s)) @ vh
        got = found.checkpoint.tensor(found.names[canonical]).double()
        half = torch.ldexp(torch.ones_like(expected), torch.frexp(expected).exponent - 9)
        # the product is float32's, which rounds before bfloat16 does
        allowed = half + 1e-7
        worst = max(worst, float(((got - expected).abs() / allowed).max()))
    return worst


def generated(merged: Path, tokens: int) -> list[int]:
    """Loads a merged checkpoint and lets it answer a question about an image."""
    import numpy as np
    from PIL import Image
    from transformers import AutoModelForImageTextToText, AutoProcessor

    model, loading = AutoModelForImageTextToText.from_pretrained(
        merged, dtype=torch.float32, output_loading_info=True
    )
    odd = [name for key in ("missing_keys", "unexpected_keys") for name in loading[key]]
    if odd:
        raise SystemExit(f"{merged} loads with missing or unexpected tensors: {odd[:5]}")
    processor = AutoProcessor.from_pretrained(merged)
    content = [{"type": "image"}, {"type": "text", "text": "read"}]
    chat = [{"role": "user", "content": content}]
    text = processor.apply_chat_template(chat, add_generation_prompt=True)
    pixels = np.random.default_rng(1).integers(0, 256, (8, 32, 3)).astype(np.uint8)
    inputs = processor(text=[text], images=[Image.fromarray(pixels)], return_tensors="pt")
    answer = model.generate(**inputs, max_new_tokens=tokens, do_sample=False)
    found: list[int] = answer[0, inputs["input_ids"].shape[1] :].tolist()
    return found
