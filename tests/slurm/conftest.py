"""The private SLURM of the tests in this folder."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.slurm.cluster import Cluster
from tests.slurm.installation import missing


@pytest.fixture
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    """A SLURM for one test, so that all its records are of that test."""
    if reason := missing():
        pytest.skip(reason)
    # the path of a socket has 107 characters at most
    started = Cluster.start(tmp_path_factory.mktemp("slurm") / "c")
    yield started
    started.stop()
