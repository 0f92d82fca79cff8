"""Collects the samples of one family and writes them as a page and as a figure."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from frism.errors import DataError
from frism.evaluation.records import Record, read_record
from frism.files import write_text
from frism.results.candidates import FRISM, REASONING, VLM
from frism.results.figures import samples as figure
from frism.results.figures.style import colours, save
from frism.results.frame import record_files
from frism.results.layout import existing, family_seed
from frism.results.names import display_names
from frism.results.samples import Sample, choose_samples, common_records
from frism.results.samples_page import samples_page


@dataclass(frozen=True)
class Source:
    """Where the samples come from.

    Args:
        tables: What `frism tables` wrote for the pair.
        sweeps: Folder of the experiment, with `<method>/records/` of the chosen candidates.
        family: Directory of the family that the samples come from.
        data: Directory of `<benchmark>_TEST.tsv`.
    """

    tables: Path
    sweeps: Path
    family: Path
    data: Path


def write_samples(source: Source, output: Path) -> None:
    """Writes `samples.html`, `samples.png` and `samples.svg`.

    Shown are the VLM, FRISM, and the layer-level and the other method that validation found best.

    Args:
        source: Where the samples come from.
        output: Where they go.

    Raises:
        DataError: FRISM or a layer-level method to compare it with is missing.
    """
    claim = json.loads(existing(source.tables / "claim.json").read_text(encoding="utf-8"))
    if "best_layer_level" not in claim:
        raise DataError(
            f"{source.tables / 'claim.json'}: found no best_layer_level, expected one: samples "
            "compare frism with a layer-level method; run both"
        )
    rival = str(claim["best_layer_level"])
    methods = list(dict.fromkeys([VLM, rival, str(claim["best_other"]), FRISM]))
    names = display_names()
    samples = _samples(source, methods, rival)
    note = (
        f"Pair {claim['pair']}, family {family_seed(source.family)}, test split. For every "
        "benchmark one question of each case, taken by a hash of its number: nobody picked them. "
        "The share tells how frequent the case is."
    )
    write_text(output / "samples.html", samples_page(samples, names, note))
    shown = [each for each in samples if each.group == REASONING]
    save(figure.draw(_spotlight(shown), names, colours(methods)), output, "samples")


def _samples(source: Source, methods: Sequence[str], rival: str) -> list[Sample]:
    records = {method: _records(source, method) for method in methods}
    benchmarks = sorted(records[FRISM], key=lambda each: (records[FRISM][each].group, each))
    found = []
    for common in common_records(records, benchmarks):
        tsv = source.data / f"{common[FRISM].benchmark}_TEST.tsv"
        found += choose_samples(common, FRISM, rival, display_names()[rival], tsv)
    return found


def _records(source: Source, method: str) -> dict[str, Record]:
    """Returns the records of a method on test by benchmark, of the family."""
    reference = source.family / "references" / method / "records"
    folder = reference if method == VLM else source.sweeps / method / "records"
    records = [read_record(path) for path in record_files(existing(folder))]
    seed = family_seed(source.family)
    own = [each for each in records if each.family == seed and each.split == "test"]
    if not own:
        raise DataError(
            f"{folder}: found no record of family {seed} on test, expected one per benchmark; "
            "sweep the method again"
        )
    return {each.benchmark: each for each in own}


def _spotlight(samples: Sequence[Sample]) -> list[Sample]:
    """Returns FRISM's successes over its rival, then its failures, one each per benchmark."""
    right = [each for each in samples if each.case.startswith("FRISM right")]
    wrong: dict[str, Sample] = {}
    for each in samples:
        if each.answers[FRISM].hit < 0.5:
            wrong.setdefault(each.benchmark, each)
    return [*right, *wrong.values()]
