"""Sweeps with known hits: what `frism sweep` writes, with test records of the chosen ones."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from frism.evaluation.records import Record, write_record
from frism.methods.registry import parameters_slug, parse_parameters
from frism.results.analysis import Analysis, Settings, analyse
from frism.results.candidates import REFERENCES, VLM, Candidate
from frism.results.frame import record_frame
from frism.results.selection import Point, choose
from frism.results.sweeps import Sweep
from tests.result_records import FAMILIES, GROUPS, HITS, QUESTIONS, make_record, weights_of

TOLERANCE = 1.0
SETTINGS = Settings(
    perception_tolerance=TOLERANCE,
    confidence=0.95,
    resamples=200,
    seed=0,
    layer_level=("task_arithmetic", "matrix_gates"),
    controls=("frism_random", "frism_mean"),
)
Hits = Mapping[Candidate, tuple[int, int]]


def sweep_of(
    method: str,
    hits: Hits = HITS,
    experiment: str = "main",
    by: Sequence[str] = (),
    tolerance: float = TOLERANCE,
) -> Sweep:
    """Returns the sweep of a method, its rows chosen by the project's own rule.

    Args:
        method: Slug of the method.
        hits: Hits of reasoning and perception, of 40 questions, by candidate.
        experiment: Name of the experiment.
        by: Parameters that rows are grouped by.
        tolerance: Points of the VLM's perception that a merge may lose.
    """
    own = [each for each in hits if each.method == method]
    rows: dict[str, list[Candidate]] = {}
    for each in own:
        rows.setdefault(_row(each, by), []).append(each)
    content = {
        "schema": 1,
        "pair": "pico",
        "experiment": experiment,
        "method": method,
        "families": FAMILIES,
        "undefined": None,
        "vlm": _averages(hits[Candidate(VLM)]),
        "candidates": [_candidate(each, hits[each], by) for each in own],
        "rows": [_chosen(row, members, hits, tolerance) for row, members in rows.items()],
    }
    return Sweep.model_validate(content)


def undefined(method: str, reason: str, experiment: str = "main") -> Sweep:
    """Returns the sweep of a method that is not defined for the pair."""
    content: dict[str, Any] = {"pair": "pico", "experiment": experiment, "method": method}
    content |= {"families": FAMILIES, "undefined": reason, "vlm": None}
    return Sweep.model_validate(content | {"schema": 1, "candidates": [], "rows": []})


def sweeps_of(hits: Hits = HITS, experiment: str = "main", by: Sequence[str] = ()) -> list[Sweep]:
    """Returns the sweeps of all merge methods among the candidates."""
    methods = dict.fromkeys(each.method for each in hits if each.method not in REFERENCES)
    return [sweep_of(method, hits, experiment, by) for method in methods]


def chosen_records(
    sweeps: Sequence[Sweep], hits: Hits = HITS, families: Sequence[int] = FAMILIES
) -> Iterator[Record]:
    """Yields the records of the references on both splits and of what was chosen on test."""
    chosen = [each for sweep in sweeps for each in sweep.chosen()]
    for each, (reasoning, perception) in hits.items():
        splits = ("validation", "test") if each.method in REFERENCES else ("test",)
        if each.method in REFERENCES or each in chosen:
            for family in families:
                for benchmark, group in GROUPS.items():
                    right = reasoning if group == "reasoning" else perception
                    answers = (np.arange(QUESTIONS) < right).astype(float)
                    for split in splits:
                        yield make_record(each, family, benchmark, split, answers)


def frame_of(records: Iterable[Record]) -> pd.DataFrame:
    """Returns the questions of records as they are analysed."""
    return pd.concat([record_frame(record) for record in records], ignore_index=True)


def analysed(
    hits: Hits = HITS,
    settings: Settings = SETTINGS,
    by: Sequence[str] = (),
    experiment: str = "main",
    others: Sequence[Sweep] = (),
) -> Analysis:
    """Returns the analysis of an experiment whose methods have the given hits.

    Args:
        hits: Hits by candidate.
        settings: How results are judged.
        by: Parameters that rows are grouped by.
        experiment: Name of the experiment.
        others: Sweeps of further methods that are undefined.
    """
    sweeps = [*sweeps_of(hits, experiment, by), *others]
    return analyse(frame_of(chosen_records(sweeps, hits)), sweeps, settings)


def write_experiment(
    root: Path, sweeps: Sequence[Sweep], hits: Hits = HITS
) -> tuple[list[Path], list[Path]]:
    """Writes sweeps and records as a run lays them out.

    Returns:
        The folders of the sweeps and those of the references' records.
    """
    folder = root / "pico" / "experiments" / sweeps[0].experiment
    for sweep in sweeps:
        (folder / sweep.method / "records").mkdir(parents=True)
        content = sweep.model_dump(mode="json", by_alias=True)
        (folder / sweep.method / "sweep.json").write_text(json.dumps(content))
    for record in chosen_records(sweeps, hits):
        family = f"seed-{record.family}"
        if record.method in REFERENCES:
            place = root / "pico" / family / "references" / record.method / "records"
        else:
            place = folder / record.method / "records" / "row" / family
        write_record(record, place)
    references = sorted((root / "pico").glob("seed-*/references/*/records"))
    return [folder / sweep.method for sweep in sweeps], references


def _row(candidate: Candidate, by: Sequence[str]) -> str:
    values = parse_parameters(candidate.parameters)
    return parameters_slug({name: values[name] for name in by if name in values})


def _averages(hits: tuple[int, int]) -> dict[str, list[float]]:
    names = ("reasoning", "perception")
    return {
        name: [100 * count / QUESTIONS] * len(FAMILIES)
        for name, count in zip(names, hits, strict=True)
    }


def _candidate(each: Candidate, hits: tuple[int, int], by: Sequence[str]) -> dict[str, Any]:
    averages = _averages(hits)
    trained = each.method in ("frism", "matrix_gates")
    return {
        **averages,
        "parameters": each.parameters,
        "values": parse_parameters(each.parameters),
        "row": _row(each, by),
        "benchmarks": {name: averages[group] for name, group in GROUPS.items()},
        "change": [_change(each)] * len(FAMILIES),
        "weights": [weights_of(each, family) for family in FAMILIES],
        "seconds": {
            "gates": [20.0] * len(FAMILIES) if trained else None,
            "merge": [0.5] * len(FAMILIES),
            "evaluate": [3.0] * len(FAMILIES),
        },
    }


def _chosen(row: str, members: Sequence[Candidate], hits: Hits, tolerance: float) -> dict[str, Any]:
    points = [_point(each, hits[each]) for each in members]
    vlm = 100 * hits[Candidate(VLM)][1] / QUESTIONS
    choice = choose(points, vlm, tolerance)
    return {
        "row": row,
        "values": parse_parameters(row),
        "chosen": choice.candidate.parameters,
        "constraint_met": choice.constraint_met,
        "candidates": choice.candidates,
    }


def _point(candidate: Candidate, hits: tuple[int, int]) -> Point:
    reasoning, perception = (100 * count / QUESTIONS for count in hits)
    return Point(candidate, reasoning, perception, _change(candidate))


def _change(candidate: Candidate) -> float:
    return sum(value for value in candidate.values if not isinstance(value, str)) / 100
