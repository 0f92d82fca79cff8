"""Numbers that others published, beside ours where the pair of models is the same.

The two never enter one mean: the benchmarks, the judge and the hyper-parameters differ.
"""

from __future__ import annotations

from collections.abc import Mapping
from math import nan
from pathlib import Path

import pandas as pd

from frism.results.analysis import Analysis
from frism.results.candidates import PERCEPTION, REASONING
from frism.results.cells import NOTHING, Table, with_interval
from frism.results.columns import PUBLISHED, REPRODUCED
from frism.results.formats import markdown
from frism.results.statistics import Estimate

FILE = Path(__file__).with_name("published.csv")
UNKNOWN = Estimate(nan, nan, nan)
AVERAGES = {REASONING: "average of VL reasoning", PERCEPTION: "average of VL perception"}
BESIDE = (
    "Ours beside what was published for the same models. Benchmarks, judge, answer extraction and "
    "hyper-parameters may differ; an average is over each side's own benchmarks. Ours stand where "
    "the published setting is the best one, the chosen one or none. For IP-Merging the published "
    "numbers take the best T; ours fixes T = 0.4 and sweeps the factor."
)
HEADERS = ["Method", "Setting", "Measure", "Source", "How seen", "Published", "Ours"]


def read_published() -> pd.DataFrame:
    """Returns all published numbers, columns `frism.results.columns.PUBLISHED`."""
    return pd.read_csv(FILE, keep_default_na=False)[PUBLISHED]


def published_table(found: Analysis, key: str) -> pd.DataFrame:
    """Returns the published numbers with ours beside those of the same pair.

    Args:
        found: The main experiment.
        key: The pair's name among the published ones.
    """
    table = read_published()
    ours = [
        _reproduced(found, *map(str, row)) if pair == key else UNKNOWN
        for pair, *row in table[["pair", "method", "setting", "measure"]].itertuples(index=False)
    ]
    return pd.concat([table, pd.DataFrame(ours).set_axis(REPRODUCED, axis=1)], axis=1)


def published_page(
    table: pd.DataFrame, pair: str, key: str, names: Mapping[str, str], size: str
) -> str:
    """Returns the published numbers as Markdown: the same pair's first, all others apart.

    Args:
        table: What `published_table` returned.
        pair: Name of the pair.
        key: Its name among the published ones.
        names: Display name of each method.
        size: How many seeds and questions ours rest on.
    """
    own, others = table[table["pair"] == key], table[table["pair"] != key]
    parts = [f"# Published numbers and {pair}\n\n"]
    if own.empty:
        parts.append(f"No published numbers exist for the pair {pair}.\n")
    else:
        parts.append(f"{BESIDE}\n\n{markdown(_beside(own, names))}")
    parts.append(f"\nOurs: {size}\n")
    parts.append("\n## Other pairs\n\nNothing here was reproduced.\n")
    for other, rows in others.groupby("pair", sort=False):
        parts.append(f"\n### {other}\n")
        for (source, seen), each in rows.groupby(["source", "how_seen"], sort=False):
            parts.append(f"\n{source}; seen: {seen}.\n\n{markdown(_compact(each, names))}")
    return "".join(parts)


def _compact(rows: pd.DataFrame, names: Mapping[str, str]) -> Table:
    """Returns a row per method and setting, a column per measure."""
    measures = list(dict.fromkeys(rows["measure"]))
    found: dict[tuple[str, str], dict[str, float]] = {}
    for row in rows.to_dict("records"):
        own = found.setdefault((row["method"], row["setting"]), {})
        own[row["measure"]] = row["value"]
    cells = [
        [
            names.get(method, method),
            setting,
            *(f"{own[m]:g}" if m in own else NOTHING for m in measures),
        ]
        for (method, setting), own in found.items()
    ]
    headers = ["Method", "Setting", *(AVERAGES.get(each, each) for each in measures)]
    return Table(headers, cells, [False] * len(cells))


def _beside(rows: pd.DataFrame, names: Mapping[str, str]) -> Table:
    """Returns a row per number, ours in the last column."""
    cells = [
        [
            names.get(row["method"], row["method"]),
            row["setting"],
            AVERAGES.get(row["measure"], row["measure"]),
            row["source"],
            row["how_seen"],
            f"{row['value']:g}",
            NOTHING if pd.isna(row["reproduced"]) else with_interval(row, "reproduced", ""),
        ]
        for row in rows.to_dict("records")
    ]
    return Table(HEADERS, cells, [False] * len(cells), words=5)


def _reproduced(found: Analysis, method: str, setting: str, measure: str) -> Estimate:
    shown = [*found.references, *(line.candidate for line in found.defined)]
    chosen = setting.startswith("best")
    same = [e for e in shown if e.method == method and (chosen or setting in ("", e.parameters))]
    for each in same:
        for part in found.parts:
            known = {*part.table.benchmarks, *part.table.groups}
            if measure in known and each in part.table.candidates:
                return part.average(measure, each)
    return UNKNOWN
