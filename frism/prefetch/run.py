"""The files of some benchmarks in one folder: what is there is verified, the rest fetched."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from frism.errors import DataError
from frism.evaluation.catalogue import Source, find_source, no_source
from frism.evaluation.local_files import LARGE, is_large, is_localized, md5_of
from frism.files import write_text
from frism.hub.space import amount, shortage
from frism.prefetch.failures import EveryFileError
from frism.prefetch.fetch import fetch, partial_file, remote_size
from frism.prefetch.localize import localize
from frism.prefetch.mirror import mirrored


def note_file(folder: Path, name: str) -> Path:
    """Returns where the MD5 of a verified file is written, in the form of md5sum."""
    return folder / f"{name}.md5"


def prefetch(
    names: Sequence[str], folder: Path, mirror: str | None = None, unverified: bool = False
) -> None:
    """Brings `<name>.tsv` of each benchmark into a folder; see `prefetch_sources`.

    A benchmark that VLMEvalKit has no address of may be there as a file of one's own.

    Raises:
        DataError: At least one file cannot be had; the others are there.
    """
    sources, problems = [], []
    for name in names:
        if source := find_source(name):
            sources.append(source)
        elif (folder / f"{name}.tsv").is_file():
            _finish(Source(name, "", None), folder, unverified)
        else:
            problems.append(str(no_source(name)))
    try:
        prefetch_sources(sources, folder, mirror, unverified)
    except DataError as error:
        problems.append(str(error))
    if problems:
        raise DataError("\n".join(problems))


def prefetch_sources(
    sources: Sequence[Source], folder: Path, mirror: str | None = None, unverified: bool = False
) -> None:
    """Brings files into a folder: each whole and verified, or not there.

    Args:
        sources: What to fetch.
        folder: Where to; made if need be.
        mirror: As of `mirrored`.
        unverified: Whether files with another MD5 than VLMEvalKit's are kept.

    Raises:
        DataError: At least one file cannot be had; one line for each of them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    problems: list[str] = []
    missing = []
    for source in sources:
        if not (folder / f"{source.name}.tsv").exists():
            missing.append(source)
        elif problem := _finish(source, folder, unverified):
            problems.append(problem)
    try:
        _fetch_all(missing, folder, mirror, unverified, problems)
    except EveryFileError as error:
        problems.append(str(error))
    if problems:
        raise DataError("\n".join(problems))


def _fetch_all(
    sources: Sequence[Source],
    folder: Path,
    mirror: str | None,
    unverified: bool,
    problems: list[str],
) -> None:
    sizes = _sizes(sources, folder, mirror, problems)
    _check_space(folder, sizes)
    for number, (source, size) in enumerate(sizes.items(), start=1):
        path = folder / f"{source.name}.tsv"
        told = amount(size) if size is not None else "size unknown"
        print(f"[{number}/{len(sizes)}] {path.name}, {told}", flush=True)
        try:
            fetch(source, path, mirrored(source.url, mirror), size, unverified)
        except EveryFileError:
            raise
        except DataError as error:
            problems.append(str(error))
        else:
            _finish(source, folder, unverified)


def _sizes(
    sources: Sequence[Source], folder: Path, mirror: str | None, problems: list[str]
) -> dict[Source, int | None]:
    """Asks for the sizes; files that are not there are added to the problems."""
    sizes: dict[Source, int | None] = {}
    for source in sources:
        url = mirrored(source.url, mirror)
        try:
            sizes[source] = remote_size(folder / f"{source.name}.tsv", url)
        except EveryFileError:
            raise
        except DataError as error:
            problems.append(str(error))
    return sizes


def _check_space(folder: Path, sizes: dict[Source, int | None]) -> None:
    total = 0
    for source, size in sizes.items():
        partial = partial_file(folder / f"{source.name}.tsv")
        known = size or 0
        # a large file is there a second time as images
        total += 2 * known if known > LARGE else known
        total -= partial.stat().st_size if partial.exists() else 0
    if missing := shortage({folder: total}):
        raise EveryFileError(
            f"{folder}: the download {missing}; free some space or name another folder (--data). "
            "Nothing was downloaded"
        )


def _finish(source: Source, folder: Path, unverified: bool) -> str:
    """Verifies a file that is there and prepares what VLMEvalKit reads; returns what is wrong."""
    path = folder / f"{source.name}.tsv"
    found = md5_of(path)
    if source.md5 not in (None, found) and not unverified:
        return (
            f"{path} has the MD5 {found}, expected {source.md5}; it was left as it is: remove it "
            "to download VLMEvalKit's, or keep it with --unverified"
        )
    if is_large(path) and not is_localized(path):
        localize(path)
    text = f"{found}  {path.name}\n"
    note = note_file(folder, source.name)
    if not note.is_file() or note.read_text(encoding="utf-8") != text:
        write_text(note, text)
    return ""
