"""Figures hold what the tables hold, and are the same bytes each time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from frism.cli.main import main
from frism.errors import DataError
from frism.results.figures import gates as gates_figure
from frism.results.figures import tradeoff, training
from frism.results.figures.labels import CANDIDATE, CHOSEN
from frism.results.figures.style import FIXED, OTHERS, colours, counted_ids, spread
from frism.results.gates import by_rank, injected_energy, read_gates
from frism.results.samples import CASES, choose_samples
from frism.results.tableset import read_tables
from tests.result_records import FRISM, GROUPS, HITS, record_directories, records, write_families


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("results")
    sources = [str(path) for path in record_directories(write_families(root))]
    output = ["--output", str(root / "tables"), "--resamples", "100"]
    assert main(["tables", "--records", *sources, *output]) == 0
    return root


def families(root: Path) -> list[Path]:
    return sorted((root / "pico").iterdir())


def figures(root: Path, output: Path) -> None:
    paths = [str(path) for path in families(root)]
    tables = ["--tables", str(root / "tables"), "--output", str(output)]
    assert main(["figures", *tables, "--families", *paths]) == 0
    assert main(["samples", *tables, "--family", paths[0]]) == 0


def test_all_figures_are_there_and_repeat(root: Path, tmp_path: Path) -> None:
    figures(root, tmp_path / "one")
    figures(root, tmp_path / "two")
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    stems = ("gates", "main", "samples", "tradeoff", "training")
    assert names == sorted(["samples.html", *(f"{s}.{e}" for s in stems for e in ("png", "svg"))])
    for name in names:
        one, two = (tmp_path / which / name for which in ("one", "two"))
        assert one.read_bytes() == two.read_bytes(), name


def test_tradeoff_has_a_curve_per_method_and_family(root: Path) -> None:
    tables = read_tables(root / "tables", families(root))
    averages = tradeoff.family_averages(tables.scores, "pico")
    data = tradeoff.Tradeoff(averages, tables.sweep, tables.main, 1.0)
    (axes,) = tradeoff.draw(data, {}, colours(list(tables.main["method"]))).axes
    assert [line.get_gid() for line in axes.lines].count("family") == 3 * 3
    means = [line for line in axes.lines if line.get_gid() == "mean"]
    assert len(means) == 3
    ours = next(line for line in means if line.get_color() == FIXED["frism"])
    assert np.asarray(ours.get_xdata()).tolist() == [100.0, 100.0, 90.0]
    assert np.asarray(ours.get_ydata()).tolist() == [20.0, 60.0, 85.0]
    stars = [line for line in axes.lines if line.get_marker() == "*"]
    assert len(stars) == 3


def test_family_averages_are_means_of_benchmarks() -> None:
    rows = [(1, "a", "reasoning", 10.0), (1, "b", "reasoning", 30.0), (1, "c", "perception", 90.0)]
    scores = pd.DataFrame(rows, columns=["family", "benchmark", "group", "score"])
    scores = scores.assign(pair="pico", split="test", method="vlm", parameters="none")
    row = tradeoff.family_averages(scores, "pico").iloc[0]
    assert (row["reasoning"], row["perception"]) == (20.0, 90.0)


def test_gates_are_read_by_layer_module_and_rank(tmp_path: Path) -> None:
    name = "model.layers.1.self_attn.q_proj.weight"
    raw = np.array([np.log(3), -np.log(3), 0, 0], np.float32)
    save_file({name: raw}, tmp_path / "gates.safetensors")
    save_file({f"{name}.S": np.array([2, 1, 0, 0], np.float32)}, tmp_path / "s.safetensors")
    (matrix,) = read_gates(tmp_path / "gates.safetensors", tmp_path / "s.safetensors")
    assert (matrix.layer, matrix.module) == (1, "q_proj")
    assert matrix.values == pytest.approx([0.75, 0.25, 0.5, 0.5], abs=1e-6)
    assert matrix.injected == pytest.approx((4 * 0.75**2 + 0.25**2) / 5, abs=1e-6)
    assert by_rank([matrix], "q_proj", 2) == pytest.approx(np.array([[0.5, 0.5]]), abs=1e-6)
    assert injected_energy([matrix, matrix]).shape == (1, 1)


def test_gates_of_other_subspaces_are_an_error(tmp_path: Path) -> None:
    name = "model.layers.0.mlp.up_proj.weight"
    save_file({name: np.zeros(3, np.float32)}, tmp_path / "gates.safetensors")
    save_file({f"{name}.S": np.ones(4, np.float32)}, tmp_path / "s.safetensors")
    with pytest.raises(DataError, match=r"shape \[3\] for singular values of shape \[4\]"):
        read_gates(tmp_path / "gates.safetensors", tmp_path / "s.safetensors")


def test_gates_figure_has_a_map_per_module(root: Path) -> None:
    family = families(root)[0]
    gates = family / "merges" / FRISM.method / FRISM.parameters / "gates"
    matrices = read_gates(gates / "gates.safetensors", family / "subspaces.safetensors")
    figure = gates_figure.draw(matrices)
    maps = [axes for axes in figure.axes if axes.images]
    assert [axes.get_title(loc="left") for axes in maps][:2] == ["gate_proj", "up_proj"]
    # untrained gates are one half: a quarter of the energy passes
    assert np.allclose(np.asarray(maps[2].images[0].get_array()), 0.25)


def test_training_figure_has_a_line_per_family_and_one_of_them_all() -> None:
    history = {name: np.arange(4.0) for name in training.PANELS}
    other = {name: np.arange(4.0) + 2 for name in training.PANELS}
    figure = training.draw({"frism": [history, other]}, {}, FIXED)
    assert [len(axes.lines) for axes in figure.axes] == [3, 3, 3]
    thick = [np.asarray(axes.lines[2].get_ydata()).tolist() for axes in figure.axes]
    assert thick == [[2.5] * 4, [1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0]]
    assert [axes.get_yscale() for axes in figure.axes] == ["log", "linear", "linear"]


def test_running_median_ignores_single_batches() -> None:
    curve = np.ones(40)
    curve[[3, 20, 21]] = 60.0
    assert training.running_median([curve, curve]).tolist() == [1.0] * 40
    rising = training.running_median([np.arange(40.0)])
    assert (rising[0], rising[20], rising[39]) == (3.5, 20.0, 35.5)


def test_coefficients_do_not_cover_each_other(root: Path) -> None:
    """All merges in one place: the coefficient of a chosen one stays alone."""
    tables = read_tables(root / "tables", families(root))
    sweep = tables.sweep.assign(test_reasoning=50.0, test_perception=90.0)
    averages = tradeoff.family_averages(tables.scores, "pico")
    data = tradeoff.Tradeoff(averages, sweep, tables.main, 1.0)
    (axes,) = tradeoff.draw(data, {}, colours(list(tables.main["method"]))).axes
    kept = [text for text in axes.texts if text.get_gid() in (CHOSEN, CANDIDATE)]
    assert [text.get_gid() for text in kept] == [CHOSEN]


def test_empty_history_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "training.json").write_text('{"steps": []}')
    with pytest.raises(DataError, match="found no steps"):
        training.read_history(tmp_path / "training.json")


def test_colours_stay_with_the_method() -> None:
    assert colours(["ties", "frism"]) == {"ties": OTHERS[0], "frism": FIXED["frism"]}


def test_labels_keep_their_distance_only_where_they_meet() -> None:
    places = [(0.0, 1.0), (0.1, 1.1), (5.0, 1.0)]
    assert spread(places, near=1.0, gap=0.5) == [(0.0, 1.0), (0.1, 1.5), (5.0, 1.0)]


def test_samples_show_every_case_with_its_share(root: Path) -> None:
    own = {
        record.method: record
        for record in records({each: HITS[each] for each in (FRISM, *SHOWN)})
        if (record.benchmark, record.family, record.split) == ("Solve", 1, "test")
    }
    tsv = families(root)[0] / "data" / "Solve_TEST.tsv"
    samples = choose_samples(own, "frism", "task_arithmetic", "TA", tsv)
    shares = {sample.case: sample.share for sample in samples}
    assert shares == {"FRISM right, TA wrong": 0.3, "both right": 0.3, "both wrong": 0.4}
    assert len({sample.image for sample in samples}) == 1
    assert len(samples[0].image or "") > 64
    assert [sample.answers["frism"].hit for sample in samples] == [1.0, 1.0, 0.0]
    assert len(CASES) == 4


def test_samples_page_covers_all_benchmarks_and_both_outcomes(root: Path, tmp_path: Path) -> None:
    figures(root, tmp_path)
    page = (tmp_path / "samples.html").read_text()
    assert [page.count(f"<h2>{name}</h2>") for name in GROUPS] == [1, 1, 1, 1]
    assert "one more" in page
    assert page.count("class=right") > 0
    assert page.count("class=wrong") > 0


def test_families_of_two_pairs_are_an_error(root: Path, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="expected one at a time"):
        read_tables(root / "tables", [root / "pico" / "seed-1", tmp_path / "other" / "seed-1"])


SHOWN = [each for each in HITS if each.parameters in ("none", "lambda=0.5")]


def test_hashed_ids_are_counted_by_element() -> None:
    svg = '<clipPath id="pa9b65476fd"/><g clip-path="url(#pa9b65476fd)"/><use href="#m0123456789"/>'
    counted = '<clipPath id="p1"/><g clip-path="url(#p1)"/><use href="#m2"/>'
    assert counted_ids(svg) == counted
    assert counted_ids('<g id="axes_1" style="fill: #a9b654"/>') == (
        '<g id="axes_1" style="fill: #a9b654"/>'
    )
