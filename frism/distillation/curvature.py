"""Curvature of the perception loss along each singular direction, from one pass over the examples.

Let sigma_i be the strength of direction i in `W = W_vlm + sum_i sigma_i S_i u_i vh_i`. At
sigma = 0 the distillation loss (FRISM Eq. 8, arXiv 2601.21187) and its gradient are 0, and its
second derivative is that of its Gauss-Newton approximation, which is the Fisher information:

    h_i = E_t sum_y p(y) (d log p(y) / d sigma_i)^2 = E_t J_i^T (diag(p) - p p^T) J_i

over the answer tokens t, with J_i the derivative of the logits of token t. One random vector
`v = sqrt(p) * e - p (sqrt(p) . e)` per token, with e of random signs, has the covariance in the
bracket, so `(v . J_i)^2` has the mean that is wanted. Labels sampled from p do, too; but a VLM that
is sure of its answers almost never samples another label, and then most of h would come from very
few tokens. Different tokens have independent signs: the square of their sum over an example has the
mean of the sum of their squares.

All v . J_i come from one backward pass: for a linear layer with inputs x_s and gradients d_s of
its outputs they are `S_i sum_s (vh_i . x_s) (u_i . d_s)` over the tokens s of the example.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import nn

from frism.arithmetic.randomness import generator
from frism.distillation.batches import Batch, pack
from frism.distillation.examples import Example
from frism.distillation.packed import answer_logits
from frism.injection.decoder import matrices
from frism.progress import progress
from frism.subspaces.decomposition import Subspace


def curvatures(
    model: Any,
    subspaces: Mapping[str, Subspace],
    examples: Sequence[Example],
    batch_size: int,
    seed: int,
) -> dict[str, torch.Tensor]:
    """Returns an unbiased estimate of h of each direction by canonical name, [r].

    Args:
        model: The VLM, without injection.
        subspaces: Decomposed task vectors by canonical name.
        examples: Calibration examples; each is used once.
        batch_size: Examples of one backward pass; it does not change the estimate's mean.
        seed: Of the random signs.
    """
    model.requires_grad_(False)
    random = generator(seed, "curvature")
    sums = {name: torch.zeros_like(subspace.s) for name, subspace in subspaces.items()}
    starts = range(0, len(examples), batch_size)
    for start in progress(starts, "curvature"):
        batch = pack(examples, range(start, min(start + batch_size, len(examples))))
        # nothing else needs a gradient, so without this there would be none
        batch.embeddings.requires_grad_()
        with _watched(model, subspaces, batch, sums):
            logits = answer_logits(model, batch)
            logits.backward(fisher_vectors(logits.detach(), random))  # type: ignore[no-untyped-call]
    tokens = sum(example.answer_tokens for example in examples)
    return {name: total / tokens for name, total in sums.items()}


def fisher_vectors(logits: torch.Tensor, random: torch.Generator) -> torch.Tensor:
    """Returns random vectors of mean 0 and covariance `diag(p) - p p^T`, [tokens, vocabulary].

    Args:
        logits: Whose softmax is p, [tokens, vocabulary].
        random: Where the signs come from.
    """
    signs = 2 * torch.randint(2, logits.shape, generator=random).to(logits) - 1
    p = torch.softmax(logits, dim=-1)
    scaled = p.sqrt() * signs
    return scaled - p * (p.sqrt() * signs).sum(dim=-1, keepdim=True)


@contextmanager
def _watched(
    model: nn.Module,
    subspaces: Mapping[str, Subspace],
    batch: Batch,
    sums: Mapping[str, torch.Tensor],
) -> Iterator[None]:
    """Adds the squares of each example's derivatives to `sums` in the next backward pass."""
    paths = matrices(model)
    handles = [
        model.get_submodule(paths[name]).register_forward_hook(
            _Watcher(partial(subspaces.__getitem__, name), batch, sums[name])
        )
        for name in subspaces
    ]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


class _Watcher:
    def __init__(self, read: Callable[[], Subspace], batch: Batch, total: torch.Tensor) -> None:
        self.read = read
        self.owners = batch.owners
        self.examples = len(batch.members)
        self.total = total

    def __call__(
        self, module: nn.Module, inputs: tuple[torch.Tensor, ...], output: torch.Tensor
    ) -> None:
        x = inputs[0].detach()[0]
        output.register_hook(lambda gradient: self._add(x, gradient[0]))  # type: ignore[no-untyped-call]

    def _add(self, x: torch.Tensor, gradient: torch.Tensor) -> None:
        # one matrix at a time: all of them may not fit beside the model
        u, s, vh = self.read()
        u, vh = u.to(x), vh.to(x)
        each = (x @ vh.T) * (gradient @ u)  # [tokens, r]
        each = each.to(torch.promote_types(each.dtype, torch.float32))
        own = each.new_zeros(self.examples, len(self.total))
        own.index_add_(0, self.owners.to(x.device), each)
        self.total += (own.to(self.total) * s).square().sum(dim=0)
