"""The same merge by frism and by mergekit, from checkpoints to a checkpoint."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from unittest.mock import patch

import torch
from mergekit.config import MergeConfiguration
from mergekit.merge import run_merge
from mergekit.merge_methods import generalized_task_arithmetic as arithmetic
from mergekit.options import MergeOptions

from frism.arithmetic.randomness import generator
from frism.cli.main import main
from frism.methods.registry import parameters_slug

ROLES = ("base", "vlm", "lrm")
SEED = 0


def prepare(folder: Path) -> None:
    """Writes the decomposed task vectors that frism merges from."""
    for role in ("vlm", "lrm"):
        output = folder / f"{role}_subspaces"
        _frism("svd", base=folder / "base", tuned=folder / role, role=role, output=output)


def merge_with_frism(
    folder: Path, method: str, parameters: Mapping[str, float | str], output: Path
) -> None:
    """Writes frism's merge; the VLM's language model stands for the VLM."""
    _frism(
        "merge",
        **{role: folder / role for role in ROLES},
        vlm_base=folder / "base",
        subspaces=folder / "lrm_subspaces",
        vlm_subspaces=folder / "vlm_subspaces",
        method=method,
        parameters=parameters_slug(parameters),
        output=output,
    )


def merge_with_mergekit(folder: Path, configuration: dict[str, Any], output: Path) -> None:
    """Writes mergekit's merge, with frism's random numbers."""
    config = MergeConfiguration.model_validate(_with_paths(configuration, folder))
    options = MergeOptions(copy_tokenizer=False, write_model_card=False, quiet=True)
    with _random_numbers_of_frism():
        run_merge(config, str(output), options)


def _frism(step: str, **flags: object) -> None:
    words = [(f"--{name.replace('_', '-')}", str(value)) for name, value in flags.items()]
    with contextlib.redirect_stdout(io.StringIO()):
        code = main([step, *(word for pair in words for word in pair)])
    if code:
        raise SystemExit(f"frism {step} failed; its error stands above")


def _with_paths(configuration: Any, folder: Path) -> Any:
    if isinstance(configuration, dict):
        return {key: _with_paths(value, folder) for key, value in configuration.items()}
    if isinstance(configuration, list):
        return [_with_paths(value, folder) for value in configuration]
    return str(folder / configuration) if configuration in ROLES else configuration


@contextlib.contextmanager
def _random_numbers_of_frism() -> Iterator[None]:
    """Seeds torch before each task vector that mergekit sparsifies as frism seeds for it.

    mergekit draws all masks from one stream, whose order depends on its schedule; only the seed is
    replaced, the drawing and all else stay its own.
    """
    merge_group, sparsify = (
        arithmetic.GeneralizedTaskArithmeticMerge.merge_group,
        arithmetic.sparsify,
    )

    def seeded(self: Any, group: Any, /, **parameters: Any) -> Any:
        owners = iter(("vlm", "lrm"))

        def sparsify_seeded(delta: torch.Tensor, **options: Any) -> Any:
            random = generator(SEED, next(owners), group.metadata.name)
            torch.manual_seed(random.initial_seed())
            return sparsify(delta, **options)

        with patch.object(arithmetic, "sparsify", sparsify_seeded):
            return merge_group(self, group, **parameters)

    with patch.object(arithmetic.GeneralizedTaskArithmeticMerge, "merge_group", seeded):
        yield
