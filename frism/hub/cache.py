"""The client's cache as it stands on disk: snapshots of links to blobs that digests name.

<cache>/models--owner--name/snapshots/<commit>/<file> -> ../../blobs/<digest>
"""

from __future__ import annotations

from pathlib import Path

from huggingface_hub import constants
from huggingface_hub.file_download import repo_folder_name


def storage(repo: str) -> Path:
    """Returns the folder of a model in the cache."""
    name = repo_folder_name(repo_id=repo, repo_type="model")
    return Path(constants.HF_HUB_CACHE).expanduser() / name


def blob_path(repo: str, digest: str) -> Path:
    """Returns where the file of this digest lies or would lie."""
    return storage(repo) / "blobs" / digest


def partial_path(blob: Path) -> Path:
    """Returns where an unfinished download waits; the client's tools know and prune the name."""
    return blob.with_name(f"{blob.name}.incomplete")


def lock_path(repo: str, digest: str) -> Path:
    """Returns the file by which the client keeps two processes off one download."""
    folder = storage(repo)
    return folder.parent / ".locks" / folder.name / f"{digest}.lock"


def bytes_to_fetch(repo: str, sizes: dict[str, int]) -> int:
    """Returns how many bytes of the files (size by digest) are not in the cache yet."""
    total = 0
    for digest, size in sizes.items():
        blob = blob_path(repo, digest)
        partial = partial_path(blob)
        if not blob.exists():
            total += size - (min(size, partial.stat().st_size) if partial.exists() else 0)
    return total


def cached_files(repo: str, commit: str) -> dict[str, Path]:
    """Returns the files of a commit that are cached, by their path in the repository."""
    snapshot = storage(repo) / "snapshots" / commit
    paths = sorted(path for path in snapshot.rglob("*") if path.is_file())
    return {path.relative_to(snapshot).as_posix(): path for path in paths}


def content_id(pointer: Path) -> str:
    """Returns the digest that the cache files `pointer` under, empty where it keeps no links."""
    return pointer.readlink().name if pointer.is_symlink() else ""


def discard(pointer: Path) -> None:
    """Removes a cached file with every link on the way to it."""
    while pointer.is_symlink():
        target = pointer.parent / pointer.readlink()
        pointer.unlink()
        pointer = target
    pointer.unlink(missing_ok=True)
