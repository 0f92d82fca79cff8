"""Evaluation of the models of several families on the same benchmarks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from platform import python_version

from frism import __version__
from frism.checkpoints.hashing import weights_hash
from frism.config.tree import Evaluation
from frism.evaluation import kit
from frism.evaluation.answers import Answer
from frism.evaluation.benchmarks import BenchmarkSplit, benchmark_files, load_split
from frism.evaluation.engine import Engine
from frism.evaluation.records import Group, Question, Record
from frism.evaluation.scoring import Scored, score
from frism.evaluation.scratch import scratch_directory

EXTRACTORS = {
    "MCQ": "after </think>, letter or whole text of an option, then vlmeval can_infer_option",
    "VQA": "after </think>",
}
PACKAGES = ("ms-vlmeval", "torch", "torchvision", "transformers")


@dataclass(frozen=True)
class Subject:
    """The model under evaluation.

    Attributes:
        checkpoint: directory of the model.
        data: directory with `<benchmark>_VAL.tsv` and `<benchmark>_TEST.tsv`.
        blind: whether the model is shown no images.
    """

    checkpoint: Path
    data: Path
    pair: str
    family: int
    method: str
    parameters: dict[str, float]
    blind: bool = False


def evaluate_family(
    subject: Subject,
    benchmarks: dict[Group, Sequence[str]],
    splits: Sequence[str],
    settings: Evaluation,
) -> list[Record]:
    """Answers and scores all benchmarks of one family's model.

    The questions of a group share batches, whatever their benchmark and split: answers of a group
    are of like length, so few batches are needed and none waits for a single long answer.

    Raises:
        EvaluationError: VLMEvalKit left no metric, or an answer is missing.
    """
    engine = Engine(
        subject.checkpoint, settings.batch_size, settings.max_new_tokens, blind=subject.blind
    )
    weights = weights_hash(subject.checkpoint)
    names = [name for group in benchmarks.values() for name in group]
    files = benchmark_files(subject.data, names, splits)
    with scratch_directory(files) as (root, work), kit.settings(root):
        return [
            _record(subject, weights, settings, part, answers, score(part.dataset, answers, work))
            for group in benchmarks
            for part, answers in _answer_group(engine, subject, group, benchmarks[group], splits)
        ]


def _answer_group(
    engine: Engine, subject: Subject, group: Group, names: Sequence[str], splits: Sequence[str]
) -> list[tuple[BenchmarkSplit, dict[int | str, Answer]]]:
    parts = [load_split(name, group, split) for name in names for split in splits]
    messages = [message for part in parts for message in part.messages]
    answers = iter(engine.answer(messages, f"{subject.method} family {subject.family} {group}"))
    return [(part, dict(zip(part.indices, answers, strict=False))) for part in parts]


def _record(
    subject: Subject,
    weights: str,
    settings: Evaluation,
    part: BenchmarkSplit,
    answers: dict[int | str, Answer],
    scored: Scored,
) -> Record:
    given = list(answers.values())
    return Record(
        pair=subject.pair,
        family=subject.family,
        method=subject.method,
        parameters=subject.parameters,
        benchmark=part.benchmark,
        group=part.group,
        split=part.split,
        weights=weights,
        score=scored.score,
        questions=tuple(_questions(part, answers, scored)),
        count=len(given),
        seconds=round(sum(answer.seconds for answer in given), 3),
        tokens=sum(answer.tokens for answer in given),
        chain_share=sum(answer.chain for answer in given) / len(given),
        cut_share=sum(answer.cut for answer in given) / len(given),
        judge=settings.judge,
        extractor=EXTRACTORS[part.dataset.TYPE],
        generation=_generation(subject, settings),
        versions=_versions(),
    )


def _questions(
    part: BenchmarkSplit, answers: dict[int | str, Answer], scored: Scored
) -> list[Question]:
    rows = part.dataset.data
    asked = zip(rows["index"], rows["question"], rows["answer"], strict=True)
    return [
        Question(
            index=index,
            question=str(question),
            answer=str(truth),
            prediction=answers[index].text,
            thinking=answers[index].thinking,
            final=answers[index].final,
            hit=scored.hits[index],
            tokens=answers[index].tokens,
            chain=answers[index].chain,
            cut=answers[index].cut,
        )
        for index, question, truth in asked
    ]


def _generation(subject: Subject, settings: Evaluation) -> dict[str, bool | int | str]:
    return {
        "decoding": "greedy",
        "dtype": "float32",
        "batch_size": settings.batch_size,
        "max_new_tokens": settings.max_new_tokens,
        "blind": subject.blind,
    }


def _versions() -> dict[str, str]:
    packages = {name: version(name) for name in PACKAGES}
    return {"frism": __version__, "python": python_version()} | packages
