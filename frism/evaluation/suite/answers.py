"""Answers without scores: what one job does of several that share the questions of a model."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from frism.evaluation.offline import offline
from frism.evaluation.suite.job import Job
from frism.evaluation.suite.keys import identify
from frism.evaluation.suite.plan import announcement, plan
from frism.evaluation.suite.run import ask_all, asked_by, done, hold
from frism.evaluation.suite.sheets import Benchmark, Opened, open_sheet, sheets
from frism.evaluation.suite.workers import Workers
from frism.files import write_text
from frism.interruption import noted


def answer(job: Job) -> None:
    """Asks the questions of a share that are not on record, and writes a note for each benchmark.

    The answers lie where `evaluate` looks for them, which then asks nothing.

    Raises:
        EvaluationError: A worker died; finished questions are kept.
        Interrupted: It was stopped by a signal; finished questions are kept.
    """
    model = identify(job.checkpoint)
    job = job.placed(model.weights)
    benchmarks = plan(job, model)
    with ExitStack() as stack:
        for each in benchmarks:
            stack.enter_context(hold(each))
            each.read()
        print("\n".join(announcement(job, benchmarks)), flush=True)
        stack.enter_context(offline())
        stack.enter_context(noted(lambda: done(benchmarks)))
        asked = stack.enter_context(asked_by(job, benchmarks))
        for sheet in sheets(benchmarks):
            for opened in _answered(sheet, asked):
                _note(job.place / f"{opened.benchmark.name}.json", opened)


def _answered(sheet: Sequence[Benchmark], asked: Workers) -> list[Opened]:
    # as where they are scored
    from frism.evaluation import kit
    from frism.evaluation.scratch import scratch_directory

    with scratch_directory(each.file for each in sheet) as (root, _), kit.settings(root):
        opened = open_sheet(sheet, root)
        ask_all(opened, asked)
    return opened


def _note(path: Path, opened: Opened) -> None:
    """Writes where the answers are; all of them must be there."""
    benchmark, answers = opened.benchmark, opened.answers()
    note = {
        "benchmark": benchmark.name,
        "shard": f"{benchmark.shard.number}/{benchmark.shard.count}",
        "questions": len(answers),
        "predictions": benchmark.key.digest,
        "folder": str(benchmark.folder),
    }
    write_text(path, json.dumps(note, indent=1) + "\n")
    print(f"{benchmark.name}: {len(answers)} questions are answered", flush=True)
