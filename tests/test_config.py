"""The configuration: documents equal the tree, flags carry settings there and back."""

from __future__ import annotations

import argparse
import shlex
from math import prod
from pathlib import Path

import pytest
from pydantic import BaseModel, Field, ValidationError

from frism.cli.benchmarks import add_benchmarks, benchmark_flags, benchmarks_from
from frism.cli.flags import add_flags, optional_flags, settings_from, to_flags
from frism.config.benchmarks import EMBEDDED_SUITE
from frism.config.distillation import Distillation
from frism.config.document import HEADS, documents, stale_comments
from frism.config.load import load, load_pair
from frism.config.pair_tree import PairEmbedded, Questions
from frism.config.prefetch import Prefetch
from frism.config.suites import BenchmarkGroup, Suite
from frism.config.tree import (
    Config,
    Evaluation,
    Experiment,
    Selection,
    Statistics,
    Subspaces,
)
from frism.config.yaml_reader import read_yaml
from frism.errors import ConfigError
from frism.methods.registry import methods

ROOT = Path(__file__).parents[1]
GROUPS = (
    Distillation,
    Evaluation,
    Prefetch,
    Questions,
    Selection,
    Statistics,
    Subspaces,
)


class Everything(BaseModel):
    """Every kind of field that a flag can carry."""

    ratio: float = Field(0.1 + 0.2, description="100 % of a number.")
    names: tuple[str, ...] = Field(("a b", "c'd"), description="Names.")
    quick: bool = Field(True, description="A switch.")
    limit: int | None = Field(None, description="A limit or none.")


def test_generated_files_are_current() -> None:
    # The two YAML files are the user's to edit: only what explains them must be current.
    for path, text in documents().items():
        if path not in HEADS:
            assert (ROOT / path).read_text() == text, f"{path}: run `frism config-docs --write`"


def test_comments_of_the_yaml_files_are_current() -> None:
    setup = load(ROOT / "config/config.yaml")
    for path in HEADS:
        model = setup.config if "pairs" not in path.parts else load_pair(ROOT / path)
        text = (ROOT / path).read_text()
        read = type(model).model_validate(read_yaml(ROOT / path))
        assert stale_comments(read, HEADS[path], text) == []


def test_generated_defaults_load_as_the_defaults(tmp_path: Path) -> None:
    for path, text in documents().items():
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(text)
    setup = load(tmp_path / "config/config.yaml")
    assert setup.config == Config()
    assert setup.pairs == {"embedded": PairEmbedded(kind="embedded")}


def test_every_key_has_a_description() -> None:
    for model in (*GROUPS, Config, BenchmarkGroup, Suite, Experiment, PairEmbedded):
        for name, field in model.model_fields.items():
            assert field.description, f"{model.__name__}.{name}"


def test_tree_is_frozen() -> None:
    with pytest.raises(ValidationError, match="frozen"):
        setattr(Config().distillation, "steps", 3)  # noqa: B010 - mypy refuses the assignment


def test_every_method_has_the_same_number_of_candidates() -> None:
    counts = {
        slug: prod(len(each.default) for each in chosen.parameters.values() if each.default)
        for slug, chosen in methods().items()
        if not chosen.missing
    }
    assert set(counts.values()) == {5}, counts


def test_default_experiments_are_those_of_the_paper_and_the_ablations() -> None:
    wanted = "main tradeoff heterogeneity granularity alpha cap calibration rank modules spectra"
    assert set(wanted.split()) <= set(Config().experiments)


@pytest.mark.parametrize("model", GROUPS)
def test_flags_carry_the_defaults(model: type[BaseModel]) -> None:
    parser = argparse.ArgumentParser()
    add_flags(parser, model)
    settings = model()
    assert settings_from(parser.parse_args(shlex.split(to_flags(settings))), model) == settings
    assert settings_from(parser.parse_args([]), model) == settings
    assert parser.format_help()


def test_flags_carry_benchmarks_and_judges() -> None:
    parser = argparse.ArgumentParser()
    add_benchmarks(parser)
    flags = benchmark_flags(EMBEDDED_SUITE)
    assert "--text FrismSolveText --text-judge rule" in flags
    assert benchmarks_from(parser.parse_args(shlex.split(flags))) == EMBEDDED_SUITE.groups


def test_flags_carry_every_kind_of_field() -> None:
    parser = argparse.ArgumentParser()
    add_flags(parser, Everything)
    settings = Everything(ratio=1e-17, names=("x y", "$(z)"), quick=False, limit=3)
    flags = to_flags(settings)
    assert flags == "--ratio 1e-17 --names 'x y' '$(z)' --no-quick --limit 3"
    assert settings_from(parser.parse_args(shlex.split(flags)), Everything) == settings
    assert "100 % of a number." in parser.format_help()


def test_flags_of_empty_lists_are_left_out() -> None:
    flags = optional_flags(vlm_base=["a b", "c"], curvature=[], gates=["d"])
    assert flags == "--vlm-base 'a b' c --gates d"


def test_flags_out_of_range_name_the_flag() -> None:
    parser = argparse.ArgumentParser()
    add_flags(parser, Distillation)
    args = parser.parse_args(["--steps", "0", "--learning-rate", "-1"])
    with pytest.raises(ConfigError) as caught:
        settings_from(args, Distillation)
    assert [line.split(":")[0] for line in str(caught.value).splitlines()] == [
        "--learning-rate",
        "--steps",
    ]


def test_yaml_numbers_are_those_of_yaml_1_2(tmp_path: Path) -> None:
    path = tmp_path / "numbers.yaml"
    path.write_text(
        "a: 1e-3\nb: yes\nc: 2026-01-01\nd: ~\ne: -2\nf: .5\nbase: &x {g: 1}\nh: {<<: *x, g: 2}"
    )
    assert read_yaml(path) == {
        "a": 0.001,
        "b": "yes",
        "c": "2026-01-01",
        "d": None,
        "e": -2,
        "f": 0.5,
        "base": {"g": 1},
        "h": {"g": 2},
    }
