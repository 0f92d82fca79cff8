"""Suites: benchmarks by group with the judge of each, in config/suites/ or any YAML file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

from pydantic import Field, ValidationError

from frism.config.problems import Problem, from_validation, raise_if_any, unknown
from frism.config.suite_checks import suite_problems
from frism.config.values import Items, Name, Settings
from frism.config.yaml_reader import read_yaml
from frism.errors import ConfigError

Group = Literal["reasoning", "perception", "text"]
Judge = Literal["rule", "exact", "openai"]
# of benchmarks on which candidates are compared
SWEPT: tuple[Judge, ...] = ("rule", "exact")
FOLDER = Path("config/suites")
# of a checkout; a run elsewhere may bring its own folder of suites
SHIPPED = Path(__file__).parents[2] / FOLDER
ENDINGS = (".yaml", ".yml")


class BenchmarkGroup(Settings):
    """Benchmarks that are averaged and judged alike."""

    judge: Judge = Field(
        description="Who judges the answers: documented rules, VLMEvalKit's exact matching, or a "
        "model behind an OpenAI-compatible endpoint."
    )
    benchmarks: Items[Name] = Field(description="Names of the benchmarks.")


class Suite(Settings):
    """Benchmarks by group; a group's average is the mean of its members."""

    reasoning: BenchmarkGroup | None = Field(None, description="Visual reasoning benchmarks.")
    perception: BenchmarkGroup | None = Field(None, description="Visual perception benchmarks.")
    text: BenchmarkGroup | None = Field(None, description="Text-only reasoning checks of the LRM.")

    @property
    def groups(self) -> Mapping[Group, BenchmarkGroup]:
        """The groups that there are."""
        named: dict[Group, BenchmarkGroup | None] = {
            "reasoning": self.reasoning,
            "perception": self.perception,
            "text": self.text,
        }
        return {name: group for name, group in named.items() if group is not None}

    @property
    def names(self) -> tuple[str, ...]:
        """All benchmarks, group by group."""
        return tuple(name for group in self.groups.values() for name in group.benchmarks)

    def only(self, names: Sequence[str]) -> Suite:
        """Returns the suite with some of its benchmarks.

        Raises:
            ConfigError: It has no benchmark of a name.
        """
        if missing := [name for name in names if name not in self.names]:
            raise ConfigError(unknown("benchmark", missing[0], self.names))
        groups = {
            name: group.model_copy(update={"benchmarks": chosen})
            for name, group in self.groups.items()
            if (chosen := tuple(each for each in group.benchmarks if each in names))
        }
        return Suite(**groups)


def load_suite(name: str | Path) -> Suite:
    """Returns a suite.

    Args:
        name: `paper` for config/suites/paper.yaml, or the path of a YAML file.

    Raises:
        ConfigError: There is none, or something in it is wrong; one line for each problem.
    """
    path = suite_file(name)
    try:
        suite = Suite.model_validate(read_yaml(path))
    except ValidationError as error:
        raise_if_any(from_validation(error, Suite, str(path)))
        raise
    raise_if_any([Problem(str(path), *found) for found in checked(suite)])
    return suite


def suite_file(name: str | Path) -> Path:
    """Returns the file of a suite.

    Raises:
        ConfigError: There is no suite of that name.
    """
    if str(name).endswith(ENDINGS) or len(Path(name).parts) > 1:
        return Path(name)
    for folder in (FOLDER, SHIPPED):
        if (folder / f"{name}.yaml").is_file():
            return folder / f"{name}.yaml"
    known = {each.stem for folder in (FOLDER, SHIPPED) for each in folder.glob("*.yaml")}
    raise ConfigError(f"{unknown('suite', str(name), sorted(known))}; or name a YAML file")


def checked(suite: Suite, key: str = "") -> list[tuple[str, str]]:
    """Returns what is wrong with a suite: key path and message of each problem.

    Args:
        suite: the suite.
        key: where it stands in its file.
    """
    groups: dict[str, tuple[str, tuple[str, ...]]] = {
        name: (group.judge, group.benchmarks) for name, group in suite.groups.items()
    }
    return [(f"{key}.{path}".strip("."), message) for path, message in suite_problems(groups)]
