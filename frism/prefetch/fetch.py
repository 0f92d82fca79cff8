"""One file from its address: resumed, verified, and in its place only when it is whole."""

from __future__ import annotations

from pathlib import Path

from huggingface_hub import constants, get_session
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.utils import WeakFileLock, hf_raise_for_status

from frism import __version__
from frism.errors import DataError
from frism.evaluation.catalogue import Source
from frism.evaluation.local_files import md5_of
from frism.hub.rest import append_rest
from frism.prefetch.failures import GONE, explained

# a packed body would have another length than the file, and could not be taken up in the middle
HEADERS = {"Accept-Encoding": "identity", "User-Agent": f"frism/{__version__}"}
PAST_THE_END = 416


def partial_file(path: Path) -> Path:
    """Returns where an unfinished download waits."""
    return path.with_name(f"{path.name}.part")


def remote_size(path: Path, url: str) -> int | None:
    """Asks for the size of a file in bytes, None where the server does not say.

    Raises:
        DataError: The server has no such file, or there is no server.
    """
    with explained(path, url):
        response = get_session().head(
            url, headers=HEADERS, timeout=constants.HF_HUB_DOWNLOAD_TIMEOUT
        )
        if response.status_code in GONE:
            hf_raise_for_status(response)
        length = response.headers.get("Content-Length", "") if response.is_success else ""
    return int(length) if length.isdigit() else None


def fetch(source: Source, path: Path, url: str, size: int | None, unverified: bool) -> None:
    """Downloads a file, going on where an earlier attempt stopped.

    Args:
        source: What the file must be.
        path: Where it goes to.
        url: Where it is fetched from.
        size: Its bytes, if known.
        unverified: Whether a file with another MD5 is kept.

    Raises:
        DataError: It cannot be had, or is another one than VLMEvalKit expects.
    """
    partial = partial_file(path)
    with WeakFileLock(path.with_name(f".{path.name}.lock")):
        if path.exists():  # another process has fetched it meanwhile
            return
        resumed = partial.exists() and partial.stat().st_size > 0
        _fill(partial, path, url, size)
        problem = _problem(source, partial, size)
        if problem and resumed:
            # the part may have been of an earlier version of the file
            partial.unlink()
            _fill(partial, path, url, size)
            problem = _problem(source, partial, size)
        if problem and not unverified:
            partial.unlink()
            raise DataError(
                f"{path} was not downloaded: {url} {problem}; VLMEvalKit's file has changed, or "
                "the mirror serves another: name another mirror, or keep it with --unverified"
            )
        partial.replace(path)


def wrong_md5(source: Source, path: Path) -> str:
    """Says how a file differs from what VLMEvalKit expects; empty where it does not."""
    if source.md5 is None or (found := md5_of(path)) == source.md5:
        return ""
    return f"has the MD5 {found}, expected {source.md5}"


def _problem(source: Source, partial: Path, size: int | None) -> str:
    if size is not None and (found := partial.stat().st_size) != size:
        return f"has {found} bytes, expected {size}"
    return wrong_md5(source, partial)


def _fill(partial: Path, path: Path, url: str, size: int | None) -> None:
    if size is not None and partial.exists() and partial.stat().st_size > size:
        partial.unlink()
    with explained(path, url), partial.open("ab") as stream:
        try:
            append_rest(stream, url, path.name, size=size, headers=HEADERS)
        except HfHubHTTPError as error:
            # nothing is left to send: the part may be whole, which its MD5 tells
            if error.response.status_code != PAST_THE_END:
                raise
