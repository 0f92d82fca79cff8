"""The hub's and the client's errors as one message each: which model, what happened, what to do."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
from huggingface_hub import constants, get_token
from huggingface_hub.errors import (
    GatedRepoError,
    HfHubHTTPError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
    RevisionResolutionError,
)

from frism.errors import CheckpointError
from frism.hub.reference import HubModel

FAILURES = (
    HfHubHTTPError,
    httpx2.HTTPError,
    LocalEntryNotFoundError,
    OfflineModeIsEnabled,
    RevisionResolutionError,
    OSError,
)
INDIRECT = (LocalEntryNotFoundError, RevisionResolutionError)
FULL = {errno.ENOSPC, errno.EDQUOT}


@contextmanager
def explained(model: HubModel, file: str = "", folder: Path | None = None) -> Iterator[None]:
    """Turns errors of the client and of the disk into one CheckpointError.

    The client's own texts are left out: they hold addresses and what the server sent.

    Args:
        model: What is being downloaded.
        file: The file of it, if one.
        folder: Where is written, the client's cache if not given.
    """
    try:
        yield
    except FAILURES as error:
        what = f"{file} of {model}" if file else str(model)
        message = _message(_cause(error), model, folder or Path(constants.HF_HUB_CACHE))
        raise CheckpointError(f"{what} was not downloaded: {message}") from None


def _cause(error: BaseException) -> BaseException:
    """Returns the error that made the client look into its cache in vain."""
    while isinstance(error, INDIRECT) and error.__cause__ is not None:
        error = error.__cause__
    return error


def _message(error: BaseException, model: HubModel, folder: Path) -> str:
    if isinstance(error, HfHubHTTPError):
        return _answer(error, model)
    if isinstance(error, OfflineModeIsEnabled) or constants.is_offline_mode():
        return (
            "HF_HUB_OFFLINE is set and the cache lacks it (or part of it); "
            f"unset it once to download, or copy the cache ({constants.HF_HUB_CACHE})"
        )
    if isinstance(error, OSError) and error.errno is not None:
        return _disk(error, folder)
    return (
        f"{constants.ENDPOINT} cannot be reached ({type(error).__name__}); check the network, "
        "HTTPS_PROXY and HF_ENDPOINT, then run again: finished parts are kept. "
        "HF_HUB_OFFLINE=1 uses the cache alone"
    )


def _answer(error: HfHubHTTPError, model: HubModel) -> str:
    """Explains an answer of the hub; the order matters, gated errors are `not found` errors too."""
    page = f"{constants.ENDPOINT}/{model.repo}"
    log_in = f"log in with `hf auth login` or set HF_TOKEN ({_token_state()})"
    if isinstance(error, GatedRepoError):
        return f"it is gated. Accept its licence at {page}, then {log_in}"
    if isinstance(error, RepositoryNotFoundError):
        return (
            f"the hub shows no model {model.repo}; check its spelling. If it is private, {log_in}"
        )
    if isinstance(error, RevisionNotFoundError):
        return f"the model has no revision '{model.revision}'; {page}/commits lists what it has"
    if isinstance(error, RemoteEntryNotFoundError):
        return f"the hub lists the file but does not have it; see {page}/tree/{model.revision}"
    status = error.response.status_code
    if status in (401, 403):
        return f"the hub refused it (HTTP {status}). Renew the token: {log_in}"
    if status == 429:
        return f"the hub answers too many requests (HTTP {status}); wait, or {log_in}"
    return f"the hub failed (HTTP {status}); run again later: finished parts are kept"


def _token_state() -> str:
    return "a token was found and sent" if get_token() else "no token was found"


def _disk(error: OSError, folder: Path) -> str:
    if error.errno in FULL:
        return (
            f"the disk of {folder} is full; free some space or point HF_HOME to a larger disk, "
            "then run again: finished parts are kept"
        )
    return f"{error.filename or folder}: {error.strerror}; make it writable or set HF_HOME"
