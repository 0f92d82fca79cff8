"""Compares batched answers with one question at a time, in one process; see README.md."""

from __future__ import annotations

import argparse
import contextlib
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from family import add_family
from table import render

from frism.config.tree import Evaluation
from frism.evaluation import kit
from frism.evaluation.answers import Answer
from frism.evaluation.benchmarks import load_split
from frism.evaluation.encoder import Message
from frism.evaluation.engine import Engine
from frism.evaluation.records import Split
from frism.evaluation.scratch import scratch_directory
from frism.evaluation.splits import tsv_file

SPLIT: Split = "validation"
HEADER = ("generation", "questions/s", "ratio", "seconds", "tokens", "same answers")


def main() -> None:
    """Lets a model answer the same questions in batches of each size and prints the ratios."""
    args = _arguments()
    torch.set_num_threads(1)
    checkpoint = args.family / args.model
    with _questions(args.family / "data", args.benchmarks, args.questions) as messages:
        alone, alone_seconds = _answer(checkpoint, 1, messages)
        batched, seconds = _answer(checkpoint, args.batch_size, messages)
    same = sum(a.text == b.text for a, b in zip(alone, batched, strict=True))
    rows = [
        _row("one at a time", alone, alone_seconds, alone_seconds, len(messages)),
        _row(f"batches of {args.batch_size}", batched, seconds, alone_seconds, same),
    ]
    print(f"{checkpoint.name}: {len(messages)} questions of {', '.join(args.benchmarks)}\n")
    print(render(HEADER, rows, args.markdown))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    add_family(parser)
    parser.add_argument("--model", default="models/vlm", help="checkpoint in the family's folder")
    parser.add_argument("--benchmarks", nargs="+", default=["FrismSolve", "FrismRead"])
    parser.add_argument("--questions", type=int, default=128, help="of each benchmark")
    parser.add_argument("--batch-size", type=int, default=Evaluation().batch_size)
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    return parser.parse_args()


@contextmanager
def _questions(data: Path, benchmarks: Sequence[str], count: int) -> Iterator[list[Message]]:
    files = [tsv_file(data, name, SPLIT) for name in benchmarks]
    with scratch_directory(files) as (root, _), kit.settings(root):
        parts = [load_split(name, SPLIT) for name in benchmarks]
        yield [message for part in parts for message in part.messages[:count]]


def _answer(
    checkpoint: Path, batch_size: int, messages: Sequence[Message]
) -> tuple[list[Answer], float]:
    """Returns the answers and their seconds, without those of loading the model."""
    with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
        engine = Engine(checkpoint, batch_size, Evaluation().max_new_tokens)
        engine.answer(messages[:1])
        start = time.perf_counter()
        answers = engine.answer(messages)
        return answers, time.perf_counter() - start


def _row(
    name: str, answers: Sequence[Answer], seconds: float, alone: float, same: int
) -> tuple[object, ...]:
    tokens = sum(answer.tokens for answer in answers)
    return name, len(answers) / seconds, alone / seconds, seconds, tokens, same


if __name__ == "__main__":
    main()
