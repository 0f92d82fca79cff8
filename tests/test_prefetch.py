"""Benchmark files from a server on loopback: what arrives, what is resumed, what is refused."""

from __future__ import annotations

import errno
import hashlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import huggingface_hub
import pytest
from huggingface_hub import constants

from frism.errors import ConfigError, DataError
from frism.evaluation.catalogue import Source
from frism.prefetch import fetch as fetching
from frism.prefetch.mirror import mirrored
from frism.prefetch.run import prefetch_sources
from tests.file_server import FileServer

PIECE = 1000
CONTENT = {name: f"index\timage\n{name}\t".encode() * 700 for name in ("POPE", "MME")}
HOST = "https://files.example"
PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


def source(name: str, md5: str | None = "") -> Source:
    right = hashlib.md5(CONTENT[name]).hexdigest()
    return Source(name, f"{HOST}/utils/{name}_v2.tsv", right if md5 == "" else md5)


BOTH = [source("POPE"), source("MME")]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[FileServer]:
    """Serves both files under the paths of their addresses."""
    monkeypatch.setattr(time, "sleep", lambda seconds: None)
    for name in PROXIES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    huggingface_hub.close_session()
    with FileServer({f"/utils/{name}_v2.tsv": text for name, text in CONTENT.items()}) as server:
        yield server
    huggingface_hub.close_session()


def files_of(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("."))


def fails(folder: Path, server: FileServer, *sources: Source, unverified: bool = False) -> str:
    with pytest.raises(DataError) as caught:
        prefetch_sources(sources or BOTH, folder, server.url, unverified)
    return str(caught.value)


def test_files_arrive_under_the_names_of_their_benchmarks(
    server: FileServer, tmp_path: Path
) -> None:
    folder = tmp_path / "new" / "folder"
    prefetch_sources(BOTH, folder, server.url)
    assert files_of(folder) == ["MME.md5", "MME.tsv", "POPE.md5", "POPE.tsv"]
    assert (folder / "POPE.tsv").read_bytes() == CONTENT["POPE"]
    md5 = hashlib.md5(CONTENT["MME"]).hexdigest()
    assert (folder / "MME.md5").read_text() == f"{md5}  MME.tsv\n"


def test_a_second_run_asks_for_nothing(server: FileServer, tmp_path: Path) -> None:
    prefetch_sources(BOTH, tmp_path, server.url)
    before = {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()}
    server.asked.clear()
    prefetch_sources(BOTH, tmp_path, server.url)
    assert server.asked == []
    assert {path: path.stat().st_mtime_ns for path in tmp_path.iterdir()} == before


def test_a_dropped_connection_is_taken_up(server: FileServer, tmp_path: Path) -> None:
    server.drops["/utils/POPE_v2.tsv"] = [3 * PIECE + 10, 2 * PIECE]
    prefetch_sources(BOTH, tmp_path, server.url)
    assert (tmp_path / "POPE.tsv").read_bytes() == CONTENT["POPE"]
    assert server.got("POPE_v2.tsv") == [None, "bytes=3010-", "bytes=5010-"]


def test_a_later_run_goes_on_where_one_ended(server: FileServer, tmp_path: Path) -> None:
    path = "/utils/POPE_v2.tsv"
    (tmp_path / "POPE.tsv.part").write_bytes(CONTENT["POPE"][: 2 * PIECE])
    server.statuses[path] = [503] * 4
    message = fails(tmp_path, server, source("POPE"))
    assert "failed (HTTP 503)" in message
    assert "what has come is kept" in message
    assert (tmp_path / "POPE.tsv.part").stat().st_size == 2 * PIECE
    server.asked.clear()
    server.drops[path] = [4 * PIECE]
    prefetch_sources([source("POPE")], tmp_path, server.url)
    assert server.got() == ["bytes=2000-", "bytes=6000-"]
    assert files_of(tmp_path) == ["POPE.md5", "POPE.tsv"]
    assert (tmp_path / "POPE.tsv").read_bytes() == CONTENT["POPE"]


@pytest.mark.parametrize("heads", [True, False])
def test_a_server_without_parts_is_asked_for_the_whole(
    server: FileServer, tmp_path: Path, heads: bool
) -> None:
    server.ranges, server.heads = False, heads
    (tmp_path / "POPE.tsv.part").write_bytes(CONTENT["POPE"][:500])
    prefetch_sources([source("POPE")], tmp_path, server.url)
    assert (tmp_path / "POPE.tsv").read_bytes() == CONTENT["POPE"]


def test_a_whole_part_is_taken_without_a_size(server: FileServer, tmp_path: Path) -> None:
    server.heads = False
    (tmp_path / "POPE.tsv.part").write_bytes(CONTENT["POPE"])
    prefetch_sources([source("POPE")], tmp_path, server.url)
    assert files_of(tmp_path) == ["POPE.md5", "POPE.tsv"]


def test_a_part_of_another_version_is_fetched_anew(server: FileServer, tmp_path: Path) -> None:
    (tmp_path / "POPE.tsv.part").write_bytes(b"another version")
    prefetch_sources([source("POPE")], tmp_path, server.url)
    assert server.got() == ["bytes=15-", None]
    assert (tmp_path / "POPE.tsv").read_bytes() == CONTENT["POPE"]


def test_a_wrong_md5_is_refused_or_kept(server: FileServer, tmp_path: Path) -> None:
    wrong = source("POPE", "0" * 32)
    message = fails(tmp_path, server, wrong, source("MME"))
    assert f"has the MD5 {source('POPE').md5}, expected {'0' * 32}" in message
    assert "--unverified" in message
    assert files_of(tmp_path) == ["MME.md5", "MME.tsv"]
    prefetch_sources([wrong], tmp_path, server.url, unverified=True)
    assert (tmp_path / "POPE.tsv").read_bytes() == CONTENT["POPE"]


def test_a_present_file_with_a_wrong_md5_is_left(server: FileServer, tmp_path: Path) -> None:
    (tmp_path / "POPE.tsv").write_text("mine")
    message = fails(tmp_path, server)
    assert "POPE.tsv has the MD5" in message
    assert "it was left as it is" in message
    assert (tmp_path / "POPE.tsv").read_text() == "mine"
    assert files_of(tmp_path) == ["MME.md5", "MME.tsv", "POPE.tsv"]
    prefetch_sources(BOTH, tmp_path, server.url, unverified=True)
    assert (tmp_path / "POPE.tsv").read_text() == "mine"


def test_a_file_without_a_stated_md5_is_held_against_its_size(
    server: FileServer, tmp_path: Path
) -> None:
    prefetch_sources([source("POPE", None)], tmp_path, server.url)
    assert (tmp_path / "POPE.tsv").read_bytes() == CONTENT["POPE"]


def test_a_missing_file_is_told_and_the_others_fetched(server: FileServer, tmp_path: Path) -> None:
    del server.files["/utils/POPE_v2.tsv"]
    (line,) = fails(tmp_path, server).splitlines()
    assert f"{server.url}/utils/POPE_v2.tsv is not there (HTTP 404)" in line
    assert str(tmp_path / "POPE.tsv") in line
    assert files_of(tmp_path) == ["MME.md5", "MME.tsv"]


def test_a_full_disk_is_told_before_anything_is_fetched(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    free = SimpleNamespace(free=len(CONTENT["POPE"]) + 5)
    monkeypatch.setattr("frism.hub.space.shutil.disk_usage", lambda place: free)
    message = fails(tmp_path, server)
    total = sum(map(len, CONTENT.values()))
    assert f"needs {total / 1000:.1f} kB more on the disk of {tmp_path}" in message
    assert server.got() == []


def test_a_disk_that_fills_up_is_told(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: object, **rest: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(fetching, "append_rest", full)
    message = fails(tmp_path, server)
    assert f"the disk of {tmp_path} is full" in message
    assert len(message.splitlines()) == 1  # the second file would meet the same


def test_a_host_that_is_not_there_is_told_once(server: FileServer, tmp_path: Path) -> None:
    with pytest.raises(DataError) as caught:
        prefetch_sources(BOTH, tmp_path, "http://127.0.0.1:1")
    (line,) = str(caught.value).splitlines()
    assert "127.0.0.1:1 cannot be reached (ConnectError)" in line
    assert "HTTPS_PROXY" in line


def test_a_host_that_does_not_answer_is_told(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_DOWNLOAD_TIMEOUT", 0.2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with pytest.raises(DataError) as caught:
            prefetch_sources(BOTH, tmp_path, address)
    assert "did not answer within 0.2 s" in str(caught.value)


def test_offline_is_told(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert "HF_HUB_OFFLINE is set; unset it" in fails(tmp_path, server)
    assert server.asked == []


def test_the_proxy_of_the_environment_is_used(
    server: FileServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    address = "http://files.example/POPE.tsv"
    server.files[address] = CONTENT["POPE"]
    monkeypatch.setenv("HTTP_PROXY", server.url)
    huggingface_hub.close_session()
    prefetch_sources([Source("POPE", address, source("POPE").md5)], tmp_path)
    assert {asked.path for asked in server.asked} == {address}
    assert (tmp_path / "POPE.tsv").read_bytes() == CONTENT["POPE"]


@pytest.mark.parametrize(
    ("mirror", "expected"),
    [
        (None, "https://files.example/utils/POPE.tsv"),
        ("http://mirror:80", "http://mirror:80/utils/POPE.tsv"),
        ("https://mirror/a/b/", "https://mirror/a/b/utils/POPE.tsv"),
        ("https://proxy/{url}", "https://proxy/https://files.example/utils/POPE.tsv"),
        ("https://proxy/?u={url}", "https://proxy/?u=https://files.example/utils/POPE.tsv"),
    ],
)
def test_a_mirror_replaces_the_host_or_takes_the_whole_address(
    mirror: str | None, expected: str
) -> None:
    assert mirrored("https://files.example/utils/POPE.tsv", mirror) == expected


@pytest.mark.parametrize("mirror", ["mirror.example", "ftp://mirror", "https://", ""])
def test_a_mirror_that_is_no_address_is_refused(mirror: str) -> None:
    with pytest.raises(ConfigError, match="expected an address"):
        mirrored(HOST, mirror)
