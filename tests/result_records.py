"""Records with known hits: two benchmarks of each group, three families."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from PIL import Image
from safetensors.numpy import save_file

from frism.evaluation.records import Question, Record, write_record
from frism.methods.registry import parse_parameters
from frism.results.candidates import Candidate
from frism.results.layout import unit_directory

GROUPS = {"Solve": "reasoning", "Sum": "reasoning", "Read": "perception", "Count": "perception"}
FAMILIES = (1, 2, 3)
QUESTIONS = 40
# hits of 40 questions: reasoning, perception
HITS: dict[Candidate, tuple[int, int]] = {
    Candidate("vlm"): (8, 40),
    Candidate("lrm"): (0, 2),
    Candidate("task_arithmetic", "lambda=0.5"): (12, 40),
    Candidate("task_arithmetic", "lambda=1"): (30, 32),
    Candidate("matrix_gates", "alpha=0.1,lambda_lrm=1"): (14, 40),
    Candidate("matrix_gates", "alpha=1,lambda_lrm=1"): (28, 34),
    Candidate("frism", "alpha=0.1,lambda_lrm=1"): (24, 40),
    Candidate("frism", "alpha=1,lambda_lrm=1"): (34, 36),
}
TASK_ARITHMETIC, MATRIX_GATES, FRISM = (
    Candidate("task_arithmetic", "lambda=0.5"),
    Candidate("matrix_gates", "alpha=0.1,lambda_lrm=1"),
    Candidate("frism", "alpha=0.1,lambda_lrm=1"),
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
        "weights": hashlib.sha256(f"{candidate}{family}".encode()).hexdigest(),
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


def records(hits: Mapping[Candidate, tuple[int, int]] = HITS) -> Iterator[Record]:
    """Yields the records of all candidates; those with more hits get right what others do."""
    for candidate, (reasoning, perception) in hits.items():
        for family in FAMILIES:
            for benchmark, group in GROUPS.items():
                right = reasoning if group == "reasoning" else perception
                answers = (np.arange(QUESTIONS) < right).astype(float)
                for split in ("validation", "test"):
                    yield make_record(candidate, family, benchmark, split, answers)


def write_families(root: Path, hits: Mapping[Candidate, tuple[int, int]] = HITS) -> list[Path]:
    """Writes records, questions, gates and histories; returns the families' directories."""
    families = [root / "pico" / f"seed-{family}" for family in FAMILIES]
    for record in records(hits):
        candidate = next(each for each in hits if _is(each, record))
        unit = unit_directory(root / "pico" / f"seed-{record.family}", candidate)
        write_record(record, unit / "records")
    for family in families:
        _write_data(family)
        _write_gates(family, hits)
    return families


def record_directories(families: list[Path]) -> list[Path]:
    """Returns the directories of records below the families."""
    return [path for family in families for path in sorted(family.glob("*/**/records"))]


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


def _is(candidate: Candidate, record: Record) -> bool:
    parameters = parse_parameters(candidate.parameters)
    return candidate.method == record.method and parameters == record.parameters


def _write_data(family: Path) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(buffer, "PNG")
    image = base64.b64encode(buffer.getvalue()).decode()
    (family / "data").mkdir()
    for benchmark in GROUPS:
        # all but the first row name its image, as VLMEvalKit allows
        rows = [{"index": i, "image": "0" if i else image} for i in range(QUESTIONS)]
        table = pd.DataFrame(rows)
        table.to_csv(family / "data" / f"{benchmark}_TEST.tsv", sep="\t", index=False)


def _write_gates(family: Path, hits: Mapping[Candidate, tuple[int, int]]) -> None:
    names = [f"model.layers.{layer}.mlp.{name}.weight" for layer in (0, 1) for name in MODULES]
    spectra = {f"{name}.S": np.array([3, 2, 1, 0.5], np.float32) for name in names}
    save_file(spectra, family / "subspaces.safetensors")
    for candidate in hits:
        if candidate.method in ("frism", "matrix_gates"):
            size = 4 if candidate.method == "frism" else 1
            directory = unit_directory(family, candidate) / "gates"
            directory.mkdir()
            gates = {name: np.zeros(size, np.float32) for name in names}
            save_file(gates, directory / "gates.safetensors")
            steps = [{"loss": 0.1, "kl": 0.1, "injection": -0.25, "open": 0.5}] * 3
            (directory / "training.json").write_text(json.dumps({"steps": steps}))


MODULES = ("gate_proj", "up_proj")
