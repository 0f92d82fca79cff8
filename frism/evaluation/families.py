"""Evaluation of the models of several families on the same benchmarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from frism.checkpoints.hashing import weights_hash
from frism.config.tree import Evaluation
from frism.evaluation.answering import Answering
from frism.evaluation.engines import load_engine
from frism.evaluation.evaluator import Evaluator
from frism.evaluation.records import Groups, Origin, Record, Split, record_of


@dataclass(frozen=True)
class Subject:
    """The model under evaluation.

    Attributes:
        checkpoint: directory of the model.
        data: directory with `<benchmark>_VAL.tsv` and `<benchmark>_TEST.tsv`.
        origin: what the model is.
        blind: whether the model is shown no images.
        store: folder of what was measured before, if there is one.
    """

    checkpoint: Path
    data: Path
    origin: Origin
    blind: bool = False
    store: Path | None = None


def evaluate_family(
    subject: Subject, groups: Groups, splits: Sequence[Split], settings: Evaluation
) -> list[Record]:
    """Answers and scores all benchmarks of one family's model.

    Raises:
        EvaluationError: VLMEvalKit left no metric, or an answer is missing.
    """

    @cache
    def engine() -> Answering:
        return load_engine(subject.checkpoint, settings, subject.blind)

    weights = weights_hash(subject.checkpoint)
    evaluator = Evaluator(subject.data, groups, splits, settings, subject.store, subject.blind)
    with evaluator:
        return [
            record_of(measurement, subject.origin, groups)
            for split in splits
            for measurement in evaluator.measure(weights, engine, split, str(subject.origin))
        ]
