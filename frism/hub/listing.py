"""The files of a repository at a commit, from the hub or, offline, from the cache."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from huggingface_hub import HfApi, constants
from huggingface_hub.hf_api import RepoSibling

from frism.errors import CheckpointError
from frism.hub.cache import cached_files, content_id
from frism.hub.failures import explained
from frism.hub.reference import HubModel

SHA256_DIGITS = 64
DIGEST = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")  # it becomes the name of a file


@dataclass(frozen=True)
class HubFile:
    """What the hub says of one file.

    Args:
        name: Its path in the repository.
        size: Its size in bytes.
        digest: SHA-256 of large files, git's SHA-1 of a blob of the others; the cache names files
            by it. Empty where a cache without links does not tell.
    """

    name: str
    size: int
    digest: str

    @property
    def is_large(self) -> bool:
        """Whether the digest is the SHA-256 of the content."""
        return len(self.digest) == SHA256_DIGITS


@dataclass(frozen=True)
class Listing:
    """The files of a model.

    Args:
        model: As it was asked for.
        commit: What its revision means today.
        files: Every file by name; offline those that are cached.
    """

    model: HubModel
    commit: str
    files: Mapping[str, HubFile]


def list_files(model: HubModel) -> Listing:
    """Resolves the revision to a commit and lists its files, without any request when offline.

    Raises:
        CheckpointError: there is no such model or revision, or it cannot be reached.
    """
    api, offline = HfApi(), constants.is_offline_mode()
    with explained(model):
        # The client notes which commit a branch means, so that it is known offline too.
        commit = api.resolve_revision(
            model.repo, revision=model.revision, local_files_only=offline
        ).resolved
        if offline:
            files = [_cached(name, path) for name, path in cached_files(model.repo, commit).items()]
        else:
            info = api.model_info(
                model.repo,
                revision=commit,
                files_metadata=True,
                timeout=constants.HF_HUB_DOWNLOAD_TIMEOUT,
            )
            files = [_listed(sibling, model) for sibling in info.siblings or []]
            commit = info.sha or commit
    if not files and offline:
        raise CheckpointError(
            f"{model} is not in the cache ({constants.HF_HUB_CACHE}) and HF_HUB_OFFLINE is set; "
            "unset it once to download"
        )
    return Listing(model, commit, {file.name: file for file in files})


def _cached(name: str, path: Path) -> HubFile:
    return HubFile(name, path.stat().st_size, content_id(path))


def _listed(sibling: RepoSibling, model: HubModel) -> HubFile:
    digest = sibling.lfs.sha256 if sibling.lfs else sibling.blob_id
    if sibling.size is None or not digest or not DIGEST.fullmatch(digest):
        raise CheckpointError(
            f"the hub tells no size or digest of {sibling.rfilename} of {model}; expected both, to "
            "verify the download. Is HF_ENDPOINT a full mirror?"
        )
    return HubFile(sibling.rfilename, sibling.size, digest)
