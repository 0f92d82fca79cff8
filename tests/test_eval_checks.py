"""What `frism eval` refuses before a model is loaded: one message each, and no heavy import."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from frism.cli.main import main
from tests.eval_runs import NAMES, EvalRuns, table
from tests.pico_questions import save
from tests.pico_vlm import save_lrm
from tests.workspace import ROOT

LIGHT = """
import sys
from frism.cli.main import main
status = main(sys.argv[1:])
print(status, sorted({"torch", "transformers", "vlmeval", "pandas"} & set(sys.modules)))
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> EvalRuns:
    return EvalRuns.make(tmp_path_factory.mktemp("runs"))


@pytest.fixture(scope="module")
def lrm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_lrm(tmp_path_factory.mktemp("lrm"))


def refused(words: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """Expects a command to fail, and returns the message."""
    assert main(words) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith("frism: ")
    return captured.err.removeprefix("frism: ").strip()


def test_a_language_model_is_no_vlm(
    runs: EvalRuns, lrm: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(runs.words(tmp_path, model=lrm), capsys)
    assert said.startswith(f"{lrm} is no VLM: its config.json names the architecture Qwen2ForC")
    assert "or --blind to ask a language model the questions without their images" in said
    assert runs.run(tmp_path, "--blind", model=lrm) == 0


def test_a_checkpoint_must_be_one(
    runs: EvalRuns, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(runs.words(tmp_path, model=tmp_path), capsys)
    assert said.startswith(f"{tmp_path}; expected a folder with config.json")
    blind = tmp_path / "blind"
    blind.mkdir()
    for path in (runs.folder / "vlm").iterdir():
        if "processor" not in path.name:
            (blind / path.name).symlink_to(path)
    assert "has no image processor" in refused(runs.words(tmp_path, model=blind), capsys)


def test_all_this_is_found_without_heavy_imports(runs: EvalRuns, lrm: Path, tmp_path: Path) -> None:
    suite = {"reasoning": {"judge": "rule", "benchmarks": ["FrismSolve_TEST"]}}
    (tmp_path / "suite.yaml").write_text(yaml.safe_dump(suite))
    for words in (
        runs.words(tmp_path, model=lrm),
        runs.words(tmp_path, "--suite", str(tmp_path / "suite.yaml")),
        runs.words(tmp_path, "--suite", "papr"),
    ):
        command = [sys.executable, "-c", LIGHT, *words]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.stdout.strip() == "2 []", done.stderr


def test_missing_files_come_with_what_to_do(
    runs: EvalRuns, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["eval", str(runs.folder / "vlm"), "--data", str(tmp_path), "--suite"]
    assert "run: frism prefetch --benchmarks MathVista_MINI" in refused([*words, "paper"], capsys)
    said = refused([*words, "embedded"], capsys)
    assert f"{tmp_path / 'FrismSolve_TEST.tsv'}, " in said
    assert "give the folder `data` of the model's family" in said
    assert "did you mean 'paper'" in refused([*words, "papr"], capsys)


def test_a_model_that_was_not_downloaded_comes_with_the_command(
    runs: EvalRuns, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(["eval", "owner/name@v1.0", *runs.words(tmp_path)[2:]], capsys)
    folder = "results/hub/owner--name@v1.0"
    assert said == (
        f"owner/name@v1.0 is not downloaded: {folder} does not exist; run: frism download --model "
        f"owner/name@v1.0 --output {folder}, or give the folder of a model"
    )


def test_a_misspelt_benchmark_is_asked_about(
    runs: EvalRuns, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    suite = {"reasoning": {"judge": "rule", "benchmarks": ["MathVsita", "Own", "MMStar"]}}
    (tmp_path / "suite.yaml").write_text(yaml.safe_dump(suite))
    words = runs.words(tmp_path, "--suite", str(tmp_path / "suite.yaml"))
    said = refused(words, capsys)
    assert "by MathVsita did you mean MathVista_MINI? If not, run: frism prefetch" in said
    assert said.count("did you mean") == 1


def test_a_malformed_table_is_told(
    runs: EvalRuns, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    questions = table(runs, NAMES[1])
    for changed, message in (
        (questions.drop(columns="answer"), "expected answer too"),
        (questions.assign(index="1"), "has the same index"),
        (questions.assign(answer="E"), "found the answer 'E'; expected one of the options A, B"),
        (questions.head(0), "found no question"),
    ):
        for name in NAMES:
            save(table(runs, name), tmp_path / "data", name)
        save(changed, tmp_path / "data", NAMES[1])
        said = refused(runs.words(tmp_path, "--data", str(tmp_path / "data")), capsys)
        assert f"{NAMES[1]}.tsv" in said
        assert message in said


def test_data_of_the_family_is_found(runs: EvalRuns, tmp_path: Path) -> None:
    """The folder `data` stands beside the model's here, in a family two folders above it."""
    words = runs.words(tmp_path)
    place = words.index("--data")
    del words[place : place + 2]
    assert main(words) == 0
    assert json.loads((tmp_path / "out" / f"{NAMES[0]}.json").read_text())["count"] == 12


def test_a_judge_model_must_be_named_with_its_key(
    runs: EvalRuns,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    suite = {"reasoning": {"judge": "openai", "benchmarks": list(NAMES)}}
    (tmp_path / "suite.yaml").write_text(yaml.safe_dump(suite))
    words = runs.words(tmp_path, "--suite", str(tmp_path / "suite.yaml"))
    assert "--judge-model: found none" in refused(words, capsys)
    said = refused([*words, "--judge-model", "judge"], capsys)
    assert "the environment variable OPENAI_API_KEY is not set" in said
    del suite["reasoning"]["judge"]
    (tmp_path / "suite.yaml").write_text(yaml.safe_dump(suite))
    assert "reasoning.judge" in refused(words, capsys)
