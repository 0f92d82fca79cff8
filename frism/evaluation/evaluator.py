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
    from frism.evaluation.answering import Answering
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
        self._groups = {group: names for group, names in groups.items() if names}
        self._files = tsv_files(data, groups, splits)
        self._conditions = Conditions.of(settings, blind)
        self._store = Store(store, data, self._conditions) if store else None
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
        self, weights: str, engine: Callable[[], Answering], split: Split, description: str
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
        for group, names in self._groups.items():
            known = self._store.find(weights, names, split) if self._store else None
            if known is None:
                text = f"{description} {group} {split}"
                known = self._examination.measure(engine(), weights, names, split, text)
                if self._store:
                    self._store.put(known)
            found += known
        return found

    @cached_property
    def _examination(self) -> Examination:
        # importing VLMEvalKit takes seconds, which models that were measured before do not need
        from frism.evaluation.examination import Examination

        return self._stack.enter_context(Examination(self._files, self._conditions))
