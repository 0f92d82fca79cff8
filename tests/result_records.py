"""Records with known hits: two benchmarks of each group, three families."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from frism.evaluation.records import Question, Record
from frism.methods.registry import parse_parameters
from frism.results.candidates import Candidate

GROUPS = {"Solve": "reasoning", "Sum": "reasoning", "Read": "perception", "Count": "perception"}
FAMILIES = (1, 2, 3)
QUESTIONS = 40
# hits of 40 questions: reasoning, perception
HITS: dict[Candidate, tuple[int, int]] = {
    Candidate("vlm"): (8, 40),
    Candidate("lrm"): (0, 2),
    Candidate("task_arithmetic", "lambda=0.5"): (12, 40),
    Candidate("task_arithmetic", "lambda=1"): (30, 32),
    Candidate("matrix_gates", "alpha=0.1+lambda_lrm=1"): (14, 40),
    Candidate("matrix_gates", "alpha=1+lambda_lrm=1"): (28, 34),
    Candidate("frism", "alpha=0.1+lambda_lrm=1"): (24, 40),
    Candidate("frism", "alpha=1+lambda_lrm=1"): (34, 36),
}
TASK_ARITHMETIC, MATRIX_GATES, FRISM = (
    Candidate("task_arithmetic", "lambda=0.5"),
    Candidate("matrix_gates", "alpha=0.1+lambda_lrm=1"),
    Candidate("frism", "alpha=0.1+lambda_lrm=1"),
)


def make_record(
    candidate: Candidate, family: int, benchmark: str, split: str, hits: NDArray[np.float64]
) -> Record:
    """Returns a record whose questions have the given hits."""
    content = {
        "schema": 2,
        "pair": "pico",
        "family": family,
        "method": candidate.method,
        "parameters": parse_parameters(candidate.parameters),
        "benchmark": benchmark,
        "group": GROUPS[benchmark],
        "split": split,
        "weights": weights_of(candidate, family),
        "data": hashlib.sha256(f"{family}{benchmark}{split}".encode()).hexdigest(),
        "code": "0" * 64,
        "score": 100 * float(hits.mean()),
        "questions": [_question(index, float(hit)) for index, hit in enumerate(hits)],
        "count": len(hits),
        "seconds": 1.0,
        "tokens": 9 * len(hits),
        "chain_share": 0.25,
        "cut_share": 0.0,
        "judge": "exact",
        "extractor": "final",
        "generation": {"max_new_tokens": 9},
        "versions": {"frism": "0"},
    }
    return Record.model_validate(content)


def weights_of(candidate: Candidate, family: int) -> str:
    """Returns the hash of a candidate's weights in one family."""
    return hashlib.sha256(f"{candidate}{family}".encode()).hexdigest()


def _question(index: int, hit: float) -> Question:
    return Question(
        index=index,
        question=f"what is {index} + 1?",
        answer=str(index + 1),
        prediction="<think> one more </think> 1",
        thinking="one more" if index % 4 == 0 else "",
        final=str(index + 1) if hit else "0",
        hit=hit,
        tokens=9,
        chain=index % 4 == 0,
        cut=False,
    )
