"""The two kinds of pair: trained by the workflow, or checkpoints; every key with its default."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag

from frism.config.calibration import Calibration
from frism.config.problems import KEYS, WORD
from frism.config.resources import StepResources
from frism.config.size import Size
from frism.config.values import Items, Name, Path, Seed, Settings

Resources = dict[str, StepResources]
RESOURCES: Any = Field(
    {},
    description="What jobs of a step ask for in place of what is estimated, by step: "
    "resources: {svd: {mem_mb: 8000, runtime: 120}}; `frism budget` names the steps.",
)


class TrainingBudget(Settings):
    """How long a model of a family trains before its level is checked, and after a miss."""

    steps: int = Field(ge=1, le=100_000, description="Steps before the first check.")
    extension: int = Field(300, ge=1, le=100_000, description="Steps added when a check misses.")
    extensions: int = Field(3, ge=0, le=100, description="Extensions of one initialisation.")
    attempts: int = Field(3, ge=1, le=100, description="Initialisations tried.")


class VlmBudget(TrainingBudget):
    """The VLM's budget: its vision tower is aligned with the base's embeddings first."""

    alignment_steps: int = Field(
        300, ge=1, le=100_000, description="Steps of the vision tower's alignment."
    )


class FamilyTraining(Settings):
    """Training of the three models of an embedded family."""

    base: TrainingBudget = Field(TrainingBudget(steps=1200), description="Training of the base.")
    lrm: TrainingBudget = Field(TrainingBudget(steps=500), description="Training of the LRM.")
    vlm: VlmBudget = Field(VlmBudget(steps=600), description="Training of the VLM.")


class Questions(Settings):
    """Sizes of the generated question sets; a split has no more different expressions to solve."""

    calibration: int = Field(1024, ge=1, le=100_000, description="Calibration questions.")
    validation: int = Field(
        200, ge=1, le=360, description="Validation questions of each benchmark."
    )
    test: int = Field(300, ge=1, le=610, description="Test questions of each benchmark.")


class PairEmbedded(Settings):
    """A pair that the workflow trains itself, one family of models per seed."""

    kind: Literal["embedded"] = Field(description="The workflow trains the models.")
    seeds: Items[Seed] = Field((7, 8, 9), description="One family of models per seed.")
    training: FamilyTraining = Field(FamilyTraining(), description="Training of the models.")
    questions: Questions = Field(Questions(), description="Sizes of the question sets.")
    resources: Resources = RESOURCES


# by the kind of what is there, so that a wrong value has one message
Drawn = Annotated[
    Annotated[Path, Tag(WORD)] | Annotated[Calibration, Tag(KEYS)],
    Discriminator(lambda value: KEYS if isinstance(value, dict | Calibration) else WORD),
]


class PairCheckpoints(Settings):
    """A pair of checkpoints: each a folder on disk, or `owner/name@revision` on the hub."""

    kind: Literal["checkpoints"] = Field(
        "checkpoints", description="The models are folders on disk or on the hub."
    )
    base: Path = Field(
        description="The LLM that the reasoning model was tuned from: a folder, or "
        "owner/name@revision on the hub."
    )
    vlm: Path = Field(description="The vision-language model, a folder or owner/name@revision.")
    lrm: Path = Field(description="The reasoning model, a folder or owner/name@revision.")
    vlm_base: Path | None = Field(
        None,
        description="The language model that the VLM was trained from, a folder or "
        "owner/name@revision; without it, methods that need the VLM's own task vector are "
        "undefined for the pair.",
    )
    key_map: dict[str, str] = Field(
        {},
        description="Regular expressions and what they are replaced by, in order, that turn the "
        "VLM's names of its language model into model.layers.<number>.*; empty: found from its "
        "configuration and tensors.",
    )
    allow_pickle: bool = Field(
        False,
        description="Whether weights that are there as pickle files only are downloaded, loaded "
        "with weights_only and stored as safetensors.",
    )
    trust_remote_code: bool = Field(
        False, description="Whether Python code in the models' repositories may run."
    )
    threads: int | None = Field(
        None,
        ge=1,
        le=1024,
        description="CPU threads of each decomposition, training of gates, merge and evaluation; "
        "with another number the last bits of the results may differ. null: by `size`, 8 from a "
        "billion parameters, 16 from twenty billion, else 1.",
    )
    size: Size | None = Field(
        None,
        description="Architecture, for estimates while the weights are not there; their headers go "
        "before it.",
    )
    resources: Resources = RESOURCES
    svd_parts: int = Field(
        8, ge=1, le=1000, description="Jobs that share the layers in the decompositions."
    )
    published: Name | None = Field(
        None,
        description="Name of the pair in frism/results/published.csv, whose numbers are then shown "
        "beside ours; where it is left out, the pair's own name.",
    )
    data: Path | None = Field(
        None,
        description="Folder with <benchmark>_VAL.tsv and <benchmark>_TEST.tsv, and calibration.tsv "
        "unless `calibration` names another; without it the pair is merged, but not evaluated.",
    )
    calibration: Drawn | None = Field(
        None,
        description="Folder with calibration.tsv, or what its questions are drawn from; where it "
        "is left out, `data`. Without either, methods that learn gates are undefined for the pair.",
    )


Pair = Annotated[PairEmbedded | PairCheckpoints, Field(discriminator="kind")]
