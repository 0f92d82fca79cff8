"""Benchmark files before an evaluation: there, whole, and VLMEvalKit's own where they say so."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Collection, Sequence
from pathlib import Path

from frism.config.benchmarks import EMBEDDED_BENCHMARKS
from frism.config.suites import load_suite
from frism.errors import DataError
from frism.evaluation.local_files import is_large, is_localized, local_file, md5_of
from frism.evaluation.rows import Table

# bytes that are read in a moment
QUICK = 50 * 2**20
SPLITS = ("", "_VAL", "_TEST")
EMBEDDED_TEXT = {name + split for name in EMBEDDED_BENCHMARKS["text"] for split in SPLITS}
EMBEDDED = {
    name + split for group in EMBEDDED_BENCHMARKS.values() for name in group for split in SPLITS
}


def check_tables(
    files: Sequence[Path], *, text: Collection[str] = (), unverified: bool = False
) -> dict[str, dict[int | str, str]]:
    """Checks benchmark files before a model is loaded.

    A file that is VLMEvalKit's, byte for byte, is taken as it is; its images are looked at where
    that is quick.

    Args:
        files: `<benchmark>.tsv` each.
        text: benchmarks without images.
        unverified: whether a file under the name of one of VLMEvalKit's benchmarks may be another
            than VLMEvalKit's.

    Returns:
        By benchmark, the index of each row whose image cannot be shown, and why.

    Raises:
        DataError: A file is missing, malformed or another one; the message says what to do.
    """
    check_present(files)
    found: dict[str, dict[int | str, str]] = {path.stem: {} for path in files}
    originals: set[Path] = set()
    # small files first: what is wrong with them is known before VLMEvalKit is imported
    for path in sorted(files, key=lambda path: path.stat().st_size > QUICK):
        if path.stat().st_size > QUICK and _is_original(path):
            originals.add(path)
            continue
        table = Table(local_file(path) if is_large(path) else path, _is_text(path, text))
        table.read()
        if table.problem and not _is_original(path):
            raise DataError(table.problem)
        found[path.stem] = table.marked
    if not unverified:
        _check_md5([path for path in files if path not in originals])
    return found


def check_present(files: Sequence[Path]) -> None:
    """Checks that files are there.

    Raises:
        DataError: Some are not; the message names them and the command that fetches them.
    """
    missing = [path for path in files if not path.is_file()]
    if missing:
        raise DataError(f"{_named(missing)} missing; {_command(missing)}")
    bare = [path for path in files if is_large(path) and not is_localized(path)]
    if bare:
        tables = _named([local_file(path) for path in bare])
        raise DataError(
            f"{tables} missing, or its images are elsewhere, as after a move of the folder; "
            f"VLMEvalKit needs both; {_command(bare)}"
        )


def _named(files: Sequence[Path]) -> str:
    return f"{', '.join(map(str, files))} {'is' if len(files) == 1 else 'are'}"


def _command(files: Sequence[Path]) -> str:
    if all(path.stem in EMBEDDED for path in files):
        return (
            "give the folder `data` of the model's family, which snakemake leaves in "
            "results/<name>/<pair>/seed-<seed>, or write its questions: frism questions --seeds "
            "<seed> --output <folder>"
        )
    folder = shlex.quote(str(files[0].parent))
    names = " ".join(path.stem for path in files)
    return f"{_meant(files)}run: frism prefetch --benchmarks {names} --data {folder}"


def _meant(files: Sequence[Path]) -> str:
    """Asks whether names that are near one of the paper's benchmarks are that one."""
    # VLMEvalKit knows more names, but takes seconds to import
    names = load_suite("paper").names
    known = {name.lower(): name for name in names}
    known = {name.partition("_")[0].lower(): name for name in reversed(names)} | known
    found = {}
    for name in (path.stem for path in files if path.stem not in known.values()):
        if near := difflib.get_close_matches(name.lower(), known, n=1):
            found[name] = known[near[0]]
    asked = ", ".join(f"by {name} did you mean {meant}?" for name, meant in found.items())
    return f"{asked} If not, " if asked else ""


def _is_text(path: Path, text: Collection[str]) -> bool:
    return path.stem in text or path.stem in EMBEDDED_TEXT


def _is_original(path: Path) -> bool:
    expected = _expected(path)
    return expected is not None and md5_of(path) == expected


def _expected(path: Path) -> str | None:
    if path.stem in EMBEDDED:
        return None
    # VLMEvalKit takes seconds to import, and brings torch
    from frism.evaluation.catalogue import find_source

    source = find_source(path.stem)
    return source.md5 if source else None


def _check_md5(files: Sequence[Path]) -> None:
    for path in files:
        expected = _expected(path)
        if expected is not None and (found := md5_of(path)) != expected:
            raise DataError(
                f"{path}: found the MD5 {found}, expected {expected}, VLMEvalKit's of "
                f"{path.stem}; remove it and {_command([path])}, or evaluate it with --unverified"
            )
