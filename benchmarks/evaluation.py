"""Compares VLMEvalKit's stock loop with frism's evaluation, in one process; see README.md."""

from __future__ import annotations

import argparse
import contextlib
import functools
import gc
import os
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from family import add_family
from stock import StockModel, stock_evaluation
from table import render

from frism.config.tree import Evaluation
from frism.evaluation import kit
from frism.evaluation.benchmarks import load_split
from frism.evaluation.engine import Engine
from frism.evaluation.judges import judge_of
from frism.evaluation.records import Split
from frism.evaluation.scoring import score
from frism.evaluation.scratch import scratch_directory
from frism.evaluation.splits import tsv_file

SPLIT: Split = "validation"
BENCHMARKS = ("Solve", "Sum", "SolveMCQ", "Read", "ItemMCQ", "Count", "Last", "SolveText")
HEADER = (
    *("evaluation", "questions/s", "ratio", "seconds", "in the model"),
    *("overhead ms/question", "same answers"),
)
Texts = Mapping[tuple[str, object], str]


@dataclass(frozen=True)
class Run:
    """What one way of evaluating did.

    Attributes:
        name: of the way.
        texts: answers by benchmark and index.
        seconds: wall time from TSV files to scores; loading software and model is not counted.
        forward: seconds of it inside the model.
    """

    name: str
    texts: Texts
    seconds: float
    forward: float

    def row(self, other: Run) -> tuple[object, ...]:
        """Returns the cells of the table beside those of another way."""
        count, overhead = len(self.texts), self.seconds - self.forward
        same = sum(text == other.texts[key] for key, text in self.texts.items())
        rate, ratio = count / self.seconds, other.seconds / self.seconds
        return self.name, rate, ratio, self.seconds, self.forward, 1000 * overhead / count, same


def main() -> None:
    """Evaluates a model in both ways on the same questions and prints them side by side."""
    args = _arguments()
    torch.set_num_threads(1)
    checkpoint, limit = args.family / args.model, Evaluation().max_new_tokens
    with _silence():
        stock = StockModel(checkpoint, limit)
        engine = Engine(checkpoint, Evaluation(batch_size=args.batch_size))
        ways = (
            ("VLMEvalKit's loop", stock.model, _stock(stock), gc.unfreeze),
            (f"frism, batches of {args.batch_size}", engine.model, _ours(engine), gc.freeze),
        )
        # in turns, so that what else the machine does weighs on both
        turns = [[_run(args, *way) for way in ways] for _ in range(args.repeats)]
    one_at_a_time, batched = (_median(runs) for runs in zip(*turns, strict=True))
    rows = [one_at_a_time.row(one_at_a_time), batched.row(one_at_a_time)]
    print(f"{checkpoint}: {len(batched.texts)} questions of {', '.join(args.benchmarks)}\n")
    print(render(HEADER, rows, args.markdown))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add_family(parser)
    parser.add_argument("--model", default="models/vlm", help="checkpoint in the family's folder")
    parser.add_argument("--benchmarks", nargs="+", default=[f"Frism{name}" for name in BENCHMARKS])
    parser.add_argument("--repeats", type=int, default=3, help="turns; their medians are shown")
    parser.add_argument("--batch-size", type=int, default=Evaluation().batch_size)
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    return parser.parse_args()


Evaluate = Callable[[list[str], Path], Texts]


def _stock(model: StockModel) -> Evaluate:
    """Returns VLMEvalKit's own way, benchmark by benchmark."""

    def evaluate(names: list[str], work: Path) -> Texts:
        return {
            (name, index): text
            for name in names
            for part in [load_split(name, SPLIT)]
            for index, text in stock_evaluation(part.dataset, model, work).items()
        }

    return evaluate


def _ours(engine: Engine) -> Evaluate:
    """Returns our way: the questions of all benchmarks share batches."""

    def evaluate(names: list[str], work: Path) -> Texts:
        parts = [load_split(name, SPLIT) for name in names]
        messages = [message for part in parts for message in part.messages]
        answers = iter(engine.answer(messages))
        texts: dict[tuple[str, object], str] = {}
        for part in parts:
            given = dict(zip(part.indices, answers, strict=False))
            score(part.dataset, given, work, judge_of("exact"))
            texts |= {(part.benchmark, index): answer.text for index, answer in given.items()}
        return texts

    return evaluate


def _run(
    args: argparse.Namespace,
    name: str,
    model: Any,
    evaluate: Evaluate,
    garbage: Callable[[], None],
) -> Run:
    files = [tsv_file(args.family / "data", each, SPLIT) for each in args.benchmarks]
    garbage()  # frism spares the collector what it imported, VLMEvalKit does not
    with scratch_directory(files) as (root, work), kit.settings(root), _clock(model) as clock:
        start = time.perf_counter()
        texts = evaluate(args.benchmarks, work)
        return Run(name, texts, time.perf_counter() - start, clock.seconds)


def _median(runs: Sequence[Run]) -> Run:
    return sorted(runs, key=lambda run: run.seconds)[len(runs) // 2]


class _Clock:
    """Seconds that a model's forward passes took."""

    seconds = 0.0


@contextmanager
def _clock(model: Any) -> Iterator[_Clock]:
    clock, forward = _Clock(), model.forward

    @functools.wraps(forward)
    def timed(*args: Any, **kwargs: Any) -> Any:
        start = time.perf_counter()
        try:
            return forward(*args, **kwargs)
        finally:  # a recording leaves the pass early
            clock.seconds += time.perf_counter() - start

    model.forward = timed
    try:
        yield clock
    finally:
        del model.forward


@contextmanager
def _silence() -> Iterator[None]:
    with open(os.devnull, "w") as nowhere, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with contextlib.redirect_stderr(nowhere), contextlib.redirect_stdout(nowhere):
            yield


if __name__ == "__main__":
    main()
