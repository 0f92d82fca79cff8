"""Each mistake in a configuration ends in one short line naming file, key, value, allowed."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from frism.config.load import load
from frism.config.workflow import typed
from frism.errors import ConfigError

LONGEST_LINE = 250


@dataclass(frozen=True)
class Mistake:
    """A configuration with a mistake and the words its message must have."""

    config: str
    words: tuple[str, ...]
    pair: str = "kind: embedded\n"
    lines: int = 1
    file: str = field(default="config.yaml")


def main(methods: str) -> str:
    """A configuration with one experiment."""
    return f"experiments: {{main: {{methods: {methods}}}}}"


def benchmarks(judge: str, reasoning: str, perception: str = "FrismRead") -> str:
    """A configuration with two groups of benchmarks."""
    groups = {"reasoning": (judge, reasoning), "perception": ("rule", perception)}
    inner = (f"{name}: {{judge: {j}, benchmarks: [{b}]}}" for name, (j, b) in groups.items())
    return f"benchmarks: {{{', '.join(inner)}}}"


EMBEDDED_FILE = "pairs/embedded.yaml"
CHECKPOINTS = "kind: checkpoints\nbase: {0}\nvlm: {0}\nlrm: {0}\ndata: {0}\n"
MISTAKES = {
    "unknown key": Mistake("sede: 1", ("sede", "unknown key", "did you mean 'seed'?")),
    "unknown nested key": Mistake(
        "distillation: {stepps: 5}", ("distillation.stepps", "did you mean 'steps'?")
    ),
    "unknown method": Mistake(
        main("{task_arithmetik: {lambda: [1]}}"),
        ("experiments.main.methods.task_arithmetik", "did you mean 'task_arithmetic'?"),
    ),
    "unknown parameter": Mistake(
        main("{task_arithmetic: {lambda: [1], lamda: [1]}}"),
        ("experiments.main.methods.task_arithmetic.lamda", "did you mean 'lambda'?"),
    ),
    "missing parameter": Mistake(
        main("{rank_group: {group: [1]}}"),
        ("experiments.main.methods.rank_group.lambda", "required", "at least 0"),
    ),
    "candidates of all methods": Mistake(
        main("{all: {lambda: [1]}}"), ("experiments.main.methods.all", "allowed: {}")
    ),
    "unknown figure": Mistake(
        "experiments: {main: {figure: pie, methods: {all: {}}}}",
        ("experiments.main.figure", "'pie'", "bars"),
    ),
    "unknown row": Mistake(
        "experiments: {main: {by: [lamda], methods: {task_arithmetic: {}}}}",
        ("experiments.main.by[0]", "did you mean 'lambda'?"),
    ),
    "experiment like a target": Mistake(
        "experiments: {all: {methods: {all: {}}}}", ("experiments.all", '"all"', "everything")
    ),
    "experiment with a slash": Mistake(
        "experiments: {a/b: {methods: {all: {}}}}", ("experiments.a/b", "a name of letters")
    ),
    "no experiments": Mistake("experiments: {}", ("experiments", "found {}")),
    "unknown word": Mistake(
        main("{frism: {modules: [only_x]}}"),
        ("experiments.main.methods.frism.modules[0]", '"only_x"', "only_q"),
    ),
    "more images than calibration questions": Mistake(
        main("{frism: {images: [1, 5000]}}"),
        ("questions.calibration", "found 1024", "5000"),
        file="pairs/embedded.yaml",
    ),
    "coefficient out of range": Mistake(
        main("{task_arithmetic: {lambda: [0.5, -3]}}"),
        ("experiments.main.methods.task_arithmetic.lambda[1]", "found -3", "at least"),
    ),
    "no methods": Mistake(main("{}"), ("experiments.main.methods", "found {}")),
    "no candidates": Mistake(
        main("{task_arithmetic: {lambda: []}}"),
        ("experiments.main.methods.task_arithmetic.lambda", "found []"),
    ),
    "candidate no list": Mistake(
        main("{task_arithmetic: {lambda: 0.5}}"),
        ("experiments.main.methods.task_arithmetic.lambda", "found 0.5", "a list"),
    ),
    "candidate not finite": Mistake(
        main("{task_arithmetic: {lambda: [.nan]}}"),
        ("experiments.main.methods.task_arithmetic.lambda[0]", "NaN", "a number"),
    ),
    "candidate is text": Mistake(
        main("{task_arithmetic: {lambda: [strong]}}"),
        ("experiments.main.methods.task_arithmetic.lambda[0]", '"strong"', "numbers"),
    ),
    "duplicate candidate": Mistake(
        main("{task_arithmetic: {lambda: [0.5, 0.50]}}"),
        ("experiments.main.methods.task_arithmetic.lambda", "found 0.5 2 times"),
    ),
    "duplicate pair": Mistake("pairs: [embedded, embedded]", ("pairs", '"embedded" 2 times')),
    "pairs is text": Mistake("pairs: embedded", ("pairs", '"embedded"', "a list")),
    "no pairs": Mistake("pairs: []", ("pairs", "found []", "at least one")),
    "missing pair file": Mistake("pairs: [other]", ("does not exist",), file="pairs/other.yaml"),
    "key twice": Mistake("seed: 1\nname: a\nseed: 2", ("line 3", "'seed' appears twice")),
    "no YAML": Mistake("seed: 1\npairs: [a\n", ("line ", "column ")),
    "tab": Mistake("experiments:\n\tmain: 1", ("line 2", "column 1")),
    "empty": Mistake("# nothing\n", ("found nothing", "a mapping")),
    "a list": Mistake("- seed", ("found a list", "a mapping")),
    "true for a number": Mistake("seed: true", ("seed", "found true", "a whole number")),
    "fraction for a whole number": Mistake("seed: 1.5", ("seed", "found 1.5", "a whole number")),
    "text for a number": Mistake('seed: "1"', ("seed", 'found "1"', "a whole number")),
    "negative seed": Mistake("seed: -1", ("seed", "found -1", "at least 0")),
    "nothing for a number": Mistake("seed:", ("seed", "found null", "a whole number")),
    "no steps": Mistake("distillation: {steps: 0}", ("distillation.steps", "found 0", "1")),
    "negative rate": Mistake(
        "distillation: {learning_rate: -0.1}",
        ("distillation.learning_rate", "found -0.1", "above 0"),
    ),
    "unknown normalisation": Mistake(
        "distillation: {normalisation: nuclear}",
        ("distillation.normalisation", '"nuclear"', "spectrum, none"),
    ),
    "batch above images": Mistake(
        "distillation: {images: 8, batch_size: 16}", ("distillation.batch_size", "found 16", "8")
    ),
    "section is text": Mistake("distillation: fast", ("distillation", '"fast"', "the keys")),
    "unknown judge": Mistake(
        benchmarks("gpt", "FrismSum"),
        ("benchmarks.reasoning.judge", '"gpt"', "one of: rule, exact, openai"),
    ),
    "a judge that a sweep does not have": Mistake(
        benchmarks("openai", "FrismSum"),
        ("benchmarks.reasoning.judge", '"openai"', "rule, exact", "about each candidate"),
    ),
    "no judge": Mistake(
        "benchmarks: {reasoning: {benchmarks: [FrismSum]}}",
        ("benchmarks.reasoning.judge", "required", "one of: rule, exact, openai"),
    ),
    "benchmarks without a group of judge": Mistake(
        "benchmarks: {reasoning: [FrismSum]}",
        ("benchmarks.reasoning", "the keys judge, benchmarks"),
    ),
    "only one group": Mistake(
        "benchmarks: {reasoning: {judge: rule, benchmarks: [FrismSum]}}",
        ("benchmarks.perception", "this group is required"),
    ),
    "calibration reported": Mistake(
        benchmarks("rule", "FrismSum, VizWiz"),
        ("benchmarks.reasoning.benchmarks[1]", '"VizWiz"', "for calibration only"),
        lines=2,
    ),
    "unknown suite": Mistake(
        "suite: papers",
        ("suite", "'papers'", "did you mean 'paper'?"),
        pair="base: o/base@main\nvlm: o/vlm@main\nlrm: o/lrm@main",
    ),
    "mirror without a scheme": Mistake(
        "prefetch: {mirror: mirror.example}",
        ("prefetch.mirror", "'mirror.example'", "https://mirror.example"),
    ),
    "name of what is shared": Mistake("name: benchmarks", ("name", '"benchmarks"', "any name but")),
    "unknown dtype": Mistake("subspaces: {dtype: int8}", ("subspaces.dtype", '"int8"', "float32")),
    "confidence in percent": Mistake(
        "statistics: {confidence: 95}", ("statistics.confidence", "found 95", "below 1")
    ),
    "negative tolerance": Mistake(
        "selection: {perception_tolerance: -1}", ("selection.perception_tolerance", "found -1")
    ),
    "slash in name": Mistake("name: a/b", ("name", '"a/b"', "a name of letters")),
    "name goes up": Mistake('name: ".."', ("name", '".."', "a name of letters")),
    "unknown benchmark": Mistake(
        benchmarks("rule", "FrismSolv"),
        ("benchmarks.reasoning.benchmarks", "'FrismSolv'", "did you mean 'FrismSolve'?"),
    ),
    "benchmark of another group": Mistake(
        benchmarks("rule", "FrismSum", "FrismSum"),
        ("benchmarks.perception.benchmarks", "'FrismSum'"),
        lines=2,
    ),
    "benchmark twice": Mistake(
        benchmarks("rule", "FrismSum, FrismSum"),
        ("benchmarks.reasoning.benchmarks", '"FrismSum" 2 times'),
    ),
    "number as key": Mistake("1: 2", ("found the key 1", "text")),
    "null as key": Mistake("null: x", ("line 1", "found the key null", "text")),
    "fraction as key inside": Mistake(
        "seed: 1\nexperiments: {1.5: x}", ("line 2", "found the key 1.5", "text")
    ),
    "switch as key": Mistake("true: x", ("line 1", "found the key true", "text")),
    "thousands of digits": Mistake(f"seed: {'5' * 5000}", ("seed", "555...", "a whole number")),
    "hexadecimal flood": Mistake(f"seed: !!int 0x{'f' * 5000}", ("seed", "fff...", "308 digits")),
    "tag of a whole number": Mistake("seed: !!int abc", ("seed", '"abc"', "a whole number")),
    "tag on nothing": Mistake("seed: !!int", ("seed", 'found ""', "a whole number")),
    "tag of a number": Mistake(
        "selection: {perception_tolerance: !!float x}",
        ("line 1", "perception_tolerance", '"x"', "a number"),
    ),
    "tag of a switch": Mistake("seed: !!bool foo", ("seed", '"foo"', "true or false")),
    "no such day": Mistake("name: !!timestamp 2024-99-99", ("name", '"2024-99-99"', "a date")),
    "no date": Mistake("name: !!timestamp soon", ("name", '"soon"', "a date")),
    "list in itself": Mistake("pairs: &a [*a]", ("line 1", "*a inside itself", "write")),
    "mapping in itself": Mistake("&a\nexperiments: *a", ("line 2", "*a inside itself", "write")),
    "pair like a folder of results": Mistake("pairs: [tables]", ("pairs[0]", '"tables"'), lines=2),
    "pair like a file of results": Mistake(
        "pairs: [embedded, a.csv]", ("pairs[1]", '"a.csv"', ".json", "allowed"), lines=2
    ),
    "unknown kind": Mistake(
        "", ("kind", '"hub"', "embedded, checkpoints"), pair="kind: hub", file=EMBEDDED_FILE
    ),
    "no kind": Mistake(
        "", ("kind", "required", "embedded, checkpoints"), pair="seeds: [1]", file=EMBEDDED_FILE
    ),
    "duplicate seed": Mistake(
        "",
        ("seeds", "found 3 2 times"),
        pair="kind: embedded\nseeds: [3, 4, 3]",
        file=EMBEDDED_FILE,
    ),
    "no seeds": Mistake(
        "", ("seeds", "found []"), pair="kind: embedded\nseeds: []", file=EMBEDDED_FILE
    ),
    "unknown key of a pair": Mistake(
        "", ("sedes", "'seeds'"), pair="kind: embedded\nsedes: [1]", file=EMBEDDED_FILE
    ),
    "too few calibration questions": Mistake(
        "",
        ("questions.calibration", "found 10", "1024"),
        pair="kind: embedded\nquestions: {calibration: 10}",
        file=EMBEDDED_FILE,
    ),
    "missing checkpoints": Mistake(
        "",
        ("vlm", '"no/such/folder"', "config.json"),
        pair=CHECKPOINTS.format("no/such/folder"),
        lines=20,
        file=EMBEDDED_FILE,
    ),
    "checkpoint not given": Mistake(
        "", ("lrm", "required"), pair="kind: checkpoints\nbase: a", lines=3, file=EMBEDDED_FILE
    ),
}
BY_SNAKEMAKE = ("unknown key", "unknown method", "no steps", "missing pair file", "key twice")


def write(folder: Path, mistake: Mistake) -> Path:
    (folder / "pairs").mkdir()
    (folder / EMBEDDED_FILE).write_text(mistake.pair)
    (folder / "config.yaml").write_text(mistake.config or "{}")
    return folder / "config.yaml"


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES.keys())
def test_loader_names_file_key_value_and_allowed(mistake: Mistake, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(write(tmp_path, mistake))
    lines = str(caught.value).splitlines()
    assert len(lines) <= mistake.lines
    assert all(len(line.replace(str(tmp_path), "")) <= LONGEST_LINE for line in lines)
    matching = [line for line in lines if all(word in line for word in mistake.words)]
    assert matching, str(caught.value)
    assert matching[0].startswith(f"{tmp_path / mistake.file}: ")


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: the file does not exist"):
        load(tmp_path / "none.yaml")


def test_all_mistakes_of_all_files_at_once(tmp_path: Path) -> None:
    config = f"sede: 1\ndistillation: {{steps: 0}}\n{main('{frims: {}}')}\npairs: [embedded, other]"
    path = write(tmp_path, Mistake(config, (), pair="kind: embedded\nseeds: [1, 1]\nfast: true"))
    with pytest.raises(ConfigError) as caught:
        load(path)
    keys = [line.split(": ")[1] for line in str(caught.value).splitlines()]
    assert sorted(keys) == [
        "distillation.steps",
        "experiments.main.methods.frims",
        "fast",
        "sede",
        "the file does not exist",
    ]


def test_overrides_are_checked_like_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, Mistake("distillation: {steps: 7}", ()))
    distillation = load(path, {"distillation": {"images": 100}}).config.distillation
    assert (distillation.steps, distillation.images) == (7, 100)
    with pytest.raises(ConfigError, match=r"distillation.steps: found 0"):
        load(path, {"distillation": {"steps": 0}})


def test_overrides_of_the_command_line_have_types() -> None:
    given = {"distillation": {"learning_rate": "1e-2", "steps": "7"}, "pairs": ["a"], "seed": 3}
    assert typed(given) == {
        "distillation": {"learning_rate": 0.01, "steps": 7},
        "pairs": ["a"],
        "seed": 3,
    }


@pytest.mark.parametrize("name", BY_SNAKEMAKE)
def test_snakemake_stops_with_the_message_alone(name: str, tmp_path: Path) -> None:
    path = write(tmp_path, MISTAKES[name])
    root = Path(__file__).parents[1]
    command = [sys.executable, "-m", "snakemake", "-n", "--quiet", "--configfile", str(path)]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    output = done.stdout + done.stderr
    assert done.returncode != 0
    assert all(word in output for word in MISTAKES[name].words)
    assert "Traceback" not in output
    assert len(done.stderr.splitlines()) < 20
