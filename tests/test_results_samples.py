"""Samples show every case with its share, successes beside failures."""

from __future__ import annotations

import base64
import io
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from frism.cli.main import main
from frism.evaluation.records import Record, write_record
from frism.results.candidates import Candidate
from frism.results.samples import CASES, choose_samples
from tests.result_records import FAMILIES, GROUPS, QUESTIONS, make_record

# hits of the questions: reasoning, perception
HITS = {
    Candidate("vlm"): (8, 40),
    Candidate("task_arithmetic", "lambda=0.5"): (12, 40),
    Candidate("matrix_gates", "alpha=0.1+lambda_lrm=1"): (14, 40),
    Candidate("frism", "alpha=0.1+lambda_lrm=1"): (24, 38),
}
CLAIM = {"pair": "pico", "best_layer_level": "task_arithmetic", "best_other": "matrix_gates"}


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pair = tmp_path_factory.mktemp("results") / "pico"
    for family in FAMILIES:
        for candidate, hits in HITS.items():
            for benchmark in GROUPS:
                write_record(record(candidate, family, benchmark, hits), folder(pair, candidate))
    write_data(pair / "seed-1" / "data")
    (pair.parent / "claim.json").write_text(json.dumps(CLAIM))
    return pair


def record(candidate: Candidate, family: int, benchmark: str, hits: tuple[int, int]) -> Record:
    right = hits[0] if GROUPS[benchmark] == "reasoning" else hits[1]
    answers = (np.arange(QUESTIONS) < right).astype(float)
    return make_record(candidate, family, benchmark, "test", answers)


def folder(pair: Path, candidate: Candidate) -> Path:
    if candidate.method == "vlm":
        return pair / "seed-1" / "references" / "vlm" / "records"
    return pair / "experiments" / "main" / candidate.method / "records" / "none"


def write_data(data: Path) -> None:
    buffer = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(buffer, "PNG")
    image = base64.b64encode(buffer.getvalue()).decode()
    data.mkdir()
    for benchmark in GROUPS:
        # all but the first row name its image, as VLMEvalKit allows
        rows = [{"index": i, "image": "0" if i else image} for i in range(QUESTIONS)]
        pd.DataFrame(rows).to_csv(data / f"{benchmark}_TEST.tsv", sep="\t", index=False)


def samples(pair: Path, output: Path) -> int:
    where = ["--tables", str(pair.parent), "--sweeps", str(pair / "experiments" / "main")]
    return main(["samples", *where, "--family", str(pair / "seed-1"), "--output", str(output)])


def test_samples_repeat(pair: Path, tmp_path: Path) -> None:
    assert samples(pair, tmp_path / "one") == 0
    assert samples(pair, tmp_path / "two") == 0
    for name in ("samples.html", "samples.png", "samples.svg"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()


def test_samples_show_every_case_with_its_share(pair: Path) -> None:
    own = {each.method: record(each, 1, "Solve", hits) for each, hits in HITS.items()}
    tsv = pair / "seed-1" / "data" / "Solve_TEST.tsv"
    found = choose_samples(own, "frism", "task_arithmetic", "TA", tsv)
    shares = {sample.case: sample.share for sample in found}
    assert shares == {"FRISM right, TA wrong": 0.3, "both right": 0.3, "both wrong": 0.4}
    assert len({sample.image for sample in found}) == 1
    assert len(found[0].image or "") > 64
    assert [sample.answers["frism"].hit for sample in found] == [1.0, 1.0, 0.0]
    assert len(CASES) == 4


def test_page_covers_all_benchmarks_and_both_outcomes(pair: Path, tmp_path: Path) -> None:
    assert samples(pair, tmp_path) == 0
    page = (tmp_path / "samples.html").read_text()
    assert [page.count(f"<h2>{name}</h2>") for name in GROUPS] == [1, 1, 1, 1]
    assert "Pair pico, family 1, test split" in page
    assert [name in page for name in ("Task Arithmetic", "One gate per matrix")] == [True, True]
    assert "one more" in page
    assert page.count("class=right") > 0
    assert page.count("class=wrong") > 0


def test_missing_rival_and_missing_family_are_told(
    pair: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (pair / "seed-9").mkdir()
    where = ["--sweeps", str(pair / "experiments" / "main"), "--output", str(tmp_path)]
    family = ["--family", str(pair / "seed-9"), "--data", str(pair / "seed-1" / "data")]
    assert main(["samples", "--tables", str(pair.parent), *where, *family]) == 2
    assert "expected the output of an earlier step" in capsys.readouterr().err
    (tmp_path / "claim.json").write_text('{"pair": "pico"}')
    assert main(["samples", "--tables", str(tmp_path), *where, *family]) == 2
    assert "found no best_layer_level" in capsys.readouterr().err
