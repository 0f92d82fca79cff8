"""From records and sweeps to the scores of one experiment: what all its tables rest on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from frism.results.candidates import (
    FRISM,
    PERCEPTION,
    REASONING,
    REFERENCES,
    TEXT,
    VLM,
    Candidate,
)
from frism.results.hits import hit_table
from frism.results.lines import Line, lines_of
from frism.results.provenance import check_pair, check_weights
from frism.results.scores import SplitScores, split_scores
from frism.results.sweeps import Sweep


@dataclass(frozen=True)
class Settings:
    """How results are judged; ranges are those of the configuration.

    Args:
        perception_tolerance: Points of the VLM's perception that a chosen merge may lose.
        confidence: Level of the intervals.
        resamples: Bootstrap resamples.
        seed: Seed of the bootstrap.
        layer_level: Methods with one coefficient or gate per matrix, layer or model.
        controls: Methods that must not do as well as FRISM.
    """

    perception_tolerance: float
    confidence: float
    resamples: int
    seed: int
    layer_level: tuple[str, ...]
    controls: tuple[str, ...] = ()


@dataclass(frozen=True)
class Analysis:
    """One experiment of one pair.

    Args:
        pair: Name of the pair.
        experiment: Name of the experiment.
        sweeps: What was found on validation, by method in the order of the table.
        lines: The lines of the table, references left out.
        test: Scores on test of the visual groups, of the references and all chosen candidates.
        parts: `test`, and the scores on text benchmarks where there are any.
        questions: Questions per benchmark, by split and benchmark.
        shares: Of each candidate's reasoning answers on test, the share with a chain and the
            share that was cut off, 0 to 1.
        settings: How results are judged.
    """

    pair: str
    experiment: str
    sweeps: Mapping[str, Sweep]
    lines: tuple[Line, ...]
    test: SplitScores
    parts: tuple[SplitScores, ...]
    questions: Mapping[str, Mapping[str, int]]
    shares: Mapping[Candidate, tuple[float, float]]
    settings: Settings

    @property
    def defined(self) -> list[Line]:
        """The lines that have scores."""
        return [each for each in self.lines if each.undefined is None]

    @property
    def references(self) -> list[Candidate]:
        """The references that were evaluated, the VLM first."""
        return [each for each in self.test.table.candidates if each.method in REFERENCES]

    @property
    def ours(self) -> Line | None:
        """FRISM's line, or None where it has none or several."""
        found = [each for each in self.defined if each.method == FRISM]
        return found[0] if len(found) == 1 else None


def analyse(frame: pd.DataFrame, sweeps: Sequence[Sweep], settings: Settings) -> Analysis:
    """Scores the chosen candidates of one experiment on test.

    Args:
        frame: Questions of the references and of all chosen candidates, what
            `frism.results.frame.questions_frame` returned.
        sweeps: The sweeps of the experiment, in the order of the table.
        settings: How results are judged.

    Raises:
        DataError: Records are missing, of another pair or family, or of models that no sweep
            chose.
    """
    pair, lines = sweeps[0].pair, lines_of(sweeps)
    check_pair(frame, pair, sweeps[0].families)
    check_weights(frame, sweeps)
    test = _scores(frame, pair, (REASONING, PERCEPTION), settings)
    for each in [Candidate(VLM), *(line.candidate for line in lines if line.undefined is None)]:
        test.place(each)
    return Analysis(
        pair=pair,
        experiment=sweeps[0].experiment,
        sweeps={each.method: each for each in sweeps},
        lines=lines,
        test=test,
        parts=(test, *_text(frame, pair, settings)),
        questions=_questions(frame),
        shares=_shares(frame),
        settings=settings,
    )


def _scores(
    frame: pd.DataFrame, pair: str, groups: Sequence[str], settings: Settings
) -> SplitScores:
    table = hit_table(frame, pair, "test", groups)
    return split_scores(table, settings.confidence, settings.resamples, settings.seed)


def _text(frame: pd.DataFrame, pair: str, settings: Settings) -> list[SplitScores]:
    if TEXT not in set(frame.loc[frame["split"] == "test", "group"]):
        return []
    return [_scores(frame, pair, (TEXT,), settings)]


def _questions(frame: pd.DataFrame) -> dict[str, dict[str, int]]:
    counts = frame.groupby(["split", "benchmark"], sort=True)["index"].nunique().reset_index()
    found: dict[str, dict[str, int]] = {}
    for split, benchmark, count in counts.itertuples(index=False):
        found.setdefault(str(split), {})[str(benchmark)] = int(count)
    return found


def _shares(frame: pd.DataFrame) -> dict[Candidate, tuple[float, float]]:
    rows = frame[(frame["split"] == "test") & (frame["group"] == REASONING)]
    means = rows.groupby(["method", "parameters"], sort=True)[["chain", "cut"]].mean()
    return {
        Candidate(str(method), str(parameters)): (float(chain), float(cut))
        for method, parameters, chain, cut in means.reset_index().itertuples(index=False)
    }
