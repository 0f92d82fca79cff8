"""VLMEvalKit's evaluations without what they would do to the process or leave to chance."""

from __future__ import annotations

import contextlib
import io
import multiprocessing
import os
import sys
import warnings
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from functools import lru_cache, partial
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pandas as pd

from frism.errors import EvaluationError
from frism.evaluation import kit
from frism.evaluation.replacement import replaced

NO_OPTION = "Z"  # of VLMEvalKit: an answer that names none


@contextmanager
def contained(
    dataset: Any, build_judge: Callable[..., Any], work: Path, threads: int = 1
) -> Iterator[None]:
    """Holds for one call of `dataset.evaluate`.

    Args:
        dataset: the dataset of VLMEvalKit.
        build_judge: what stands in place of VLMEvalKit's own.
        work: where its temporary files go.
        threads: questions that are put to the judge at a time.

    Raises:
        EvaluationError: This process cannot start others, which some comparisons need.
    """
    if multiprocessing.current_process().daemon:
        # MathVision compares in a process of its own and takes any failure for a wrong answer
        raise EvaluationError("found a daemon process; expected scores to be made in another one")
    choices = kit.evaluation_module("utils.multiple_choice")
    modules = {sys.modules[kind.__module__] for kind in type(dataset).__mro__} | {choices}
    stand_ins = {
        "build_judge": build_judge,
        "mp": SimpleNamespace(Pool=_SerialPool),
        "track_progress_rich": partial(_all, threads),
    }
    with ExitStack() as stack:
        stack.enter_context(contextlib.redirect_stdout(io.StringIO()))
        stack.enter_context(contextlib.redirect_stderr(io.StringIO()))
        stack.enter_context(_no_fallback())
        for module in modules:
            for name in stand_ins.keys() & vars(module).keys():
                stack.enter_context(replaced(module, name, stand_ins[name]))
        for each in (_multiple_choice(choices, work), _steps(), _comparisons()):
            stack.enter_context(each)
        yield


def _all(
    threads: int,
    func: Callable[..., Any],
    tasks: Sequence[Any],
    save: str,
    keys: Sequence[Any],
    **settings: Any,
) -> list[Any]:
    """Returns the results of all tasks and saves them by key, once.

    VLMEvalKit's own saves all of them after each, which takes minutes for ten thousand questions.
    """

    def result(task: Any) -> Any:
        return func(**task) if isinstance(task, dict) else func(*task)

    with ThreadPoolExecutor(max_workers=threads) as pool:
        results = list(pool.map(result, tasks))
    known = kit.load(save) if Path(save).is_file() else {}
    kit.dump(known | dict(zip(keys, results, strict=True)), save)
    return results


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


@contextmanager
def _multiple_choice(module: ModuleType, work: Path) -> Iterator[None]:
    """Where the judge names no option there is none, and no file is shared through /tmp."""
    # circles of options go through /tmp/<time in seconds>, which processes would share
    inside = os.path.relpath(work.resolve() / "circle", Path("/tmp").resolve())
    with (
        replaced(module, "rd", SimpleNamespace(choice=lambda options: NO_OPTION)),
        replaced(module, "timestr", lambda: inside),
    ):
        yield


@contextmanager
def _comparisons() -> Iterator[None]:
    """MathVision forks a process to compare answers: not for letters, once for each pair."""
    module = kit.evaluation_module("utils.mathv")
    compare = module.is_equal

    @lru_cache(maxsize=None, typed=True)
    def is_equal(said: Any, truth: Any) -> bool:
        texts = [str(each).strip().lower() for each in (said, truth)]
        if texts[0] == texts[1]:
            return True
        letters = all(len(text) == 1 and text.isalpha() for text in texts)
        return not letters and compare(said, truth)

    with replaced(module, "is_equal", is_equal):
        yield


@contextmanager
def _steps() -> Iterator[None]:
    """WeMath runs with the pandas of today, and for a model that solves no problem."""
    module = kit.evaluation_module("utils.wemath")
    rates = partial(_rates, module.evaluate_compute_final_scores)
    with ExitStack() as stack:
        stack.enter_context(replaced(module, "evaluate_compute_final_scores", rates))
        if not hasattr(pd.DataFrame, "_append"):
            stack.enter_context(replaced(pd.DataFrame, "_append", _append))
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
