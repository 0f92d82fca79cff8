"""Paths of a run."""

from __future__ import annotations

from typing import Any

import pytest

from frism.config.layout import Layout, trained_methods
from frism.config.load import Setup
from frism.config.pair_tree import PairCheckpoints, PairEmbedded
from frism.config.tree import Config
from frism.config.workflow import told_if_none
from frism.methods.registry import method, methods

EXPERIMENTS: dict[str, Any] = {
    "main": {
        "figure": "main",
        "methods": {
            "task_arithmetic": {"lambda": [0.5, 1.0]},
            "frism": {"alpha": [0.1, 0.3], "lambda_lrm": [0.5, 1.0]},
        },
    },
    "cap": {"by": ["lambda_lrm"], "methods": {"frism": {"alpha": [0.1], "energy": [1.0, 0.5]}}},
    "cap_all": {"methods": {"frism": {"alpha": [0.7]}, "all": {}}},
}
MADE = "results/tiny/made"
FRISM = [
    "alpha=0.1+lambda_lrm=0.5",
    "alpha=0.1+lambda_lrm=1",
    "alpha=0.3+lambda_lrm=0.5",
    "alpha=0.3+lambda_lrm=1",
]


def layout(**given: str) -> Layout:
    """A run of an embedded pair of two families and of a pair of checkpoints."""
    config = Config.model_validate(
        {"name": "tiny", "pairs": ["made", "given"], "experiments": EXPERIMENTS}
    )
    made = PairEmbedded.model_validate({"kind": "embedded", "seeds": [4, 9]})
    folders = {"kind": "checkpoints", "base": "b", "vlm": "v", "lrm": "l", "data": "d"} | given
    return Layout(Setup(config, {"made": made, "given": PairCheckpoints.model_validate(folders)}))


def test_an_embedded_pair_has_a_folder_per_seed() -> None:
    run = layout()
    assert (run.root, run.pairs, run.embedded) == ("results/tiny", ["made", "given"], ["made"])
    assert run.seeds("made") == [4, 9]
    assert run.each("made") == [f"{MADE}/seed-4", f"{MADE}/seed-9"]
    assert run.each("made", "x/{method}") == [f"{MADE}/seed-{s}/x/{{method}}" for s in (4, 9)]
    assert run.model("made", "lrm") == [f"{MADE}/seed-{s}/models/lrm" for s in (4, 9)]
    assert run.data("made") == [f"{MADE}/seed-{s}/data" for s in (4, 9)]


def test_a_pair_of_checkpoints_is_one_family_of_what_is_on_disk() -> None:
    run = layout()
    assert run.seeds("given") == [0]
    assert run.each("given", "x") == ["results/tiny/given/seed-0/x"]
    assert [run.model("given", role) for role in ("base", "vlm", "lrm")] == [["b"], ["v"], ["l"]]
    assert run.data("given") == ["d"]


def test_pairs_without_questions_are_evaluated_on_the_suite() -> None:
    assert layout().on_suite == layout().suite_files == []
    pair = PairCheckpoints.model_validate({"base": "b", "vlm": "v", "lrm": "l"})
    config = Config.model_validate({"pairs": ["given"], "prefetch": {"data": "files"}})
    run = Layout(Setup(config, {"given": pair}))
    assert run.on_suite == ["given"]
    assert "files/MathVerse_MINI.md5" in run.suite_files
    none = Layout(Setup(config.model_copy(update={"suite": None}), {"given": pair}))
    assert none.on_suite == none.suite_files == none.compared == []


def test_no_pair_to_evaluate_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert told_if_none(layout()) == []
    assert "nothing to evaluate: found the pairs made, given; expected" in capsys.readouterr().err
    pair = PairCheckpoints.model_validate({"base": "b", "vlm": "v", "lrm": "l"})
    run = Layout(Setup(Config.model_validate({"pairs": ["given"]}), {"given": pair}))
    assert told_if_none(run) == [f"{run.root}/tables/evaluations.csv"]
    assert capsys.readouterr().err == ""


def test_candidates_are_all_combinations() -> None:
    run = layout()
    assert run.candidates("main", "frism") == FRISM
    assert run.candidates("main", "task_arithmetic") == ["lambda=0.5", "lambda=1"]


def test_what_is_not_given_has_the_methods_own_candidates() -> None:
    run = layout()
    own = len(method("task_arithmetic").parameters["lambda"].default)
    assert len(run.candidates("cap_all", "task_arithmetic")) == own
    assert run.candidates("cap_all", "frism") == ["alpha=0.7+lambda_lrm=1"]


def test_a_value_that_is_the_one_of_being_left_out_is_left_out() -> None:
    names = ["alpha=0.1+lambda_lrm=1", "alpha=0.1+energy=0.5+lambda_lrm=1"]
    assert layout().candidates("cap", "frism") == names


def test_all_is_every_method_once() -> None:
    run = layout()
    assert run.methods("main") == ["task_arithmetic", "frism"]
    found = run.methods("cap_all")
    assert found[0] == "frism"
    assert sorted(found) == [slug for slug, each in methods().items() if not each.missing]
    assert "rank_group" not in found


def test_gates_are_shared_by_experiments() -> None:
    run = layout()
    paths = run.gates("made", "main", "frism")
    assert paths == [f"{MADE}/seed-{s}/gates/frism/{p}" for p in FRISM for s in (4, 9)]
    assert run.gates("made", "cap", "frism")[:2] == paths[2:4]
    assert run.gates("made", "main", "task_arithmetic") == []


def test_gates_are_those_of_the_method_that_trains_them() -> None:
    run = layout()
    shuffled = run.gates("made", "cap_all", "frism_shuffled")
    assert shuffled[0].startswith(f"{MADE}/seed-4/gates/frism/alpha=")
    assert "frism_shuffled" not in trained_methods()
    assert {"frism", "matrix_gates"} <= set(trained_methods())


def test_the_vlms_own_task_vectors_need_its_base() -> None:
    run = layout()
    assert run.tuned("made") == ["lrm", "vlm"]
    assert run.subspaces("made", "vlm")[0] == f"{MADE}/seed-4/vlm_subspaces"
    assert run.parts("made", "vlm")[0] == f"{MADE}/seed-4/vlm_subspaces/part-1-of-1"
    assert run.bases("made", "vlm") == run.model("made", "base")
    assert run.tuned("given") == ["lrm"]
    assert (run.parts("given", "vlm"), run.bases("given", "vlm")) == ([], [])
    known = layout(vlm_base="c")
    assert known.bases("given", "vlm") == ["c"]
    folder = "results/tiny/given/seed-0/vlm_subspaces"
    assert known.subspaces("given", "vlm") == [folder]
    assert known.parts("given", "vlm") == [f"{folder}/part-{k}-of-8" for k in range(1, 9)]


def test_a_method_without_what_it_needs_is_undefined() -> None:
    run = layout()
    needy = next(slug for slug, each in methods().items() if "vlm_base" in each.needs)
    assert run.undefined("given", needy)
    assert not run.undefined("made", needy)
    assert not layout(vlm_base="c").undefined("given", needy)
    assert not run.undefined("given", "frism")
    assert run.vlm_base("given", needy) == []
    assert run.vlm_base("made", needy) == run.model("made", "base")


def test_sweeps_and_references_of_a_pair() -> None:
    run = layout()
    folder = f"{MADE}/experiments/main"
    assert run.sweeps("made", "main") == [f"{folder}/task_arithmetic", f"{folder}/frism"]
    assert run.references("made") == [
        f"{MADE}/seed-{s}/references/{m}/records" for m in ("vlm", "lrm") for s in (4, 9)
    ]


def test_an_experiment_brings_those_that_extend_its_name() -> None:
    assert layout().part_of("cap") == ["cap", "cap_all"]
    assert layout().part_of("cap_all") == ["cap_all"]


def test_the_first_pairs_tables_stand_at_the_top() -> None:
    run = layout()
    assert run.output("made", "tables") == "results/tiny/tables"
    assert run.output("given", "tables") == "results/tiny/tables/given"


def test_published_numbers_are_found_by_the_pairs_name_or_the_one_given() -> None:
    assert layout().published("made") == "made"
    assert layout().published("given") == "given"
    assert layout(published="other").published("given") == "other"
