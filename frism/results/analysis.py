"""From the frame of records to scores, choices and claim of one pair."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from frism.errors import DataError
from frism.results.candidates import (
    FRISM,
    PERCEPTION,
    REASONING,
    REFERENCES,
    TEXT,
    VLM,
    Candidate,
)
from frism.results.claim import Evidence, claim
from frism.results.hits import hit_table
from frism.results.scores import SplitScores, split_scores
from frism.results.selection import Choice, choose_on
from frism.results.tables import shares_table


@dataclass(frozen=True)
class Settings:
    """How results are judged; ranges are those of the configuration.

    Args:
        perception_tolerance: Points of the VLM's perception that a chosen merge may lose.
        confidence: Level of the intervals.
        resamples: Bootstrap resamples.
        seed: Seed of the bootstrap.
        methods: Order of the methods in tables; methods that are not named follow by name.
        directions: Methods whose gates are finer than a matrix: all others are layer-level.
    """

    perception_tolerance: float
    confidence: float
    resamples: int
    seed: int
    methods: tuple[str, ...] = ()
    directions: tuple[str, ...] = (FRISM,)


@dataclass(frozen=True)
class Analysis:
    """All results of one pair; `parts` are the test scores by groups, text apart."""

    validation: SplitScores
    test: SplitScores
    parts: tuple[SplitScores, ...]
    choices: dict[str, Choice]
    shares: pd.DataFrame
    claim: dict[str, Any]


def analyse(
    frame: pd.DataFrame, pair: str, settings: Settings, changes: Mapping[Candidate, float]
) -> Analysis:
    """Computes scores, chooses each method's candidate on validation and tests the claim.

    Args:
        frame: What `frism.results.frame.questions_frame` returned.
        pair: Name of the pair.
        settings: How results are judged.
        changes: Relative change of the weights of candidates, for breaking ties.

    Raises:
        DataError: The VLM or a candidate lacks records that the others have.
    """
    visual = (REASONING, PERCEPTION)
    validation, test = (_scores(frame, pair, split, visual, settings) for split in SPLITS)
    _same_candidates(validation, test)
    methods = _ordered(validation.methods(), settings.methods)
    tolerance = settings.perception_tolerance
    choices = {each: choose_on(validation, [each], tolerance, changes) for each in methods}
    layer_level = tuple(each for each in methods if each not in settings.directions)
    shares = shares_table(frame, pair)
    evidence = Evidence(validation, test, choices, layer_level, tolerance)
    parts = (test, *_text(frame, pair, settings))
    return Analysis(validation, test, parts, choices, shares, claim(evidence, shares))


SPLITS = ("validation", "test")


def _scores(
    frame: pd.DataFrame, pair: str, split: str, groups: Sequence[str], settings: Settings
) -> SplitScores:
    table = hit_table(frame, pair, split, groups)
    return split_scores(table, settings.confidence, settings.resamples, settings.seed)


def _text(frame: pd.DataFrame, pair: str, settings: Settings) -> list[SplitScores]:
    rows = frame[(frame["pair"] == pair) & (frame["split"] == "test")]
    if TEXT not in set(rows["group"]):
        return []
    return [_scores(frame, pair, "test", (TEXT,), settings)]


def _same_candidates(validation: SplitScores, test: SplitScores) -> None:
    validation.place(Candidate(VLM))
    for each in test.table.candidates:
        if each.method not in REFERENCES:
            validation.place(each)
    for each in validation.table.candidates:
        test.place(each)


def _ordered(found: Sequence[str], wanted: Sequence[str]) -> list[str]:
    unknown = [each for each in wanted if each not in found]
    if unknown:
        raise DataError(
            f"found no record of {', '.join(unknown)}, expected them of every method in the order "
            "asked for; evaluate them"
        )
    return [*wanted, *sorted(each for each in found if each not in wanted)]
