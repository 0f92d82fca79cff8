"""Captions of the report exist for every figure and are valid reStructuredText."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest
from docutils.core import publish_parts
from jinja2 import Environment

from frism.config.experiments import EXPERIMENTS
from frism.results.figures.kinds import KINDS, caption, figure_names, table_caption, table_names

CAPTIONS = Path(__file__).parents[1] / "workflow" / "report"
FILES = sorted(path for path in CAPTIONS.glob("*.rst") if path.name != "workflow.rst")
METHODS = ["frism", "matrix_gates"]


def rendered(path: Path, experiment: str = "main") -> str:
    """Returns a caption as HTML, as Snakemake makes it; any warning of docutils is an error."""
    output = [f"results/embedded/figures/{experiment}.png"]
    template = Environment().from_string(path.read_text(encoding="utf-8"))
    text = template.render(snakemake=SimpleNamespace(output=output), files=[], categories=[])
    settings = {"halt_level": 2, "report_level": 5}
    parts = publish_parts(text, writer="html", settings_overrides=settings)
    return str(parts["body"])


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_captions_are_valid(path: Path) -> None:
    assert "<p>" in rendered(path)


@pytest.mark.parametrize("kind", KINDS)
def test_every_figure_and_table_has_a_caption(kind: str) -> None:
    for figure in figure_names("some_name", kind, METHODS):
        assert (CAPTIONS / caption(figure, "some_name", kind)).is_file()
    if table_names("some_name", kind):
        assert (CAPTIONS / table_caption(kind)).is_file()


@pytest.mark.parametrize(
    ("experiment", "words"),
    [
        ("heterogeneity", "one group is injected alone"),
        ("granularity", "to one per singular direction"),
        ("alpha", "the gates close"),
        ("cap", "caps every gate"),
        ("calibration", "on images of noise"),
        ("calibration_size", "number of calibration questions"),
        ("rank", "truncated to the leading directions"),
        ("modules", "with one kind of matrix alone"),
    ],
)
def test_captions_know_the_default_experiments(experiment: str, words: str) -> None:
    kind = EXPERIMENTS[experiment]["figure"]
    own = rendered(CAPTIONS / caption(experiment, experiment, kind), experiment)
    other = rendered(CAPTIONS / caption(experiment, experiment, kind), "my_own")
    assert words in " ".join(own.split())
    assert words not in " ".join(other.split())
