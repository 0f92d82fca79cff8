"""The whole evaluation of pico models, through the command line and through VLMEvalKit alone."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from frism.checkpoints.hashing import file_hash, weights_hash
from frism.cli.main import main
from frism.evaluation import kit
from frism.evaluation.answers import NO_ANSWER
from frism.evaluation.choices import named
from frism.evaluation.datasets import build
from frism.evaluation.examination import EXTRACTORS
from frism.evaluation.judges import judge_of
from frism.evaluation.model import KitModel
from frism.evaluation.records import Record, read_records
from frism.evaluation.scoring import evaluate
from tests.engines import make_engine
from tests.pico_questions import choice_rows, open_rows, save, text_rows
from tests.pico_vlm import save_lrm, save_vlm

LIMIT, COUNT = 24, 10
NAMES = {"reasoning": "FrismPico", "perception": "FrismPicoMCQ", "text": "FrismPicoText"}


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("models")
    return {"1": save_vlm(root / "1"), "2": save_vlm(root / "2", 2), "lrm": save_lrm(root / "lrm")}


@pytest.fixture(scope="module")
def data(models: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three benchmarks; some answers are what the first model says, so that it scores."""
    root, draft = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("draft")
    letters = ["ABCD"[k % 4] for k in range(COUNT)]
    tables = {
        "FrismPico": open_rows(["x"] * COUNT),
        "FrismPicoMCQ": choice_rows(letters),
        "FrismPicoText": text_rows(["x"] * COUNT),
    }
    for name, table in tables.items():
        for split in ("VAL", "TEST"):
            save(table, draft, f"{name}_{split}")
            said = _said(models["1"], draft, f"{name}_{split}")
            if name != "FrismPicoMCQ":
                table = table.assign(answer=[t if k % 2 else "x" for k, t in enumerate(said)])
            save(table, root, f"{name}_{split}")
    return root


def _said(model: Path, root: Path, name: str) -> list[str]:
    with kit.settings(root):
        dataset = build(name)
        messages = [dataset.build_prompt(row) for _, row in dataset.data.iterrows()]
    return [answer.final or "x" for answer in make_engine(model, 64, LIMIT).answer(messages)]


def arguments(models: list[Path], data: Path, output: list[Path], *more: str) -> list[str]:
    families = [str(k + 1) for k in range(len(models))]
    flags: dict[str, list[object]] = {
        "models": [*models],
        "data": [data] * len(models),
        "output": [*output],
        "families": [*families],
        "pair": ["pico"],
        "method": ["frism"],
        "parameters": ["alpha=0.3+lambda_lrm=1"],
        "max-new-tokens": [LIMIT],
    }
    flags |= {group: [name] for group, name in NAMES.items()}
    flags |= {f"{group}-judge": ["rule"] for group in NAMES}
    words = [str(word) for flag, values in flags.items() for word in (f"--{flag}", *values)]
    return ["evaluate", *words, *more]


@pytest.fixture(scope="module")
def records(
    models: dict[str, Path], data: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[Record]:
    """The records of the first of two families that one process evaluated."""
    root = tmp_path_factory.mktemp("records")
    output = [root / "1", root / "2"]
    assert main(arguments([models["1"], models["2"]], data, output)) == 0
    assert {record.family for record in read_records(output[1])} == {2}
    return read_records(output[0])


def test_one_record_per_benchmark_split(
    records: list[Record], models: dict[str, Path], data: Path
) -> None:
    keys = {(record.group, record.benchmark, record.split) for record in records}
    assert keys == {(g, n, s) for g, n in NAMES.items() for s in ("validation", "test")}
    assert {record.weights for record in records} == {weights_hash(models["1"])}
    assert {record.family for record in records} == {1}
    assert records[0].parameters == {"alpha": 0.3, "lambda_lrm": 1.0}
    assert records[0].versions["ms-vlmeval"] == "0.0.20"
    assert {r.data for r in records if r.split == "test"} == {
        file_hash(data / f"{name}_TEST.tsv") for name in NAMES.values()
    }
    assert records[0].generation["max_new_tokens"] == LIMIT


def test_sums_of_a_record_equal_its_questions(records: list[Record]) -> None:
    for record in records:
        questions = record.questions
        assert record.count == len(questions) == COUNT
        assert record.score == pytest.approx(100 * sum(q.hit for q in questions) / COUNT)
        assert record.tokens == sum(q.tokens for q in questions)
        assert record.cut_share == sum(q.cut for q in questions) / COUNT
        assert record.chain_share == sum(q.chain for q in questions) / COUNT


def test_open_questions_hit_exactly_where_the_answer_is_said(records: list[Record]) -> None:
    hits = []
    for record in (record for record in records if record.benchmark != "FrismPicoMCQ"):
        for question in record.questions:
            same = question.final.lower() == question.answer.lower()
            assert question.hit == float(same and not question.cut)
            hits.append(question.hit)
    assert 0 < sum(hits) < len(hits)


@pytest.mark.parametrize("name", sorted(NAMES.values()))
def test_vlmevalkit_alone_gives_the_same(
    records: list[Record], models: dict[str, Path], data: Path, name: str, tmp_path: Path
) -> None:
    (record,) = [r for r in records if (r.benchmark, r.split) == (name, "test")]
    model = KitModel(make_engine(models["1"], 1, LIMIT))
    save(pd.read_csv(data / f"{name}_TEST.tsv", sep="\t", dtype=str), tmp_path, f"{name}_TEST")
    with kit.settings(tmp_path):
        scored = evaluate(build(f"{name}_TEST"), model, tmp_path, judge_of("rule"))
        table = pd.read_csv(tmp_path / f"frism_{name}_TEST.tsv", sep="\t", dtype=str)
    said = [NO_ANSWER if q.cut or not q.final else q.final for q in record.questions]
    if record.extractor == EXTRACTORS["MCQ"]:
        options = [dict(zip("ABCD", row, strict=True)) for row in table[list("ABCD")].to_numpy()]
        said = [named(final, texts) for final, texts in zip(said, options, strict=True)]
    assert list(table["prediction"]) == said
    assert scored.score == record.score
    assert list(scored.hits.values()) == [q.hit for q in record.questions]


def test_a_second_run_gives_the_same_bits(
    records: list[Record], models: dict[str, Path], data: Path, tmp_path: Path
) -> None:
    assert main(arguments([models["1"]], data, [tmp_path / "out"])) == 0
    again = read_records(tmp_path / "out")
    assert [r.model_copy(update={"seconds": 0.0}) for r in again] == [
        r.model_copy(update={"seconds": 0.0}) for r in records
    ]
    assert {path.name for path in data.iterdir()} == {
        f"{name}_{split}.tsv" for name in NAMES.values() for split in ("VAL", "TEST")
    }


def test_a_store_spares_the_second_run(
    records: list[Record], models: dict[str, Path], data: Path, tmp_path: Path
) -> None:
    store, out = tmp_path / "store", tmp_path / "out"
    words = arguments([models["1"]], data, [out], "--store", str(store))
    assert main(words) == 0
    for file in store.rglob("*.json"):
        file.write_text(json.dumps(json.loads(file.read_text()) | {"seconds": 77.0}))
    assert main(words) == 0
    taken = read_records(out)
    assert {record.seconds for record in taken} == {77.0}
    assert taken == [record.model_copy(update={"seconds": 77.0}) for record in records]


def test_a_text_model_is_evaluated_blind(
    models: dict[str, Path], data: Path, tmp_path: Path
) -> None:
    assert main(arguments([models["lrm"]], data, [tmp_path / "out"], "--blind")) == 0
    assert len(read_records(tmp_path / "out")) == 6
    assert main(arguments([models["lrm"]], data, [tmp_path / "seeing"])) == 2
    assert not (tmp_path / "seeing").exists()


def test_mistakes_stop_before_the_work(
    models: dict[str, Path], data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = [tmp_path / "out"]
    assert main(arguments([models["1"], models["2"]], data, out)) == 2
    assert "--output 1" in capsys.readouterr().err
    assert main(arguments([models["1"]], tmp_path, out)) == 2
    assert "6 files are missing" in capsys.readouterr().err
    assert main(arguments([models["1"]], data, out, "--text", "FrismPico")) == 2
    assert (
        '--text.benchmarks: found "FrismPico", which is in reasoning too' in capsys.readouterr().err
    )
