"""Models of one family on its benchmarks: from the store where they were measured before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self

from frism.config.tree import Evaluation
from frism.evaluation.conditions import Conditions
from frism.evaluation.records import Groups, Measurement, Split
from frism.evaluation.splits import tsv_files
from frism.evaluation.store import Store

if TYPE_CHECKING:
    from frism.evaluation.engine import Engine
    from frism.evaluation.examination import Examination


class Evaluator:
    """Measures models, a context manager; benchmarks are opened when a model must be asked.

    Args:
        data: folder with `<benchmark>_VAL.tsv` and `<benchmark>_TEST.tsv`.
        groups: benchmarks by group.
        splits: splits that will be asked for.
        settings: of generation and scoring.
        store: folder of what was measured before; None to measure everything.
        blind: whether models are shown no images.
    """

    def __init__(
        self,
        data: Path,
        groups: Groups,
        splits: Sequence[Split],
        settings: Evaluation,
        store: Path | None,
        blind: bool = False,
    ) -> None:
        self._groups = {
            name: (group.benchmarks, Conditions.of(settings, blind, group.judge))
            for name, group in groups.items()
        }
        self._files = tsv_files(data, groups, splits)
        self._data, self._folder = data, store
        self._stack = ExitStack()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stack.__exit__(kind, error, trace)

    def measure(
        self, weights: str, engine: Callable[[], Engine], split: Split, description: str
    ) -> list[Measurement]:
        """Returns the measurements of a model on a split, group by group.

        A group of which anything is missing in the store is measured as a whole: batches are then
        always the same, and so is every bit of the answers.

        Args:
            weights: hash of the model's weights.
            engine: gives the model, if it must be asked.
            split: which questions.
            description: what progress is reported under.
        """
        found: list[Measurement] = []
        for group, (names, conditions) in self._groups.items():
            store = Store(self._folder, self._data, conditions) if self._folder else None
            known = store.find(weights, names, split) if store else None
            if known is None:
                text = f"{description} {group} {split}"
                asked = names, split, conditions
                known = self._examination.measure(engine(), weights, *asked, text)
                if store:
                    store.put(known)
            found += known
        return found

    @cached_property
    def _examination(self) -> Examination:
        # importing VLMEvalKit takes seconds, which models that were measured before do not need
        from frism.evaluation.examination import Examination

        return self._stack.enter_context(Examination(self._files))
