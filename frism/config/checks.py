"""What the types of the tree cannot say: names that must exist, values that must fit together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from frism.config.benchmarks import EMBEDDED_BENCHMARKS
from frism.config.calibration_checks import calibration_there
from frism.config.calibration_reports import not_reported
from frism.config.checkpoint_pairs import (
    complete_tables,
    distinct_models,
    known_models,
    valid_key_map,
)
from frism.config.experiment_checks import (
    grids,
    known_figures,
    known_methods,
    known_rows,
    most_images,
    named_experiments,
    repeated,
)
from frism.config.judge import mistakes
from frism.config.pair_tree import PairCheckpoints, PairEmbedded
from frism.config.problems import unknown
from frism.config.resources import sound_resources
from frism.config.schema import shown
from frism.config.suites import SWEPT, Group, checked, load_suite
from frism.config.tree import Config
from frism.errors import ConfigError
from frism.prefetch.mirror import mirrored

Found = tuple[str, str]  # key path, message
Pair = PairEmbedded | PairCheckpoints
Pairs = Mapping[str, Pair]
# what stands beside the folders of the pairs in results/<name>/
RESULTS = ("tables", "figures", "logs", "report.html")
# what all configurations share in results/
SHARED = ("hub", "benchmarks", "predictions", "eval")
COMPARED: tuple[Group, ...] = ("reasoning", "perception")
RESULT_ENDINGS = (".csv", ".json", ".md", ".tex", ".html", ".rst", ".png", ".svg")


def _no_duplicates(config: Config, pairs: Pairs) -> Iterator[Found]:
    yield from repeated("pairs", config.pairs)
    for key, grid in grids(config):
        for name, values in grid.items():
            yield from repeated(f"{key}.{name}", values)


def _no_names_of_results(config: Config, pairs: Pairs) -> Iterator[Found]:
    for index, name in enumerate(config.pairs):
        if name.lower() in RESULTS or name.lower().endswith(RESULT_ENDINGS):
            taken = f"but not {', '.join(RESULTS)} or with the ending {', '.join(RESULT_ENDINGS)}"
            yield f"pairs[{index}]", f"found {shown(name)}; allowed: any name {taken} of a result"


def _no_shared_name(config: Config, pairs: Pairs) -> Iterator[Found]:
    if config.name.lower() in SHARED:
        yield "name", f"found {shown(config.name)}; allowed: any name but {', '.join(SHARED)}"


def _sound_benchmarks(config: Config, pairs: Pairs) -> Iterator[Found]:
    for group in COMPARED:
        if group not in config.benchmarks.groups:
            yield f"benchmarks.{group}", "this group is required; merges are compared on it"
    for name, members in config.benchmarks.groups.items():
        if members.judge not in SWEPT:
            found = f"found {shown(members.judge)}; allowed: {', '.join(SWEPT)}"
            why = "a sweep would ask it about each candidate; the `suite` may have it"
            yield f"benchmarks.{name}.judge", f"{found}: {why}"
    yield from checked(config.benchmarks, "benchmarks")


def _sound_suite(config: Config, pairs: Pairs) -> Iterator[Found]:
    asked = any(isinstance(pair, PairCheckpoints) and not pair.data for pair in pairs.values())
    if config.suite is None or not asked:
        return
    try:
        groups = load_suite(config.suite).groups.values()
    except ConfigError as error:
        yield from (("suite", line) for line in str(error).splitlines())
        return
    if any(group.judge == "openai" for group in groups):
        yield from ((f"judge.{key}", message) for key, message in mistakes(config.judge))


def _sound_mirror(config: Config, pairs: Pairs) -> Iterator[Found]:
    try:
        mirrored("https://host/file.tsv", config.prefetch.mirror)
    except ConfigError as error:
        yield "prefetch.mirror", str(error).removeprefix("mirror: ")


def _embedded_benchmarks(config: Config, pairs: Pairs) -> Iterator[Found]:
    if not any(isinstance(pair, PairEmbedded) for pair in pairs.values()):
        return
    for group, known in EMBEDDED_BENCHMARKS.items():
        chosen = config.benchmarks.groups.get(group)
        for name in chosen.benchmarks if chosen else ():
            if name not in known:
                yield f"benchmarks.{group}.benchmarks", unknown(f"{group} benchmark", name, known)


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
        yield from repeated("seeds", pair.seeds)


def _enough_calibration(config: Config, pair: Pair) -> Iterator[Found]:
    images = most_images(config)
    if isinstance(pair, PairEmbedded) and pair.questions.calibration < images:
        found = f"found {pair.questions.calibration}"
        yield "questions.calibration", f"{found}; allowed: at least {images}, as many as gates use"


def _sound_resources(config: Config, pair: Pair) -> Iterator[Found]:
    yield from sound_resources(config, pair.kind, pair.resources)


# The top-level keys that a check reads: it is skipped where one of them is wrong already.
CONFIG_CHECKS: tuple[tuple[tuple[str, ...], Callable[[Config, Pairs], Iterator[Found]]], ...] = (
    (("name",), _no_shared_name),
    (("pairs", "experiments", "merges"), _no_duplicates),
    (("pairs",), _no_names_of_results),
    (("benchmarks",), _sound_benchmarks),
    (("suite", "judge", "pairs"), _sound_suite),
    (("prefetch",), _sound_mirror),
    (("benchmarks", "pairs"), _embedded_benchmarks),
    (("experiments", "merges"), known_methods),
    (("experiments",), named_experiments),
    (("experiments",), known_figures),
    (("experiments",), known_rows),
    (("distillation",), _batch_within_images),
)
# of the models alone, whatever else a pair has
MODEL_CHECKS = (known_models, distinct_models, valid_key_map)
PAIR_CHECKS: tuple[tuple[tuple[str, ...], Callable[[Config, Pair], Iterator[Found]]], ...] = (
    ((), _distinct_seeds),
    (("distillation", "experiments"), _enough_calibration),
    *(((), check) for check in MODEL_CHECKS),
    (("benchmarks",), complete_tables),
    (("distillation", "prefetch"), calibration_there),
    (("benchmarks", "suite"), not_reported),
    (("subspaces", "distillation", "evaluation", "suite_evaluation"), _sound_resources),
)
