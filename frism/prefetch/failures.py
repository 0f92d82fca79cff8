"""What can go wrong with a file: one message each, which says what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

import httpx2
from huggingface_hub import constants
from huggingface_hub.errors import HfHubHTTPError, OfflineModeIsEnabled

from frism.errors import DataError

FAILURES = (HfHubHTTPError, httpx2.HTTPError, OfflineModeIsEnabled, OSError)
GONE = (404, 410)
FULL = (errno.ENOSPC, errno.EDQUOT)
KEPT = "what has come is kept, run again to go on"


class EveryFileError(DataError):
    """A failure that the next file would meet as well."""


@contextmanager
def explained(path: Path, url: str) -> Iterator[None]:
    """Turns errors of the network and the disk into one DataError.

    Args:
        path: The file that is to be written.
        url: Where it is fetched from.
    """
    try:
        yield
    except FAILURES as error:
        kind, message = _message(error, path, url)
        raise kind(f"{path} was not downloaded: {message}") from None


def _message(error: Exception, path: Path, url: str) -> tuple[type[DataError], str]:
    host = urlsplit(url).netloc
    if isinstance(error, OfflineModeIsEnabled):
        return EveryFileError, "HF_HUB_OFFLINE is set; unset it to download"
    if isinstance(error, HfHubHTTPError):
        return DataError, _answer(error.response.status_code, host, url)
    if isinstance(error, httpx2.TimeoutException):
        seconds = constants.HF_HUB_DOWNLOAD_TIMEOUT
        wait = f"{KEPT}, or raise HF_HUB_DOWNLOAD_TIMEOUT"
        return EveryFileError, f"{host} did not answer within {seconds} s; {wait}"
    if isinstance(error, OSError) and error.errno is not None:
        return EveryFileError, _disk(error, path)
    return EveryFileError, (
        f"{host} cannot be reached ({type(error).__name__}); check the network and HTTPS_PROXY, or "
        f"name a mirror (--mirror); {KEPT}"
    )


def _answer(status: int, host: str, url: str) -> str:
    if status in GONE:
        return (
            f"{url} is not there (HTTP {status}); name another mirror (--mirror), or get the file "
            "elsewhere and put it there"
        )
    if status in (401, 403):
        return f"{host} refuses {url} (HTTP {status}); name a mirror (--mirror)"
    return f"{host} failed (HTTP {status}) on {url}; {KEPT}"


def _disk(error: OSError, path: Path) -> str:
    if error.errno in FULL:
        return f"the disk of {path.parent} is full; free some space, {KEPT}"
    return f"{error.filename or path.parent}: {error.strerror}; make it writable"
