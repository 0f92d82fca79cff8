"""Within an evaluation nothing but this machine is reached."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

import httpx2
import pytest
from huggingface_hub import constants, hf_hub_download, try_to_load_from_cache

from frism.errors import EvaluationError
from frism.evaluation import kit
from frism.evaluation.offline import offline
from tests.file_server import FileServer
from tests.pico_questions import open_rows, save

SOMEWHERE = "files.example"


def test_names_and_addresses_are_refused_by_name() -> None:
    with offline() as refused:
        with pytest.raises(EvaluationError, match=r"found a connection to files.example:443"):
            socket.create_connection((SOMEWHERE, 443), timeout=1)
        with pytest.raises(ConnectionError, match=r"192.0.2.1:80"):
            socket.socket().connect(("192.0.2.1", 80))
        with pytest.raises(ConnectionError, match=r"192.0.2.1:80"):
            socket.socket().connect_ex(("192.0.2.1", 80))
        with pytest.raises(ConnectionError, match=r"\[?2001:db8::1\]?:80"):
            socket.socket(socket.AF_INET6).connect(("2001:db8::1", 80))
        with pytest.raises(ConnectionError, match=r"192.0.2.1:53"):
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"", ("192.0.2.1", 53))
        with pytest.raises(ConnectionError, match=r"files.example "):
            socket.gethostbyname(SOMEWHERE)
    assert refused[0] == f"{SOMEWHERE}:443"
    assert len(refused) == 6


def test_clients_see_a_connection_that_fails() -> None:
    with offline() as refused:
        with pytest.raises(OSError, match=r"files\.example"):
            urllib.request.build_opener(urllib.request.ProxyHandler({})).open(
                f"http://{SOMEWHERE}/a", timeout=1
            )
        with httpx2.Client(trust_env=False) as client, pytest.raises(httpx2.ConnectError):
            client.get(f"http://{SOMEWHERE}/a")
    assert refused == [f"{SOMEWHERE}:80"] * 2


def _ask() -> None:
    with pytest.raises(ConnectionError):
        socket.getaddrinfo(SOMEWHERE, 443)


def test_threads_are_refused_as_well() -> None:
    with offline() as refused:
        thread = threading.Thread(target=_ask)
        thread.start()
        thread.join()
    assert refused == [f"{SOMEWHERE}:443"]


def test_this_machine_is_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    with FileServer({"/a": b"here"}) as server, offline() as refused:
        for host in ("127.0.0.1", "localhost"):
            with httpx2.Client(trust_env=False) as client:
                assert client.get(f"http://{host}:{server.server_port}/a").content == b"here"
        one, other = socket.socketpair()
        one.sendall(b"x")
        assert other.recv(1) == b"x"
        one.close()
        other.close()
    assert refused == []


def test_a_judges_endpoint_may_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[object] = []

    def found(host: object, *rest: object, **more: object) -> list[object]:
        asked.append(host)
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("192.0.2.7", 443))]

    def connected(sock: socket.socket, address: object) -> None:
        asked.append(address)

    monkeypatch.setattr(socket, "getaddrinfo", found)
    monkeypatch.setattr(socket.socket, "connect", connected)
    with offline("https://judge.example/v1") as refused:
        socket.create_connection(("judge.example", 443))
        with pytest.raises(EvaluationError, match=r"other\.example"):
            socket.create_connection(("other.example", 443))
    assert asked == ["judge.example", ("192.0.2.7", 443)]
    assert refused == ["other.example:443"]


def test_the_proxy_of_a_judge_may_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example:3128")
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [])
    with offline("https://judge.example/v1"):
        assert socket.getaddrinfo("proxy.example", 3128) == []
    with offline(), pytest.raises(EvaluationError, match=r"proxy\.example:3128"):
        socket.getaddrinfo("proxy.example", 3128)


def test_the_hub_is_told_to_stay_offline_and_all_is_put_back(tmp_path: Path) -> None:
    before = dict(os.environ), constants.HF_HUB_OFFLINE, socket.socket.connect, socket.getaddrinfo
    with offline() as refused:
        assert os.environ["HF_HUB_OFFLINE"] == "1"
        with pytest.raises(Exception, match=r"offline mode|HF_HUB_OFFLINE|cache"):
            hf_hub_download("owner/name", "config.json", cache_dir=tmp_path)
        assert try_to_load_from_cache("owner/name", "config.json", cache_dir=tmp_path) is None
    assert refused == []
    after = dict(os.environ), constants.HF_HUB_OFFLINE, socket.socket.connect, socket.getaddrinfo
    assert after == before


def test_vlmevalkit_downloads_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)
    # not the file that VLMEvalKit knows by this name, which it would download over this one
    path = save(open_rows(["Yes", "No"]), tmp_path, "POPE")
    before = path.read_bytes()
    with kit.settings(tmp_path), offline() as refused:
        assert list(kit.build_dataset("POPE").data["answer"]) == ["Yes", "No"]
    assert refused == []
    assert path.read_bytes() == before


def test_a_forked_child_is_refused_and_a_new_process_is_told() -> None:
    code = """
import multiprocessing, socket, subprocess, sys
from frism.evaluation.offline import offline

def ask(queue):
    try:
        socket.create_connection(("files.example", 443), timeout=1)
    except OSError as error:
        queue.put(str(error))

with offline():
    context = multiprocessing.get_context("fork")
    queue = context.SimpleQueue()
    child = context.Process(target=ask, args=(queue,))
    child.start()
    print(queue.get()[:40])
    child.join()
    told = "import huggingface_hub.constants as c; print(c.HF_HUB_OFFLINE)"
    print(subprocess.run([sys.executable, "-c", told], capture_output=True, text=True).stdout)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split("\n")[:2] == ["found a connection to files.example:443 ", "True"]
