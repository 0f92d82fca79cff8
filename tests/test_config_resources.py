"""`resources`, `size`, `threads` and `limits` of a configuration, and what is said of mistakes."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from frism.config.load import load
from frism.errors import ConfigError
from tests.planned_pairs import COMMIT, TINY
from tests.workspace import write_yaml

MODELS = {role: f"o/{role}@{COMMIT}" for role in ("vlm", "lrm", "base")}


def check(folder: Path, pair: dict[str, Any], **config: Any) -> str:
    """Returns what is wrong with a pair; nothing where it is sound."""
    (folder / "pairs").mkdir(exist_ok=True)
    write_yaml(folder / "pairs" / "p.yaml", (MODELS if "kind" not in pair else {}) | pair)
    write_yaml(folder / "config.yaml", {"name": "x", "pairs": ["p"], **config})
    try:
        load(folder / "config.yaml")
    except ConfigError as error:
        return str(error)
    return ""


CUDA = {"subspaces": {"device": "cuda"}}
EMBEDDED = {"kind": "embedded"}


@pytest.mark.parametrize(
    ("pair", "config", "key", "words"),
    [
        ({"resources": {"svg": {"runtime": 1}}}, {}, "resources.svg", "did you mean 'svd'?"),
        ({"resources": {"base": {"runtime": 1}}}, {}, "resources.base", "unknown step 'base'"),
        ({"resources": {"svd": {"mem": 1}}}, {}, "resources.svd.mem", "did you mean 'mem_mb'?"),
        ({"resources": {"svd": {"mem_mb": 100}}}, {}, "resources.svd.mem_mb", "at least 400"),
        ({"resources": {"svd": {"mem_mb": "4G"}}}, {}, "resources.svd.mem_mb", "a whole number"),
        ({"resources": {"svd": {"runtime": 0}}}, {}, "resources.svd.runtime", "at least 1"),
        ({"resources": {"svd": 7}}, {}, "resources.svd", "the keys mem_mb, runtime, gpu, disk_mb"),
        (
            {"resources": {"merge": {"gpu": 1}}},
            {},
            "resources.merge.gpu",
            "found 1; allowed: 0, this step runs on CPUs",
        ),
        (
            {"resources": {"svd": {"gpu": 2}}},
            {},
            "resources.svd.gpu",
            "found 2; allowed: 0, since subspaces.device is cpu; set it to cuda or auto",
        ),
        (
            {"resources": {"svd": {"gpu": 0}}},
            CUDA,
            "resources.svd.gpu",
            "found 0; allowed: at least 1, since subspaces.device is cuda",
        ),
        ({"size": {"layers": 3}}, {}, "size.hidden", "this key is required"),
        ({"size": TINY | {"layers": 0}}, {}, "size.layers", "at least 1"),
        ({"size": TINY | {"dtype": "int8"}}, {}, "size.dtype", "bfloat16, float16, float32"),
        ({"threads": 0}, {}, "threads", "at least 1"),
        (
            EMBEDDED | {"resources": {"eval": {"runtime": 1}}},
            {},
            "resources.eval",
            "unknown step 'eval'; allowed: base, lrm, vlm, questions",
        ),
    ],
)
def test_a_mistake_is_one_line_with_its_key(
    tmp_path: Path, pair: dict[str, Any], config: dict[str, Any], key: str, words: str
) -> None:
    told = check(tmp_path, pair, **config)
    assert f"p.yaml: {key}: " in told, told
    assert words in told


@pytest.mark.parametrize(
    ("limits", "key"), [({"gpu_memory": 0}, "limits.gpu_memory"), ({"mem_mb": 1}, "limits.mem_mb")]
)
def test_limits_have_ranges(tmp_path: Path, limits: dict[str, Any], key: str) -> None:
    assert f"config.yaml: {key}: found " in check(tmp_path, {}, limits=limits)


def test_sound_resources_are_taken(tmp_path: Path) -> None:
    given = {"svd": {"gpu": 2, "mem_mb": 800}, "download": {"runtime": 5}, "eval": {"gpu": 1}}
    # suite_evaluation.device is auto, which takes the GPU that it is given
    assert check(tmp_path, {"resources": given, "size": TINY, "threads": 3}, **CUDA) == ""
    assert check(tmp_path, EMBEDDED | {"resources": {"base": {"gpu": 0}}}) == ""
