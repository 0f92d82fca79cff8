"""Draws and writes all figures of one pair."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from frism.methods.registry import methods
from frism.results.candidates import FRISM, Candidate, labelled
from frism.results.figures import benchmarks, gates, tradeoff, training
from frism.results.figures.style import colours, save
from frism.results.gates import read_gates
from frism.results.layout import unit_directory
from frism.results.names import display_names
from frism.results.tableset import Tables


def draw_figures(tables: Tables, families: Sequence[Path], tolerance: float, output: Path) -> None:
    """Writes tradeoff, main, training and gates as PNG and SVG.

    Args:
        tables: The tables of the pair.
        families: Directories of the pair's families.
        tolerance: Points of the VLM's perception that a merge may lose.
        output: Where the figures go.
    """
    names, palette = display_names(), colours(list(tables.main["method"]))
    averages = tradeoff.family_averages(tables.scores, tables.pair)
    data = tradeoff.Tradeoff(averages, tables.sweep, tables.main, tolerance)
    save(tradeoff.draw(data, names, palette), output, "tradeoff")
    save(benchmarks.draw(tables.benchmarks, tables.main, names, palette), output, "main")
    learned = [each for each in tables.chosen().values() if methods()[each.method].gates]
    if learned:
        _training(learned, families, output)
    _gates([each for each in learned if each.method == FRISM], families, output)


def _training(learned: Sequence[Candidate], families: Sequence[Path], output: Path) -> None:
    histories = {
        each.method: [
            training.read_history(unit_directory(family, each) / "gates" / "training.json")
            for family in families
        ]
        for each in learned
    }
    names = display_names()
    labels = {each.method: labelled(names[each.method], each.parameters) for each in learned}
    save(training.draw(histories, labels, colours(list(histories))), output, "training")


def _gates(chosen: Sequence[Candidate], families: Sequence[Path], output: Path) -> None:
    for each in chosen:
        matrices = [
            matrix
            for family in families
            for matrix in read_gates(
                unit_directory(family, each) / "gates" / "gates.safetensors",
                family / "subspaces.safetensors",
            )
        ]
        save(gates.draw(matrices), output, "gates")
