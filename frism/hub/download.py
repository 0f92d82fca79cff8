"""A model from the hub as a folder: needed files only, verified, pinned to a commit."""

from __future__ import annotations

import json
from pathlib import Path

from huggingface_hub import constants

from frism.files import atomic_directory, refuse_foreign
from frism.hub.cache import bytes_to_fetch
from frism.hub.choice import choose, obtain
from frism.hub.failures import explained
from frism.hub.listing import HubFile, Listing, list_files
from frism.hub.reference import HubModel
from frism.hub.selection import Consent, Selection
from frism.hub.space import amount, check_space

SOURCE_FILE = "source.json"


def download(
    model: HubModel,
    output: Path,
    *,
    allow_pickle: bool = False,
    trust_remote_code: bool = False,
) -> str:
    """Makes `output` a checkpoint folder of links into the client's cache, and `source.json`.

    What the cache has is used, verified like the rest. Pickle weights become safetensors.

    Args:
        model: What to download; a branch is resolved to the commit of today.
        output: The folder; it appears when everything is there.
        allow_pickle: Whether pickle weights may be read where there are no safetensors.
        trust_remote_code: Whether the model's own Python files are needed.

    Returns:
        The commit.

    Raises:
        CheckpointError: the model cannot be had, is damaged or does not fit on the disk.
        OutputError: `output` holds files that are no downloaded model.
    """
    refuse_foreign(output, SOURCE_FILE)
    listing = list_files(model)
    selection = choose(listing, Consent(allow_pickle, trust_remote_code))
    _announce(listing, selection, output)
    paths, sources = {}, {}
    for number, name in enumerate(selection.names, start=1):
        file = listing.files[name]
        print(f"[{number}/{len(selection.names)}] {name}, {amount(file.size)}", flush=True)
        paths[name], sha256 = obtain(listing, name)
        sources[name] = {"size": file.size, "sha256": sha256}
    with explained(model, folder=output), atomic_directory(output) as directory:
        _fill(directory, paths, selection, model)
        text = json.dumps(_source(listing, selection, sources), indent=2, sort_keys=True)
        (directory / SOURCE_FILE).write_text(text + "\n", encoding="utf-8")
    return listing.commit


def _announce(listing: Listing, selection: Selection, output: Path) -> None:
    """Says what will happen, and stops before it where the disk is too small."""
    model, files = listing.model, [listing.files[name] for name in selection.names]
    total, missing = sum(file.size for file in files), _missing(model, files)
    print(
        f"{model}: {len(files)} files, {amount(total)}, {amount(missing)} to download -> {output}"
    )
    if not model.is_commit:
        print(f"{model.revision} is commit {listing.commit}; pin it: {model.at(listing.commit)}")
    weights = sum(listing.files[name].size for name in selection.weights)
    needed = {Path(constants.HF_HUB_CACHE).expanduser(): missing}
    needed |= {output: weights} if selection.pickle else {}
    check_space(needed, model)


def _missing(model: HubModel, files: list[HubFile]) -> int:
    return bytes_to_fetch(model.repo, {file.digest: file.size for file in files})


def _fill(directory: Path, paths: dict[str, Path], selection: Selection, model: HubModel) -> None:
    """Links every file; pickles and their index are replaced by safetensors."""
    names = selection.names
    if selection.pickle:
        from frism.hub.pickles import convert

        print("converting pickle weights to safetensors, read with weights_only", flush=True)
        convert([paths[name] for name in selection.weights], directory, model)
        names = tuple(name for name in selection.side_files if not name.endswith(".bin.index.json"))
    for name in names:
        link = directory / name
        link.parent.mkdir(parents=True, exist_ok=True)
        link.symlink_to(paths[name].resolve())


def _source(
    listing: Listing, selection: Selection, files: dict[str, dict[str, object]]
) -> dict[str, object]:
    return {
        "schema": 1,
        "repo": listing.model.repo,
        "revision": listing.model.revision,
        "commit": listing.commit,
        "converted_from_pickle": selection.pickle,
        "files": files,
    }
