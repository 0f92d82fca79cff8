"""The tables that others rely on: places, columns, rounding, and several pairs in one run."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from frism.cli.main import main
from frism.results.layout import relative_changes
from tests.result_records import (
    FRISM,
    MATRIX_GATES,
    TASK_ARITHMETIC,
    record_directories,
    write_families,
)

ORDER = ["task_arithmetic", "matrix_gates", "frism"]
MAIN_COLUMNS = (
    "method,parameters,reasoning,reasoning_low,reasoning_high,perception,perception_low,"
    "perception_high,reasoning_delta,reasoning_delta_low,reasoning_delta_high,perception_delta,"
    "perception_delta_low,perception_delta_high"
)
SCORE_COLUMNS = (
    "pair,family,method,parameters,benchmark,group,split,questions,score,low,high,weights"
)


def make_tables(records: list[Path], output: Path, *flags: str) -> int:
    sources = [str(path) for path in records]
    fixed = ["--output", str(output), "--resamples", "100", "--methods-order", *ORDER]
    return main(["tables", "--records", *sources, *fixed, *flags])


@pytest.fixture(scope="module")
def families(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_families(tmp_path_factory.mktemp("records"))


@pytest.fixture(scope="module")
def tables(families: list[Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("tables")
    assert make_tables(record_directories(families), output) == 0
    return output


def test_columns_stand_in_their_order(tables: Path) -> None:
    assert (tables / "main.csv").read_text().splitlines()[0] == MAIN_COLUMNS
    assert (tables / "scores.csv").read_text().splitlines()[0] == SCORE_COLUMNS


def test_main_table_has_the_references_and_the_chosen_candidates(tables: Path) -> None:
    table = pd.read_csv(tables / "main.csv")
    assert list(table["method"]) == ["vlm", "lrm", *ORDER]
    assert list(table["parameters"]) == [
        "none", "none", *(each.parameters for each in (TASK_ARITHMETIC, MATRIX_GATES, FRISM))
    ]  # fmt: skip
    assert list(table["reasoning"]) == [20.0, 0.0, 30.0, 35.0, 60.0]
    assert list(table["reasoning_delta"]) == [0.0, -20.0, 10.0, 15.0, 40.0]
    assert list(table["perception_delta"]) == [0.0, -95.0, 0.0, 0.0, 0.0]
    assert (table["reasoning_low"] <= table["reasoning"]).all()


def test_scores_have_a_row_per_record_with_wilson_bounds(tables: Path) -> None:
    table = pd.read_csv(tables / "scores.csv")
    assert len(table) == 8 * 3 * 4 * 2
    row = table[(table["method"] == "vlm") & (table["benchmark"] == "Sum")].iloc[0]
    assert (row["questions"], row["score"]) == (40, 20.0)
    assert (row["low"], row["high"]) == pytest.approx((10.5001, 34.7573), abs=1e-4)
    assert table["weights"].str.fullmatch("[0-9a-f]{64}").all()


def test_sweep_marks_one_candidate_per_method(tables: Path) -> None:
    table = pd.read_csv(tables / "sweep.csv")
    assert list(table.loc[table["chosen"], "method"]) == ORDER
    assert list(table["within_tolerance"]) == [True, False] * 3
    assert set(table["candidates"]) == {2}
    assert set(table["chain_share"]) == {0.25}


def test_text_formats_agree_with_the_main_table(tables: Path) -> None:
    markdown = (tables / "main.md").read_text().splitlines()
    assert markdown[-1].startswith("| FRISM | alpha=0.1,lambda_lrm=1 | 60.0 [")
    latex = (tables / "main.tex").read_text()
    assert latex.count(r"\\") == 6
    assert r"FRISM & alpha=0.1,lambda\_lrm=1 & 60.0 [" in latex
    assert r"\toprule" in latex


def test_verdict_opens_every_account_of_it(tables: Path) -> None:
    claim = json.loads((tables / "claim.json").read_text())
    assert claim["verdict"] == "holds"
    assert (tables / "claim.rst").read_text().startswith("**pico: The claim holds: on test")
    assert (tables / "claim.md").read_text().splitlines()[2].startswith("The claim holds: on test")
    assert "<p class=verdict>The claim holds: on test" in (tables / "summary.html").read_text()


def test_same_records_give_the_same_bytes(
    families: list[Path], tables: Path, tmp_path: Path
) -> None:
    assert make_tables(record_directories(families)[::-1], tmp_path) == 0
    names = sorted(path.name for path in tables.iterdir())
    assert names == sorted(path.name for path in tmp_path.iterdir())
    for name in names:
        assert (tables / name).read_bytes() == (tmp_path / name).read_bytes(), name


def test_further_pairs_get_a_directory(families: list[Path], tmp_path: Path) -> None:
    directories = record_directories(families)
    for directory in directories:
        other = tmp_path / "other" / directory.relative_to(families[0].parents[1])
        other.mkdir(parents=True)
        for path in directory.glob("*.json"):
            record = json.loads(path.read_text()) | {"pair": "other"}
            (other / path.name).write_text(json.dumps(record))
    copies = [tmp_path / "other" / each.relative_to(families[0].parents[1]) for each in directories]
    assert make_tables([*directories, *copies], tmp_path / "tables") == 0
    assert (tmp_path / "tables" / "other" / "main.csv").exists()
    assert set(pd.read_csv(tmp_path / "tables" / "sweep.csv")["pair"]) == {"pico", "other"}


def test_tolerance_decides_the_choice(families: list[Path], tmp_path: Path) -> None:
    assert make_tables(record_directories(families), tmp_path, "--perception-tolerance", "20") == 0
    table = pd.read_csv(tmp_path / "main.csv").set_index("method")
    assert table.loc["task_arithmetic", "parameters"] == "lambda=1"
    assert table.loc["frism", "parameters"] == "alpha=1,lambda_lrm=1"


def test_unknown_method_in_the_order_is_one_line(
    families: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sources = [str(path) for path in record_directories(families)]
    order = ["--output", str(tmp_path), "--methods-order", "ties"]
    assert main(["tables", "--records", *sources, *order]) == 2
    assert "found no record of ties" in capsys.readouterr().err


def test_relative_change_is_the_mean_over_cards(tmp_path: Path) -> None:
    content = {"method": "frism", "parameters": {"alpha": 0.1, "lambda_lrm": 1.0}}
    for place, change in enumerate((0.1, 0.3)):
        card = content | {"relative_change": change}
        (tmp_path / f"{place}.json").write_text(json.dumps(card))
    (tmp_path / "2.json").write_text(json.dumps(content | {"method": "task_arithmetic"}))
    assert relative_changes(sorted(tmp_path.iterdir())) == {FRISM: pytest.approx(0.2)}
