"""Where a training of gates stands: all that its next step depends on, and its file.

A training that goes on from the file gives the same gates, bit for bit, as one that was never cut
off: the order of examples follows from the seed and the number of the step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from frism.checkpoints.tensors import TensorFile, write_tensors
from frism.distillation.schedule import Schedule
from frism.interruption import Postponement, got_on, noted, postponed

Record = dict[str, float]
RAW, BEST, ADAM = "raw", "best", "adam."
# what a signal is answered while a step is on its way
FINISHING = "this step of the training is finished and saved first"


class Run:
    """A training of gates under way.

    Args:
        raw: The raw gates, [gates].
        schedule: How they are trained.

    Attributes:
        history: One record per update, taken before it.
        measured: One record per measurement on held-out examples: `step` and the divergence.
        best: The raw gates of the smallest divergence so far.
        seconds: How long it took so far.
    """

    def __init__(self, raw: nn.Parameter, schedule: Schedule) -> None:
        self.raw = raw
        self.schedule = schedule
        self.optimiser = torch.optim.Adam([raw], lr=schedule.learning_rate)
        self.history: list[Record] = []
        self.measured: list[Record] = []
        self.best: torch.Tensor | None = None
        self.seconds = 0.0

    @property
    def step(self) -> int:
        """Number of updates so far."""
        return len(self.history)

    def measure(self, name: str, value: float) -> None:
        """Takes down a measurement on held-out examples after the last update."""
        if all(value < record[name] for record in self.measured):
            self.best = self.raw.detach().clone()
        self.measured.append({"step": self.step, name: value})

    def stops(self, name: str) -> bool:
        """Tells whether the divergence has had no new smallest value for too long."""
        patience = self.schedule.patience
        return 0 < patience <= len(self.measured) - 1 - self._smallest(name)

    def finish(self, name: str) -> dict[str, Any]:
        """Puts the gates in place that are kept, and says which and why."""
        early, found = self.stops(name), {"step": self.step, "kept_step": self.step}
        if self.schedule.patience and self.best is not None:
            with torch.no_grad():
                self.raw.copy_(self.best)
            found["kept_step"] = int(self.measured[self._smallest(name)]["step"])
        reason = f"all {self.schedule.steps} steps done"
        if early:
            reason = f"{self.schedule.patience} measurements without a new smallest {name}"
        return {**found, "reason": reason}

    def _smallest(self, name: str) -> int:
        """Returns the place of the first measurement of the smallest divergence."""
        values = [record[name] for record in self.measured]
        return values.index(min(values)) if values else -1

    def save(self, path: Path) -> None:
        """Writes everything to one file, atomically."""
        adam: Mapping[str, torch.Tensor] = self.optimiser.state_dict()["state"].get(0, {})
        tensors = {RAW: self.raw, **{f"{ADAM}{name}": value for name, value in adam.items()}}
        if self.best is not None:
            tensors[BEST] = self.best
        metadata = {"history": self.history, "measured": self.measured, "seconds": self.seconds}
        write_tensors(path, tensors, metadata)

    def restore(self, path: Path) -> None:
        """Takes up what `save` wrote."""
        file = TensorFile(path)
        with torch.no_grad():
            self.raw.copy_(file[RAW])
        adam = {
            name.removeprefix(ADAM): file[name] for name in file.tensors if name.startswith(ADAM)
        }
        state = self.optimiser.state_dict()
        self.optimiser.load_state_dict({**state, "state": {0: adam}})
        self.best = file[BEST].to(self.raw.device) if BEST in file.tensors else None
        self.history = file.metadata["history"]
        self.measured = file.metadata["measured"]
        self.seconds = file.metadata["seconds"]


@dataclass(frozen=True)
class Checkpoints:
    """Where a training leaves what it needs to go on after its death.

    Args:
        path: The file; None for nowhere.
        every: Updates between two writes.
    """

    path: Path | None = None
    every: int = 1

    def restore(self, run: Run) -> None:
        """Takes up an earlier training where there is one."""
        if self.path and self.path.is_file():
            run.restore(self.path)
            print(f"gates: going on after step {run.step} of {run.schedule.steps}", flush=True)

    @contextmanager
    def kept(self, run: Run) -> Iterator[Postponement]:
        """Lets a signal wait for the end of the block, in which it is asked for after each step."""
        restored, steps = run.step, run.schedule.steps
        with noted(lambda: f"step {run.step} of {steps} is done"), postponed(FINISHING) as signals:
            yield signals
            if self.path and run.step > restored:
                got_on()

    def save(self, run: Run, at_once: bool = False) -> None:
        """Writes the training where it is due, or at once."""
        if self.path and (at_once or run.step % self.every == 0):
            run.save(self.path)


NOWHERE = Checkpoints()
