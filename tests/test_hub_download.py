"""Downloads from a hub on loopback: what arrives, what is asked for, how faults are mended."""

from __future__ import annotations

import hashlib
import subprocess
import time
from pathlib import Path

import torch

from frism.checkpoints.reader import Checkpoint
from tests.hub_runs import INDEX, REPO, SECRET, SHARDS, HubRuns, write_model

MANY_ROWS = 24_000  # 24.6 MB a shard
LOST = 22_000_000
DEADLINE = 60.0


def files_of(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def shard_key(number: int) -> str:
    return f"{REPO}/{SHARDS[number]}"


def test_needed_files_arrive_with_their_commit(hub: HubRuns) -> None:
    tensors = write_model(hub.folder / "model")
    for name in ("README.md", "consolidated.safetensors", "modeling_x.py", "pytorch_model.bin"):
        (hub.folder / "model" / name).write_text("not needed")
    commit = hub.server.add_repo(REPO, "model")
    done = hub.download("main", HF_TOKEN=SECRET)
    assert done.returncode == 0, done.stderr
    expected = ["config.json", *SHARDS, INDEX, "tokenizer.json"]
    assert files_of(hub.output) == sorted([*expected, "source.json"])
    lines = done.stdout.splitlines()
    sizes = {name: (hub.folder / "model" / name).stat().st_size for name in expected}
    total = sum(sizes.values())
    missing = total - sizes[INDEX]  # read first, to know the shards
    assert lines[0] == (
        f"{REPO}@main: 5 files, {total / 1000:.1f} kB, {missing / 1000:.1f} kB to download -> "
        f"{hub.output}"
    )
    assert lines[1] == f"main is commit {commit}; pin it: {REPO}@{commit}"
    assert lines[-1] == f"{REPO}@{commit} is in {hub.output}"
    loaded = Checkpoint(hub.output)
    assert all(torch.equal(loaded.tensor(name), tensor) for name, tensor in tensors.items())
    contents = {name: (hub.folder / "model" / name).read_bytes() for name in expected}
    assert hub.source() == {
        "schema": 1,
        "repo": REPO,
        "revision": "main",
        "commit": commit,
        "converted_from_pickle": False,
        "files": {
            name: {"size": len(content), "sha256": hashlib.sha256(content).hexdigest()}
            for name, content in contents.items()
        },
    }
    asked = {one.path.rpartition("/")[2] for one in hub.server.asked if "/resolve/" in one.path}
    assert asked == set(expected)
    storage = [one for one in hub.server.asked if one.path.startswith("/storage")]
    assert len(storage) == len(SHARDS)
    assert all(one.token is None for one in storage)
    assert hub.server.asked_for("config.json")[0].token == SECRET
    assert SECRET not in done.stdout + done.stderr


def test_what_is_cached_is_not_asked_for_again_nor_anything_offline(hub: HubRuns) -> None:
    write_model(hub.folder / "model")
    commit = hub.server.add_repo(REPO, "model", branch="refs/pr/1")
    assert hub.download("refs/pr/1").returncode == 0
    before = hub.source()
    again = hub.download("refs/pr/1")
    assert "0 bytes to download" in again.stdout
    assert [one for one in hub.server.asked if "/resolve/" in one.path] == []
    for revision in ("refs/pr/1", commit):
        offline = hub.download(revision, HF_HUB_OFFLINE="1")
        assert offline.returncode == 0, offline.stderr
        assert hub.server.asked == []
        assert hub.source() == before | {"revision": revision}
    (shard,) = hub.cache.glob(f"snapshots/*/{SHARDS[1]}")
    shard.unlink()
    partly = hub.download(commit, HF_HUB_OFFLINE="1")
    assert partly.returncode == 2
    assert f"names {SHARDS[1]}" in partly.stderr
    assert "HF_HUB_OFFLINE is set" in partly.stderr
    assert hub.source() == before | {"revision": commit}  # the old folder still stands


def test_a_branch_that_moves_and_a_commit_that_does_not(hub: HubRuns) -> None:
    old = write_model(hub.folder / "old", seed=1)
    new = write_model(hub.folder / "new", seed=2)
    first = hub.server.add_repo(REPO, "old")
    assert hub.download("main").returncode == 0
    second = hub.server.add_repo(REPO, "new")
    for revision, commit, tensors in (("main", second, new), (first, first, old)):
        done = hub.download(revision)
        assert done.returncode == 0, done.stderr
        assert hub.source()["commit"] == commit
        assert ("pin it" in done.stdout) is (revision == "main")
        assert torch.equal(Checkpoint(hub.output).tensor("a.weight"), tensors["a.weight"])


def test_lost_connections_go_on_where_they_were(hub: HubRuns) -> None:
    tensors = write_model(hub.folder / "model", rows=MANY_ROWS)
    hub.server.add_repo(REPO, "model")
    hub.server.faults.drops[shard_key(0)] = [LOST]
    hub.server.faults.resets[shard_key(1)] = [LOST]
    hub.server.faults.statuses[shard_key(1)] = [503]
    done = hub.download("main")
    assert done.returncode == 0, done.stderr
    ranges = [one.range for one in hub.server.asked_for(SHARDS[0]) if "/storage" in one.path]
    assert ranges == [None, f"bytes={LOST}-"]
    failed, reset, last = [
        one.range for one in hub.server.asked_for(SHARDS[1]) if "/storage" in one.path
    ]
    assert failed is reset is None
    # what a reset finds unread is lost, so the byte is not sure
    assert last is None or int(last.removeprefix("bytes=").removesuffix("-")) <= LOST
    assert torch.equal(Checkpoint(hub.output).tensor("b.weight"), tensors["b.weight"])


def test_a_killed_run_goes_on_where_it_was(hub: HubRuns) -> None:
    tensors = write_model(hub.folder / "model", rows=MANY_ROWS)
    commit = hub.server.add_repo(REPO, "model")
    hub.server.faults.stalls[shard_key(0)] = [LOST]
    digest = hashlib.sha256((hub.folder / "model" / SHARDS[0]).read_bytes()).hexdigest()
    partial = hub.cache / "blobs" / f"{digest}.incomplete"
    with subprocess.Popen(
        hub.command(commit), env=hub.environment(), stdout=subprocess.DEVNULL
    ) as process:
        end = time.monotonic() + DEADLINE
        while not (partial.exists() and partial.stat().st_size == LOST):
            assert time.monotonic() < end
            assert process.poll() is None
            time.sleep(0.05)
        process.kill()
    assert not hub.output.exists()
    done = hub.download(commit)
    assert done.returncode == 0, done.stderr
    missing = sum((hub.folder / "model" / shard).stat().st_size for shard in SHARDS) - LOST
    assert f"{missing / 1e6:.1f} MB to download" in done.stdout
    assert [one.range for one in hub.server.asked_for(SHARDS[0])] == [f"bytes={LOST}-"] * 2
    assert torch.equal(Checkpoint(hub.output).tensor("a.weight"), tensors["a.weight"])
    assert not partial.exists()


def test_two_runs_share_one_download(hub: HubRuns) -> None:
    write_model(hub.folder / "model", rows=MANY_ROWS)
    commit = hub.server.add_repo(REPO, "model")
    commands = [[*hub.command(commit)[:-1], str(hub.folder / name)] for name in ("one", "two")]
    runs = [
        subprocess.Popen(command, env=hub.environment(), stdout=subprocess.DEVNULL)
        for command in commands
    ]
    assert [run.wait(DEADLINE) for run in runs] == [0, 0]
    assert [len(hub.server.asked_for(shard)) for shard in SHARDS] == [2, 2]  # hub and storage
    assert files_of(hub.folder / "one") == files_of(hub.folder / "two")


def test_a_wrong_hash_is_told_and_mended_by_the_next_run(hub: HubRuns) -> None:
    tensors = write_model(hub.folder / "model")
    commit = hub.server.add_repo(REPO, "model")
    hub.server.faults.wrong |= {shard_key(1): 1, f"{REPO}/config.json": 1}
    expected = hashlib.sha256((hub.folder / "model" / SHARDS[1]).read_bytes()).hexdigest()
    small = hub.download(commit)
    assert small.returncode == 2
    assert f"config.json of {REPO}@{commit} is damaged: found git SHA-1" in small.stderr
    large = hub.download(commit)
    assert large.returncode == 2
    assert f"{SHARDS[1]} of {REPO}@{commit} is damaged: found SHA-256" in large.stderr
    assert f"expected {expected}; it was removed from the cache" in large.stderr
    assert not hub.output.exists()
    mended = hub.download(commit)
    assert mended.returncode == 0, mended.stderr
    assert {one.path for one in hub.server.asked_for(".safetensors")} == {
        f"/{REPO}/resolve/{commit}/{SHARDS[1]}",
        f"/storage/{REPO}/{commit}/{SHARDS[1]}",
    }
    assert torch.equal(Checkpoint(hub.output).tensor("b.weight"), tensors["b.weight"])
    # a file that the disk or another tool damaged later is found as well
    (hub.output / "tokenizer.json").resolve().write_text("[]")
    assert "tokenizer.json of" in hub.download(commit).stderr
    assert hub.download(commit).returncode == 0
    assert (hub.output / "tokenizer.json").read_text() == "{}"
