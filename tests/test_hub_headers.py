"""Headers and configuration of a model on the hub, without its weights."""

from __future__ import annotations

import json

from safetensors.torch import save_file

from tests.hub_runs import REPO, SHARDS, HubRuns, write_model

READ = """
import json
from frism.errors import FrismError
from frism.hub.headers import read_remote
from frism.hub.reference import parse_reference
try:
    found = read_remote(parse_reference({reference!r}))
except FrismError as error:
    raise SystemExit(str(error))
tensors = {{name: [str(t.file), t.dtype, t.shape] for name, t in found.tensors.items()}}
print(json.dumps([found.commit, found.config, tensors, found.weight_bytes]))
"""
HEADER = 100_000  # bytes that the client asks for first
ROWS = 1000


def read(hub: HubRuns, revision: str, **more: str) -> str:
    done = hub.python(READ.format(reference=f"{REPO}@{revision}"), **more)
    assert "Traceback" not in done.stderr
    return done.stdout or done.stderr


def test_names_types_and_shapes_come_by_range(hub: HubRuns) -> None:
    write_model(hub.folder / "model", rows=ROWS)
    commit = hub.server.add_repo(REPO, "model")
    found, config, tensors, size = json.loads(read(hub, "main"))
    assert found == commit
    assert config == {"model_type": "qwen2", "seed": 0}
    assert tensors == {
        "a.weight": [SHARDS[0], "F32", [ROWS, 256]],
        "b.weight": [SHARDS[1], "F32", [ROWS, 256]],
    }
    assert size == sum((hub.folder / "model" / shard).stat().st_size for shard in SHARDS)
    asked = hub.server.asked_for(".safetensors")
    assert {one.range for one in asked} == {f"bytes=0-{HEADER}"}
    assert not list(hub.cache.glob("snapshots/*/*.safetensors"))


def test_a_long_header_and_one_file(hub: HubRuns) -> None:
    folder = hub.folder / "model"
    tensors = write_model(folder)
    (folder / "model.safetensors.index.json").unlink()
    names = [f"{'long.' * 20}{number}" for number in range(1000)]
    save_file(
        {name: tensors["a.weight"][0, :1].clone() for name in names}, folder / "model.safetensors"
    )
    hub.server.add_repo(REPO, "model")
    _, _, found, _ = json.loads(read(hub, "main"))
    assert found == {name: ["model.safetensors", "F32", [1]] for name in sorted(names)}


def test_cached_shards_are_read_from_the_cache(hub: HubRuns) -> None:
    write_model(hub.folder / "model")
    commit = hub.server.add_repo(REPO, "model")
    assert hub.download(commit).returncode == 0
    _, _, tensors, _ = json.loads(read(hub, commit, HF_HUB_OFFLINE="1"))
    assert hub.server.asked == []
    assert tensors["a.weight"][1:] == ["F32", [4, 256]]
    assert tensors["a.weight"][0].endswith(f"snapshots/{commit}/{SHARDS[0]}")


def test_what_has_no_readable_header_is_told(hub: HubRuns) -> None:
    write_model(hub.folder / "model")
    (hub.folder / "model" / SHARDS[1]).write_bytes(b"\xff" * 100)
    hub.server.add_repo(REPO, "model")
    assert f"{SHARDS[1]} of {REPO}@main is no readable safetensors file" in read(hub, "main")
