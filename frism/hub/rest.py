"""What is missing of a file, appended to what there is, however often the connection breaks."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import Any, BinaryIO

import httpx2
from huggingface_hub import constants
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.utils import hf_raise_for_status, http_stream_backoff
from tqdm import tqdm

from frism.hub.transfer_lines import TransferLines

# Seconds before each new attempt; an attempt that brought bytes starts the list again.
PAUSES = (1.0, 4.0, 16.0)
FIRST_SERVER_ERROR = 500
BUSY = (408, 429)
WHOLE = 200


def append_rest(
    stream: BinaryIO, url: str, name: str, *, size: int | None, headers: Mapping[str, str]
) -> None:
    """Appends what is missing; after a failure that may pass it goes on from where it was.

    Every piece is handed to the system as it comes, so a kill or a lost connection loses nothing
    that has come.

    Args:
        stream: The file, at the end of what earlier attempts brought; written over from its
            beginning where the server sends no parts.
        url: Where the whole file is.
        name: Of the file, for the progress.
        size: Of the whole file in bytes, if known. A whole body of another size is taken: the
            verification tells it.
        headers: Of the request.

    Raises:
        HfHubHTTPError: The server refuses the file, or fails again and again.
        httpx2.TransportError: The connection breaks again and again.
        OSError: The disk fails.
    """
    pauses = iter(PAUSES)
    with _bar(name, size, stream.tell()) as bar:
        while stream.tell() != size:
            before = stream.tell()
            try:
                _append_once(stream, url, headers, bar)
                return
            except (httpx2.TransportError, HfHubHTTPError) as error:
                if stream.tell() > before:
                    pauses = iter(PAUSES)
                pause = next(pauses, None) if _may_pass(error) else None
                if pause is None:
                    raise
            print(f"{name}: connection lost at byte {stream.tell()}, going on", file=sys.stderr)
            time.sleep(pause)


def _append_once(stream: BinaryIO, url: str, headers: Mapping[str, str], bar: Any) -> None:
    before = stream.tell()
    part = {"Range": f"bytes={before}-"} if before else {}
    with http_stream_backoff(
        "GET",
        url,
        headers={**headers, **part},
        timeout=constants.HF_HUB_DOWNLOAD_TIMEOUT,
        retry_on_exceptions=(),
        retry_on_status_codes=BUSY,
    ) as response:
        hf_raise_for_status(response)
        if before and response.status_code == WHOLE:
            stream.seek(0)
            stream.truncate()
            bar.update(-before)
        # without a size the client passes on what has come; with one it holds pieces back
        for piece in response.iter_bytes():
            stream.write(piece)
            stream.flush()
            bar.update(len(piece))


def _bar(name: str, size: int | None, done: int) -> Any:
    if not sys.stderr.isatty():
        return TransferLines(name, size, done)
    return tqdm(desc=name, total=size, initial=done, unit="B", unit_scale=True)


def _may_pass(error: Exception) -> bool:
    if isinstance(error, HfHubHTTPError):
        return error.response.status_code >= FIRST_SERVER_ERROR
    return True
