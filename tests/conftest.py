"""Fixtures of the whole suite: a pico family, its task vectors, subspaces and trained gates."""

from __future__ import annotations

import os
import signal
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

import frism  # noqa: F401  # mends torchvision before transformers looks for it
from tests.hub_runs import HubRuns
from tests.hub_server import HubServer
from tests.openai_server import KEY, KEY_VARIABLE, OpenAIServer
from tests.pico import Pico, make_pico
from tests.steps import PicoMerge, run_step, train_gates_of
from tests.vlm_families import FamilyMaker, family_maker

# a shell that starts the tests in the background has them ignored, and steps inherit that
signal.signal(signal.SIGINT, signal.default_int_handler)
signal.signal(signal.SIGHUP, signal.SIG_DFL)

# digests of files that are gone soon have no place in the user's cache; steps inherit the variable
_CACHE = tempfile.TemporaryDirectory(prefix="frism-cache-")
os.environ["FRISM_CACHE"] = _CACHE.name


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def pico(tmp_path_factory: pytest.TempPathFactory) -> Pico:
    """A float32 family with a tied head, one file per checkpoint."""
    return make_pico(tmp_path_factory.mktemp("pico"))


@pytest.fixture(scope="session")
def families(tmp_path_factory: pytest.TempPathFactory) -> FamilyMaker:
    """Makes checkpoints of a family of VLM, once for each set of options of `make_family`."""
    return family_maker(tmp_path_factory.mktemp("families"))


@pytest.fixture(scope="session")
def pico_merge(pico: Pico, tmp_path_factory: pytest.TempPathFactory) -> PicoMerge:
    """The family's task vectors, subspaces and gates, made by the command line."""
    directory = tmp_path_factory.mktemp("pico_merge")
    made = PicoMerge(pico, directory / "svd", directory / "gates")
    run_step("svd", base=pico.base, tuned=pico.lrm, role="lrm", output=made.subspaces)
    train_gates_of(made, made.gates)
    return made


@pytest.fixture
def other_file_system(tmp_path: Path) -> Iterator[Path]:
    """A folder on another file system than `tmp_path`; the test is skipped where there is none."""
    memory = Path("/dev/shm")
    if not os.access(memory, os.W_OK) or memory.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("no second file system to write to at /dev/shm")
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        yield Path(folder)


@pytest.fixture
def hub(tmp_path: Path) -> Iterator[HubRuns]:
    """An empty hub on loopback and runs of the command line against it."""
    with HubServer(tmp_path) as server:
        yield HubRuns(server, tmp_path)


@pytest.fixture
def endpoint(monkeypatch: pytest.MonkeyPatch) -> Iterator[OpenAIServer]:
    """A judge's endpoint on loopback, and its key in the environment."""
    # as a key that was read from a file
    monkeypatch.setenv(KEY_VARIABLE, f"{KEY}\n")
    monkeypatch.setenv("NO_PROXY", "*")
    with OpenAIServer() as server:
        yield server
