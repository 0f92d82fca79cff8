"""What is missing of a file, appended to what there is, however often the connection breaks."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping
from typing import BinaryIO

import httpx2
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.file_download import http_get

from frism.hub.transfer_lines import TransferLines

# Seconds before each new attempt; an attempt that brought bytes starts the list again.
PAUSES = (1.0, 4.0, 16.0)
FIRST_SERVER_ERROR = 500


def append_rest(
    stream: BinaryIO, url: str, name: str, *, size: int | None, headers: Mapping[str, str]
) -> None:
    """Appends what is missing; after a failure that may pass it goes on from where it was.

    Args:
        stream: The file, at the end of what earlier attempts brought; written over from its
            beginning where the server sends no parts.
        url: Where the whole file is.
        name: Of the file, for the progress.
        size: Of the whole file in bytes, if known.
        headers: Of the request.

    Raises:
        HfHubHTTPError: The server refuses the file, or fails again and again.
        httpx2.TransportError: The connection breaks again and again.
        OSError: The disk fails.
    """
    pauses = iter(PAUSES)
    while True:
        before = stream.tell()
        try:
            http_get(
                url,
                stream,
                resume_size=before,
                headers=dict(headers),
                expected_size=size,
                displayed_filename=name,
                tqdm_class=None if sys.stderr.isatty() else TransferLines,
            )
            return
        except (httpx2.TransportError, HfHubHTTPError) as error:
            if stream.tell() > before:
                pauses = iter(PAUSES)
            pause = next(pauses, None) if _may_pass(error) else None
            if pause is None:
                raise
        except OSError as error:  # the client's HTTP errors are OSErrors too, so it comes last
            if error.errno is not None:
                raise
            return  # a whole body of another size than announced, which the verification tells
        print(f"{name}: connection lost at byte {stream.tell()}, going on", file=sys.stderr)
        time.sleep(pause)


def _may_pass(error: Exception) -> bool:
    if isinstance(error, HfHubHTTPError):
        return error.response.status_code >= FIRST_SERVER_ERROR
    return True
