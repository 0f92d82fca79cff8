"""Collects the samples of one family and writes them as a page and as a figure."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from frism.errors import DataError
from frism.files import write_text
from frism.results.candidates import FRISM, REASONING, VLM, Candidate
from frism.results.figures import samples as figure
from frism.results.figures.style import colours, save
from frism.results.layout import family_seed, records_on_test
from frism.results.names import display_names
from frism.results.samples import Sample, choose_samples, common_records
from frism.results.samples_page import samples_page
from frism.results.tableset import Tables


def write_samples(tables: Tables, family: Path, data: Path, output: Path) -> None:
    """Writes `samples.html`, `samples.png` and `samples.svg`.

    Args:
        tables: The tables of the pair.
        family: Directory of the family that the samples come from.
        data: Directory of `<benchmark>_TEST.tsv`.
        output: Where they go.

    Raises:
        DataError: FRISM or any method to compare it with is missing.
    """
    chosen = tables.chosen()
    rival = tables.claim.get("best_layer_level")
    if FRISM not in chosen or rival is None:
        raise DataError("samples compare frism with a layer-level method; found not both")
    names, palette = display_names(), colours([VLM, *chosen])
    samples = _samples(tables, family, data, rival)
    note = (
        f"Pair {tables.pair}, family {family_seed(family)}, test split. For every benchmark one "
        "question of each case, taken by a hash of its number: nobody picked them. The share "
        "tells how frequent the case is."
    )
    write_text(output / "samples.html", samples_page(samples, names, note))
    reasoning = set(tables.scores.loc[tables.scores["group"] == REASONING, "benchmark"])
    shown = [each for each in samples if each.benchmark in reasoning]
    save(figure.draw(_spotlight(shown), names, palette), output, "samples")


def _samples(tables: Tables, family: Path, data: Path, rival: str) -> list[Sample]:
    candidates = {VLM: Candidate(VLM), **tables.chosen()}
    records = {method: records_on_test(family, each) for method, each in candidates.items()}
    rows = tables.benchmarks
    found = []
    for common in common_records(records, list(dict.fromkeys(rows["benchmark"]))):
        tsv = data / f"{common[FRISM].benchmark}_TEST.tsv"
        found += choose_samples(common, FRISM, rival, display_names()[rival], tsv)
    return found


def _spotlight(samples: Sequence[Sample]) -> list[Sample]:
    """Returns FRISM's successes over its rival, then its failures, one each per benchmark."""
    right = [each for each in samples if each.case.startswith("FRISM right")]
    wrong: dict[str, Sample] = {}
    for each in samples:
        if each.answers[FRISM].hit < 0.5:
            wrong.setdefault(each.benchmark, each)
    return [*right, *wrong.values()]
