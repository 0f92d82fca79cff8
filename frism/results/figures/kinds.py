"""The kinds of figure that an experiment can ask for, and the files each kind writes.

Nothing is drawn here: the configuration checks against these names without loading matplotlib.
"""

from __future__ import annotations

from collections.abc import Collection

from frism.methods.registry import method

MAIN, TRADEOFF, BARS, CURVE = "main", "tradeoff", "bars", "curve"
HEATMAP, SPECTRA, CLOSED_FORM = "heatmap", "spectra", "closed_form"
DESCRIPTIONS = {
    MAIN: "every method against the VLM, on each benchmark, with its time, training and gates",
    TRADEOFF: "reasoning against perception: a curve per method over its coefficient",
    BARS: "a row with intervals per value of the parameters in `by`",
    CURVE: "reasoning, perception and injected energy over the numbers in `by`",
    HEATMAP: "a cell per value in `by` and coefficient, the chosen coefficient marked",
    SPECTRA: "energy and effective rank of the task vectors per layer and module",
    CLOSED_FORM: "curvature against learned gates; score and seconds of both",
}
KINDS = tuple(DESCRIPTIONS)
# the gates of this method are the ones that are shown
SHOWN_GATES = "frism"


def figure_names(experiment: str, kind: str, methods: Collection[str]) -> list[str]:
    """Returns the names, without extension, of all figures of an experiment.

    Args:
        experiment: Name of the experiment.
        kind: One of `KINDS`.
        methods: Slugs of its methods.
    """
    if kind != MAIN:
        return [experiment]
    names = [experiment, f"{experiment}_benchmarks", f"{experiment}_times"]
    if trained(methods):
        names.append(f"{experiment}_training")
    if SHOWN_GATES in methods:
        names.append(f"{experiment}_gates")
    return names


def caption(figure: str, experiment: str, kind: str) -> str:
    """Returns the file name of a figure's caption in the report.

    Args:
        figure: One of `figure_names`.
        experiment: Name of the experiment.
        kind: One of `KINDS`.
    """
    part = figure.removeprefix(experiment).lstrip("_")
    return f"figure_{part or kind}.rst"


def table_names(experiment: str, kind: str) -> list[str]:
    """Returns the names, without extension, of the tables that come with the figures.

    They stand beside those of `frism tables`; `table_caption` tells their captions.
    """
    return {SPECTRA: [experiment], CLOSED_FORM: [f"{experiment}_correlation"]}.get(kind, [])


def table_caption(kind: str) -> str:
    """Returns the file name of the caption of such a table."""
    return {SPECTRA: "table_spectra.rst", CLOSED_FORM: "table_correlation.rst"}[kind]


def trained(methods: Collection[str]) -> list[str]:
    """Returns the methods that train gates of their own, in the given order."""
    return [slug for slug in methods if method(slug).gates == slug]
