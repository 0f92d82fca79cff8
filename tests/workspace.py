"""A folder with a copy of the workflow, in which the tests run the real Snakemake."""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml

ROOT = Path(__file__).parents[1]
# how Snakemake says that SIGKILL ended a command, below a shell or in its place
KILLED = re.compile(r"exit status 137|died with <Signals\.SIGKILL: 9>")
# nothing listens on the discard port
NO_NETWORK = dict.fromkeys(("http_proxy", "https_proxy", "all_proxy"), "http://127.0.0.1:9")


class Death(NamedTuple):
    """Where a job is sent a signal by itself.

    Attributes:
        job: Part of the command line of the job.
        event: An audit event of Python, or "optimiser step".
        point: Expression that the event's path matches, or the number of the step.
        whole_run: Whether Snakemake and all other jobs die, too.
        signal: Its number.
    """

    job: str
    event: str
    point: str
    whole_run: bool = False
    signal: int = signal.SIGKILL


class Load(NamedTuple):
    """What makes a job slower, or larger, than it is.

    Attributes:
        job: Part of the command line of the job.
        seconds: For how long it waits before it works.
        megabytes: Memory that it holds meanwhile.
        each_step: For how long it waits at each optimiser step, in seconds.
    """

    job: str
    seconds: float = 0.0
    megabytes: int = 0
    each_step: float = 0.0


class Job(NamedTuple):
    """A job that a dry run would start."""

    rule: str
    wildcards: str = ""


@dataclass(frozen=True)
class Workspace:
    """Snakefile, workflow, configuration and results in a folder of their own."""

    folder: Path

    @classmethod
    def make(cls, folder: Path, config: dict[str, Any], pairs: dict[str, Any]) -> Workspace:
        """Copies the workflow and writes a configuration."""
        shutil.copytree(ROOT / "workflow", folder / "workflow")
        # Snakemake looks for profiles beside the Snakefile: a link leads it to workflow/profiles
        (folder / "profiles").symlink_to("workflow/profiles")
        shutil.copy(ROOT / "Snakefile", folder)
        (folder / "config" / "pairs").mkdir(parents=True)
        for name, pair in pairs.items():
            write_yaml(folder / "config" / "pairs" / f"{name}.yaml", pair)
        workspace = cls(folder)
        workspace.write_config(config)
        _write_command(folder / "bin" / "frism")
        return workspace

    @property
    def results(self) -> Path:
        """Where the configuration's results lie."""
        return self.folder / "results" / "tiny"

    def write_config(self, config: dict[str, Any]) -> None:
        """Writes config/config.yaml."""
        write_yaml(self.folder / "config" / "config.yaml", config)

    def copy(self, folder: Path) -> Workspace:
        """Returns a copy that Snakemake takes for as up to date as this one."""
        shutil.copytree(self.folder, folder)
        return Workspace(folder)

    def snakemake(
        self, *words: str, deaths: Sequence[Death] = (), prefix: Sequence[str] = ()
    ) -> subprocess.CompletedProcess[str]:
        """Runs Snakemake in a process group of its own; jobs find no network by proxies."""
        return subprocess.run(
            [*prefix, sys.executable, "-m", "snakemake", *words],
            cwd=self.folder,
            env=self.environment(deaths),
            start_new_session=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )

    def environment(self, deaths: Sequence[Death] = ()) -> dict[str, str]:
        """Returns the variables that Snakemake and its jobs see."""
        return {
            **os.environ,
            **NO_NETWORK,
            "PATH": f"{self.folder / 'bin'}{os.pathsep}{os.environ['PATH']}",
            "PYTHONPATH": str(ROOT),
            "TMPDIR": str(self._temporary()),
            "DEATHS": json.dumps(deaths),
        }

    def run(self, *words: str) -> str:
        """Runs Snakemake, expects success and returns what it said."""
        done = self.snakemake(*words)
        assert done.returncode == 0, done.stdout
        return done.stdout

    def would_run(self, *words: str) -> set[Job]:
        """Returns the jobs of a dry run, without the target `all`."""
        return jobs(self.run("--dry-run", *words)) - {Job("all")}

    def _temporary(self) -> Path:
        path = self.folder / "tmp"
        path.mkdir(exist_ok=True)
        return path


def _write_command(path: Path) -> None:
    path.parent.mkdir()
    mortal = shlex.join([sys.executable, str(ROOT / "tests" / "mortal_frism.py")])
    path.write_text(f'#!/bin/sh\nexec {mortal} "$@"\n')
    path.chmod(0o755)


def write_yaml(path: Path, content: dict[str, Any]) -> None:
    """Writes a mapping with its keys in their order."""
    path.write_text(yaml.safe_dump(content, sort_keys=False))


def jobs(output: str) -> set[Job]:
    """Returns the jobs that Snakemake's output announces."""
    pattern = re.compile(r"^(?:local)?rule (\S+):\n((?:    .*\n)*)", re.MULTILINE)
    return {Job(rule, _wildcards(details)) for rule, details in pattern.findall(output)}


def _wildcards(details: str) -> str:
    found = re.search(r"^    wildcards: (.*)$", details, re.MULTILINE)
    return found[1] if found else ""
