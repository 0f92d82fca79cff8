"""What the types of the tree cannot say: names that must exist, values that must fit together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence

from frism.config.benchmarks import EMBEDDED_BENCHMARKS
from frism.config.checkpoint_pairs import (
    complete_models,
    complete_tables,
    distinct_models,
    enough_questions,
)
from frism.config.experiments import ALL, TARGETS
from frism.config.problems import unknown
from frism.config.schema import shown
from frism.config.tree import Config, PairCheckpoints, PairEmbedded
from frism.methods import registry
from frism.methods.method import Choice, Method, Parameter
from frism.results.figures.kinds import KINDS, SPECTRA

Found = tuple[str, str]  # key path, message
Pair = PairEmbedded | PairCheckpoints
Pairs = Mapping[str, Pair]
# what stands beside the folders of the pairs in results/<name>/
RESULTS = ("tables", "figures", "logs", "report.html")
# figures that show no merge
NO_METHODS = (SPECTRA,)
NAME = re.compile(r"[A-Za-z]\w*")
RESULT_ENDINGS = (".csv", ".json", ".md", ".tex", ".html", ".rst", ".png", ".svg")


def _no_duplicates(config: Config, pairs: Pairs) -> Iterator[Found]:
    yield from _repeated("pairs", config.pairs)
    for key, grid in _grids(config):
        for name, values in grid.items():
            yield from _repeated(f"{key}.{name}", values)


def _grids(config: Config) -> Iterator[tuple[str, Mapping[str, Sequence[float | str]]]]:
    for name, experiment in config.experiments.items():
        for slug, grid in experiment.methods.items():
            yield f"experiments.{name}.methods.{slug}", grid


def _no_names_of_results(config: Config, pairs: Pairs) -> Iterator[Found]:
    for index, name in enumerate(config.pairs):
        if name.lower() in RESULTS or name.lower().endswith(RESULT_ENDINGS):
            taken = f"but not {', '.join(RESULTS)} or with the ending {', '.join(RESULT_ENDINGS)}"
            yield f"pairs[{index}]", f"found {shown(name)}; allowed: any name {taken} of a result"


def _no_shared_benchmarks(config: Config, pairs: Pairs) -> Iterator[Found]:
    groups: dict[str, str] = {}
    for group in type(config.benchmarks).model_fields:
        names = getattr(config.benchmarks, group)
        yield from _repeated(f"benchmarks.{group}", names)
        for name in dict.fromkeys(names):
            if groups.setdefault(name, group) != group:
                message = f"found {shown(name)}, which is in {groups[name]} too; use it once"
                yield f"benchmarks.{group}", message


def _known_methods(config: Config, pairs: Pairs) -> Iterator[Found]:
    known = registry.methods()
    for key, grid in _grids(config):
        slug = key.rpartition(".")[2]
        if slug in known:
            yield from _missing_parameters(key, known[slug], grid)
            yield from _known_parameters(key, known[slug].parameters, grid)
        elif slug != ALL:
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


def _named_experiments(config: Config, pairs: Pairs) -> Iterator[Found]:
    for name in config.experiments:
        if name in TARGETS:
            message = f"found the name {shown(name)}; allowed: any but {', '.join(TARGETS)}"
            yield f"experiments.{name}", message
        elif not NAME.fullmatch(name):
            yield (
                f"experiments.{name}",
                f"found {shown(name)}; allowed: a name of letters, digits and '_'",
            )


def _known_figures(config: Config, pairs: Pairs) -> Iterator[Found]:
    for name, experiment in config.experiments.items():
        key = f"experiments.{name}"
        if experiment.figure not in KINDS:
            yield f"{key}.figure", unknown("figure", experiment.figure, KINDS)
        if not experiment.methods and experiment.figure not in NO_METHODS:
            yield f"{key}.methods", "found {}; expected at least one method, or `all: {}`"


def _known_rows(config: Config, pairs: Pairs) -> Iterator[Found]:
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


def _embedded_benchmarks(config: Config, pairs: Pairs) -> Iterator[Found]:
    if not any(isinstance(pair, PairEmbedded) for pair in pairs.values()):
        return
    for group, known in EMBEDDED_BENCHMARKS.items():
        for name in getattr(config.benchmarks, group):
            if name not in known:
                yield f"benchmarks.{group}", unknown(f"{group} benchmark", name, known)


def _batch_within_images(config: Config, pairs: Pairs) -> Iterator[Found]:
    settings = config.distillation
    if settings.batch_size > settings.images:
        message = f"found {settings.batch_size}; allowed: at most images, {settings.images}"
        yield "distillation.batch_size", message
    if settings.validation >= settings.images:
        message = f"found {settings.validation}; allowed: less than images, {settings.images}"
        yield "distillation.validation", message


def _distinct_seeds(config: Config, pair: Pair) -> Iterator[Found]:
    if isinstance(pair, PairEmbedded):
        yield from _repeated("seeds", pair.seeds)


def _enough_calibration(config: Config, pair: Pair) -> Iterator[Found]:
    images = _most_images(config)
    if isinstance(pair, PairEmbedded) and pair.questions.calibration < images:
        found = f"found {pair.questions.calibration}"
        yield "questions.calibration", f"{found}; allowed: at least {images}, as many as gates use"


def _most_images(config: Config) -> int:
    asked = [values for _, grid in _grids(config) for values in [grid.get("images", ())]]
    sizes = [int(value) for values in asked for value in values if not isinstance(value, str)]
    return max([config.distillation.images, *sizes])


def _repeated(key: str, values: Sequence[object]) -> Iterator[Found]:
    for value in dict.fromkeys(value for value in values if values.count(value) > 1):
        yield key, f"found {shown(value)} {values.count(value)} times; allowed: once"


# The top-level keys that a check reads: it is skipped where one of them is wrong already.
CONFIG_CHECKS: tuple[tuple[tuple[str, ...], Callable[[Config, Pairs], Iterator[Found]]], ...] = (
    (("pairs", "experiments"), _no_duplicates),
    (("pairs",), _no_names_of_results),
    (("benchmarks",), _no_shared_benchmarks),
    (("benchmarks", "pairs"), _embedded_benchmarks),
    (("experiments",), _known_methods),
    (("experiments",), _named_experiments),
    (("experiments",), _known_figures),
    (("experiments",), _known_rows),
    (("distillation",), _batch_within_images),
)
PAIR_CHECKS: tuple[tuple[tuple[str, ...], Callable[[Config, Pair], Iterator[Found]]], ...] = (
    ((), _distinct_seeds),
    (("distillation", "experiments"), _enough_calibration),
    ((), complete_models),
    ((), distinct_models),
    (("benchmarks",), complete_tables),
    (("distillation",), enough_questions),
)
