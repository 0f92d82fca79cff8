"""What beside its weights makes a model another, and what in its configuration has no part."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from frism.evaluation.penalties import penalties
from frism.evaluation.suite.keys import identify
from tests.eval_runs import EvalRuns
from tests.pico_vlm import save_vlm

BESIDE = (
    *("README.md", "requirements.txt", "trainer_state.json", "training_args.json", "LICENSE.txt"),
    *("all_results.json", "eval_results.json", "train_log.txt", "modeling_own.py", "run.yaml"),
    *("merge_card.json", "source.json", ".gitattributes", "optimizer.bin"),
)
READ = (
    *("config.json", "generation_config.json", "tokenizer.json", "tokenizer_config.json"),
    *("vocab.json", "vocab.txt", "merges.txt", "special_tokens_map.json", "added_tokens.json"),
    *("chat_template.jinja", "chat_template.json", "processor_config.json", "tekken.json"),
    *("preprocessor_config.json", "video_preprocessor_config.json", "tokenizer.model", "spm.model"),
    *("image_processor_config.json", "qwen.tiktoken", "additional_chat_templates/tools.jinja"),
)


@pytest.fixture(scope="module")
def vlm(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return save_vlm(tmp_path_factory.mktemp("model") / "vlm")


def test_what_nobody_reads_makes_no_other_model(vlm: Path) -> None:
    before = identify(vlm)
    for name in BESIDE:
        (vlm / name).write_text("1")
    assert identify(vlm) == before


@pytest.mark.parametrize("name", READ)
def test_what_shapes_a_prompt_makes_another(name: str, vlm: Path) -> None:
    before, file = identify(vlm), vlm / name
    content = file.read_bytes() if file.is_file() else None
    file.parent.mkdir(exist_ok=True)
    file.write_bytes((content or b"") + b" ")
    after = identify(vlm)
    assert (after.weights, after.prompting == before.prompting) == (before.weights, False)
    file.write_bytes(content) if content else file.unlink()
    assert identify(vlm) == before


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ({}, {}),
        ({"eos_token_id": 3, "do_sample": True, "temperature": 0.1, "top_k": 1}, {}),
        ({"repetition_penalty": 1.0, "no_repeat_ngram_size": 0, "min_length": None}, {}),
        ({"repetition_penalty": 1}, {}),
        (
            {"repetition_penalty": 1.05, "no_repeat_ngram_size": 3, "suppress_tokens": [7]},
            {"repetition_penalty": 1.05, "no_repeat_ngram_size": 3, "suppress_tokens": [7]},
        ),
        ({"num_beams": 4, "min_new_tokens": 5}, {"num_beams": 4, "min_new_tokens": 5}),
    ],
)
def test_penalties(content: object, expected: object, tmp_path: Path) -> None:
    (tmp_path / "generation_config.json").write_text(json.dumps(content))
    assert penalties(tmp_path) == expected


def test_no_file_names_no_penalties(tmp_path: Path) -> None:
    assert penalties(tmp_path) == {}
    (tmp_path / "generation_config.json").write_text("{")
    assert penalties(tmp_path) == {}


def test_an_evaluation_says_which_penalties_have_no_part(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    runs = EvalRuns.make(tmp_path)
    file = runs.folder / "vlm" / "generation_config.json"
    assert runs.run(tmp_path) == 0
    assert "have no part" not in capsys.readouterr().out
    file.write_text(json.dumps(json.loads(file.read_text()) | {"repetition_penalty": 1.3}))
    assert runs.run(tmp_path) == 0
    line = "the checkpoint's repetition_penalty 1.3 of generation_config.json has no part in it"
    assert line in capsys.readouterr().out.splitlines()
