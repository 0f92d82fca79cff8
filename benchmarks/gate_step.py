"""Times a gate step against a plain pass of the same model, side by side; see README.md."""

from __future__ import annotations

import argparse
import time
from collections.abc import Sequence
from statistics import median
from typing import Any

import torch
from table import render

from frism.injection.decoder import matrices
from frism.injection.description import paths, relative_operations
from frism.injection.design import GateDesign
from frism.injection.gates import Injection
from frism.injection.inject import inject
from frism.subspaces.decomposition import Subspace

# the language model of Qwen2.5-0.5B but for its number of layers; no head, which both would share
HIDDEN, INTERMEDIATE, HEADS, KEY_VALUE_HEADS = 896, 4864, 14, 2
LIMIT, FULL = 2.2, 0
HEADER = ("rank", "tokens", "paths", "plain s", "gates s", "ratio", "by count", "")


def main() -> None:
    """Prints seconds and ratios for each rank and number of tokens."""
    args = _arguments()
    torch.set_num_threads(args.threads)
    dtype = getattr(torch, args.dtype)
    plain = _model(args.layers, dtype)
    rows = []
    for rank in args.ranks:
        gated = _model(args.layers, dtype)
        injection = _inject(gated, rank, args)
        for tokens in args.tokens:
            x = torch.randn(max(tokens // args.length, 1), min(args.length, tokens), HIDDEN)
            seconds = _times((plain, gated), x.to(dtype), args.repeats)
            rows.append(_row(injection, rank, tokens, seconds))
            print(injection.describe(tokens), flush=True)
    print(f"\n{args.layers} layers, {args.dtype}, {args.threads} threads, {args.repeats} turns\n")
    print(render(HEADER, rows, args.markdown))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layers", type=int, default=4)
    parser.add_argument("--tokens", type=int, nargs="+", default=[256, 1024, 2048])
    parser.add_argument("--ranks", type=int, nargs="+", default=[FULL, 64], help="0 is full rank")
    parser.add_argument("--length", type=int, default=128, help="tokens of one packed example")
    parser.add_argument("--repeats", type=int, default=5, help="turns, of which medians are taken")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--dtype", default="float32", help="of the model, U and Vh")
    parser.add_argument("--offload", action="store_true")
    parser.add_argument("--forget", action="store_true", help="form matrices again, keep none")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    return parser.parse_args()


def _model(layers: int, dtype: torch.dtype) -> Any:
    from transformers import Qwen2Config, Qwen2Model

    torch.manual_seed(0)
    config = Qwen2Config(
        vocab_size=2,
        hidden_size=HIDDEN,
        intermediate_size=INTERMEDIATE,
        num_hidden_layers=layers,
        num_attention_heads=HEADS,
        num_key_value_heads=KEY_VALUE_HEADS,
    )
    return Qwen2Model(config).to(dtype).requires_grad_(False).eval()


def _inject(model: Any, rank: int, args: argparse.Namespace) -> Injection:
    random = torch.Generator().manual_seed(1)
    subspaces = {}
    for name, path in matrices(model).items():
        m, n = model.get_submodule(path).weight.shape
        r = min(m, n, rank or m)
        u, v = (torch.linalg.qr(torch.randn(size, r, generator=random))[0] for size in (m, n))
        s = torch.linspace(1, 0.1, r)
        dtype = getattr(torch, args.dtype)
        subspaces[name] = Subspace(u.to(dtype), s, v.T.contiguous().to(dtype))
    return inject(model, subspaces, GateDesign(), 1.0, offload=args.offload, keep=not args.forget)


def _times(models: Sequence[Any], x: torch.Tensor, repeats: int) -> list[float]:
    """Returns median seconds of forward and backward of each model, to its inputs or its gates."""
    taken: list[list[float]] = [[] for _ in models]
    # training has no use for gradients of the inputs, but at few layers they would weigh too much
    inputs = (x.clone().requires_grad_(), x.clone().requires_grad_())
    for _ in range(repeats + 1):
        # in turns, so that a busy moment of the machine does not fall on one of them alone
        for model, each, times in zip(models, inputs, taken, strict=True):
            start = time.perf_counter()
            hidden = model(inputs_embeds=each, use_cache=False).last_hidden_state
            hidden.backward(torch.ones_like(hidden))
            times.append(time.perf_counter() - start)
    return [median(times[1:]) for times in taken]  # the first one warms up


def _row(injection: Injection, rank: int, tokens: int, seconds: Sequence[float]) -> tuple[Any, ...]:
    layers = list(injection.layers.values())
    plain, gates = seconds
    ratio = gates / plain
    verdict = "PASS" if ratio <= LIMIT else "OVER LIMIT"
    count = relative_operations(layers, tokens)
    return str(rank or "full"), tokens, paths(layers, tokens), plain, gates, ratio, count, verdict


if __name__ == "__main__":
    main()
