"""Snakemake with the project's profile for clusters, on the private SLURM."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from frism.scheduling.gpus import LOCKS
from tests.slurm.cluster import Cluster
from tests.slurm.configuration import GPU_TYPE
from tests.workspace import Load, Workspace, write_yaml

# what a user edits, and what differs where there is no slurmdbd and nobody waits for a filesystem
EDITS = {"slurm_partition": "cpu", "gpu_partition": "gpu", "gpu_model": GPU_TYPE}
SETTINGS: dict[str, Any] = {
    "slurm-status-command": "squeue",
    "slurm-init-seconds-before-status-checks": 3,
    "latency-wait": 10,
}


@dataclass(frozen=True)
class SlurmRuns:
    """Runs of a workspace on a cluster."""

    workspace: Workspace
    cluster: Cluster

    @classmethod
    def prepare(cls, workspace: Workspace, cluster: Cluster, **resources: Any) -> SlurmRuns:
        """Edits the profile as docs/cluster.md tells; `resources` are more of its defaults."""
        file = workspace.folder / "workflow" / "profiles" / "slurm" / "config.yaml"
        profile = yaml.safe_load(file.read_text())
        # there are no accounts where there is no database of them
        profile["default-resources"] = EDITS | resources
        write_yaml(file, profile | SETTINGS)
        return cls(workspace, cluster)

    def start(self, *words: str, loads: Sequence[Load] = ()) -> subprocess.Popen[str]:
        """Starts Snakemake, in a process group of its own; what it says goes to `log`."""
        environment = self.workspace.environment() | self.variables | {"LOADS": json.dumps(loads)}
        with self.log.open("a") as log:
            return subprocess.Popen(
                [sys.executable, "-m", "snakemake", "--workflow-profile", "slurm", *words],
                cwd=self.workspace.folder,
                env=environment,
                start_new_session=True,
                stdout=log,
                stderr=subprocess.STDOUT,
                text=True,
            )

    def run(self, *words: str, loads: Sequence[Load] = ()) -> str:
        """Runs Snakemake, expects success and returns what it and its forerunners said."""
        return self.finish(self.start(*words, loads=loads))

    def finish(self, running: subprocess.Popen[str]) -> str:
        """Waits for a run, expects success and returns what it and its forerunners said."""
        status = running.wait()
        said = self.log.read_text()
        assert status == 0, f"{said}\n{self.cluster.logs()}"
        return said

    @property
    def log(self) -> Path:
        """What Snakemake said."""
        return self.workspace.folder / "log.txt"

    @property
    def variables(self) -> dict[str, str]:
        """The variables of the cluster, with the workspace's own `frism` before all others."""
        found = self.cluster.environment
        path = f"{self.workspace.folder / 'bin'}{os.pathsep}{found['PATH']}"
        return found | {"PATH": path, LOCKS: str(self.workspace.folder / "gpus")}
