"""Gates, spectra, curvature and training: the numbers that their figures show."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from matplotlib.patches import Rectangle
from safetensors.numpy import save_file

from frism.errors import DataError
from frism.results.correlation import Directions, correlations, read_directions
from frism.results.figures import closed_form, training
from frism.results.figures import gates as gates_figure
from frism.results.figures import spectra as spectra_figure
from frism.results.figures.experiment import Experiment
from frism.results.figures.learned import open_energies
from frism.results.figures.style import FIXED
from frism.results.gates import by_rank, gates_directory, injected_energy, open_energy, read_gates
from frism.results.spectra import COLUMNS, Spectrum, read_spectra, spectra_table
from tests.experiment_tables import (
    MATRICES,
    SINGULAR,
    Merge,
    save_singular,
    write_experiment,
    write_families,
)

NAME = "model.layers.1.self_attn.q_proj.weight"
ALPHA = "alpha=0.1+lambda_lrm=1"


@pytest.fixture
def families(tmp_path: Path) -> list[Path]:
    return write_families(tmp_path / "pico", {"frism": [ALPHA]})


def write_gates(folder: Path, gates: dict[str, list[float]], singular: list[float]) -> None:
    raw = {name: np.array(values, np.float32) for name, values in gates.items()}
    save_file(raw, folder / "gates.safetensors")
    save_singular(folder / "s", {NAME: singular})


def test_gates_are_read_by_layer_module_and_rank(tmp_path: Path) -> None:
    write_gates(tmp_path, {NAME: [np.log(3), -np.log(3), 0, 0]}, [2, 1, 0, 0])
    (matrix,) = read_gates(tmp_path / "gates.safetensors", tmp_path / "s")
    assert (matrix.name, matrix.layer, matrix.module) == (NAME, 1, "q_proj")
    assert matrix.values == pytest.approx([0.75, 0.25, 0.5, 0.5], abs=1e-6)
    assert matrix.injected == pytest.approx((4 * 0.75**2 + 0.25**2) / 5, abs=1e-6)
    assert by_rank([matrix], "q_proj", 2) == pytest.approx(np.array([[0.5, 0.5]]), abs=1e-6)
    assert injected_energy([matrix, matrix]).shape == (1, 1)


@pytest.mark.parametrize("gates", [{NAME: [0.0, 0.0]}, {}])
def test_directions_that_were_left_out_are_closed(
    tmp_path: Path, gates: dict[str, list[float]]
) -> None:
    write_gates(tmp_path, gates, [2, 1, 1])
    (matrix,) = read_gates(tmp_path / "gates.safetensors", tmp_path / "s")
    assert matrix.values.tolist() == ([0.5, 0.5, 0] if gates else [0, 0, 0])
    assert open_energy([matrix]) == pytest.approx(5 / 24 if gates else 0)


def test_open_energy_weighs_matrices_by_their_energy(tmp_path: Path) -> None:
    write_gates(tmp_path, {NAME: [0.0, 0.0]}, [2, 1])
    large = read_gates(tmp_path / "gates.safetensors", tmp_path / "s")
    write_gates(tmp_path, {}, [3, 1])
    small = read_gates(tmp_path / "gates.safetensors", tmp_path / "s")
    assert open_energy([*large, *small]) == pytest.approx(0.25 * 5 / 15)


def test_gates_of_other_subspaces_are_an_error(tmp_path: Path) -> None:
    write_gates(tmp_path, {NAME: [0.0] * 5}, [1, 1, 1, 1])
    with pytest.raises(DataError, match=r"shape \[5\] for singular values of shape \[4\]"):
        read_gates(tmp_path / "gates.safetensors", tmp_path / "s")
    write_gates(tmp_path, {"model.layers.9.mlp.up_proj.weight": [0.0]}, [1])
    with pytest.raises(DataError, match=r"found no model\.layers\.9\.mlp\.up_proj\.weight"):
        read_gates(tmp_path / "gates.safetensors", tmp_path / "s")


def test_gates_figure_has_a_map_per_module(families: list[Path]) -> None:
    gates = gates_directory(families[0], "frism", ALPHA) / "gates.safetensors"
    figure = gates_figure.draw(read_gates(gates, families[0] / "subspaces"))
    maps = [axes for axes in figure.axes if axes.images]
    assert [axes.get_title(loc="left") for axes in maps][:2] == ["q_proj", "up_proj"]
    # untrained gates are one half: a quarter of the energy passes
    assert np.allclose(np.asarray(maps[2].images[0].get_array()), 0.25)


def test_open_energies_have_a_line_per_row(families: list[Path], tmp_path: Path) -> None:
    lines = [Merge("frism", 30, 97, row="alpha=0.1", parameters=ALPHA), Merge("ties", 1, 2)]
    write_experiment(tmp_path, "alpha", lines)
    found = open_energies(Experiment("alpha", tmp_path, 1.0, ("alpha",)), families)
    assert list(found) == ["frism"]
    assert np.asarray(found["frism"].loc["alpha=0.1"]).tolist() == pytest.approx([0.25] * 3)


def test_effective_rank_counts_directions_that_share_energy() -> None:
    even = Spectrum("lrm", 1, 0, "q_proj", np.array([2.0, 2.0, 2.0, 0.0]))
    assert even.effective_rank == pytest.approx(3)
    assert even.energy == 12
    assert even.cumulative() == pytest.approx([0, 1 / 3, 2 / 3, 1, 1])
    assert [even.rank_holding(share) for share in (0.3, 1 / 3, 0.5, 1.0)] == [1, 1, 2, 3]
    # p = 0.8, 0.2
    uneven = Spectrum("lrm", 1, 0, "q_proj", np.array([2.0, 1.0]))
    assert uneven.effective_rank == pytest.approx(0.8**-0.8 * 0.2**-0.2)
    nothing = Spectrum("lrm", 1, 0, "q_proj", np.zeros(3))
    assert (nothing.energy, nothing.effective_rank) == (0, 1)


def test_spectra_table_has_a_line_per_matrix(families: list[Path]) -> None:
    save_singular(families[0] / "vlm_subspaces", {NAME: [1, 1]})
    spectra = read_spectra(families)
    table = spectra_table(spectra)
    assert list(table) == COLUMNS
    assert table["role"].tolist() == ["lrm"] * 12 + ["vlm"]
    assert table.iloc[0].tolist()[:6] == ["lrm", 1, 0, "q_proj", 4, 14.25]
    assert table.iloc[0]["rank_90"] == 2
    figure = spectra_figure.draw(spectra)
    assert len([axes for axes in figure.axes if axes.images]) == 4
    energy = spectra_figure.cumulative_energy(spectra[:12], "q_proj")
    assert energy[[0, 25, 50, 100]] == pytest.approx([0, 9 / 14.25, 13 / 14.25, 1])


def test_correlation_is_negative_where_curved_directions_close() -> None:
    rising = np.array([0.1, 1.0, 10.0, 100.0])
    even, falling = np.ones(4), np.array([1e4, 1e2, 1.0, 1e-2])
    closing, opening = np.array([0.9, 0.6, 0.5, 0.1]), np.array([0.1, 0.2, 0.8, 0.9])
    found = correlations(
        [
            Directions(4, "q_proj", rising, -rising, even, closing),
            Directions(4, "up_proj", 1 / rising, 1 / rising, falling, opening),
            Directions(5, "q_proj", rising, rising, even, np.full(4, 0.5)),
        ]
    )
    assert found["module"].tolist() == ["all", "q_proj", "up_proj", "all", "q_proj"]
    assert found["directions"].tolist() == [8, 4, 4, 4, 4]
    assert found["spearman_curvature"].tolist()[1:3] == pytest.approx([-1, -1])
    assert found["spearman_ratio"].tolist()[1:3] == pytest.approx([-1, 1])
    assert found["spearman_secant"].tolist()[1:3] == pytest.approx([1, -1])
    assert found["spearman_secant_ratio"].tolist()[1:3] == pytest.approx([1, 1])
    assert found["spearman_ratio"].isna().tolist() == [False, False, False, True, True]


def test_curvature_is_divided_by_energy(families: list[Path]) -> None:
    gates = gates_directory(families[0], "frism", ALPHA) / "gates.safetensors"
    found = read_directions(families[0], gates)
    assert [(each.family, each.module) for each in found] == [(1, "q_proj"), (1, "up_proj")]
    # curvature S^4 over energy S^2, of two layers
    assert found[0].ratio == pytest.approx([9, 4, 1, 0.25] * 2)
    assert found[0].secant_ratio == pytest.approx([3, 2, 1, 0.5] * 2)
    assert found[0].gates.tolist() == [0.5] * 8


def test_curvature_of_other_subspaces_is_an_error(families: list[Path]) -> None:
    save_file({NAME: np.zeros(3, np.float32)}, families[0] / "curvature.safetensors")
    gates = gates_directory(families[0], "frism", ALPHA) / "gates.safetensors"
    with pytest.raises(DataError, match=r"shape \[0\] for gates of shape \[4\]"):
        read_directions(families[0], gates)


def test_a_file_without_secants_is_an_error(families: list[Path]) -> None:
    names = [f"model.layers.{layer}.{each}.weight" for layer in (0, 1) for each in MATRICES]
    save_file(dict.fromkeys(names, SINGULAR), families[0] / "curvature.safetensors")
    gates = gates_directory(families[0], "frism", ALPHA) / "gates.safetensors"
    with pytest.raises(DataError, match=r"weight\.secant has shape \[0\]"):
        read_directions(families[0], gates)


def test_closed_form_figure_compares_score_and_seconds(tmp_path: Path) -> None:
    merges = [Merge("frism", 32, 97.8), Merge("task_arithmetic", 30, 97.5)]
    write_experiment(tmp_path, "closed_form", merges)
    rng = np.random.default_rng(0)
    directions = [Directions(4, "q_proj", *(rng.uniform(0.1, 1, 50) for _ in range(4)))]
    data = Experiment("closed_form", tmp_path, 1.0)
    figure = closed_form.draw(data, {}, directions, correlations(directions))
    (seconds,) = [axes for axes in figure.axes if axes.get_title(loc="left").startswith("Seconds")]
    bars = [bar for bar in seconds.patches if isinstance(bar, Rectangle)]
    assert [bar.get_width() for bar in bars] == pytest.approx([27, 1 / 3], abs=1e-4)
    assert [text.get_text() for text in seconds.texts] == ["27", "0.333 (81 times cheaper)"]


def test_training_figure_has_a_line_per_family_and_one_of_them_all() -> None:
    history = {name: np.arange(4.0) for name in training.PANELS}
    other = {name: np.arange(4.0) + 2 for name in training.PANELS}
    figure = training.draw({"frism": [history, other]}, {}, FIXED)
    assert [len(axes.lines) for axes in figure.axes] == [3, 3, 3]
    thick = [np.asarray(axes.lines[2].get_ydata()).tolist() for axes in figure.axes]
    assert thick == [[2.5] * 4, [1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0]]
    assert [axes.get_yscale() for axes in figure.axes] == ["log", "linear", "linear"]


def test_methods_of_one_colour_differ_in_their_dashes() -> None:
    history = {name: np.arange(4.0) for name in training.PANELS}
    same = {"one": "#000000", "two": "#000000"}
    axes = training.draw({name: [history] for name in same}, {}, same).axes[2]
    assert [line.get_linestyle() for line in axes.lines[1::2]] == ["-", "--"]


def test_running_median_ignores_single_batches() -> None:
    curve = np.ones(40)
    curve[[3, 20, 21]] = 60.0
    assert training.running_median([curve, curve]).tolist() == [1.0] * 40
    rising = training.running_median([np.arange(40.0)])
    assert (rising[0], rising[20], rising[39]) == (3.5, 20.0, 35.5)


def test_empty_history_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "training.json").write_text('{"steps": []}')
    with pytest.raises(DataError, match="found no steps"):
        training.read_history(tmp_path / "training.json")
