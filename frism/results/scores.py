"""Averages and differences of all candidates of one pair on one split, with their intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from frism.errors import DataError
from frism.results.candidates import Candidate
from frism.results.hits import HitTable
from frism.results.selection import DECIMALS
from frism.results.significance import Significance, significance
from frism.results.statistics import Estimate, means, percentile_interval, resampled_means

Array = NDArray[np.float64]


@dataclass(frozen=True)
class SplitScores:
    """Scores in percent of k candidates; an average is the mean of its benchmarks' means.

    Args:
        table: The hits the scores come from.
        means: Mean hit of each cell, [families, benchmarks, k].
        resampled: Bootstrapped mean over families, [resamples, benchmarks, k].
        confidence: Level of the intervals.
    """

    table: HitTable
    means: Array
    resampled: Array
    confidence: float

    def place(self, candidate: Candidate) -> int:
        """Returns the column of `candidate`.

        Raises:
            DataError: The candidate was not evaluated on this split.
        """
        if candidate not in self.table.candidates:
            raise DataError(
                f"pair {self.table.pair}: found no record of {candidate} on {self.table.split}, "
                "expected one per benchmark; evaluate it"
            )
        return self.table.candidates.index(candidate)

    def columns(self, name: str) -> list[int]:
        """Returns the columns of a group's benchmarks, or of the one benchmark called `name`."""
        pairs = zip(self.table.benchmarks, self.table.groups, strict=True)
        columns = [column for column, pair in enumerate(pairs) if name in pair]
        if not columns:
            raise DataError(f"pair {self.table.pair}: found no benchmark of {name}; evaluate one")
        return columns

    def by_family(self, name: str) -> Array:
        """Returns the average of a group or benchmark, percent, [families, k]."""
        return np.asarray(100 * self.means[:, self.columns(name)].mean(axis=1))

    def by_resample(self, name: str) -> Array:
        """Returns the bootstrapped average of a group or benchmark, percent, [resamples, k]."""
        return np.asarray(100 * self.resampled[:, self.columns(name)].mean(axis=1))

    def average(self, name: str, candidate: Candidate) -> Estimate:
        """Returns the average over families of a group or benchmark."""
        value = self.by_family(name)[:, self.place(candidate)].mean()
        return percentile_interval(value, self._resampled(name, candidate), self.confidence)

    def difference(self, name: str, one: Candidate, other: Candidate) -> Estimate:
        """Returns the paired difference `one` - `other` of a group or benchmark."""
        value = self.family_differences(name, one, other).mean()
        return percentile_interval(value, self._paired(name, one, other), self.confidence)

    def family_differences(self, name: str, one: Candidate, other: Candidate) -> Array:
        """Returns the difference `one` - `other` of each family, [families]."""
        values = self.by_family(name)
        return np.round(values[:, self.place(one)] - values[:, self.place(other)], DECIMALS)

    def significance(self, name: str, one: Candidate, other: Candidate) -> Significance:
        """Tests whether the paired difference `one` - `other` is zero."""
        paired = self._paired(name, one, other)
        return significance(self.family_differences(name, one, other), paired)

    def _paired(self, name: str, one: Candidate, other: Candidate) -> Array:
        # a difference of zero must not be counted as one by the last bits of its two sides
        return np.round(self._resampled(name, one) - self._resampled(name, other), DECIMALS)

    def _resampled(self, name: str, candidate: Candidate) -> Array:
        own = self.resampled[:, self.columns(name), self.place(candidate)]
        return np.asarray(100 * own.mean(axis=1))


def split_scores(table: HitTable, confidence: float, resamples: int, seed: int) -> SplitScores:
    """Bootstraps the scores of a table of hits."""
    resampled = resampled_means(table.hits, resamples, seed)
    return SplitScores(table, means(table.hits), resampled, confidence)
