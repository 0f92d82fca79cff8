"""Where the files of VLMEvalKit's benchmarks lie and are fetched from."""

from __future__ import annotations

from pydantic import Field

from frism.config.values import Path, Settings


class Prefetch(Settings):
    """Files of the suite's benchmarks."""

    data: Path = Field(
        "results/benchmarks", description="Folder with <benchmark>.tsv of the suite's benchmarks."
    )
    mirror: Path | None = Field(
        None,
        description="Where the files are fetched from instead: an address that replaces scheme and "
        "host of VLMEvalKit's, or one with {url} in it for the whole of theirs.",
    )
