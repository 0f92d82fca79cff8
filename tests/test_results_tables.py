"""The tables that others rely on: places, columns, marks, notes, and the same bytes each time."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from frism.cli.main import main
from frism.methods.registry import method
from frism.results import columns
from frism.results.candidates import Candidate
from frism.results.cells import lines_cells
from frism.results.names import controls, layer_level
from frism.results.notes import comparisons, notes
from frism.results.tables import lines_table
from tests.result_records import FRISM, HITS, MATRIX_GATES, TASK_ARITHMETIC
from tests.result_sweeps import SETTINGS, analysed, sweeps_of, undefined, write_experiment

ORDER = ["task_arithmetic", "matrix_gates", "frism"]
REASON = str(method("tsv_m").undefined(()))
SUFFIXES = ("", "_families", "_benchmarks", "_scores", "_times", "_against_frism")
Folders = tuple[list[Path], list[Path]]


def make_tables(folders: Folders, output: Path, *flags: str) -> int:
    sweeps, references = ([str(path) for path in paths] for paths in folders)
    fixed = ["--sweeps", *sweeps, "--references", *references, "--output", str(output)]
    return main(["tables", *fixed, "--resamples", "100", *flags])


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Folders:
    sweeps = [*sweeps_of(), undefined("tsv_m", REASON)]
    return write_experiment(tmp_path_factory.mktemp("results"), sweeps)


@pytest.fixture(scope="module")
def tables(folders: Folders, tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("tables")
    assert make_tables(folders, output, "--claim") == 0
    return output


def test_columns_are_those_that_are_promised(tables: Path) -> None:
    promised = (
        columns.LINES,
        columns.FAMILIES,
        columns.BENCHMARKS,
        columns.SCORES,
        columns.TIMES,
        columns.AGAINST_FRISM,
    )
    for suffix, names in zip(SUFFIXES, promised, strict=True):
        assert list(pd.read_csv(tables / f"main{suffix}.csv")) == names
    sweep = list(pd.read_csv(tables / "main_sweep.csv"))
    assert sweep[: len(columns.SWEEP)] == columns.SWEEP
    own = [f"validation_{name}" for name in ("Count", "Read", "Solve", "Sum")]
    assert sweep[len(columns.SWEEP) :] == own
    published = [*columns.PUBLISHED, *columns.REPRODUCED]
    assert list(pd.read_csv(tables / "published.csv")) == published


def test_main_table_has_references_chosen_candidates_and_the_undefined(tables: Path) -> None:
    table = pd.read_csv(tables / "main.csv")
    assert list(table["method"]) == ["vlm", "lrm", *ORDER, "tsv_m"]
    chosen = [each.parameters for each in (TASK_ARITHMETIC, MATRIX_GATES, FRISM)]
    assert list(table["parameters"]) == ["none", "none", *chosen, "none"]
    assert list(table["reasoning"])[:-1] == [20.0, 0.0, 30.0, 35.0, 60.0]
    assert list(table["reasoning_delta"])[:-1] == [0.0, -20.0, 10.0, 15.0, 40.0]
    assert list(table["to_best"])[:-1] == [-40.0, -60.0, -30.0, -25.0, 0.0]
    assert list(table["mark"])[4] == "best"
    last = table.iloc[-1]
    assert last["undefined"] == REASON
    assert last[columns.bounds("reasoning") + columns.TESTS].isna().all()


def test_every_merge_has_p_values_and_the_holm_correction_is_over_all_of_them(
    tables: Path,
) -> None:
    table = pd.read_csv(tables / "main.csv").set_index("method")
    assert table.loc[ORDER, "p_t"].tolist() == [0.0] * 3
    # nothing of 100 resamples lies at zero: p = 2 / 101, and three comparisons
    assert table.loc[ORDER, "p_bootstrap"].tolist() == pytest.approx([2 / 101] * 3, abs=1e-6)
    assert table.loc[ORDER, "p_holm"].tolist() == pytest.approx([6 / 101] * 3, abs=1e-6)
    assert table.loc[["vlm", "lrm", "tsv_m"], "p_holm"].isna().all()


def test_families_are_averages_over_benchmarks(tables: Path) -> None:
    table = pd.read_csv(tables / "main_families.csv")
    assert len(table) == 5 * 3
    ours = table[table["method"] == "frism"]
    assert ours[["family", "reasoning", "perception"]].to_numpy().tolist() == [
        [1, 60, 100],
        [2, 60, 100],
        [3, 60, 100],
    ]


def test_benchmarks_are_compared_with_the_vlm(tables: Path) -> None:
    table = pd.read_csv(tables / "main_benchmarks.csv")
    assert len(table) == 4 * 5
    row = table[(table["benchmark"] == "Sum") & (table["method"] == "frism")].iloc[0]
    assert (row["score"], row["delta"], row["group"]) == (60.0, 40.0, "reasoning")
    assert row["score_low"] < 60 < row["score_high"]


def test_scores_have_a_row_per_test_record_with_wilson_bounds(tables: Path) -> None:
    table = pd.read_csv(tables / "main_scores.csv")
    assert len(table) == 5 * 3 * 4
    row = table[(table["method"] == "vlm") & (table["benchmark"] == "Sum")].iloc[0]
    assert (row["questions"], row["score"], row["split"]) == (40, 20.0, "test")
    assert (row["low"], row["high"]) == pytest.approx((10.5001, 34.7573), abs=1e-4)
    assert table["weights"].str.fullmatch("[0-9a-f]{64}").all()


def test_frism_is_compared_with_every_other_method(tables: Path) -> None:
    table = pd.read_csv(tables / "main_against_frism.csv")
    assert list(table["method"]) == ["task_arithmetic", "matrix_gates"]
    assert list(table["difference"]) == [30.0, 25.0]
    assert list(table["verdict"]) == ["above", "above"]
    assert list(table["p_holm"]) == pytest.approx([4 / 101] * 2, abs=1e-4)
    assert not table["control"].any()


def test_text_formats_agree_with_the_main_table(tables: Path) -> None:
    rows = (tables / "main.md").read_text().splitlines()
    assert rows[6].startswith("| **FRISM** | **alpha=0.1+lambda_lrm=1** | **2** | **60.0 [")
    assert rows[7].startswith(f"| TSV-M | not defined: it {REASON} | — |")
    latex = (tables / "main.tex").read_text()
    assert latex.count(r"\\") == 7
    assert (
        r"\textbf{FRISM} & \textbf{alpha=0.1+lambda\_lrm=1} & \textbf{2} & \textbf{60.0 [" in latex
    )
    assert r"\bottomrule" in latex
    sweep = (tables / "main_sweep.md").read_text().splitlines()
    assert (
        sweep[3] == "| Task Arithmetic | lambda=1 |  | no | 75.0 | 80.0 | +55.0 | -20.0 | 0.0100 |"
    )


def test_notes_under_the_table_tell_the_design(tables: Path) -> None:
    for text in ((tables / name).read_text() for name in ("main.md", "main.tex", "summary.html")):
        assert "Families of models: 3 (seeds 1, 2, 3)." in text
        assert "Questions per benchmark: validation 40; test 40." in text
        assert "100 bootstrap resamples of families, then of questions" in text
        assert "Candidates per line: 2 for each, the same budget for all." in text
        assert "corrected by Holm&#x27;s method for the 3" in text or "for the 3 comp" in text
        assert "the larger of Student" in text
        assert "Power: with 3 families a true difference to the VLM of" in text
        assert "100 resamples are too few for 3 comparisons" in text


def test_every_text_tells_seeds_and_questions(tables: Path) -> None:
    texts = {path.name: path.read_text() for path in tables.glob("*.md")}
    assert {"main.md", "main_sweep.md", "main_times.md", "published.md", "claim.md"} < set(texts)
    for text in texts.values():
        assert (
            "Families of models: 3 (seeds 1, 2, 3). Questions per benchmark: validation 4" in text
        )
    assert "a true difference to FRISM of" in texts["main_against_frism.md"]


def test_an_experiment_has_a_page_with_lines_notes_and_candidates(tables: Path) -> None:
    page = (tables / "main.html").read_text()
    assert "<h1>frism: pico, main</h1>" in page
    assert page.count("<table>") == 2
    assert "<td>FRISM</td><td>alpha=0.1+lambda_lrm=1</td>" in page
    assert "<p class=note>Power: with 3 families" in page
    assert "class=verdict" not in page


def test_power_is_that_of_the_median_spread_between_families() -> None:
    found = analysed()
    values = [[4.0, 8.0, 12.0], [1.0, 2.0, 3.0], [0.0, 9.0, 9.0]]
    deltas = {Candidate("vlm"): 0} | dict(
        zip([e.candidate for e in found.defined], range(3), strict=True)
    )
    means = found.test.means.copy()
    means[:] = 0
    for candidate, place in deltas.items():
        if candidate.method != "vlm":
            column = found.test.place(candidate)
            means[:, :2, column] = [[value / 100] * 2 for value in values[place]]
    spread = replace(found, test=replace(found.test, means=means))
    # standard deviations 4, 1 and 5.2: a median of 4, times 3.264 for 3 families at 5 %
    assert "a true difference to the VLM of 13.1 points is found" in comparisons(spread)[-1]
    assert "spread by 4.0 points" in comparisons(spread)[-1]


def test_notes_tell_unequal_budgets_and_unequal_numbers_of_questions() -> None:
    fewer = {each: hits for each, hits in HITS.items() if each.parameters != "lambda=1"}
    found = analysed(fewer)
    uneven = replace(found, questions={"test": {"Sum": 30, "Solve": 40, "Read": 40}})
    said = " ".join(notes(uneven, {"frism": "FRISM"}))
    assert "1 for task_arithmetic; 2 for matrix_gates and FRISM: not the same budget" in said
    assert "validation not among the records; test 30 (Sum), 40 (Solve and Read)" in said


def test_one_family_has_no_student_and_no_power() -> None:
    found = analysed()
    table = replace(found.test.table, families=(1,))
    one = replace(found, test=replace(found.test, table=table, means=found.test.means[:1]))
    said = comparisons(one)
    assert "each p is the bootstrap's, over questions: one family has no spread" in said[0]
    assert said[-1] == "Power over families cannot be told from one family."
    lines = lines_table(one).set_index("method")
    assert lines.loc[ORDER, "p_t"].isna().all()
    assert (lines.loc[ORDER, "p_holm"] < 0.05).all()


def test_a_broken_constraint_is_marked() -> None:
    other = Candidate("task_arithmetic", "lambda=1")
    found = analysed({**HITS, TASK_ARITHMETIC: (39, 30), other: (40, 20)})
    lines = lines_table(found)
    row = lines.set_index("method").loc["task_arithmetic"]
    assert (row["constraint_met"], row["mark"]) == (False, "")
    assert row["reasoning"] > lines.set_index("method").loc["frism", "reasoning"]
    cells = lines_cells(lines, {})
    assert [each[0] for each in cells.rows if "†" in each[0]] == ["task_arithmetic †"]
    assert [each[-1] for each in cells.rows] == ["", "", "", "", "★"]


def test_ties_with_the_best_are_marked() -> None:
    lines = lines_table(analysed({**HITS, MATRIX_GATES: (24, 40)}))
    assert list(lines["mark"]) == ["", "", "", "best", "tied"]
    assert [each[-1] for each in lines_cells(lines, {}).rows] == ["", "", "", "★", "≈"]


def test_a_line_is_tied_where_students_interval_alone_holds_zero() -> None:
    found = analysed()
    means = found.test.means.copy()
    ours, rival = (found.test.place(each) for each in (FRISM, MATRIX_GATES))
    for family, gap in enumerate((0.65, 0.05, 0.1)):
        means[family, :2, ours] = means[family, :2, rival] + gap
    lines = lines_table(replace(found, test=replace(found.test, means=means)))
    assert list(lines["mark"]) == ["tied", "", "tied", "tied", "best"]
    assert (lines["to_best_high"][:4] < 0).all()


def test_verdict_opens_every_account_of_it(tables: Path) -> None:
    claim = json.loads((tables / "claim.json").read_text())
    assert claim["verdict"] == "holds"
    assert (tables / "claim.rst").read_text().startswith("**pico: The claim holds: on test")
    assert (tables / "claim.md").read_text().splitlines()[2].startswith("The claim holds: on test")
    assert "<p class=verdict>The claim holds: on test" in (tables / "summary.html").read_text()


def test_same_records_give_the_same_bytes(folders: Folders, tables: Path, tmp_path: Path) -> None:
    sweeps, references = folders
    assert make_tables((sweeps, references[::-1]), tmp_path, "--claim") == 0
    names = sorted(path.name for path in tables.iterdir())
    assert names == sorted(path.name for path in tmp_path.iterdir())
    for name in names:
        assert (tables / name).read_bytes() == (tmp_path / name).read_bytes(), name


def test_rows_of_an_experiment_are_lines(tmp_path: Path) -> None:
    sweeps = sweeps_of(experiment="tradeoff", by=["alpha", "lambda"])
    assert make_tables(write_experiment(tmp_path, sweeps), tmp_path / "tables") == 0
    table = pd.read_csv(tmp_path / "tables" / "tradeoff.csv")
    assert list(table["row"])[2:] == [
        *("lambda=0.5", "lambda=1"),
        *("alpha=0.1", "alpha=1"),
        *("alpha=0.1", "alpha=1"),
    ]
    assert list(table["candidates"])[2:] == [1] * 6
    written = {path.name for path in (tmp_path / "tables").iterdir()}
    assert {"tradeoff_curves.json", "tradeoff_curves.md"} <= written
    assert "(seeds 1, 2, 3)" in (tmp_path / "tables" / "tradeoff_curves.md").read_text()
    told = (tmp_path / "tables" / "tradeoff.md").read_text()
    assert (
        "Candidates per line: 1 for each, the same budget for all. Candidates per method, " in told
    )
    assert "all its lines together: 2 for each, the same budget for all." in told
    assert not {"tradeoff_against_frism.csv", "claim.json", "published.md"} & written


def test_an_experiment_of_undefined_methods_is_a_table_too(tmp_path: Path) -> None:
    folders = write_experiment(tmp_path, [undefined("tsv_m", REASON)])
    assert make_tables(folders, tmp_path / "tables", "--claim") == 0
    table = pd.read_csv(tmp_path / "tables" / "main.csv")
    assert list(table["method"]) == ["vlm", "lrm", "tsv_m"]
    assert "The claim was not tested" in (tmp_path / "tables" / "claim.md").read_text()


def test_scores_of_experiments_are_collected_once(
    tables: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sweeps = sweeps_of(experiment="tradeoff", by=["alpha", "lambda"])
    assert make_tables(write_experiment(tmp_path, sweeps), tmp_path / "tables") == 0
    paths = [tables / "main_scores.csv", tmp_path / "tables" / "tradeoff_scores.csv"]
    output = ["--output", str(tmp_path / "scores.csv")]
    assert main(["scores", "--tables", *map(str, paths), *output]) == 0
    scores = pd.read_csv(tmp_path / "scores.csv")
    assert list(scores) == columns.SCORES
    assert len(scores) == 8 * 3 * 4
    stale = pd.read_csv(paths[0]).assign(score=1.0)
    stale.to_csv(tmp_path / "stale.csv", index=False)
    assert main(["scores", "--tables", str(paths[0]), str(tmp_path / "stale.csv"), *output]) == 2
    assert "two scores of pico/1/frism/" in capsys.readouterr().err


def test_names_of_methods_are_those_of_the_registry(tables: Path) -> None:
    text = (tables / "main_against_frism.md").read_text()
    assert f"| {method('matrix_gates').name} | {MATRIX_GATES.parameters} | +25.0 [" in text
    assert SETTINGS.layer_level == ("task_arithmetic", "matrix_gates")


def test_layer_level_methods_are_no_controls_and_no_probes() -> None:
    assert {*SETTINGS.layer_level, "layer_gates", "ties"} <= set(layer_level())
    assert "frism_mean" in controls()
    assert method("rank_group").missing
    assert not {"frism_mean", "rank_group"} & set(layer_level())
