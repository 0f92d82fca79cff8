"""No benchmark is reported whose questions have calibrated the gates."""

from __future__ import annotations

from collections.abc import Iterator

from frism.config.calibration import Calibration
from frism.config.experiment_checks import Found
from frism.config.pair_tree import PairCheckpoints, PairEmbedded
from frism.config.schema import shown
from frism.config.suites import load_suite
from frism.config.tree import Config
from frism.errors import ConfigError

# the files of a benchmark in a pair's `data`
SPLITS = ("", "_VAL", "_TEST")
# other questions than those that are reported
TRAINING = "_TRAIN"


def not_reported(config: Config, pair: PairEmbedded | PairCheckpoints) -> Iterator[Found]:
    """Finds a benchmark that gates are calibrated on and that is reported as well."""
    source = getattr(pair, "calibration", None)
    name = source.benchmark if isinstance(source, Calibration) else None
    if name is None or not isinstance(pair, PairCheckpoints):
        return
    for group, chosen in config.benchmarks.groups.items():
        if any(name == f"{each}{split}" for each in chosen.benchmarks for split in SPLITS):
            yield _found(f"{shown(name)}, which benchmarks.{group} reports")
    for reported in _suite(config, pair):
        if _overlap(name, reported):
            yield _found(f"{shown(name)}, but the suite {config.suite} reports {reported}")


def _suite(config: Config, pair: PairCheckpoints) -> tuple[str, ...]:
    """Returns the benchmarks of the suite where the pair is evaluated on it."""
    try:
        return load_suite(config.suite).names if config.suite and not pair.data else ()
    except ConfigError:  # reported by the check of the suite itself
        return ()


def _overlap(name: str, reported: str) -> bool:
    """Tells whether benchmarks share questions by their names, as MathVision and _MINI do."""
    if name == reported:
        return True
    part = name.startswith(f"{reported}_") or reported.startswith(f"{name}_")
    return part and not name.endswith(TRAINING)


def _found(what: str) -> Found:
    return "calibration.benchmark", f"found {what}; calibrate on another, such as VizWiz"
