"""Whether calibration questions are there; reads headers and names alone, so that it is quick."""

from __future__ import annotations

import csv
import shlex
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from frism.config.calibration import FOLDER, HUB, KINDS, Calibration, Kind, image_files
from frism.config.experiment_checks import Found
from frism.config.pair_tree import PairCheckpoints, PairEmbedded
from frism.config.schema import shown
from frism.config.tree import Config
from frism.errors import ConfigError
from frism.hub.reference import parse_reference
from frism.tsv import Columns, count_rows, header_problem

Pair = PairEmbedded | PairCheckpoints
FILE = "calibration.tsv"
COLUMNS: Columns = (("index",), ("image",), ("question",))
BENCHMARK_COLUMNS: Columns = (("index",), ("image", "image_path"), ("question",))
# counting the rows of a larger file would keep every start of the workflow waiting
LARGEST_COUNTED = 50 * 2**20


def calibration_there(config: Config, pair: Pair) -> Iterator[Found]:
    """Finds calibration questions that are missing or fewer than the gates' training uses."""
    if not isinstance(pair, PairCheckpoints):
        return
    images = config.distillation.images
    if isinstance(pair.calibration, Calibration):
        source = drawn_from(pair.calibration, config)
        found = source_problems(source, images, is_fetched(source, config))
        yield from ((f"calibration{key}", message) for key, message in found)
    elif pair.calibration:
        yield from _folder_problems("calibration", Path(pair.calibration), images)
    elif pair.data and _is_readable(Path(pair.data) / FILE):
        # that it is there and has its columns is looked at with the benchmarks
        yield from _folder_problems("data", Path(pair.data), images)


def drawn_from(source: Calibration, config: Config) -> Calibration:
    """Returns a pair's source with the folder of its benchmark filled in."""
    folder = source.folder or config.prefetch.data
    return source.model_copy(update={"folder": folder}) if source.benchmark else source


def is_fetched(source: Calibration, config: Config) -> bool:
    """Tells whether the workflow fetches the benchmark that questions are drawn from."""
    place = source.place
    return bool(source.benchmark and place and place.parent == Path(config.prefetch.data))


def source_problems(source: Calibration, count: int, fetched: bool = False) -> Iterator[Found]:
    """Finds what is wrong with a source without opening an image: keys from its own, message.

    Args:
        source: What questions are drawn from.
        count: How many there must be.
        fetched: Whether a benchmark that is not there yet is fetched before they are drawn.
    """
    if len(source.kinds) != 1:
        found = " and ".join(source.kinds) or "none of them"
        yield "", f"found {found}; expected one of: {', '.join(KINDS)}"
        return
    (kind,) = source.kinds
    for key in source.misplaced:
        allowed = ", ".join(each for each, keys in KINDS.items() if key in keys)
        found = f"found {shown(getattr(source, key))}"
        yield f".{key}", f"{found}; allowed beside {allowed}, not beside {kind}"
    if not (fetched and source.place and not source.place.exists()):
        yield from ((f".{kind}", message) for message in CHECKS[kind](source, count))


def _benchmark(source: Calibration, count: int) -> Iterator[str]:
    file = source.place
    if file is None or not file.is_file():
        words = ["--benchmarks", str(source.benchmark), "--data", source.folder or FOLDER]
        command = f"frism prefetch {shlex.join(words)}"
        yield f"{file} does not exist; run: {command}, or name the folder that has it"
    elif problem := header_problem(file, BENCHMARK_COLUMNS):
        yield f"{file}: {problem}"
    else:
        yield from _enough(file, count)


def _dataset(source: Calibration, count: int) -> Iterator[str]:
    if source.hub is None:
        if source.place is None or not source.place.exists():
            expected = f"a folder or file on disk, or {HUB}owner/name@commit for one of the hub"
            yield f"found {shown(source.dataset)}, which does not exist; expected {expected}"
        if source.streaming:
            yield f"found {shown(source.dataset)} on disk; streaming is for datasets of the hub"
        return
    try:
        reference = parse_reference(source.hub)
    except ConfigError as error:
        yield str(error).replace("found model", "found dataset")
        return
    if reference is None or not reference.is_commit:
        yield (
            f"found {shown(source.dataset)}; expected a commit of 40 hexadecimal digits after an "
            f"@, such as {HUB}{source.hub.partition('@')[0]}@0123...: a branch may change"
        )


def _images(source: Calibration, count: int) -> Iterator[str]:
    folder = source.place
    if folder is None or not folder.is_dir():
        yield f"found {shown(source.images)}; expected a folder of images"
    elif (found := len(image_files(folder))) < count:
        yield f"found {found} images in {folder}; {_wanted(count)} images"


CHECKS: Mapping[Kind, Callable[[Calibration, int], Iterator[str]]] = {
    "benchmark": _benchmark,
    "dataset": _dataset,
    "images": _images,
}


def _folder_problems(key: str, folder: Path, images: int) -> Iterator[Found]:
    file = folder / FILE
    if not file.is_file():
        yield key, f"found {shown(str(folder))}; expected a folder with {FILE}"
    elif problem := header_problem(file, COLUMNS):
        yield key, f"{FILE}: {problem}"
    else:
        yield from ((key, message) for message in _enough(file, images))


def _is_readable(file: Path) -> bool:
    return file.is_file() and not header_problem(file, COLUMNS)


def _enough(file: Path, images: int) -> Iterator[str]:
    if file.stat().st_size > LARGEST_COUNTED:
        return
    try:
        count = count_rows(file, images)
    except csv.Error as error:
        yield f"{file.name}: cannot be read: {error}"
        return
    if count < images:
        yield f"{file.name}: found {count} questions; {_wanted(images)} questions"


def _wanted(images: int) -> str:
    key = "distillation.images"
    return f"expected at least {key}, {images}; lower {key} (--count of frism calibration) or add"
