"""Figures hold what the tables hold, and are the same bytes each time."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from matplotlib.axes import Axes
from matplotlib.container import ErrorbarContainer
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from frism.cli.main import main
from frism.errors import DataError
from frism.methods.registry import method
from frism.results.figures import bars, benchmarks, curve, heatmap, times, tradeoff
from frism.results.figures import main as main_figure
from frism.results.figures.experiment import Experiment, in_order
from frism.results.figures.kinds import KINDS, figure_names, table_names
from frism.results.figures.labels import CANDIDATE, CHOSEN
from frism.results.figures.style import FIXED, OTHERS, colours, counted_ids, spread
from frism.results.names import display_names
from tests import result_sweeps
from tests.experiment_tables import Merge, write_experiment, write_families
from tests.result_sweeps import sweeps_of, undefined

ALPHA = "alpha=0.1+lambda_lrm=1"
REASON = str(method("tsv_m").undefined(()))
ALL = (
    Merge("task_arithmetic", 30, 97.5, parameters="lambda=0.8", mark="tied"),
    Merge("slerp", 25, 60, parameters="t=0.5"),
    Merge("ties", undefined=REASON),
    Merge("matrix_gates", 28, 97.2, parameters=ALPHA),
    Merge("frism", 32, 97.8, parameters=ALPHA, mark="best"),
)
LAMBDAS = [
    Merge("task_arithmetic", reasoning, perception, row=f"lambda={value}")
    for value, reasoning, perception in ((0.5, 22, 97.9), (1, 40, 90), (0.8, 30, 97.2))
]
SWEPT = ((0, 20, 98), (0.1, 30, 97.5), (0.01, 24, 97.9), (10, 50, 95))
ALPHAS = [
    Merge("frism", reasoning, perception, f"alpha={value}", f"alpha={value}+lambda_lrm=1")
    for value, reasoning, perception in SWEPT
]
CELLS = ((1, 1, 30, 97.5), (1, 2, 40, 90), (2, 1, 21, 98), (2, 2, 35, 97.4))
GROUPS = [
    Merge("rank_group", reasoning, perception, row=f"group={group}+lambda={value}")
    for group, value, reasoning, perception in CELLS
]
EXPERIMENTS = {
    "main": (ALL, "main", ()),
    "tradeoff": ((*LAMBDAS, *ALPHAS), "tradeoff", ("alpha", "lambda")),
    "granularity": (ALL, "bars", ()),
    "alpha": (ALPHAS, "curve", ("alpha",)),
    "heterogeneity": (GROUPS, "heatmap", ("group", "lambda")),
    "closed_form": ((ALL[0], ALL[4]), "closed_form", ()),
    "spectra": ((), "spectra", ()),
}


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("results")
    for name, (merges, _, _) in EXPERIMENTS.items():
        write_experiment(root / "tables", name, merges)
    alphas = [each.parameters for each in ALPHAS]
    write_families(root / "pico", {"frism": alphas, "matrix_gates": [ALPHA]})
    return root


def experiment(root: Path, name: str) -> Experiment:
    return Experiment(name, root / "tables", 1.0, EXPERIMENTS[name][2])


def draw_all(root: Path, output: Path) -> None:
    families = [str(path) for path in sorted((root / "pico").iterdir())]
    for name, (_, kind, by) in EXPERIMENTS.items():
        what = ["--experiment", name, "--kind", kind, *(["--by", *by] if by else [])]
        where = ["--tables", str(root / "tables"), "--output", str(output)]
        assert main(["figures", *what, *where, "--families", *families]) == 0


def test_all_figures_are_there_and_repeat(root: Path, tmp_path: Path) -> None:
    draw_all(root, tmp_path / "one")
    draw_all(root, tmp_path / "two")
    names = sorted(path.name for path in (tmp_path / "one").iterdir())
    expected = [
        f"{figure}.{extension}"
        for name, (merges, kind, _) in EXPERIMENTS.items()
        for figure in figure_names(name, kind, [each.method for each in merges])
        for extension in ("png", "svg")
    ]
    assert names == sorted(expected)
    assert {kind for _, kind, _ in EXPERIMENTS.values()} == set(KINDS)
    for name in names:
        one, two = (tmp_path / which / name for which in ("one", "two"))
        assert one.read_bytes() == two.read_bytes(), name
    for name, (_, kind, _) in EXPERIMENTS.items():
        for table in table_names(name, kind):
            assert (root / "tables" / f"{table}.csv").is_file()


def labels(axes: Axes) -> list[str]:
    return [text.get_text() for text in axes.get_yticklabels()]


def dots(axes: Axes) -> dict[int, tuple[float, str]]:
    """Returns value and marker of each line of a dot plot."""
    return {
        place: (float(np.asarray(line.get_xdata())[0]), str(line.get_marker()))
        for place, line in data_lines(axes).items()
    }


def data_lines(axes: Axes) -> dict[int, Line2D]:
    """Returns the dots of a plot by their line."""
    found = [each.lines[0] for each in axes.containers if isinstance(each, ErrorbarContainer)]
    return {int(np.asarray(line.get_ydata())[0]): line for line in found if line is not None}


def test_main_figure_has_all_methods_by_groups(root: Path) -> None:
    reasoning, perception = main_figure.draw(experiment(root, "main"), display_names()).axes[:2]
    assert labels(reasoning) == [
        "One task vector", "Task Arithmetic", "SLERP †", "Two task vectors", "TIES",
        "Learned coefficients", "FRISM", "One gate per matrix",
    ]  # fmt: skip
    assert dots(reasoning) == {1: (10, "o"), 2: (5, "o"), 6: (12, "*"), 7: (8, "o")}
    # 38 points lost are beyond the edge and written there
    assert dots(perception).keys() == {1, 6, 7}
    assert "◂ -38" in [text.get_text() for text in perception.texts]
    reasons = [text.get_text() for text in reasoning.texts]
    assert "not defined: needs the language model that the VLM was trained from" in reasons
    found = data_lines(reasoning)
    filled = {place: line.get_markerfacecolor() != "white" for place, line in found.items()}
    assert filled == {1: True, 2: False, 6: True, 7: False}


def test_benchmarks_have_a_cell_each(root: Path) -> None:
    data = experiment(root, "main")
    block = benchmarks.block(data, ["vlm", "frism", "ties"], "reasoning")
    assert block.columns == ["average", "FrismSolve", "FrismSum"]
    assert block.scores[:2].tolist() == [[20.0] * 3, [32.0] * 3]
    assert np.isnan(block.scores[2]).all()
    assert block.deltas[1].tolist() == [12.0] * 3
    assert block.clear.tolist() == [[False] * 3, [True] * 3, [False] * 3]
    axes = benchmarks.draw(data, display_names()).axes[0]
    assert labels(axes)[:2] == ["VLM as it is", "Task Arithmetic"]
    assert [text.get_text() for text in axes.texts[:3]] == ["20.0"] * 3


def test_tradeoff_has_a_curve_per_method_and_family(root: Path) -> None:
    data = experiment(root, "tradeoff")
    (axes,) = tradeoff.draw(data, {}, colours(data.methods)).axes
    assert [line.get_gid() for line in axes.lines].count("family") == 2 * 3
    means = {line.get_color(): line for line in axes.lines if line.get_gid() == "mean"}
    arithmetic = means[FIXED["task_arithmetic"]]
    assert np.asarray(arithmetic.get_xdata()).tolist() == [98.0, 97.9, 97.2, 90.0]
    assert np.asarray(arithmetic.get_ydata()).tolist() == [20.0, 22.0, 30.0, 40.0]
    stars = [line for line in axes.lines if line.get_marker() == "*"]
    # the most reasoning among those that keep perception
    assert [float(np.asarray(star.get_ydata())[0]) for star in stars] == [30.0, 30.0]


def test_coefficients_do_not_cover_each_other(tmp_path: Path) -> None:
    """All merges in one place: the coefficient of a chosen one stays alone."""
    write_experiment(
        tmp_path, "same", [Merge("frism", 50, 90, row=f"alpha={v}") for v in (0.1, 0.3, 1)]
    )
    data = Experiment("same", tmp_path, 1.0, ("alpha",))
    (axes,) = tradeoff.draw(data, {}, colours(["frism"])).axes
    kept = [text for text in axes.texts if text.get_gid() in (CHOSEN, CANDIDATE)]
    assert [text.get_gid() for text in kept] == [CHOSEN]


def test_heat_map_frames_the_choice_of_each_line(root: Path) -> None:
    figure = heatmap.draw(experiment(root, "heterogeneity"), display_names())
    reasoning, perception = [axes for axes in figure.axes if axes.images][:2]
    assert np.asarray(reasoning.images[0].get_array()).tolist() == [[30, 40], [21, 35]]
    assert np.asarray(perception.images[0].get_array()).tolist() == [[97.5, 90], [98, 97.4]]
    frames = [patch.get_center() for patch in reasoning.patches if isinstance(patch, Rectangle)]
    assert np.round(frames, 9).tolist() == [[0, 0], [1, 1]]


def test_heat_map_needs_two_parameters(root: Path) -> None:
    data = Experiment("heterogeneity", root / "tables", 1.0, ("group",))
    with pytest.raises(DataError, match="found 1 parameters in `by`"):
        heatmap.draw(data, {})


def test_bars_go_from_coarse_to_fine(root: Path) -> None:
    reasoning = bars.draw(experiment(root, "granularity"), display_names()).axes[0]
    shown = ["Task Arithmetic", "SLERP †", "TIES", "One gate per matrix", "FRISM"]
    assert labels(reasoning) == shown
    assert dots(reasoning) == {0: (30, "o"), 1: (25, "o"), 3: (28, "o"), 4: (32, "*")}


def test_bars_of_one_method_are_named_by_their_values(root: Path) -> None:
    data = Experiment("alpha", root / "tables", 1.0, ("alpha",))
    axes = bars.draw(data, display_names()).axes
    assert labels(axes[0]) == ["0", "0.01", "0.1", "10 †"]
    assert axes[1].texts[0].get_text() == "lambda_lrm 1"
    assert in_order(data.lines, "alpha") == [0.0, 0.01, 0.1, 10.0]


def test_curve_stands_on_a_log_axis_with_zero_left_of_all(root: Path) -> None:
    data = experiment(root, "alpha")
    shares = pd.DataFrame({"seed-1": [0.0, 0.5, 0.25, 1.0], "seed-2": [0.0, 0.7, 0.35, 1.0]},
                          index=[each.row for each in ALPHAS])  # fmt: skip
    reasoning, _, energy = curve.draw(data, {}, colours(["frism"]), {"frism": shares}).axes
    line = next(line for line in reasoning.lines if line.get_marker() == "o")
    assert np.asarray(line.get_xdata()) == pytest.approx([-3.5, -2, -1, 1])
    assert np.asarray(line.get_ydata()).tolist() == [20, 24, 30, 50]
    assert [text.get_text() for text in reasoning.get_xticklabels()] == ["0", "0.01", "0.1", "10"]
    mean = next(line for line in energy.lines if line.get_marker() == "o")
    assert np.asarray(mean.get_ydata()) == pytest.approx([0, 0.3, 0.6, 1])
    assert curve.axis_places([0.5, 1.5, 1.0]) == {0.5: 0.5, 1.0: 1.0, 1.5: 1.5}


def test_curve_over_words_is_an_error(root: Path) -> None:
    with pytest.raises(DataError, match="one whose values are numbers"):
        curve.draw(experiment(root, "main"), {}, {}, {})


def test_times_are_stacked_in_minutes(root: Path) -> None:
    axes = times.draw(experiment(root, "main"), display_names()).axes[0]
    assert labels(axes)[0] == "FRISM"
    ends = [bar.get_x() + bar.get_width() for bar in axes.containers[-1]]
    assert ends == pytest.approx([465 / 60, 65 / 60, 65 / 60, 65 / 60])
    assert axes.texts[0].get_text() == "7.8  (5 candidates)"


def test_tables_of_the_real_step_are_drawn(tmp_path: Path) -> None:
    sweeps = [*sweeps_of(), undefined("ties", REASON)]
    folders, references = result_sweeps.write_experiment(tmp_path / "run", sweeps)
    output = ["--output", str(tmp_path / "tables"), "--resamples", "100"]
    inputs = ["--sweeps", *map(str, folders), "--references", *map(str, references)]
    assert main(["tables", *inputs, *output]) == 0
    chosen = {each.method: [row.chosen for row in each.rows] for each in sweeps if each.rows}
    families = [str(path) for path in write_families(tmp_path / "pico", chosen)]
    where = ["--tables", str(tmp_path / "tables"), "--families", *families]
    drawn = ["--experiment", "main", "--kind", "main", "--output", str(tmp_path / "figures")]
    assert main(["figures", *drawn, *where]) == 0
    names = figure_names("main", "main", [each.method for each in sweeps])
    assert sorted({path.stem for path in (tmp_path / "figures").iterdir()}) == sorted(names)


def test_table_without_the_vlm_is_an_error(root: Path, tmp_path: Path) -> None:
    table = pd.read_csv(root / "tables" / "main.csv")
    table[table["method"] != "vlm"].to_csv(tmp_path / "main.csv")
    with pytest.raises(DataError, match="found 0 lines of the VLM"):
        _ = Experiment("main", tmp_path, 1.0).vlm


def test_colours_stay_with_the_method() -> None:
    assert colours(["ties", "frism"]) == {"ties": OTHERS[0], "frism": FIXED["frism"]}


def test_labels_keep_their_distance_only_where_they_meet() -> None:
    places = [(0.0, 1.0), (0.1, 1.1), (5.0, 1.0)]
    assert spread(places, near=1.0, gap=0.5) == [(0.0, 1.0), (0.1, 1.5), (5.0, 1.0)]


def test_hashed_ids_are_counted_by_element() -> None:
    svg = '<clipPath id="pa9b65476fd"/><g clip-path="url(#pa9b65476fd)"/><use href="#m0123456789"/>'
    counted = '<clipPath id="p1"/><g clip-path="url(#p1)"/><use href="#m2"/>'
    assert counted_ids(svg) == counted
    assert counted_ids('<g id="axes_1" style="fill: #a9b654"/>') == (
        '<g id="axes_1" style="fill: #a9b654"/>'
    )
