"""Results of a suite that were never measured."""

from __future__ import annotations

from frism.evaluation.chains import Chains
from frism.evaluation.suite.intervals import score_interval
from frism.evaluation.suite.results import BenchmarkResult, Credit

HASH = "0" * 64


def chains(closed: float) -> Chains:
    rest = dict.fromkeys(("looped", "forced", "mean", "median"), 0.0)
    return Chains(closed=closed, cut=0.25, longest=0, **rest)


def result(
    name: str, group: str, hits: list[float], score: float | None = None, **more: object
) -> BenchmarkResult:
    mean = 100 * sum(hits) / len(hits)
    found = score_interval(mean if score is None else score, hits)
    content = {
        "model": "vlm",
        "benchmark": name,
        "group": group,
        "score": mean if score is None else score,
        "low": found and found.low,
        "high": found and found.high,
        "metrics": {"Overall": mean},
        "count": len(hits),
        "broken": (),
        "failed": (),
        "counted": len(hits),
        "chains": chains(0.5),
        "tokens": 99,
        "judge": "rule",
        "judge_settings": {},
        "generation": {"decoding": "greedy"},
        **dict.fromkeys(("weights", "prompting", "data", "predictions", "key"), HASH),
        "versions": {},
        "seconds": {"generation": 1.0},
        "questions": tuple(Credit(index=k, hit=hit) for k, hit in enumerate(hits)),
    }
    return BenchmarkResult.model_validate(content | more)
