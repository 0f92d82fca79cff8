"""Where VLMEvalKit has the files of its benchmarks from, and their MD5."""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from functools import cache
from typing import Any

from frism.errors import DataError
from frism.evaluation import kit


@dataclass(frozen=True)
class Source:
    """A benchmark file of VLMEvalKit.

    Args:
        name: the benchmark; the file is `<name>.tsv`, whatever its address ends with.
        url: its address.
        md5: of its content (hex), None where VLMEvalKit states none.
    """

    name: str
    url: str
    md5: str | None


def find_source(name: str) -> Source | None:
    """Returns the source of a benchmark, None where VLMEvalKit has no address of a TSV file."""
    kind = _classes().get(name)
    if kind is None:
        return None
    return Source(name, kind.DATASET_URL[name], getattr(kind, "DATASET_MD5", {}).get(name))


def no_source(name: str) -> DataError:
    """Returns the error of a benchmark without a source."""
    near = difflib.get_close_matches(name, _classes(), n=1)
    hint = f"; did you mean {near[0]}?" if near else "."
    return DataError(
        f"VLMEvalKit has no address of {name}.tsv{hint} Name one of its benchmarks that are TSV "
        "files, or put a file of your own in its place"
    )


@cache
def _classes() -> dict[str, Any]:
    found: dict[str, Any] = {}
    for kind in kit.DATASET_CLASSES:
        for name, url in getattr(kind, "DATASET_URL", {}).items():
            if isinstance(url, str) and url.startswith("http") and url.endswith(".tsv"):
                found.setdefault(name, kind)
    return found
