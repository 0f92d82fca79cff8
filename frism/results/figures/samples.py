"""A grid of sample questions: image, answers, FRISM's chain and the verdict."""

from __future__ import annotations

import base64
import io
import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from PIL import Image

from frism.results.candidates import FRISM
from frism.results.figures.style import FAINT, new_figure
from frism.results.samples import Sample
from frism.results.samples_page import verdict_mark

COLUMNS = 3
CHARACTERS = 46
LINE = 0.088
LONGEST_CHAIN = 4


def draw(samples: Sequence[Sample], names: Mapping[str, str], colours: Mapping[str, str]) -> Figure:
    """Draws the samples with an image in rows of three.

    Args:
        samples: The samples.
        names: Display name of each method.
        colours: Colour of each method.
    """
    shown = [sample for sample in samples if sample.image]
    rows = max(1, -(-len(shown) // COLUMNS))
    figure = new_figure(10.2, 3.3 * rows)
    # the layout ends at the tallest title: leave it room above
    figure.set_layout_engine("constrained", rect=(0, 0, 1, 0.98))
    grid = figure.subplots(2 * rows, COLUMNS, squeeze=False, height_ratios=[1, 2] * rows)
    for axes in grid.flat:
        axes.set_axis_off()
    for place, sample in enumerate(shown):
        row, column = divmod(place, COLUMNS)
        _picture(grid[2 * row, column], sample)
        _text(grid[2 * row + 1, column], sample, names, colours)
    return figure


def _picture(axes: Axes, sample: Sample) -> None:
    with Image.open(io.BytesIO(base64.b64decode(sample.image or ""))) as image:
        axes.imshow(np.asarray(image.convert("RGB")), interpolation="nearest")
    name = sample.benchmark.removeprefix("Frism")
    axes.set_title(f"{name}\n{sample.case}", fontsize=8.5)


def _text(axes: Axes, sample: Sample, names: Mapping[str, str], colours: Mapping[str, str]) -> None:
    asked = next(iter(sample.answers.values()))
    question = textwrap.wrap(" ".join(asked.question.split()), CHARACTERS, max_lines=2)
    lines = [*((line, "black") for line in question), (f"correct: {sample.correct}", "black")]
    for method, reply in sample.answers.items():
        answer = f"{names.get(method, method)}: {_shortened(reply.final)}"
        lines.append((f"{answer}  {verdict_mark(reply)}", colours[method]))
        if method == FRISM and reply.thinking:
            wrapped = textwrap.wrap(reply.thinking, CHARACTERS, max_lines=LONGEST_CHAIN)
            lines += [(line, FAINT) for line in wrapped]
    for place, (line, colour) in enumerate(lines):
        axes.text(
            0, 1 - LINE * place, line, color=colour, fontsize=8, va="top",
            transform=axes.transAxes, parse_math=False,
        )  # fmt: skip


def _shortened(text: str) -> str:
    return textwrap.shorten(" ".join(text.split()), CHARACTERS, placeholder=" …") or "(nothing)"
