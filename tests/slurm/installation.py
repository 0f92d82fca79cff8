"""Debian's SLURM and munge, and the reason where they cannot be had.

Where the tests run as root and apt-get exists, the packages are installed. They start nothing: the
tests start daemons of their own.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from functools import cache

PACKAGES = ("slurm-wlm", "munge")
PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "squeue", "scontrol", "sinfo")
# daemons stand in folders that the search path of an ordinary user leaves out
FOLDERS = ("/usr/sbin", "/sbin")
UPDATE = ("apt-get", "update")
INSTALL = ("apt-get", "install", "--yes", "--no-install-recommends", *PACKAGES)
# without a network this fails within seconds
APT = (
    "-o",
    "Acquire::Retries=0",
    "-o",
    "Acquire::http::Timeout=10",
    "-o",
    "DPkg::Lock::Timeout=60",
)


def program(name: str) -> str | None:
    """Returns the path of a program of SLURM or munge, or None."""
    return shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *FOLDERS]))


@cache
def missing() -> str | None:
    """Installs SLURM where that is possible; returns why it is not there, or None if it is."""
    if all(map(program, PROGRAMS)):
        return None
    if os.geteuid() != 0:
        return "SLURM is not installed, and only root can start a private one"
    if shutil.which("apt-get") is None:
        return "SLURM is not installed, and there is no apt-get to install it"
    return _install()


def _install() -> str | None:
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in (INSTALL, UPDATE, INSTALL):
        done = subprocess.run(
            [*command, *APT], env=environment, capture_output=True, text=True, check=False
        )
        if command == INSTALL and done.returncode == 0:
            return None
    return f"apt-get could not install {' and '.join(PACKAGES)}: {done.stderr.strip()[-300:]}"
