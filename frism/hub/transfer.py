"""One file from the hub into the client's cache, taken up where an earlier run stopped.

The client itself resumes only within one call and starts over after a kill, a reset connection or
with hf-xet; so the body is fetched over plain HTTP into a partial file that stays.
"""

from __future__ import annotations

from pathlib import Path

from huggingface_hub import constants, hf_hub_download, hf_hub_url, try_to_load_from_cache
from huggingface_hub.utils import WeakFileLock, build_hf_headers

from frism.hub.cache import blob_path, lock_path, partial_path
from frism.hub.listing import HubFile, Listing
from frism.hub.rest import append_rest


def fetch(listing: Listing, file: HubFile) -> Path:
    """Brings one file into the cache, unless it is there; returns its path in the snapshot.

    Nothing is verified yet. Two processes that want the same file do not disturb each other.
    """
    repo, commit = listing.model.repo, listing.commit
    if isinstance(cached := try_to_load_from_cache(repo, file.name, revision=commit), str):
        return Path(cached)
    blob = blob_path(repo, file.digest)
    lock = lock_path(repo, file.digest)
    blob.parent.mkdir(parents=True, exist_ok=True)
    lock.parent.mkdir(parents=True, exist_ok=True)
    # The client leaves what is larger than plain HTTP serves to hf-xet.
    if file.size <= constants.MAX_HTTP_DOWNLOAD_SIZE and not blob.exists():
        with WeakFileLock(lock):
            if not blob.exists():
                _fill(blob, listing, file)
    # The client finds the blob and adds the link of the snapshot.
    return Path(hf_hub_download(repo, file.name, revision=commit))


def _fill(blob: Path, listing: Listing, file: HubFile) -> None:
    partial = partial_path(blob)
    if partial.exists() and partial.stat().st_size > file.size:
        partial.unlink()
    url = hf_hub_url(listing.model.repo, file.name, revision=listing.commit)
    with partial.open("ab") as stream:
        append_rest(stream, url, file.name, size=file.size, headers=build_hf_headers())
    partial.replace(blob)
