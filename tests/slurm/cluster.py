"""A private SLURM, on loopback, without systemd, slurmdbd or anything in /etc.

    python -m tests.slurm.cluster start FOLDER    # prints the variables to set
    python -m tests.slurm.cluster stop FOLDER

Everything that it writes lies in the folder. It needs root, as SLURM starts jobs as their users.
"""

from __future__ import annotations

import argparse
import os
import secrets
import shlex
import signal
import socket
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from tests.slurm.configuration import NODES, Node, write_configuration
from tests.slurm.installation import missing, program

PATIENCE = 30.0
# slurmctld takes ten seconds for a state that nobody reads again
GRACE = 1.0


@dataclass(frozen=True)
class Cluster:
    """A running private SLURM.

    Attributes:
        root: The folder that it writes to.
    """

    root: Path

    @property
    def environment(self) -> dict[str, str]:
        """The variables by which the commands of SLURM find this cluster and no other."""
        return {
            "SLURM_CONF": str(self.root / "slurm.conf"),
            "PATH": f"{self.root / 'bin'}{os.pathsep}{os.environ['PATH']}",
        }

    @classmethod
    def start(cls, root: Path, nodes: Sequence[Node] = NODES) -> Cluster:
        """Starts munged, slurmctld and a slurmd for each node, and waits until all are idle."""
        root = root.resolve()
        for folder in ("bin", "state"):
            (root / folder).mkdir(parents=True)
        host = socket.gethostname().partition(".")[0]
        write_configuration(root, host, _free_ports(1 + len(nodes)), nodes)
        _write_srun(root / "bin" / "srun", root / "slurm.conf")
        cluster = cls(root)
        try:
            cluster._start_daemons(nodes)
            cluster._wait_for(nodes)
        except BaseException:
            cluster.stop()
            raise
        return cluster

    def run(self, *words: str) -> str:
        """Runs a command of SLURM on this cluster; returns what it said."""
        command = [program(words[0]) or words[0], *words[1:]]
        environment = os.environ | self.environment
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
        assert done.returncode == 0, f"{shlex.join(words)}: {done.stderr}\n{self.logs()}"
        return done.stdout

    def stop(self) -> None:
        """Cancels all jobs and ends the daemons."""
        if (self.root / "slurmctld.pid").exists():
            self.run("scancel", "--user", "root")
            until = time.monotonic() + PATIENCE
            while self.run("squeue", "--noheader") and time.monotonic() < until:
                time.sleep(0.2)
        for name in ("slurmctld", "slurmd-*", "munged"):
            for file in self.root.glob(f"{name}.pid"):
                _end(file)
        self._kill_leftovers()

    def logs(self) -> str:
        """Returns the last lines of the daemons' logs."""
        return "\n".join(
            f"{log}:\n" + "\n".join(log.read_text(errors="replace").splitlines()[-20:])
            for log in self.root.glob("*.log")
        )

    def _kill_leftovers(self) -> None:
        """Kills what is left of jobs: without cgroups SLURM loses sight of some processes."""
        marks = f"SLURM_CONF={self.root / 'slurm.conf'}".encode(), b"SLURM_JOB_ID="
        for environment in Path("/proc").glob("[0-9]*/environ"):
            with suppress(OSError):
                content = environment.read_bytes()
                if all(mark in content for mark in marks):
                    os.kill(int(environment.parent.name), signal.SIGKILL)

    def _start_daemons(self, nodes: Sequence[Node]) -> None:
        key = self.root / "munge.key"
        key.write_bytes(secrets.token_bytes(1024))
        key.chmod(0o400)
        files = {each: self.root / f"munge.{each}" for each in ("key", "socket", "seed")}
        places = [f"--{name}-file={files[name]}" for name in ("key", "seed")]
        places += [f"--socket={files['socket']}", f"--pid-file={self.root / 'munged.pid'}"]
        self._daemon("munged", *places, f"--log-file={self.root / 'munged.log'}", "--force")
        self._daemon("slurmctld", "-c", "-f", str(self.root / "slurm.conf"))
        for node in nodes:
            self._daemon("slurmd", "-N", node.name, "-f", str(self.root / "slurm.conf"))

    def _daemon(self, name: str, *words: str) -> None:
        self.run(name, *words)

    def _wait_for(self, nodes: Sequence[Node]) -> None:
        until = time.monotonic() + PATIENCE
        states = ""
        while time.monotonic() < until:
            states = self.run("sinfo", "--noheader", "--Node", "--format=%N %t")
            if states.count(" idle") == len(nodes):
                return
            time.sleep(0.1)
        raise AssertionError(f"the nodes are not idle: {states}\n{self.logs()}")


def _free_ports(count: int) -> list[int]:
    sockets = [socket.socket() for _ in range(count)]
    for each in sockets:
        each.bind(("127.0.0.1", 0))
    ports = [int(each.getsockname()[1]) for each in sockets]
    for each in sockets:
        each.close()
    return ports


def _write_srun(path: Path, configuration: Path) -> None:
    # Snakemake's job steps take the variables of SLURM away from the srun that they call
    path.write_text(f'#!/bin/sh\nSLURM_CONF={configuration} exec {program("srun")} "$@"\n')
    path.chmod(0o755)


def _end(pid_file: Path) -> None:
    with suppress(ValueError, ProcessLookupError):
        process, until = int(pid_file.read_text()), time.monotonic() + GRACE
        os.kill(process, signal.SIGTERM)
        while _runs(process):
            time.sleep(0.05)
            if time.monotonic() > until:
                os.kill(process, signal.SIGKILL)


def _runs(process: int) -> bool:
    try:
        # a process that ended, but was not waited for, has none
        return Path(f"/proc/{process}/cmdline").read_bytes() != b""
    except OSError:
        return False


def _main() -> None:
    parser = argparse.ArgumentParser(description="Start or stop a private SLURM on loopback.")
    parser.add_argument("what", choices=["start", "stop"])
    parser.add_argument("folder", type=Path)
    args = parser.parse_args()
    if args.what == "stop":
        Cluster(args.folder.resolve()).stop()
    elif reason := missing():
        parser.exit(1, f"{reason}\n")
    else:
        for name, value in Cluster.start(args.folder).environment.items():
            print(f"export {name}={shlex.quote(value)}")


if __name__ == "__main__":
    _main()
