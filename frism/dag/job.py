"""A job of the workflow as its files tell it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class WorkflowJob:
    """A job of the workflow.

    Args:
        pair: Its pair; empty where pairs share it.
        step: What is done: the command, mostly.
        what: Model, role, method, experiment or benchmark that it is done for.
        log: Its log; Snakemake's benchmark lies beside it.
        outputs: What is there when it is done.
        inputs: What it waits for; files that no job makes may be among them.
        detail: Seed, part, parameters or experiment.
    """

    pair: str
    step: str
    what: str
    log: Path
    outputs: tuple[str, ...]
    inputs: tuple[str, ...] = ()
    detail: str = ""

    @property
    def benchmark(self) -> Path:
        """Snakemake's record of its time."""
        # parameters hold dots, so with_suffix would cut them
        return self.log.with_name(f"{self.log.name.removesuffix('.log')}.tsv")

    @property
    def name(self) -> str:
        """What tells it from others of its pair."""
        return " ".join(filter(None, (self.step, self.what, self.detail)))
