"""The inputs of one family, read from its files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import Any

from frism.checkpoints.hashing import file_hash, weights_hash
from frism.checkpoints.subspace_folder import SubspaceFolder
from frism.distillation.calibration import build_examples
from frism.distillation.compute import DEFAULT, Compute
from frism.distillation.examples import Example
from frism.distillation.questions import calibration_file, content_hash, read_questions
from frism.subspaces.decomposition import Subspace


@dataclass(frozen=True)
class Family:
    """Where the inputs of one family lie.

    Args:
        vlm: Checkpoint directory of the VLM.
        subspaces: Folder of subspaces.
        data: Folder of calibration questions.
        calibration: Kind of calibration questions.
        images: How many of them are used.
    """

    vlm: Path
    subspaces: Path
    data: Path
    calibration: str
    images: int

    @property
    def questions(self) -> Path:
        """The file of calibration questions."""
        return self.data / calibration_file(self.calibration)

    def subspaces_metadata(self) -> dict[str, Any]:
        """Returns what the subspaces say of themselves."""
        return SubspaceFolder(self.subspaces).metadata

    def origin(self) -> dict[str, Any]:
        """Returns what the family's inputs hold, by content hash, for the metadata of files.

        `questions` is the hash of the whole file, `shown` that of the images and questions in use.

        Raises:
            DataError: a question in use is missing or its image cannot be read.
        """
        made = self.subspaces_metadata()
        return {
            "base": made["base"],
            "subspaces": SubspaceFolder(self.subspaces).content,
            "lrm": made["lrm"],
            "vlm": weights_hash(self.vlm),
            "questions": file_hash(self.questions),
            "shown": content_hash(read_questions(self.questions, self.images)),
            "examples": self.images,
        }


@dataclass(frozen=True)
class Inputs:
    """The inputs of one family in memory.

    Args:
        model: The VLM.
        examples: Its answers to the calibration questions.
        subspaces: Decomposed task vectors by canonical name.
        seconds: What reading and the VLM's answers took; loading software and the model is not
            counted, since it weighs on the first family of a process alone.
    """

    model: Any
    examples: list[Example]
    subspaces: Mapping[str, Subspace]
    seconds: float


def load_inputs(
    family: Family,
    compute: Compute = DEFAULT,
    folder: Path | None = None,
) -> Inputs:
    """Reads the files of a family and lets its VLM answer the calibration questions.

    Args:
        family: Input files.
        compute: How the VLM is held.
        folder: Where answers are kept, and taken from if they are there already; None: nowhere.
    """
    start = perf_counter()
    # first: what is wrong with them is known before a model is loaded
    questions = read_questions(family.questions, family.images)
    reading = perf_counter() - start
    model, processor = compute.load(family.vlm)
    start = perf_counter()
    examples = build_examples(model, processor, questions, compute.generation_batch, folder)
    subspaces = SubspaceFolder(family.subspaces)
    return Inputs(model, examples, subspaces, reading + perf_counter() - start)
