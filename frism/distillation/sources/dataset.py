"""Calibration questions from a dataset of the library `datasets`, on disk or on the hub."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from frism.config.calibration import Calibration
from frism.distillation.questions import Question
from frism.distillation.sources.draw import Draw
from frism.errors import DataError
from frism.hub.reference import parse_reference

# rows among which streaming draws the next one
WINDOW = 1000
SAVED, SAVED_SPLITS = "state.json", "dataset_dict.json"
FORMATS = {".parquet": "parquet", ".arrow": "arrow"}


def draw_from_dataset(source: Calibration, draw: Draw) -> list[Question]:
    """Draws questions about images from a dataset.

    Raises:
        DataError: it cannot be loaded, lacks a column or rows, or an image cannot be read.
    """
    with _readable(source):
        rows = _loaded(source)
        columns = _columns(source, rows)
        rows = rows.select_columns(columns).cast_column(source.image, _image_files())
        return list(_questions(source, draw, rows))


@contextmanager
def _readable(source: Calibration) -> Iterator[None]:
    """Turns what the library and the client of the hub raise into one message."""
    from datasets.exceptions import DatasetsError

    try:
        yield
    # offline, missing, refused and malformed are all among these
    except (DatasetsError, OSError, ValueError, RuntimeError, TypeError, LookupError) as error:
        cause = error.__cause__ if isinstance(error, DatasetsError) else None
        reason = " ".join(str(cause or error).split()) or type(error).__name__
        raise DataError(f"dataset {source} cannot be read: {reason}") from error


def _loaded(source: Calibration) -> Any:
    from datasets import load_dataset

    if source.hub is None:
        return _from_disk(source, Path(source.dataset or ""))
    reference = parse_reference(source.hub)
    assert reference is not None
    return load_dataset(
        reference.repo,
        source.subset,
        split=source.split,
        revision=reference.revision,
        streaming=source.streaming,
    )


def _from_disk(source: Calibration, place: Path) -> Any:
    from datasets import load_dataset, load_from_disk

    if (place / SAVED_SPLITS).is_file() or (place / SAVED).is_file():
        saved = load_from_disk(str(place))
        if not (place / SAVED_SPLITS).is_file():
            return saved
        if source.split not in saved:
            raise ValueError(f"found the splits {sorted(saved)}; expected '{source.split}'")
        return saved[source.split]
    if place.is_dir():
        return load_dataset(str(place), source.subset, split=source.split)
    if place.suffix not in FORMATS:
        raise ValueError(f"found a file '{place.suffix}'; expected one of {sorted(FORMATS)}")
    files = {source.split: str(place)}
    return load_dataset(FORMATS[place.suffix], data_files=files, split=source.split)


def _columns(source: Calibration, rows: Any) -> list[str]:
    """Returns the columns that are read; labels are not among them."""
    # a stream may not know its columns before the first row
    columns = rows.column_names or list(next(iter(rows), {}))
    wanted = {"image": source.image} | ({} if source.template else {"question": source.question})
    for key, column in wanted.items():
        if column not in columns:
            hint = " or ask a template" if key == "question" else ""
            raise DataError(
                f"dataset {source} lacks the column '{column}'; found {columns}: name its column "
                f"of {key}s with `{key}`{hint}"
            )
    _check_images(source, rows.features)
    return list(wanted.values())


def _check_images(source: Calibration, features: Any) -> None:
    feature = features[source.image] if features else None
    kind = type(feature).__name__
    # what the library stores of an image, in files that do not say that it is one
    stored = isinstance(feature, dict) and {*feature} == {"bytes", "path"}
    if features and kind != "Image" and not stored and getattr(feature, "dtype", "") != "binary":
        several = "several images in a row" if kind in ("List", "LargeList") else "no images"
        raise DataError(
            f"dataset {source}: the column '{source.image}' holds {several} ({kind}); expected one "
            "image a row (the feature Image, a struct of bytes and path, or bytes)"
        )


def _image_files() -> Any:
    from datasets import Image

    # the files themselves: the library turns images by their EXIF orientation when it decodes them
    return Image(decode=False)


def _questions(source: Calibration, draw: Draw, rows: Any) -> Iterator[Question]:
    asked = source.template
    for k, (name, row) in enumerate(_drawn(source, draw, rows)):
        text = asked[k % len(asked)] if asked else str(row[source.question] or "")
        yield Question(_encoded(source, name, row[source.image]), text, name)


def _drawn(source: Calibration, draw: Draw, rows: Any) -> Iterable[tuple[str, Mapping[str, Any]]]:
    """Returns the drawn rows, each with its number or, in a stream, its place in the draw."""
    if not source.streaming:
        positions = draw.positions(len(rows), f"dataset {source}")
        return ((str(k), row) for k, row in zip(positions, rows.select(positions), strict=True))
    found = list(islice(rows.shuffle(seed=draw.seed, buffer_size=WINDOW), draw.count))
    draw.check(len(found), f"dataset {source}")
    return ((str(k), row) for k, row in enumerate(found))


def _encoded(source: Calibration, name: str, image: Mapping[str, Any] | None) -> bytes:
    import fsspec

    if image is None or (image.get("bytes") is None and not image.get("path")):
        raise DataError(f"dataset {source}: row {name} has no image; expected one in every row")
    if image.get("bytes") is not None:
        return bytes(image["bytes"])
    with fsspec.open(image["path"], "rb") as file:
        return bytes(file.read())
