"""How large a pair is: by hand, as published, and by headers where they are there."""

from __future__ import annotations

from pathlib import Path

import pytest

from frism.checkpoints.reader import Checkpoint
from frism.config.load import load_models
from frism.config.pair_tree import PairCheckpoints
from frism.config.size import Size, threads_of
from frism.config.tree import Subspaces
from frism.planning.costs import rank, subspace_bytes
from frism.planning.models import open_pair
from frism.planning.pair_size import ASSUMED, of_pair
from frism.planning.size import GIVEN, GUESSED, HEADERS
from tests.pico import Pico
from tests.planned_pairs import COMMIT, TINY, tiny_pair

PAIRS = Path(__file__).parents[1] / "config" / "pairs"
# parameters of the VLM as published, gates and GB of U and Vh in bfloat16 as counted elsewhere
PUBLISHED = {
    "qwen2.5-vl-3b_smallthinker-3b": (3_754_622_976, 387_072, 7.1),
    "qwen2.5-vl-7b_r1-distill-qwen-7b": (8_292_166_656, 530_432, 16.7),
    "qwen2.5-vl-32b_qwq-32b": (33_452_718_336, 1_769_472, 79.5),
    "qwen2-vl-7b_qwen2-math-7b": (8_291_375_616, 530_432, 16.7),
    "llava-next-llama3-8b_dart-math": (8_355_028_992, None, None),
    "idefics2-8b_metamath-mistral-7b": (8_402_768_112, None, None),
    "qwen3-vl-8b_qwen3-8b": (8_767_123_696, None, None),
}


def test_a_size_by_hand() -> None:
    size = Size(**TINY)
    assert size.shapes == ((4, 4), (2, 4), (2, 4), (4, 4), (6, 4), (6, 4), (4, 6))
    assert size.language == 120 + 10 * 4
    # heads of 3: q and o [6, 4] and [4, 6], k and v [3, 4]
    wide = Size(**TINY | {"tied": False, "head_size": 3})
    assert wide.language == 24 + 12 + 12 + 24 + 72 + 2 * 40
    found = of_pair(tiny_pair())
    assert (found.layers, found.keys, found.parameters, found.source) == (1, 4, 165, GIVEN)
    assert {role: each.nbytes for role, each in found.models.items()} == {
        "vlm": 330,
        "lrm": 320,
        "base": 320,
    }
    assert all(each.matrices == 240 and each.remote for each in found.models.values())


@pytest.mark.parametrize("name", PUBLISHED)
def test_the_sizes_of_the_shipped_pairs_are_the_published_ones(name: str) -> None:
    parameters, gates, gigabytes = PUBLISHED[name]
    found = of_pair(load_models(PAIRS / f"{name}.yaml"))
    # norms and biases are left out
    assert found.parameters == pytest.approx(parameters, rel=2e-3)
    stored = Subspaces(storage="bfloat16")
    if gates and gigabytes:
        assert sum(rank(m, n, stored) for m, n in found.shapes) == gates
        assert subspace_bytes(found, stored) / 1e9 == pytest.approx(gigabytes, abs=0.05)


def test_every_shipped_pair_names_its_size() -> None:
    files = [file for file in PAIRS.glob("*.yaml") if "kind: embedded" not in file.read_text()]
    assert len(files) == 9
    assert all(of_pair(load_models(file)).source == GIVEN for file in files)


def test_headers_go_before_what_the_pair_says(pico: Pico) -> None:
    models = {role: str(getattr(pico, role)) for role in ("base", "vlm", "lrm")}
    pair = PairCheckpoints(**models, size=Size(**TINY))  # type: ignore[arg-type]
    found = of_pair(pair)
    assert found == open_pair(pair).size
    assert found.source == HEADERS
    checkpoint = Checkpoint(pico.vlm)
    assert found.parameters == sum(checkpoint.tensor(n).numel() for n in checkpoint.tensors)
    sizes = [checkpoint.tensor(n).nbytes for n in checkpoint.tensors]
    assert found.models["vlm"].nbytes == sum(sizes)
    assert not any(each.remote for each in found.models.values())


def test_of_models_that_are_partly_there_the_rest_is_as_the_pair_says(pico: Pico) -> None:
    models = {"vlm": str(pico.vlm), "lrm": str(pico.lrm), "base": f"o/base@{COMMIT}"}
    found = of_pair(PairCheckpoints(**models, size=Size(**TINY)))  # type: ignore[arg-type]
    whole = of_pair(PairCheckpoints(**models | {"base": str(pico.base)}))  # type: ignore[arg-type]
    assert (found.shapes, found.parameters) == (whole.shapes, whole.parameters)
    assert found.models["lrm"] == whole.models["lrm"]
    assert (found.models["base"].nbytes, found.models["base"].remote) == (320, True)


def test_a_pair_that_says_nothing_is_taken_for_7b() -> None:
    found = of_pair(tiny_pair(size=None))
    assert found.source == GUESSED
    assert found.parameters == ASSUMED.language + ASSUMED.vision


def test_threads_follow_from_what_the_yaml_says_alone() -> None:
    sizes = {name: load_models(PAIRS / f"{name}.yaml").size for name in list(PUBLISHED)[:3]}
    assert [threads_of(size) for size in sizes.values()] == [8, 8, 16]
    assert threads_of(None) == threads_of(Size(**TINY)) == 1
