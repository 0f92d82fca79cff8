"""Whether the files of a merge were made from the models that are merged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from frism.checkpoints.hash_cache import Identity, identity
from frism.checkpoints.hashing import file_hash, weights_hash
from frism.checkpoints.reader import Checkpoint
from frism.checkpoints.subspace_folder import SubspaceFolder
from frism.checkpoints.tensors import TensorFile
from frism.errors import MergeError
from frism.injection.design import GateDesign
from frism.merging.sources import FileSources, MergeFiles
from frism.methods.method import Method


@dataclass(frozen=True)
class ModelHashes:
    """Content hashes of the models of one family; `vlm_base` is empty where it is not known."""

    base: str
    vlm: str
    lrm: str
    vlm_base: str = ""

    @classmethod
    def of(cls, files: MergeFiles, hash_of: Callable[[Path], str] = weights_hash) -> ModelHashes:
        """Hashes the weights of the checkpoints.

        Args:
            files: Where they are.
            hash_of: Gives the hash of one of them.
        """
        own = hash_of(files.vlm_base) if files.vlm_base else ""
        return cls(hash_of(files.base), hash_of(files.vlm), hash_of(files.lrm), own)

    @property
    def by_role(self) -> dict[str, str]:
        """The hashes of the models that there are."""
        return {role: known for role, known in asdict(self).items() if known}


def input_hashes(sources: FileSources, method: Method) -> dict[str, str]:
    """Hashes the files of a merge beside its models, those that the method needs."""
    files = _inputs(sources, method)
    return {
        name: file.content if isinstance(file, SubspaceFolder) else file_hash(file.path)
        for name, file in files.items()
    }


def model_files(files: MergeFiles) -> dict[str, list[Identity]]:
    """Returns which files hold the models' weights, by role: others after any change of them."""
    models = {"vlm": files.vlm, "base": files.base, "lrm": files.lrm, "vlm_base": files.vlm_base}
    return {
        role: [identity(file) for file in Checkpoint(directory).weight_files]
        for role, directory in models.items()
        if directory
    }


def check_origin(
    sources: FileSources,
    method: Method,
    parameters: Mapping[str, Any],
    models: Callable[[], ModelHashes],
) -> None:
    """Checks that subspaces, curvature and gates were made from these very models.

    Gates must also have been trained with these very parameters.

    Raises:
        MergeError: one of them is stale, or two do not belong together.
    """
    files = _inputs(sources, method)
    if not files:
        return
    hashes = models()
    pair: dict[str, object] = {"base": hashes.base, "lrm": hashes.lrm}
    made: dict[str, object] = {}
    if "lrm" in method.decomposed:
        made = pair | {"subspaces": sources.subspaces.content}
    own: dict[str, object] = {"vlm": hashes.vlm}
    expected = {
        "subspaces": pair,
        "vlm_subspaces": own | {"base": hashes.vlm_base},
        "curvature": made | own,
    }
    if method.learned:
        design = asdict(GateDesign.of(method.learned, parameters))
        objective = {"objective": method.learned.objective}
        expected["gates"] = made | own | design | objective | dict(parameters)
    for name, file in files.items():
        _check(file.path, file.metadata, expected[name])


def _inputs(sources: FileSources, method: Method) -> dict[str, TensorFile | SubspaceFolder]:
    """Returns what a merge reads beside its models."""
    files: dict[str, TensorFile | SubspaceFolder] = {}
    if "lrm" in method.decomposed:
        files["subspaces"] = sources.subspaces
    if "vlm" in method.decomposed:
        files["vlm_subspaces"] = sources.vlm_subspaces
    if "curvature" in method.needs:
        files["curvature"] = sources.curvatures
    if method.learned:
        files["gates"] = sources.gates
    return files


def _check(path: Path, metadata: Mapping[str, Any], expected: Mapping[str, object]) -> None:
    for key, value in expected.items():
        if metadata.get(key) != value:
            raise MergeError(
                f"{path} was made with {key} {metadata.get(key)}, but this merge has "
                f"{value}; make it again from the same models"
            )
