"""Memory of this machine, as far as the run may have it."""

from __future__ import annotations

import os

MB = 10**6
# what SLURM gave to the job that the run is in; 0 is all there is
GIVEN = "SLURM_MEM_PER_NODE"


def memory_mb() -> int:
    """Returns the memory that all jobs together may ask for, in MB."""
    there = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MB
    return int(os.environ.get(GIVEN, "0")) or there
