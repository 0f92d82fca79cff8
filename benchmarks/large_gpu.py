"""Times the steps of a 7B pair on one large GPU, with seeded weights made there; see README.md."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

import torch
from table import render

import frism  # noqa: F401  # mends torchvision before transformers looks for it
from frism.injection.decoder import decoder, matrices
from frism.injection.design import GateDesign
from frism.injection.inject import inject
from frism.subspaces.components import inject_components
from frism.subspaces.decomposition import Subspace, decompose, reconstruction_error

ROOT = Path(__file__).resolve().parents[1]
# Qwen2.5-VL-7B and, to try the script anywhere, the same in small
SIZES: dict[str, dict[str, Any]] = {
    "7b": {"hidden_size": 3584, "intermediate_size": 18944, "num_hidden_layers": 28,
           "num_attention_heads": 28, "num_key_value_heads": 4, "vocab_size": 152_064},
    "small": {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2,
              "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 500},
}  # fmt: skip
VISION: dict[str, dict[str, Any]] = {
    "7b": {"out_hidden_size": 3584},
    "small": {"depth": 1, "hidden_size": 32, "intermediate_size": 64, "num_heads": 2,
              "out_hidden_size": 64, "fullatt_block_indexes": [0]},
}  # fmt: skip
TAU = 0.05
HEADER = ("step", "seconds", "bytes", "peak GiB", "")


def main() -> None:
    """Measures all steps, prints a table and writes a JSON file."""
    args = _arguments()
    if args.device == "cuda" and not torch.cuda.is_available():
        print("torch sees no GPU here, so nothing was measured; try --device cpu --size small")
        return
    found = _measured(args)
    args.output.parent.mkdir(parents=True, exist_ok=True)
    args.output.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    rows = [[name, each["seconds"], each["bytes"], each["peak_gib"], each["note"]]
            for name, each in found["steps"].items()]  # fmt: skip
    print(f"\n{found['device']}, {args.size}, bfloat16, {args.tokens} tokens\n")
    print(render(HEADER, rows, args.markdown))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--device", choices=("cuda", "cpu"), default="cuda")
    parser.add_argument("--size", choices=SIZES, default="7b")
    parser.add_argument("--tokens", type=int, default=4096, help="of a gate step")
    parser.add_argument("--new-tokens", type=int, default=64, help="generated for each question")
    parser.add_argument("--questions", type=int, default=8, help="generated at a time")
    parser.add_argument("--repeats", type=int, default=5, help="turns, of which medians are taken")
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "large_gpu.json")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    return parser.parse_args()


def _measured(args: argparse.Namespace) -> dict[str, Any]:
    device = torch.device(args.device)
    model = _model(args.size, device)
    places = matrices(model)
    steps: dict[str, Any] = {}
    subspaces = _decompositions(model, places, steps)
    steps["generation"] = _generation(model, args)
    steps["plain forward and backward"] = plain = _plain_step(model, args)
    injection = inject(model, subspaces, GateDesign(), 1.0)
    steps["gate step"] = gated = _gate_step(model, injection, args)
    gated["note"] = f"{gated['seconds'] / plain['seconds']:.2f} times plain"
    steps["merge"] = _merge(injection)
    name = torch.cuda.get_device_name(device) if args.device == "cuda" else "CPU"
    paths = injection.describe(args.tokens)
    return {"device": name, "size": args.size, "paths": paths, "steps": steps}


def _model(size: str, device: torch.device) -> Any:
    from transformers import Qwen2_5_VLConfig, Qwen2_5_VLForConditionalGeneration

    section = SIZES[size]["hidden_size"] // SIZES[size]["num_attention_heads"] // 2
    rope = {"rope_type": "default", "rope_theta": 1e6}
    first, second = section // 4, 3 * section // 8
    rope["mrope_section"] = [first, second, section - first - second]
    text = {**SIZES[size], "rope_parameters": rope}
    parts = {"text_config": text, "vision_config": VISION[size]}
    config = Qwen2_5_VLConfig(**parts, tie_word_embeddings=False)
    torch.manual_seed(0)
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.bfloat16)
    try:
        with device:
            return Qwen2_5_VLForConditionalGeneration(config).eval().requires_grad_(False)
    finally:
        torch.set_default_dtype(before)


def _decompositions(
    model: Any, places: Mapping[str, str], steps: dict[str, Any]
) -> dict[str, Subspace]:
    """Decomposes a seeded task vector of each matrix; U and Vh are kept in bfloat16."""
    subspaces: dict[str, Subspace] = {}
    worst = 0.0

    def all_of_them() -> None:
        nonlocal worst
        for name, path in places.items():
            weight = model.get_submodule(path).weight
            tau = torch.randn_like(weight, dtype=torch.float32) * (TAU * weight.float().std())
            u, s, vh = decompose(name, tau)
            subspaces[name] = Subspace(u.to(weight.dtype), s, vh.to(weight.dtype))
            # as `frism svd` does, of what is stored
            worst = max(worst, reconstruction_error(tau, subspaces[name]))

    seconds, peak = _timed(all_of_them)
    size = sum(part.nbytes for subspace in subspaces.values() for part in subspace)
    note = f"{len(places)} matrices; with their errors, of bfloat16 at most {worst:.1e}"
    steps["SVD"] = {"seconds": seconds, "bytes": size, "peak_gib": peak, "note": note}
    return subspaces


def _inputs(model: Any, tokens: int) -> torch.Tensor:
    weight = model.get_input_embeddings().weight
    shape = (1, tokens, weight.shape[1])
    return torch.randn(shape, device=weight.device).to(weight.dtype).requires_grad_()


def _step(read: Any, x: torch.Tensor, wanted: torch.Tensor) -> None:
    out = read(inputs_embeds=x, use_cache=False).last_hidden_state
    torch.autograd.grad(out.float().square().mean(), wanted)


def _plain_step(model: Any, args: argparse.Namespace) -> dict[str, Any]:
    x = _inputs(model, args.tokens)
    step = partial(_step, decoder(model), x, x)
    return _repeated(step, args.repeats, x.nbytes, "gradients to the inputs")


def _gate_step(model: Any, injection: Any, args: argparse.Namespace) -> dict[str, Any]:
    step = partial(_step, decoder(model), _inputs(model, args.tokens).detach(), injection.raw)
    return _repeated(step, args.repeats, injection.raw.nbytes, "")


def _merge(injection: Any) -> dict[str, Any]:
    """Merges every matrix on the device and brings it to the CPU, as for a file."""
    size = 0

    def all_of_them() -> None:
        nonlocal size
        for layer in injection.layers.values():
            values = layer.values.detach()
            merged = inject_components(layer.components, layer.linear.weight, values, layer.scale)
            size += merged.to(layer.linear.weight.dtype).cpu().nbytes

    seconds, peak = _timed(all_of_them)
    note = f"{len(injection.layers)} matrices, without the file"
    return {"seconds": seconds, "bytes": size, "peak_gib": peak, "note": note}


def _generation(model: Any, args: argparse.Namespace) -> dict[str, Any]:
    ids = torch.randint(10, 400, (args.questions, 128), device=model.device)
    options = {"max_new_tokens": args.new_tokens, "min_new_tokens": args.new_tokens}
    with torch.no_grad():
        seconds, peak = _timed(lambda: model.generate(ids, do_sample=False, **options))
    rate = args.questions * args.new_tokens / seconds
    note = f"{rate:.0f} tokens a second, {args.questions} questions at a time"
    return {"seconds": seconds, "bytes": 0, "peak_gib": peak, "note": note}


def _repeated(step: Callable[[], None], times: int, size: int, note: str) -> dict[str, Any]:
    step()
    found = [_timed(step) for _ in range(times)]
    seconds = median(seconds for seconds, _ in found)
    return {"seconds": seconds, "bytes": size, "peak_gib": found[-1][1], "note": note}


def _timed(work: Callable[[], object]) -> tuple[float, float]:
    """Returns seconds and peak GiB of the device; the peak is 0 on a CPU."""
    on_gpu = torch.cuda.is_available()
    if on_gpu:
        torch.cuda.synchronize()
        torch.cuda.reset_peak_memory_stats()
    start = time.perf_counter()
    work()
    if on_gpu:
        torch.cuda.synchronize()
    peak = torch.cuda.max_memory_allocated() / 2**30 if on_gpu else 0.0
    return time.perf_counter() - start, peak


if __name__ == "__main__":
    main()
