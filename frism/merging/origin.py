"""Whether the files of a merge were made from the models that are merged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from frism.checkpoints.hashing import file_hash, weights_hash
from frism.checkpoints.tensors import TensorFile
from frism.errors import MergeError
from frism.injection.design import GateDesign
from frism.merging.sources import FileSources, MergeFiles
from frism.methods.method import Method


@dataclass(frozen=True)
class ModelHashes:
    """Content hashes of the models of one family."""

    base: str
    vlm: str
    lrm: str

    @classmethod
    def of(cls, files: MergeFiles) -> ModelHashes:
        """Hashes the weights of the three checkpoints."""
        return cls(weights_hash(files.base), weights_hash(files.vlm), weights_hash(files.lrm))


def input_files(sources: FileSources, method: Method) -> dict[str, TensorFile]:
    """Returns the files of a merge beside its models by what they hold, as far as it needs them."""
    files = {"task_vectors": sources.task_vectors, "subspaces": sources.subspaces}
    if "vlm_base" in method.needs:
        files["vlm_task_vectors"] = sources.vlm_task_vectors
        files["vlm_subspaces"] = sources.vlm_subspaces
    if "curvature" in method.needs:
        files["curvature"] = sources.curvatures
    if method.learned:
        files["gates"] = sources.gates
    return files


def input_hashes(sources: FileSources, method: Method) -> dict[str, str]:
    """Hashes the files of a merge beside its models."""
    return {name: file_hash(file.path) for name, file in input_files(sources, method).items()}


def check_origin(
    sources: FileSources, method: Method, parameters: Mapping[str, Any], hashes: ModelHashes
) -> None:
    """Checks that task vectors, subspaces, curvature and gates were made from these very models.

    Gates must also have been trained with these very parameters, and the VLM's own task vectors and
    subspaces must have been made from one base.

    Raises:
        MergeError: one of them is stale, or two do not belong together.
    """
    pair: dict[str, object] = {"base": hashes.base, "lrm": hashes.lrm}
    own: dict[str, object] = {"vlm": hashes.vlm}
    expected = {
        "task_vectors": pair,
        "subspaces": pair,
        "vlm_task_vectors": own,
        "vlm_subspaces": own,
        "curvature": pair | own,
    }
    if method.learned:
        design = asdict(GateDesign.of(method.learned, parameters))
        objective = {"objective": method.learned.objective}
        expected["gates"] = pair | own | design | objective | dict(parameters)
    for name, file in input_files(sources, method).items():
        _check_file(file, expected[name])
    if "vlm_base" in method.needs:
        _check_same_base(sources.vlm_task_vectors, sources.vlm_subspaces)


def _check_file(file: TensorFile, expected: Mapping[str, object]) -> None:
    for key, value in expected.items():
        if file.metadata.get(key) != value:
            raise MergeError(
                f"{file.path} was made with {key} {file.metadata.get(key)}, but this merge has "
                f"{value}; make it again from the same models"
            )


def _check_same_base(taus: TensorFile, subspaces: TensorFile) -> None:
    first, second = (file.metadata.get("base") for file in (taus, subspaces))
    if first is None or first != second:
        raise MergeError(
            f"{taus.path} was made with base {first}, but {subspaces.path} with base {second}; "
            "expected one base of the VLM: make the subspaces again from these task vectors"
        )
