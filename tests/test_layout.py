"""Paths of a run."""

from __future__ import annotations

from typing import Any

import pytest

from frism.config.layout import Layout, learned_methods
from frism.config.load import Setup
from frism.config.tree import Config, PairCheckpoints, PairEmbedded

METHODS = {
    "task_arithmetic": {"lambda": [0.5, 1.0]},
    "frism": {"alpha": [0.1, 0.3], "lambda_lrm": [0.5, 1.0]},
}
MADE = "results/tiny/made"
CANDIDATES = [
    ("task_arithmetic", "lambda=0.5"),
    ("task_arithmetic", "lambda=1"),
    ("frism", "alpha=0.1,lambda_lrm=0.5"),
    ("frism", "alpha=0.1,lambda_lrm=1"),
    ("frism", "alpha=0.3,lambda_lrm=0.5"),
    ("frism", "alpha=0.3,lambda_lrm=1"),
]


def layout(**methods: Any) -> Layout:
    """A run of an embedded pair of two families and of a pair of checkpoints."""
    config = Config.model_validate(
        {"name": "tiny", "pairs": ["made", "given"], "methods": methods or METHODS}
    )
    made = PairEmbedded.model_validate({"kind": "embedded", "seeds": [4, 9]})
    given = {"kind": "checkpoints", "base": "b", "vlm": "v", "lrm": "l", "data": "d"}
    return Layout(Setup(config, {"made": made, "given": PairCheckpoints.model_validate(given)}))


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


def test_candidates_are_all_combinations() -> None:
    run = layout()
    assert run.candidates() == CANDIDATES
    assert run.candidates(learned=True) == CANDIDATES[2:]
    assert run.candidates(learned=False) == CANDIDATES[:2]


def test_every_candidate_and_family_has_its_own_merge() -> None:
    run = layout()
    paths = run.merges("made", "model")
    assert paths == [f"{MADE}/seed-{s}/merges/{m}/{p}/model" for m, p in CANDIDATES for s in (4, 9)]
    assert len(set(paths)) == 12
    assert run.merges("made", "gates", learned=True) == [
        path.replace("/model", "/gates") for path in paths[4:]
    ]


def test_only_methods_that_learn_need_gates() -> None:
    run = layout()
    assert learned_methods() == ["frism", "matrix_gates"]
    folders = run.gates("made", "frism", "alpha=0.1,lambda_lrm=1")
    assert folders == [f"{MADE}/seed-{s}/merges/frism/alpha=0.1,lambda_lrm=1/gates" for s in (4, 9)]
    assert run.gates("made", "task_arithmetic", "lambda=1") == []


def test_records_are_those_of_references_and_merges() -> None:
    run = layout()
    found = run.records("made")
    assert found[:4] == [
        f"{MADE}/seed-{s}/references/{m}/records" for m in ("vlm", "lrm") for s in (4, 9)
    ]
    assert found[4:] == run.merges("made", "records")


def test_the_first_pairs_tables_stand_at_the_top() -> None:
    run = layout()
    assert run.output("made", "tables") == "results/tiny/tables"
    assert run.output("given", "tables") == "results/tiny/tables/given"


@pytest.mark.parametrize(
    ("methods", "stems"),
    [
        ({"task_arithmetic": {"lambda": [1.0]}}, []),
        ({"matrix_gates": {"alpha": [1.0], "lambda_lrm": [1.0]}}, ["training"]),
        (METHODS, ["training", "gates"]),
    ],
)
def test_figures_of_gates_need_gates(methods: dict[str, Any], stems: list[str]) -> None:
    run = layout(**methods)
    assert run.gate_figures("given") == [f"results/tiny/figures/given/{stem}" for stem in stems]
