"""Which directions a restriction keeps."""

from __future__ import annotations

import pytest
import torch

from frism.errors import MergeError
from frism.methods.gated import MODULES, PROJECTIONS
from frism.subspaces.decomposition import Subspace, leading
from frism.subspaces.restriction import includes, restrict

NAMES = {
    each: f"model.layers.3.{'self_attn' if each in 'qkvo' else 'mlp'}.{each}_proj.weight"
    for each in PROJECTIONS
}


@pytest.mark.parametrize(
    ("energy", "kept"),
    # squares 16, 9, 4, 1 of 30
    [(0.0, 1), (0.5, 1), (16 / 30, 1), (0.54, 2), (25 / 30, 2), (0.9, 3), (0.99, 4), (1.0, 4)],
)
def test_fewest_directions_with_the_energy(energy: float, kept: int) -> None:
    assert leading(torch.tensor([4.0, 3.0, 2.0, 1.0]), energy) == kept


def test_without_any_energy_one_direction_is_left() -> None:
    assert leading(torch.zeros(3), 0.5) == 1
    assert leading(torch.zeros(3), 1.0) == 3


def test_modules_are_projections_alone_or_left_out() -> None:
    for modules in MODULES:
        kept = {each for each, name in NAMES.items() if includes(modules, name)}
        kind, _, own = modules.partition("_")
        expected = {"all": set(NAMES), "only": {own}, "without": set(NAMES) - {own}}[kind]
        assert kept == expected, modules


@pytest.mark.parametrize("modules", ["q", "only_", "none_q"])
def test_unknown_modules_are_refused(modules: str) -> None:
    with pytest.raises(MergeError, match=f"'{modules}'; expected all, only_<projection>"):
        includes(modules, NAMES["q"])


def test_nothing_is_left_of_other_modules() -> None:
    subspace = Subspace(torch.rand(5, 3), torch.tensor([3.0, 2.0, 1.0]), torch.rand(3, 4))
    u, s, vh = restrict(NAMES["k"], subspace, 1.0, "only_q")
    assert (u.shape, s.shape, vh.shape) == ((5, 0), (0,), (0, 4))
    u, s, vh = restrict(NAMES["q"], subspace, 0.8, "only_q")
    assert torch.equal(u, subspace.u[:, :2])
    assert s.tolist() == [3.0, 2.0]
    assert torch.equal(vh, subspace.vh[:2])
