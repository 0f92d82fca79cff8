"""Reads and checks a configuration with the pair files beside it, before any work starts."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from frism.config.checks import CONFIG_CHECKS, MODEL_CHECKS, PAIR_CHECKS
from frism.config.pair_tree import PairCheckpoints, PairEmbedded
from frism.config.problems import Problem, from_validation, raise_if_any
from frism.config.schema import shown
from frism.config.tree import Config
from frism.config.yaml_reader import read_yaml
from frism.errors import ConfigError

Model = TypeVar("Model", bound=BaseModel)
Pair = PairEmbedded | PairCheckpoints
CHECKPOINTS = "checkpoints"
# keys that tell a pair of checkpoints without its kind
MODELS = {"base", "vlm", "lrm"}
KINDS: dict[str, type[Pair]] = {"embedded": PairEmbedded, CHECKPOINTS: PairCheckpoints}


@dataclass(frozen=True)
class Setup:
    """A checked configuration and its pairs by name."""

    config: Config
    pairs: Mapping[str, Pair]


def load(path: str | Path, overrides: Mapping[str, Any] | None = None) -> Setup:
    """Returns the configuration in `path` with the files `pairs/<pair>.yaml` beside it.

    Args:
        path: The configuration file.
        overrides: Values that replace those of the file, key by key (`--config` of Snakemake).

    Raises:
        ConfigError: Something is wrong; one line for each problem of all files.
    """
    path = Path(path)
    data = _merged(read_yaml(path), overrides or {})
    config, bad_keys, problems = _validated(data, str(path))
    pairs = {} if "pairs" in bad_keys else _load_pairs(path, config, problems)
    problems += _checked(path, config, pairs, bad_keys)
    raise_if_any(problems)
    return Setup(config, pairs)


def load_config(path: Path) -> Config:
    """Returns the configuration in `path` without its pairs; the defaults where there is no file.

    Raises:
        ConfigError: Something is wrong; one line for each problem.
    """
    config, _, problems = _validated(read_yaml(path) if path.is_file() else {}, str(path))
    raise_if_any(problems)
    return config


def load_models(path: Path) -> PairCheckpoints:
    """Returns a pair of checkpoints whose models are checked, and nothing else of it.

    Raises:
        ConfigError: Something is wrong, or the workflow trains the pair's models itself.
    """
    pair = load_pair(path)
    if not isinstance(pair, PairCheckpoints):
        raise ConfigError(f"{path}: found an embedded pair; expected one of checkpoints")
    raise_if_any(
        [Problem(str(path), *found) for check in MODEL_CHECKS for found in check(Config(), pair)]
    )
    return pair


def pair_file(config: Path, pair: str) -> Path:
    """Returns the file that describes a pair."""
    return config.parent / "pairs" / f"{pair}.yaml"


def _merged(data: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(data)
    for key, value in overrides.items():
        inner = merged.get(key)
        if isinstance(inner, dict) and isinstance(value, Mapping):
            value = _merged(inner, value)
        merged[key] = value
    return merged


def _validated(data: dict[str, Any], file: str) -> tuple[Config, set[Any], list[Problem]]:
    """Validates what can be: the sections with errors are replaced by their defaults."""
    try:
        return Config.model_validate(data), set(), []
    except ValidationError as error:
        bad = {detail["loc"][0] for detail in error.errors()}
        rest = {key: value for key, value in data.items() if key not in bad}
        return Config.model_validate(rest), bad, from_validation(error, Config, file)


def _load_pairs(path: Path, config: Config, problems: list[Problem]) -> dict[str, Pair]:
    pairs: dict[str, Pair] = {}
    for name in config.pairs:
        try:
            pairs[name] = load_pair(pair_file(path, name))
        except ConfigError as error:
            problems += [Problem("", "", line) for line in str(error).splitlines()]
    return pairs


def load_pair(path: Path) -> Pair:
    """Returns the pair that a file describes.

    Raises:
        ConfigError: Something is wrong; one line for each problem.
    """
    data = read_yaml(path)
    kind = data.get("kind", CHECKPOINTS if MODELS & data.keys() else None)
    if not isinstance(kind, str) or kind not in KINDS:
        found = f"found {shown(kind)}" if "kind" in data else "this key is required"
        raise ConfigError(f"{path}: kind: {found}; allowed: one of: {', '.join(KINDS)}")
    try:
        return KINDS[kind].model_validate(data)
    except ValidationError as error:
        raise_if_any(from_validation(error, KINDS[kind], str(path)))
        raise


def _checked(
    path: Path, config: Config, pairs: Mapping[str, Pair], bad_keys: set[Any]
) -> Iterator[Problem]:
    for keys, check in CONFIG_CHECKS:
        if not bad_keys & set(keys):
            yield from (Problem(str(path), *found) for found in check(config, pairs))
    for name, pair in pairs.items():
        file = str(pair_file(path, name))
        for keys, check_pair in PAIR_CHECKS:
            if not bad_keys & set(keys):
                yield from (Problem(file, *found) for found in check_pair(config, pair))
