"""Figures of learned gates: their training, where they open, and how much energy they let in."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from frism.methods.registry import method
from frism.results.figures import gates, training
from frism.results.figures.experiment import Experiment
from frism.results.figures.kinds import SHOWN_GATES, trained
from frism.results.figures.style import colours
from frism.results.gates import gates_directory, open_energy, read_gates
from frism.results.names import display_names


def draw_training(data: Experiment, families: Sequence[Path]) -> Figure | None:
    """Draws the training of every method with gates of its own, at its chosen parameters."""
    chosen = chosen_parameters(data)
    learned = trained(list(chosen))
    if not learned:
        return None
    histories = {
        slug: [
            training.read_history(gates_directory(each, slug, chosen[slug]) / "training.json")
            for each in families
        ]
        for slug in learned
    }
    return training.draw(histories, display_names(), colours(learned))


def draw_gates(data: Experiment, families: Sequence[Path]) -> Figure | None:
    """Draws FRISM's gates at its chosen parameters."""
    chosen = chosen_parameters(data)
    if SHOWN_GATES not in chosen:
        return None
    files = [gate_files(each, SHOWN_GATES, chosen[SHOWN_GATES]) for each in families]
    return gates.draw([matrix for each in files for matrix in read_gates(*each)])


def open_energies(data: Experiment, families: Sequence[Path]) -> dict[str, pd.DataFrame]:
    """Returns, for each method with gates of directions, the share of energy that they let in.

    A table has a line per row of the experiment and a column per family.
    """
    return {
        slug: _open_energy(data.defined[data.defined["method"] == slug], slug, families)
        for slug in data.methods
        if _gates_directions(slug)
    }


def chosen_parameters(data: Experiment) -> dict[str, str]:
    """Returns the chosen parameters of each method; of several rows the last one's."""
    pairs = zip(data.defined["method"], data.defined["parameters"], strict=True)
    return {str(slug): str(parameters) for slug, parameters in pairs}


def gate_files(family: Path, slug: str, parameters: str) -> tuple[Path, Path]:
    """Returns a candidate's file of gates and the folder of the subspaces that they open."""
    gates = gates_directory(family, slug, parameters) / "gates.safetensors"
    return gates, family / "subspaces"


def _open_energy(rows: pd.DataFrame, slug: str, families: Sequence[Path]) -> pd.DataFrame:
    shares = {
        family.name: [
            open_energy(read_gates(*gate_files(family, slug, str(parameters))))
            for parameters in rows["parameters"]
        ]
        for family in families
    }
    return pd.DataFrame(shares, index=rows["row"])


def _gates_directions(slug: str) -> bool:
    learned = method(slug).learned
    if learned is None or learned.gates_of is not None:
        return False
    return (learned.granularity, learned.activation) == ("direction", "sigmoid")
