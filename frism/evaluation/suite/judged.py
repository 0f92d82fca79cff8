"""From the answers on record to the result of a benchmark: VLMEvalKit's score and our counts."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

from frism.evaluation.chains import Chains
from frism.evaluation.judges import Judge
from frism.evaluation.predictions import Index
from frism.evaluation.scoring import score
from frism.evaluation.suite.intervals import score_interval
from frism.evaluation.suite.job import Job
from frism.evaluation.suite.keys import Identity
from frism.evaluation.suite.plan import judge_settings
from frism.evaluation.suite.results import BenchmarkResult, Credit, Marked
from frism.evaluation.suite.sheets import Benchmark, Opened

FAILED = "the judge gave no reply of use"


def judged(
    job: Job, model: Identity, opened: Opened, scratch: Path, judge: Judge
) -> BenchmarkResult:
    """Returns the result of a benchmark whose questions are all answered.

    Args:
        job: The evaluation.
        model: Who answered.
        opened: The benchmark with its dataset, which loses its images.
        scratch: Folder in which VLMEvalKit may work.
        judge: Of the benchmark's group.
    """
    start, asked, answers = time.monotonic(), opened.benchmark, opened.answers()
    # VLMEvalKit takes over what it finds in a directory, so each benchmark gets one of its own
    with tempfile.TemporaryDirectory(dir=scratch) as work:
        scored = score(opened.dataset, answers, Path(work), judge)
    counted = set(scored.counted)
    interval = score_interval(scored.score, [scored.hits[index] for index in counted])
    return BenchmarkResult(
        model=job.name,
        benchmark=asked.name,
        group=asked.group,
        score=scored.score,
        low=interval and interval.low,
        high=interval and interval.high,
        metrics=scored.metrics,
        count=len(answers),
        counted=len(counted),
        broken=_marked(asked.broken),
        failed=_marked(dict.fromkeys(scored.failed, FAILED)),
        chains=Chains.of(list(answers.values())),
        tokens=sum(answer.tokens for answer in answers.values()),
        seconds={
            "generation": round(sum(answer.seconds for answer in answers.values()), 3),
            "scoring": round(time.monotonic() - start, 3),
        },
        questions=tuple(
            Credit(index=index, hit=hit, counted=index in counted)
            for index, hit in scored.hits.items()
        ),
        **_origin(job, model, asked),
    )


def _origin(job: Job, model: Identity, asked: Benchmark) -> dict[str, Any]:
    """Returns what a result was made of."""
    return {
        **vars(model),
        "data": asked.data,
        "predictions": asked.key.digest,
        "key": asked.result.digest,
        "judge": asked.conditions.judge,
        "judge_settings": judge_settings(job, asked.conditions),
        "generation": asked.key.parts["generation"],
        "versions": asked.conditions.versions,
    }


def _marked(problems: dict[Index, str]) -> tuple[Marked, ...]:
    found = sorted(problems.items(), key=lambda each: str(each[0]))
    return tuple(Marked(index=index, problem=problem) for index, problem in found)
