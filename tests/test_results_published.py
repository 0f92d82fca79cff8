"""Published numbers: as they were reported, with their source, and never mixed with ours."""

from __future__ import annotations

from dataclasses import replace

from frism.results.analysis import Analysis
from frism.results.candidates import Candidate
from frism.results.columns import PUBLISHED, REPRODUCED
from frism.results.published import published_page, published_table, read_published
from tests.result_records import HITS, TASK_ARITHMETIC
from tests.result_sweeps import analysed

SMALL = "qwen2.5-vl-3b_smallthinker-3b"
NAMES = {"frism": "FRISM", "vlm": "VLM as it is"}


def value(pair: str, method: str, measure: str, setting: str = "") -> float:
    keys = ["pair", "method", "measure", "setting"]
    keyed = read_published().set_index(keys)["value"]
    return float(keyed[(pair, method, measure, setting)])


def renamed(found: Analysis, benchmark: str, name: str) -> Analysis:
    """Returns an analysis with one benchmark under another name."""
    (part,) = found.parts
    benchmarks = tuple(name if each == benchmark else each for each in part.table.benchmarks)
    return replace(found, parts=(replace(part, table=replace(part.table, benchmarks=benchmarks)),))


def test_published_numbers_are_those_that_were_reported() -> None:
    assert value(SMALL, "frism", "reasoning") == 35.0
    assert value("qwen2.5-vl-7b_r1-distill-qwen-7b", "vlm", "perception") == 82.9
    assert value("qwen3-vl-8b_rl", "frism", "MathVision") == 45.07
    assert value("qwen3-vl-8b_rl", "star", "seconds to build") == 395
    assert value("llava-next-llama3-8b_dart-math", "br2v_linear", "DynaMath", "a=0.9") == 24.2


def test_every_number_has_a_source_and_how_it_was_seen() -> None:
    table = read_published()
    assert list(table) == PUBLISHED
    assert (table[["pair", "method", "measure", "source", "how_seen"]] != "").all(axis=None)
    assert not table.duplicated(["pair", "method", "setting", "measure"]).any()
    preprint = table[table["pair"] == "qwen3-vl-8b_rl"]
    assert preprint["how_seen"].str.startswith("unreviewed preprint").all()


def test_another_pair_has_none_of_ours() -> None:
    table = published_table(analysed(), "pico")
    assert table[REPRODUCED].isna().all(axis=None)
    page = published_page(table, "pico", "pico", NAMES, "3 seeds.")
    assert "No published numbers exist for the pair pico.\n\nOurs: 3 seeds.\n" in page
    assert f"## Other pairs\n\nNothing here was reproduced.\n\n### {SMALL}\n" in page
    assert "| FRISM |  | 35 | 79.7 |" in page


def test_ours_stand_only_beside_settings_that_are_ours() -> None:
    table = published_table(analysed(), SMALL)
    shown = table[table["reproduced"].notna()]
    assert set(shown["setting"]) == {"", "best lambda"}
    larger = "qwen2.5-vl-7b_r1-distill-qwen-7b"
    hits = {TASK_ARITHMETIC: (12, 40), Candidate("task_arithmetic", "lambda=0.15"): (13, 40)}
    for lines, found in ((analysed(), 0), (analysed({**HITS, **hits}), 1)):
        own = published_table(renamed(lines, "Sum", "POPE"), larger)
        row = own[(own["setting"] == "lambda=0.15") & (own["measure"] == "POPE")]
        assert row["reproduced"].notna().sum() == found


def test_what_a_note_leaves_open_is_marked_as_our_reading() -> None:
    table = read_published()
    row = table[(table["measure"] == "POPE") & (table["method"] == "vlm")].iloc[0]
    assert row["value"] == 86.4
    assert row["how_seen"].startswith("our reading of a second-hand note")


def test_the_same_pair_has_ours_beside_the_published() -> None:
    table = published_table(analysed(), SMALL)
    ours = table[table["reproduced"].notna()]
    assert set(ours["pair"]) == {SMALL}
    rows = ours[["method", "measure", "value", "reproduced"]].to_numpy().tolist()
    assert ["frism", "reasoning", 35.0, 60.0] in rows
    assert "ties" not in set(ours["method"])
    page = published_page(table, "mine", SMALL, NAMES, "3 seeds.")
    beside, _, apart = page.partition("## Other pairs")
    row = "| FRISM |  | average of VL reasoning | arXiv:2601.21187 | second-hand note"
    assert row in beside
    assert "| 35 | 60.0 [" in beside
    assert SMALL not in apart
