"""From the answers on record to the result of a benchmark: VLMEvalKit's score and our counts."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from frism.evaluation.answers import Answer
from frism.evaluation.predictions import Index
from frism.evaluation.scoring import score
from frism.evaluation.suite.intervals import score_interval
from frism.evaluation.suite.job import Job
from frism.evaluation.suite.keys import Identity
from frism.evaluation.suite.results import BenchmarkResult, Credit, Marked
from frism.evaluation.suite.sheets import Opened


def judged(job: Job, model: Identity, opened: Opened, scratch: Path) -> BenchmarkResult:
    """Returns the result of a benchmark whose questions are all answered.

    Args:
        job: The evaluation.
        model: Who answered.
        opened: The benchmark with its dataset, which loses its images.
        scratch: Folder in which VLMEvalKit may work.
    """
    start, asked, answers = time.monotonic(), opened.benchmark, opened.answers()
    # VLMEvalKit takes over what it finds in a directory, so each benchmark gets one of its own
    with tempfile.TemporaryDirectory(dir=scratch) as work:
        scored = score(opened.dataset, answers, Path(work))
    hits = list(scored.hits.values())
    interval = score_interval(scored.score, hits)
    return BenchmarkResult(
        model=job.name,
        benchmark=asked.name,
        group=asked.group,
        score=scored.score,
        low=interval and interval.low,
        high=interval and interval.high,
        metrics={},
        count=len(answers),
        broken=_marked(asked.broken),
        failed=(),
        **_counts(list(answers.values())),
        judge=asked.conditions.judge,
        judge_settings={},
        generation=asked.key.parts["generation"],
        weights=model.weights,
        prompting=model.prompting,
        data=asked.data,
        predictions=asked.key.digest,
        key=asked.result.digest,
        versions=asked.conditions.versions,
        seconds={
            "generation": round(sum(answer.seconds for answer in answers.values()), 3),
            "scoring": round(time.monotonic() - start, 3),
        },
        questions=tuple(Credit(index=index, hit=hit) for index, hit in scored.hits.items()),
    )


def _counts(answers: Sequence[Answer]) -> dict[str, Any]:
    chains = [answer.chain_tokens for answer in answers if answer.chain_tokens]
    count = len(answers)
    return {
        "chain_share": sum(answer.chain for answer in answers) / count,
        "cut_share": sum(answer.cut for answer in answers) / count,
        "loop_share": sum(answer.looped for answer in answers) / count,
        "forced_share": sum(answer.forced for answer in answers) / count,
        "chain_tokens": sum(chains) / len(chains) if chains else 0.0,
        "tokens": sum(answer.tokens for answer in answers),
    }


def _marked(problems: dict[Index, str]) -> tuple[Marked, ...]:
    found = sorted(problems.items(), key=lambda each: str(each[0]))
    return tuple(Marked(index=index, problem=problem) for index, problem in found)
