"""The needed files of a repository, read as far as the choice depends on their content."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from huggingface_hub import constants

from frism.errors import CheckpointError
from frism.hub.failures import explained
from frism.hub.integrity import verify
from frism.hub.listing import Listing
from frism.hub.selection import Consent, Selection, select
from frism.hub.transfer import fetch


def choose(listing: Listing, consent: Consent) -> Selection:
    """Returns the needed files of a listing; an index of shards is downloaded to know them.

    Raises:
        CheckpointError: the repository, or offline its cached part, lacks what a model needs.
    """
    try:
        return select(
            listing.files, lambda index: _weight_map(listing, index), consent, listing.model
        )
    except CheckpointError as error:
        if constants.is_offline_mode():
            raise CheckpointError(
                f"{error}. HF_HUB_OFFLINE is set, so only what is in the cache was looked at; "
                "unset it once to download the rest"
            ) from None
        raise


def obtain(listing: Listing, name: str) -> tuple[Path, str]:
    """Brings a file into the cache and verifies it.

    Returns:
        Its path in the cache and the SHA-256 of its content.

    Raises:
        CheckpointError: it cannot be had or is damaged.
    """
    file = listing.files[name]
    with explained(listing.model, name):
        path = fetch(listing, file)
        return path, verify(path, file, listing.model)


def read_json(listing: Listing, name: str) -> dict[str, Any]:
    """Returns the content of a JSON file of the repository.

    Raises:
        CheckpointError: it cannot be had, is damaged or is no JSON object.
    """
    path, _ = obtain(listing, name)
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise CheckpointError(f"{name} of {listing.model} is no JSON ({error})") from None
    if not isinstance(content, dict):
        raise CheckpointError(
            f"{name} of {listing.model} holds a {type(content).__name__}; expected a JSON object"
        )
    return content


def _weight_map(listing: Listing, index: str) -> dict[str, str]:
    weight_map = read_json(listing, index).get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise CheckpointError(
            f"{index} of {listing.model} has no 'weight_map' of tensor names to files; choose "
            "another revision"
        )
    return {str(name): str(file) for name, file in weight_map.items()}
