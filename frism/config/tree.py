"""The configuration as one typed tree: every key with its description, range and default."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from frism.config.benchmarks import EMBEDDED_SUITE
from frism.config.distillation import Distillation
from frism.config.experiments import EXPERIMENTS, MERGES
from frism.config.judge import JudgeEndpoint
from frism.config.prefetch import Prefetch
from frism.config.resources import Limits
from frism.config.suites import Suite
from frism.config.values import Items, Name, Path, Seed, Settings, Value
from frism.results.figures.kinds import KINDS


class Subspaces(Settings):
    """Singular value decomposition of the task vectors."""

    dtype: Literal["float32", "float64"] = Field(
        "float32", description="Precision in which the decomposition is computed."
    )
    storage: Literal["float32", "bfloat16", "float16"] = Field(
        "float32", description="Type in which U and Vh are stored; S is float32 always."
    )
    rank: int = Field(
        0, ge=0, description="Largest number of directions of a matrix that are kept; 0 keeps all."
    )
    energy: float = Field(
        1.0,
        gt=0,
        le=1,
        description="Share of a matrix's squared singular values that is kept: the fewest leading "
        "directions that hold it.",
    )
    device: Literal["cpu", "cuda", "auto"] = Field(
        "cpu", description="Where decompositions run; auto is cuda where there is a GPU."
    )


class Evaluation(Settings):
    """Generation and scoring of the answers."""

    batch_size: int = Field(256, ge=1, le=65536, description="Questions generated at a time.")
    max_new_tokens: int = Field(64, ge=1, le=65536, description="Longest answer, in tokens.")
    engine: Literal["transformers", "vllm"] = Field(
        "transformers", description="What generates; vllm must be installed by its user."
    )
    dtype: Literal["float32", "bfloat16"] = Field(
        "float32", description="Type in which the model computes."
    )
    device: Literal["cpu", "cuda", "auto"] = Field(
        "cpu", description="Where the model runs; auto is cuda where there is a GPU."
    )
    max_batch_tokens: int = Field(
        262144,
        ge=1,
        description="Tokens of a batch, prompts with their images and answers at their longest; "
        "keys and values are kept of so many.",
    )
    temperature: float = Field(
        0.0, ge=0, le=10, description="0 takes the likeliest token, above it tokens are drawn."
    )
    top_p: float = Field(
        1.0,
        gt=0,
        le=1,
        description="Tokens are drawn from the likeliest ones that together have this probability.",
    )
    seed: Seed = Field(
        0, description="Seed of the draws; every question has random numbers of its own."
    )
    thinking_budget: int = Field(
        0,
        ge=0,
        le=65536,
        description="Tokens after which an open chain is closed and the final answer asked for; "
        "0 closes none.",
    )
    stop_loops: bool = Field(
        False,
        description="Whether an answer that repeats itself ends before the limit, as one that was "
        "cut off.",
    )


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
    merges: dict[str, dict[str, Items[Value]]] = Field(
        MERGES,
        description="Methods whose merged checkpoints the target `merges` writes without "
        "evaluation, with values of their parameters (none: the method's own candidates).",
    )
    subspaces: Subspaces = Field(Subspaces(), description="Decomposition of the task vectors.")
    distillation: Distillation = Field(Distillation(), description="Training of the gates.")
    benchmarks: Suite = Field(
        EMBEDDED_SUITE,
        description="Benchmarks by group, and who judges their answers; `text` may be left out.",
    )
    evaluation: Evaluation = Field(Evaluation(), description="Generation and scoring.")
    suite: Path | None = Field(
        "paper",
        description="Suite on which merges of pairs without questions of their own are evaluated: "
        "config/suites/<suite>.yaml, or the path of a file; null evaluates none.",
    )
    suite_shard: int | None = Field(
        None,
        ge=1,
        le=1_000_000,
        description="Questions of a benchmark of the suite that one job answers at most, by the "
        "published size of the benchmark; null: one job asks a model everything.",
    )
    suite_evaluation: Evaluation = Field(
        Evaluation(batch_size=64, max_new_tokens=4096, dtype="bfloat16", device="auto"),
        description="Generation of the answers to the suite.",
    )
    judge: JudgeEndpoint = Field(
        JudgeEndpoint(), description="Endpoint of the suite's groups with `judge: openai`."
    )
    prefetch: Prefetch = Field(Prefetch(), description="Files of the suite's benchmarks.")
    selection: Selection = Field(Selection(), description="Choice of the coefficients.")
    statistics: Statistics = Field(Statistics(), description="Intervals beside every score.")
    limits: Limits = Field(Limits(), description="What the machines have that jobs run on.")
