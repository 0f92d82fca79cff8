"""The configuration as one typed tree: every key with its description, range and default."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from frism.config.benchmarks import EMBEDDED_BENCHMARKS
from frism.config.distillation import Distillation
from frism.config.experiments import EXPERIMENTS
from frism.config.values import Items, Name, Path, Seed, Settings, Value
from frism.results.figures.kinds import KINDS


class Subspaces(Settings):
    """Singular value decomposition of the task vectors."""

    dtype: Literal["float32", "float64"] = Field(
        "float32", description="Precision in which the decomposition is computed."
    )


class Benchmarks(Settings):
    """Benchmarks by group; a group's average is the mean of its members."""

    reasoning: Items[Name] = Field(
        EMBEDDED_BENCHMARKS["reasoning"], description="Visual reasoning benchmarks."
    )
    perception: Items[Name] = Field(
        EMBEDDED_BENCHMARKS["perception"], description="Visual perception benchmarks."
    )
    text: Items[Name] = Field(
        EMBEDDED_BENCHMARKS["text"], description="Text-only reasoning checks of the LRM."
    )


class Evaluation(Settings):
    """Generation and scoring of the answers."""

    judge: Literal["exact"] = Field("exact", description="How an answer is compared.")
    batch_size: int = Field(256, ge=1, le=65536, description="Questions generated at a time.")
    max_new_tokens: int = Field(64, ge=1, le=65536, description="Longest answer, in tokens.")


class Selection(Settings):
    """The rule that chooses each method's coefficient on the validation split."""

    perception_tolerance: float = Field(
        1.0,
        ge=0,
        le=100,
        description="Points of the VLM's perception average that a chosen merge may lose.",
    )


class Statistics(Settings):
    """Intervals beside every score."""

    confidence: float = Field(0.95, gt=0.5, lt=1, description="Level of the intervals.")
    resamples: int = Field(
        2000, ge=100, le=1_000_000, description="Bootstrap resamples over families and questions."
    )


class Experiment(Settings):
    """Candidates of some methods, the rows of a table that they fall into, and a figure."""

    title: str = Field("", description="Headline of its figure and table.")
    figure: str = Field(
        "bars", json_schema_extra={"enum": list(KINDS)}, description="Kind of figure."
    )
    by: Annotated[tuple[Name, ...], Field(strict=False)] = Field(
        (),
        description="Parameters whose values make rows of their own; in each row one candidate is "
        "chosen on validation and reported on test.",
    )
    methods: dict[str, dict[str, Items[Value]]] = Field(
        {},
        description="Methods with candidate values of their parameters in place of the method's "
        "own; `all` stands for every method.",
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


class PairCheckpoints(Settings):
    """A pair of checkpoints that exist on disk."""

    kind: Literal["checkpoints"] = Field(description="The models are folders on disk.")
    base: Path = Field(description="Folder of the LLM that both models come from.")
    vlm: Path = Field(description="Folder of the vision-language model.")
    vlm_base: Path | None = Field(
        None,
        description="Folder of the language model that the VLM was trained from; without it, "
        "methods that need the VLM's own task vector are undefined for the pair.",
    )
    lrm: Path = Field(description="Folder of the reasoning model.")
    published: Name | None = Field(
        None,
        description="Name of the pair in frism/results/published.csv, whose numbers are then shown "
        "beside ours; where it is left out, the pair's own name.",
    )
    data: Path = Field(
        description="Folder with <benchmark>_VAL.tsv, <benchmark>_TEST.tsv and calibration.tsv."
    )


Pair = Annotated[PairEmbedded | PairCheckpoints, Field(discriminator="kind")]


class Config(Settings):
    """One benchmark run: which pairs, which methods and coefficients, which questions."""

    name: Name = Field("embedded", description="Results lie under results/<name>/.")
    pairs: Items[Name] = Field(
        ("embedded",), description="Pairs to merge, each described by pairs/<pair>.yaml."
    )
    seed: Seed = Field(0, description="Seed of the gates' training and of the bootstrap.")
    experiments: dict[str, Experiment] = Field(
        {name: Experiment.model_validate(each) for name, each in EXPERIMENTS.items()},
        min_length=1,
        description="Experiments, each a target of its own: title, figure, the parameters `by` "
        "which rows are made, and methods with candidate values (none: the method's own; `all`: "
        "every method). In each row one candidate is chosen on validation.",
    )
    subspaces: Subspaces = Field(Subspaces(), description="Decomposition of the task vectors.")
    distillation: Distillation = Field(Distillation(), description="Training of the gates.")
    benchmarks: Benchmarks = Field(Benchmarks(), description="Benchmarks by group.")
    evaluation: Evaluation = Field(Evaluation(), description="Generation and scoring.")
    selection: Selection = Field(Selection(), description="Choice of the coefficients.")
    statistics: Statistics = Field(Statistics(), description="Intervals beside every score.")
