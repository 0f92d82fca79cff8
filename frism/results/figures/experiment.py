"""The tables of one experiment of one pair, as the figures use them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import nan
from pathlib import Path

import pandas as pd

from frism.errors import DataError
from frism.methods.method import Choice, Value
from frism.methods.registry import method, parse_parameters
from frism.results.candidates import REFERENCES, VLM, Candidate
from frism.results.layout import existing
from frism.results.selection import Point, choose

# empty where a line has none: never to be taken for a number that is missing
TEXTS = ("method", "parameters", "row", "mark", "undefined")


@dataclass(frozen=True)
class Experiment:
    """Where the tables of an experiment lie; `frism.results.columns` tells their columns.

    Args:
        name: Name of the experiment.
        tables: What `frism tables` wrote for the pair.
        tolerance: Points of the VLM's perception that a chosen merge may lose.
        by: Parameters whose values make rows.
    """

    name: str
    tables: Path
    tolerance: float
    by: tuple[str, ...] = ()

    @cached_property
    def lines(self) -> pd.DataFrame:
        """The merges on test, a line per row of the experiment; a column per parameter in `by`."""
        lines = self._all[~self._all["method"].isin(REFERENCES)].reset_index(drop=True)
        return lines.assign(**{name: self._values(lines, name) for name in self.by})

    @property
    def defined(self) -> pd.DataFrame:
        """The lines of methods that are defined for the pair."""
        return self.lines[self.lines["undefined"] == ""]

    @cached_property
    def vlm(self) -> pd.Series:
        """The VLM's line.

        Raises:
            DataError: The table has none.
        """
        found = self._all[self._all["method"] == VLM]
        if len(found) != 1:
            raise DataError(
                f"{self.tables / self.name}.csv: found {len(found)} lines of the VLM, expected "
                "one; make the tables again"
            )
        return found.iloc[0]

    def part(self, name: str) -> pd.DataFrame:
        """Returns another table: `sweep`, `families`, `benchmarks` or `times`."""
        return _read(self.tables / f"{self.name}_{name}.csv")

    @property
    def methods(self) -> list[str]:
        """Slugs of the merge methods in the order of the table."""
        return [str(each) for each in dict.fromkeys(self.lines["method"])]

    def preferred(self, lines: pd.DataFrame) -> str:
        """Returns the row that the rule would choose among some, on validation.

        Rows are all reported; this tells where among them the rule points.
        """
        sweep = self.part("sweep")
        rows = sweep[sweep["chosen"]].merge(lines[["method", "row"]], on=["method", "row"])
        points = [
            Point(
                Candidate(str(row["method"]), str(row["row"])),
                float(row["validation_reasoning"]),
                float(row["validation_perception"]),
                float(row["change"]),
            )
            for row in rows.to_dict("records")
        ]
        vlm = float((rows["validation_perception"] - rows["validation_perception_delta"]).iloc[0])
        return choose(points, vlm, self.tolerance).candidate.parameters

    @cached_property
    def _all(self) -> pd.DataFrame:
        return _read(self.tables / f"{self.name}.csv")

    def _values(self, lines: pd.DataFrame, name: str) -> list[Value]:
        pairs = zip(lines["method"], lines["row"], strict=True)
        return [_value(str(slug), str(row), name) for slug, row in pairs]


def in_order(lines: pd.DataFrame, name: str) -> list[Value]:
    """Returns the values of a parameter: numbers by size, words as the method lists them."""
    known = method(str(lines["method"].iloc[0])).parameters.get(name)
    words = known.values if isinstance(known, Choice) else ()
    found: list[Value] = list(dict.fromkeys(lines[name]))
    return sorted(found, key=lambda each: words.index(each) if isinstance(each, str) else each)


def _value(slug: str, row: str, name: str) -> Value:
    given = parse_parameters(row or "none")
    known = method(slug).parameters.get(name)
    optional = None if known is None else known.optional
    return given.get(name, nan if optional is None else optional)


def _read(path: Path) -> pd.DataFrame:
    table = pd.read_csv(existing(path), dtype=dict.fromkeys(TEXTS, str))
    return table.assign(**{each: table[each].fillna("") for each in TEXTS if each in table})
