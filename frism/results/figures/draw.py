"""Draws and writes all figures of one experiment, and the tables that come with some."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from frism.errors import DataError
from frism.results.correlation import correlations, read_directions
from frism.results.figures import (
    bars,
    benchmarks,
    closed_form,
    curve,
    heatmap,
    kinds,
    learned,
    main,
    spectra,
    times,
    tradeoff,
)
from frism.results.figures.experiment import Experiment
from frism.results.figures.style import colours, save
from frism.results.formats import write_csv
from frism.results.names import display_names
from frism.results.spectra import read_spectra, spectra_table


def draw_figures(data: Experiment, kind: str, families: Sequence[Path], output: Path) -> None:
    """Writes the figures of an experiment as PNG and SVG.

    Args:
        data: The experiment.
        kind: One of `kinds.KINDS`.
        families: Directories of the pair's families.
        output: Where the figures go; `kinds.figure_names` tells their names.

    Raises:
        DataError: A table, gates or subspaces that the kind needs are missing.
    """
    DRAWINGS[kind](data, families, output)


def _main(data: Experiment, families: Sequence[Path], output: Path) -> None:
    names = display_names()
    save(main.draw(data, names), output, data.name)
    save(benchmarks.draw(data, names), output, f"{data.name}_benchmarks")
    save(times.draw(data, names), output, f"{data.name}_times")
    for name, figure in (
        ("training", learned.draw_training(data, families)),
        ("gates", learned.draw_gates(data, families)),
    ):
        if figure is not None:
            save(figure, output, f"{data.name}_{name}")


def _tradeoff(data: Experiment, families: Sequence[Path], output: Path) -> None:
    save(tradeoff.draw(data, display_names(), colours(data.methods)), output, data.name)


def _bars(data: Experiment, families: Sequence[Path], output: Path) -> None:
    save(bars.draw(data, display_names()), output, data.name)


def _heatmap(data: Experiment, families: Sequence[Path], output: Path) -> None:
    save(heatmap.draw(data, display_names()), output, data.name)


def _curve(data: Experiment, families: Sequence[Path], output: Path) -> None:
    energy = learned.open_energies(data, families)
    figure = curve.draw(data, display_names(), colours(data.methods), energy)
    save(figure, output, data.name)


def _spectra(data: Experiment, families: Sequence[Path], output: Path) -> None:
    found = read_spectra(families)
    write_csv(data.tables / f"{data.name}.csv", spectra_table(found))
    save(spectra.draw(found), output, data.name)


def _closed_form(data: Experiment, families: Sequence[Path], output: Path) -> None:
    chosen = learned.chosen_parameters(data)
    if kinds.SHOWN_GATES not in chosen:
        raise DataError(
            f"experiment {data.name}: found the methods {', '.join(chosen)}, expected "
            f"{kinds.SHOWN_GATES} among them: its gates are what curvature is compared with"
        )
    gates = [
        learned.gate_files(family, kinds.SHOWN_GATES, chosen[kinds.SHOWN_GATES])[0]
        for family in families
    ]
    directions = [
        each
        for family, file in zip(families, gates, strict=True)
        for each in read_directions(family, file)
    ]
    table = correlations(directions)
    write_csv(data.tables / f"{data.name}_correlation.csv", table)
    save(closed_form.draw(data, display_names(), directions, table), output, data.name)


DRAWINGS: dict[str, Callable[[Experiment, Sequence[Path], Path], None]] = {
    kinds.MAIN: _main,
    kinds.TRADEOFF: _tradeoff,
    kinds.BARS: _bars,
    kinds.CURVE: _curve,
    kinds.HEATMAP: _heatmap,
    kinds.SPECTRA: _spectra,
    kinds.CLOSED_FORM: _closed_form,
}
