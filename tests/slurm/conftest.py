"""The private SLURM of the tests in this folder."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.slurm.cluster import Cluster
from tests.slurm.installation import missing


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A SLURM that starts with the first test of a module and stops after the last."""
    if reason := missing():
        pytest.skip(reason)
    # the path of a socket has 107 characters at most
    started = Cluster.start(tmp_path_factory.mktemp("slurm") / "c")
    yield started
    started.stop()
