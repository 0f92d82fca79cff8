"""No network within an evaluation: what would reach another machine is refused by name.

VLMEvalKit downloads a file whose MD5 it does not like, and models look for newer versions on the
hub; both would hang or change results on a node without internet, long after the start.
"""

from __future__ import annotations

import ipaddress
import os
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from frism.errors import EvaluationError
from frism.evaluation.replacement import replaced

# of huggingface_hub, transformers and datasets; children of this process read them
VARIABLES = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "HF_DATASETS_OFFLINE")
LOCAL_NAMES = ("localhost", "ip6-localhost", "")


class NetworkError(EvaluationError, ConnectionError):
    """Something asked for the network; libraries that can do without take it for no network."""


@contextmanager
def offline(endpoint: str | None = None) -> Iterator[list[str]]:
    """Refuses connections to other machines, of all threads of this process, in the block.

    Children that are forked in the block inherit it; others must enter one of their own.

    Args:
        endpoint: Address of a judge that may be asked, itself or through the environment's proxy.

    Yields:
        What was asked for and refused, host and port, in order.
    """
    refused: list[str] = []
    guard = _Guard(_hosts(endpoint), refused)
    with ExitStack() as stack:
        stack.enter_context(_told_offline())
        for name in ("connect", "connect_ex"):
            method = guard.connecting(getattr(socket.socket, name))
            stack.enter_context(replaced(socket.socket, name, method))
        stack.enter_context(replaced(socket.socket, "sendto", guard.sending()))
        for name in ("getaddrinfo", "gethostbyname"):
            stack.enter_context(replaced(socket, name, guard.asking(getattr(socket, name))))
        yield refused


@contextmanager
def _told_offline() -> Iterator[None]:
    """Tells the libraries of the hub, of which some have read the environment already."""
    before = {name: os.environ.get(name) for name in VARIABLES}
    os.environ.update(dict.fromkeys(VARIABLES, "1"))
    with ExitStack() as stack:
        if constants := sys.modules.get("huggingface_hub.constants"):
            stack.enter_context(replaced(constants, "HF_HUB_OFFLINE", True))
        try:
            yield
        finally:
            for name, value in before.items():
                os.environ.pop(name, None)
                if value is not None:
                    os.environ[name] = value


class _Guard:
    """Stands before the functions that reach other machines.

    Args:
        hosts: Names and addresses that may be reached.
        refused: Gets what was refused.
    """

    def __init__(self, hosts: set[str], refused: list[str]) -> None:
        self._hosts, self._refused = hosts, refused

    def connecting(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def connect(sock: socket.socket, address: Any) -> Any:
            self._check_address(sock, address)
            return original(sock, address)

        return connect

    def sending(self) -> Callable[..., Any]:
        original = socket.socket.sendto

        def sendto(sock: socket.socket, data: Any, *flags_and_address: Any) -> int:
            self._check_address(sock, flags_and_address[-1])
            return original(sock, data, *flags_and_address)

        return sendto

    def asking(self, original: Callable[..., Any]) -> Callable[..., Any]:
        def ask(host: Any, *args: Any, **rest: Any) -> Any:
            name = host.decode() if isinstance(host, bytes) else host
            self._check(name, args[0] if args else rest.get("port"))
            found = original(host, *args, **rest)
            if name in self._hosts and isinstance(found, list):
                # connections are made to what the name stands for
                self._hosts |= {entry[4][0] for entry in found}
            return found

        return ask

    def _check_address(self, sock: socket.socket, address: Any) -> None:
        if sock.family in (socket.AF_INET, socket.AF_INET6):
            self._check(address[0], address[1])

    def _check(self, host: str | None, port: Any) -> None:
        if host is None or host in self._hosts or _is_local(host):
            return
        asked = f"{host}:{port}" if port else host
        self._refused.append(asked)
        raise NetworkError(
            f"found a connection to {asked} within an evaluation, which uses no network; expected "
            "everything to be on disk: `frism prefetch` fetches benchmarks, `frism download` models"
        )


def _hosts(endpoint: str | None) -> set[str]:
    if endpoint is None:
        return set()
    hosts = {urlsplit(address).hostname for address in (endpoint, *getproxies().values())}
    return {host for host in hosts if host}


def _is_local(host: str) -> bool:
    if host in LOCAL_NAMES:
        return True
    try:
        address = ipaddress.ip_address(host.partition("%")[0])
    except ValueError:
        return False
    return address.is_loopback
