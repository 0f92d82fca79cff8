"""What `frism eval` refuses before a model is loaded: one message each, and no heavy import."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from frism.cli.main import main
from frism.evaluation.model_files import sees
from frism.evaluation.suite.checks import check_model
from tests.eval_runs import COUNT, NAMES, EvalRuns, table
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


def changed(model: Path, folder: Path, file: str, content: str | None) -> Path:
    """Returns a copy of a model with other content of a file, or without the file."""
    copy = Path(shutil.copytree(model, folder))
    (copy / file).unlink()
    if content is not None:
        (copy / file).write_text(content)
    return copy


def test_a_chat_template_is_looked_for_first(
    runs: EvalRuns, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    model = changed(runs.folder / "vlm", tmp_path / "vlm", "chat_template.jinja", None)
    said = refused(runs.words(tmp_path, model=model), capsys)
    assert said.startswith(f"{model} has no chat template")
    template = (runs.folder / "vlm" / "chat_template.jinja").read_text()
    for k, name in enumerate(("tokenizer_config.json", "processor_config.json")):
        content = json.loads((model / name).read_text()) | {"chat_template": template}
        holder = changed(model, tmp_path / f"holder-{k}", name, json.dumps(content))
        assert runs.run(tmp_path / name, model=holder) == 0
    (model / "chat_template.json").write_text(json.dumps({"chat_template": template}))
    check_model(model, blind=False)


@pytest.mark.parametrize(
    "config",
    [
        {"model_type": "chameleon", "vq_config": {"embed_dim": 8}},
        {"model_type": "emu3", "vq_config": {"embed_dim": 8}},
        {"model_type": "fuyu", "patch_size": 30},
        {"model_type": "qwen2_vl", "vision_config": {"depth": 2}},
        {"model_type": "of_its_own", "mm_vision_tower": "openai/clip"},
    ],
)
def test_a_vlm_is_known_by_its_type_or_its_parts(
    runs: EvalRuns, tmp_path: Path, config: dict[str, object]
) -> None:
    assert sees(config)
    file, content = "config.json", json.dumps(config)
    check_model(changed(runs.folder / "vlm", tmp_path / "vlm", file, content), blind=False)


def test_vllm_is_looked_for_first(
    runs: EvalRuns, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = refused(runs.words(tmp_path / "absent", "--engine", "vllm", model=tmp_path), capsys)
    assert "pip install vllm" in said
    said = refused(runs.words(tmp_path, "--engine", "vllm", "--stop-loops"), capsys)
    assert "vllm, which does not know stop_loops" in said


def test_a_budget_without_room_is_told_before_the_model_is_loaded(
    runs: EvalRuns,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("frism.evaluation.engine.load_model", None)
    assert runs.run(tmp_path, "--thinking-budget", "23") == 2
    assert "thinking_budget is 23, the words that close a chain" in capsys.readouterr().err


def test_all_this_is_found_without_heavy_imports(runs: EvalRuns, lrm: Path, tmp_path: Path) -> None:
    suite = {"reasoning": {"judge": "rule", "benchmarks": ["FrismSolve_TEST"]}}
    (tmp_path / "suite.yaml").write_text(yaml.safe_dump(suite))
    for words in (
        runs.words(tmp_path, model=lrm),
        runs.words(tmp_path, "--suite", str(tmp_path / "suite.yaml")),
        runs.words(tmp_path, "--suite", "papr"),
        runs.words(tmp_path, "--engine", "vllm"),
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
        (questions.assign(index=["1.0", *range(1, COUNT)]), "row 1: found the index 1.0; exp"),
        (questions.assign(index=[*range(1, COUNT), "1.0"]), f"row {COUNT}: found the index 1.0"),
        (questions.assign(answer="E"), "found the answer 'E'; expected one of the options A, B"),
        (questions.head(0), "found no question"),
    ):
        for name in NAMES:
            save(table(runs, name), tmp_path / "data", name)
        save(changed, tmp_path / "data", NAMES[1])
        said = refused(runs.words(tmp_path, "--data", str(tmp_path / "data")), capsys)
        assert f"{NAMES[1]}.tsv" in said
        assert message in said


@pytest.mark.parametrize("flag", ["--output", "--predictions"])
def test_a_place_for_results_is_tried_first(
    runs: EvalRuns, tmp_path: Path, capsys: pytest.CaptureFixture[str], flag: str
) -> None:
    (tmp_path / "file").touch()
    assert main(runs.words(tmp_path, flag, str(tmp_path / "file"))) == 2
    captured = capsys.readouterr()
    assert captured.err.startswith(f"frism: cannot write {tmp_path / 'file'}")
    assert "answers are kept in" not in captured.out


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
