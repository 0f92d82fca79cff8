"""Whether experiments and merges name methods, parameters, figures and rows that there are."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from frism.config.experiments import ALL, TARGETS
from frism.config.pair_tree import PairCheckpoints, PairEmbedded
from frism.config.problems import unknown
from frism.config.schema import shown
from frism.config.tree import Config
from frism.methods import registry
from frism.methods.method import Choice, Method, Parameter
from frism.results.figures.kinds import KINDS, SPECTRA

Found = tuple[str, str]  # key path, message
Pairs = Mapping[str, PairEmbedded | PairCheckpoints]
# figures that show no merge
NO_METHODS = (SPECTRA,)
NAME = re.compile(r"[A-Za-z]\w*")


def grids(config: Config) -> Iterator[tuple[str, Mapping[str, Sequence[float | str]]]]:
    for name, experiment in config.experiments.items():
        for slug, grid in experiment.methods.items():
            yield f"experiments.{name}.methods.{slug}", grid
    for slug, grid in config.merges.items():
        yield f"merges.{slug}", grid


def most_images(config: Config) -> int:
    """Returns how many calibration questions the largest candidate uses."""
    asked = [values for _, grid in grids(config) for values in [grid.get("images", ())]]
    sizes = [int(value) for values in asked for value in values if not isinstance(value, str)]
    return max([config.distillation.images, *sizes])


def repeated(key: str, values: Sequence[object]) -> Iterator[Found]:
    for value in dict.fromkeys(value for value in values if values.count(value) > 1):
        yield key, f"found {shown(value)} {values.count(value)} times; allowed: once"


def known_methods(config: Config, pairs: Pairs) -> Iterator[Found]:
    known = registry.methods()
    for key, grid in grids(config):
        slug = key.rpartition(".")[2]
        if slug in known:
            yield from _missing_parameters(key, known[slug], grid)
            yield from _known_parameters(key, known[slug].parameters, grid)
        elif slug != ALL or key.startswith("merges."):
            yield key, unknown("method", slug, [*known, ALL])
        elif grid:
            yield key, f"found {shown(dict(grid))}; allowed: {{}}, name a method to change its own"


def _missing_parameters(
    path: str, method: Method, given: Mapping[str, Sequence[float | str]]
) -> Iterator[Found]:
    for name in method.missing:
        if name not in given:
            allowed = method.parameters[name].allowed
            yield f"{path}.{name}", f"this key is required; expected a list of {allowed}"


def _known_parameters(
    path: str, known: Mapping[str, Parameter | Choice], given: Mapping[str, Sequence[float | str]]
) -> Iterator[Found]:
    for name, values in given.items():
        if name not in known:
            yield f"{path}.{name}", unknown("parameter", name, known)
            continue
        for index, value in enumerate(values):
            if not known[name].allows(value):
                yield (
                    f"{path}.{name}[{index}]",
                    f"found {shown(value)}; allowed: {known[name].allowed}",
                )


def named_experiments(config: Config, pairs: Pairs) -> Iterator[Found]:
    for name in config.experiments:
        if name in TARGETS:
            message = f"found the name {shown(name)}; allowed: any but {', '.join(TARGETS)}"
            yield f"experiments.{name}", message
        elif not NAME.fullmatch(name):
            yield (
                f"experiments.{name}",
                f"found {shown(name)}; allowed: a name of letters, digits and '_'",
            )


def known_figures(config: Config, pairs: Pairs) -> Iterator[Found]:
    for name, experiment in config.experiments.items():
        key = f"experiments.{name}"
        if experiment.figure not in KINDS:
            yield f"{key}.figure", unknown("figure", experiment.figure, KINDS)
        if not experiment.methods and experiment.figure not in NO_METHODS:
            yield f"{key}.methods", "found {}; expected at least one method, or `all: {}`"


def known_rows(config: Config, pairs: Pairs) -> Iterator[Found]:
    known = registry.methods()
    for name, experiment in config.experiments.items():
        slugs = (
            [*known] if ALL in experiment.methods else [s for s in experiment.methods if s in known]
        )
        parameters = {each for slug in slugs for each in known[slug].parameters}
        for index, each in enumerate(experiment.by):
            if each not in parameters:
                yield (
                    f"experiments.{name}.by[{index}]",
                    unknown("parameter", each, sorted(parameters)),
                )
