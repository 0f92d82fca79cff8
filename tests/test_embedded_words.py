"""The tokenizer, and that evaluation asks in exactly the words of training."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from PIL import Image
from transformers import AutoProcessor, PreTrainedTokenizerFast

from frism.config.benchmarks import EMBEDDED_BENCHMARKS
from frism.embedded import corpus
from frism.embedded import vocabulary as v
from frism.embedded.benchmarks import write_benchmarks
from frism.embedded.examples import Example, image_example, text_example
from frism.embedded.problems import Problem
from frism.evaluation import kit
from frism.evaluation.benchmarks import load_split
from tests.embedded import SIZES, decoded

PARTS: dict[str, corpus.Part] = {
    "base": corpus.BASE,
    "lrm": corpus.LRM,
    "vlm": corpus.VLM,
    "restatement": lambda rng: corpus.restatement(rng, "validation"),
    "image reasoning": lambda rng: corpus.image_reasoning(rng, "validation"),
}


@pytest.fixture(scope="module")
def processor(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The processor as a checkpoint holds it."""
    directory = tmp_path_factory.mktemp("processor")
    v.build_processor().save_pretrained(directory)
    return AutoProcessor.from_pretrained(directory)


@pytest.fixture(scope="module")
def tokenizer(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The tokenizer as the checkpoint of a text model holds it."""
    directory = tmp_path_factory.mktemp("tokenizer")
    v.build_tokenizer().save_pretrained(directory)
    return PreTrainedTokenizerFast.from_pretrained(directory)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("data")
    write_benchmarks(directory, 1, SIZES)
    return directory


@pytest.mark.parametrize("part", PARTS)
def test_the_tokenizer_knows_every_word(tokenizer: Any, part: str) -> None:
    rng, draw = np.random.default_rng(1), PARTS[part]
    for words in (draw(rng).words for _ in range(300)):
        ids = tokenizer(" ".join(words), add_special_tokens=False)["input_ids"]
        assert ids == [v.TOKEN_ID[word] for word in words]
        assert v.TOKEN_ID[v.PAD] not in ids
        assert tokenizer.decode(ids, clean_up_tokenization_spaces=False) == " ".join(words)


def test_numbers_ids_and_special_words(tokenizer: Any) -> None:
    assert len(tokenizer) == len(v.TOKEN_ID) == len(set(v.SPECIAL + v.WORDS))
    assert (tokenizer.eos_token, tokenizer.pad_token) == (v.END, v.PAD)
    assert tokenizer.padding_side == "left"
    kept = tokenizer.decode(
        [v.TOKEN_ID[word] for word in (v.THINK, "7", v.END_THINK, "12", v.END)],
        skip_special_tokens=True,
    )
    assert kept == "<think> 7 </think> 12"  # the chain must survive, for the records


@pytest.mark.parametrize(
    "name", [*EMBEDDED_BENCHMARKS["reasoning"], *EMBEDDED_BENCHMARKS["perception"]]
)
def test_image_prompts_are_those_of_training(processor: Any, data: Path, name: str) -> None:
    messages, table = questions(data, name)
    for message, row in zip(messages, table.to_dict("records"), strict=True):
        pixels = Image.fromarray(decoded(row["image"]))
        content = [
            {"type": "image"}
            if part["type"] == "image"
            else {"type": "text", "text": part["value"]}
            for part in message
        ]
        prompt = chat(processor, content)
        ids = processor(text=[prompt], images=[pixels])["input_ids"][0]
        problem = as_problem(row, ("0",) * (pixels.width // v.GLYPH_SIZE))
        assert ids == prompt_ids(image_example(problem, "test", np.random.default_rng(0)))


def test_text_prompts_are_those_of_training(tokenizer: Any, data: Path) -> None:
    messages, table = questions(data, "FrismSolveText")
    for (message,), row in zip(messages, table.to_dict("records"), strict=True):
        ids = tokenizer(chat(tokenizer, message["value"]), add_special_tokens=False)["input_ids"]
        shown, question = row["question"].split(f" {v.VISION_END} ")
        symbols = tuple(shown.removeprefix(f"{v.VISION_START} ").split())
        problem = Problem(symbols, tuple(question.split()), (row["answer"],))
        assert ids == prompt_ids(text_example(problem, think=True))


def test_calibration_prompts_are_those_of_training(processor: Any, data: Path) -> None:
    table = pd.read_csv(data / "calibration.tsv", sep="\t", dtype=str)
    choice = 0
    for row in table.to_dict("records"):
        pixels = Image.fromarray(decoded(row["image"]))
        content = [{"type": "image"}, {"type": "text", "text": row["question"]}]
        words = [
            *(v.USER, v.VISION_START),
            *[v.IMAGE] * (pixels.width // v.GLYPH_SIZE),
            *(v.VISION_END, *row["question"].replace(v.CHOOSE, "").split()),
        ]
        words += [v.CHOOSE, v.ASSISTANT] if v.CHOOSE in row["question"] else [v.ASSISTANT]
        ids = processor(text=[chat(processor, content)], images=[pixels])["input_ids"][0]
        assert ids == [v.TOKEN_ID[word] for word in words]
        choice += v.CHOOSE in row["question"]
    assert 0 < choice < len(table)


def questions(data: Path, name: str) -> tuple[list[Any], pd.DataFrame]:
    """Prompts as VLMEvalKit builds them, and the rows of the TSV file."""
    with kit.settings(data):
        part = load_split(name, "test")
    table = pd.read_csv(data / f"{name}_TEST.tsv", sep="\t", dtype=str)
    return part.messages, table


def chat(processor: Any, content: Any) -> str:
    turn = [{"role": "user", "content": content}]
    return str(processor.apply_chat_template(turn, tokenize=False, add_generation_prompt=True))


def as_problem(row: dict[Any, Any], shown: tuple[str, ...]) -> Problem:
    options = tuple(row[letter] for letter in v.LETTERS) if "A" in row else ()
    return Problem(shown, tuple(row["question"].split()), (row["answer"],), options=options)


def prompt_ids(example: Example) -> list[int]:
    end = example.words.index(v.ASSISTANT) + 1
    assert example.loss == [False] * end + [True] * (len(example.words) - end)
    return [v.TOKEN_ID[word] for word in example.words[:end]]
