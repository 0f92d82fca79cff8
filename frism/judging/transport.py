"""One request to an OpenAI-compatible endpoint.

Texts of the client's own errors are left out but for failed connections: they may hold headers.
Redirections are not followed, so that key and questions reach no other host.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from typing import Any

import httpx2

from frism.config.judge import JudgeEndpoint
from frism.errors import JudgeError
from frism.judging.key import authorization, without_key
from frism.judging.replies import Outcome, Reply, interpret

LARGEST_BODY = 16 << 20


class Transport:
    """A pool of connections to the endpoint, for threads of one process.

    Args:
        settings: Endpoint, time limit, number of connections.

    Raises:
        JudgeError: variables of the environment name a proxy or certificates that cannot be used.
    """

    def __init__(self, settings: JudgeEndpoint) -> None:
        self._settings = settings
        limits = httpx2.Limits(max_connections=settings.concurrency)
        timeout = httpx2.Timeout(settings.timeout, pool=None)
        try:
            self._client = httpx2.Client(limits=limits, timeout=timeout, follow_redirects=False)
        except (ValueError, OSError, ImportError) as error:
            raise JudgeError(
                f"the judge's client cannot start ({type(error).__name__}); expected the address "
                "of an http proxy in HTTP_PROXY, HTTPS_PROXY and ALL_PROXY, and certificates in "
                "SSL_CERT_FILE and SSL_CERT_DIR, where these are set: mend or unset them"
            ) from None

    def ask(self, request: Mapping[str, Any]) -> Reply:
        """Sends a request and returns what came of it; no fault of the network raises.

        Raises:
            JudgeError: there is no key.
        """
        key = authorization(self._settings.api_key_env)
        headers = key | {"Content-Type": "application/json"}
        return self._post(json.dumps(request).encode("ascii"), headers)

    def _post(self, content: bytes, headers: Mapping[str, str]) -> Reply:
        address = self._settings.address
        deadline = time.monotonic() + self._settings.timeout
        try:
            with self._client.stream("POST", address, content=content, headers=headers) as response:
                body = _body(response, deadline)
                return interpret(response.status_code, response.headers, body, self._hide)
        except (TimeoutError, httpx2.TimeoutException):
            limit = f"{self._settings.timeout:g}"
            return Reply(Outcome.RETRY, f"no answer within timeout, {limit} s")
        except httpx2.ConnectError as error:
            return Reply(Outcome.RETRY, f"no connection ({error})")
        except httpx2.HTTPError as error:
            return Reply(Outcome.RETRY, f"the connection failed ({type(error).__name__})")

    def _hide(self, text: str) -> str:
        return without_key(text, self._settings.api_key_env)


def _body(response: httpx2.Response, deadline: float) -> bytes:
    """Reads a body; the client's time limit holds for each piece, this one for all of it."""
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if time.monotonic() > deadline:
            raise TimeoutError
        if len(body) > LARGEST_BODY:
            break
    return bytes(body)
