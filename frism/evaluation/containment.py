"""VLMEvalKit's evaluations without what they would do to the process or leave to chance."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pandas as pd

from frism.errors import EvaluationError
from frism.evaluation import kit

NO_OPTION = "Z"  # of VLMEvalKit: an answer that names none


@contextmanager
def contained(dataset: Any, build_judge: Callable[..., Any], work: Path) -> Iterator[None]:
    """Holds for one call of `dataset.evaluate`.

    Args:
        dataset: the dataset of VLMEvalKit.
        build_judge: what stands in place of VLMEvalKit's own.
        work: where its temporary files go.

    Raises:
        EvaluationError: This process cannot start others, which some comparisons need.
    """
    if multiprocessing.current_process().daemon:
        # MathVision compares in a process of its own and takes any failure for a wrong answer
        raise EvaluationError("found a daemon process; expected scores to be made in another one")
    modules = {kind.__module__ for kind in type(dataset).__mro__}
    with ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        stack.enter_context(_no_fallback())
        for module in sorted(modules):
            for name, stand_in in (("build_judge", build_judge), ("mp", _SERIAL)):
                if hasattr(sys.modules[module], name):
                    stack.enter_context(_replaced(sys.modules[module], name, stand_in))
        for each in (_multiple_choice(work), _steps()):
            stack.enter_context(each)
        yield


@contextmanager
def _replaced(owner: Any, name: str, value: object) -> Iterator[None]:
    missing = object()
    found = getattr(owner, name, missing)
    setattr(owner, name, value)
    try:
        yield
    finally:
        if found is missing:
            delattr(owner, name)
        else:
            setattr(owner, name, found)


@contextmanager
def _no_fallback() -> Iterator[None]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.filterwarnings("error", message=".*will use exact matching")
        yield


class _SerialPool:
    """A pool of this process alone: VLMEvalKit's 16 copies would each hold the model."""

    def __init__(self, processes: int | None = None) -> None:
        pass

    def map(self, function: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
        """Returns what `multiprocessing.Pool.map` returns."""
        return [function(item) for item in items]


_SERIAL = SimpleNamespace(Pool=_SerialPool)


@contextmanager
def _multiple_choice(work: Path) -> Iterator[None]:
    """Where the judge names no option there is none, and no file is shared through /tmp."""
    module = kit.evaluation_module("utils.multiple_choice")
    # circles of options go through /tmp/<time in seconds>, which processes would share
    inside = os.path.relpath(work.resolve() / "circle", Path("/tmp").resolve())
    with (
        _replaced(module, "rd", SimpleNamespace(choice=lambda options: NO_OPTION)),
        _replaced(module, "timestr", lambda: inside),
    ):
        yield


@contextmanager
def _steps() -> Iterator[None]:
    """WeMath runs with the pandas of today, and for a model that solves no problem."""
    module = kit.evaluation_module("utils.wemath")
    rates = partial(_rates, module.evaluate_compute_final_scores)
    with ExitStack() as stack:
        stack.enter_context(_replaced(module, "evaluate_compute_final_scores", rates))
        if not hasattr(pd.DataFrame, "_append"):
            stack.enter_context(_replaced(pd.DataFrame, "_append", _append))
        yield


def _append(table: pd.DataFrame, row: dict[str, Any], ignore_index: bool) -> pd.DataFrame:
    return pd.concat([table, pd.DataFrame([row])], ignore_index=ignore_index)


def _rates(
    compute: Callable[..., tuple[dict[str, int], dict[str, str]]],
    metrics: dict[str, pd.DataFrame],
    total_count: int,
) -> tuple[dict[str, int], dict[str, str]]:
    try:
        return compute(metrics, total_count)
    except ZeroDivisionError:
        # no problem is solved, so the share of solved ones that were learned by rote is 0 of 0
        kinds = ("loose", "strict")
        one = {f"steps2_filtered_rows_4_{kind}": [0] for kind in kinds}
        counts, rates = compute(metrics | one, total_count)
        none = {f"CompleteMastery_{kind}": 0 for kind in kinds}
        return counts | none, rates | {f"{name}_rate": f"{0:.2%}" for name in none}
