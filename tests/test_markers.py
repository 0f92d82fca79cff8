"""Chains are found whatever marks them, and whether or not the marks are special tokens."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from transformers import PreTrainedTokenizerFast

from frism.errors import ConfigError
from frism.evaluation.answers import NO_ANSWER, Answer
from frism.evaluation.forcing import PHRASE, Forcing
from frism.evaluation.generation import Row
from frism.evaluation.markers import PAIRS, Markers, Pair
from frism.evaluation.transcript import Transcript
from tests.engines import make_engine
from tests.vlm_families import FamilyMaker
from tests.vlm_text import QWEN_VL, build_tokenizer

KINDS = ("special", "token", "letters")
END = "<|im_end|>"


def marked(kind: str, pair: Pair, template: str = "", prompt: str = "") -> Markers:
    """Returns the markers of a model that has a pair as special tokens, as others, or as text."""
    tokenizer: PreTrainedTokenizerFast = build_tokenizer(QWEN_VL, True)
    if kind != "letters":
        tokenizer.add_tokens(list(pair), special_tokens=kind == "special")
    return Markers.of(tokenizer, template, prompt)


def said(markers: Markers, text: str) -> Answer:
    """Returns the answer of a model that wrote this text and its end token."""
    tokens = markers.tokenizer.encode(text + END, add_special_tokens=False)
    transcript = Transcript(markers, frozenset({tokens[-1]}))
    ((_, answer),) = transcript.answers([Row(0, tokens)], seconds=0.0)
    assert answer.ended
    return answer


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("kind", KINDS)
def test_a_closed_chain_is_no_part_of_the_answer(kind: str, pair: Pair) -> None:
    markers, (opening, closing) = marked(kind, pair), pair
    answer = said(markers, f"{opening}a <|vision_end|>b{closing}c")
    assert answer.text == "<think>a b</think>c"
    assert (answer.chain, answer.thinking, answer.scored) == (True, "a b", "c")
    assert answer.chain_tokens == len(markers.tokenizer.encode("a b"))


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("kind", KINDS)
def test_an_open_chain_is_no_answer_and_is_forced(kind: str, pair: Pair) -> None:
    markers, (opening, closing) = marked(kind, pair), pair
    answer = said(markers, f"{opening}a b")
    assert (answer.chain, answer.thinking, answer.scored) == (False, "a b", NO_ANSWER)
    forcing = Forcing.of(markers, budget=5, limit=90)
    texts = [f"{opening}a", f"{opening}a{closing}b{opening}", f"{opening}a{closing}b", "a b"]
    tokens = [markers.tokenizer.encode(text) for text in texts]
    assert [forcing.is_open(each) for each in tokens] == [True, True, False, False]
    forced = Markers.of(markers.tokenizer, "", "").read([[*tokens[0], *forcing.closing]])
    assert forced == [f"<think>a\n</think>\n\n{PHRASE}"]


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("kind", KINDS)
def test_the_closing_words_are_the_models_own(kind: str, pair: Pair) -> None:
    markers = marked(kind, pair, template=f"system: reason within {pair[0]} and {pair[1]}")
    closing = Forcing.of(markers, budget=5, limit=90).closing
    assert markers.tokenizer.decode(closing) == f"\n{pair[1]}\n\n{PHRASE}"
    with pytest.raises(ConfigError, match="expected room for an answer"):
        Forcing.of(markers, budget=90 - len(closing), limit=90)


@pytest.mark.parametrize("pair", PAIRS)
@pytest.mark.parametrize("kind", KINDS)
def test_what_the_prompt_opens_is_given_back(kind: str, pair: Pair) -> None:
    markers = marked(kind, pair, prompt=f"assistant\n{pair[0]}\n")
    assert markers.opened
    assert said(markers, f"a{pair[1]}c").text == "<think>\na</think>c"
    answer = said(markers, "a b")
    assert (answer.text, answer.scored) == ("<think>\na b", NO_ANSWER)
    assert Forcing.of(markers, budget=5, limit=90).is_open(markers.tokenizer.encode("a"))
    assert not marked(kind, pair, prompt=f"{pair[0]}\n\n{pair[1]}\n").opened


@pytest.mark.parametrize("kind", KINDS)
def test_a_model_with_marks_of_its_own_may_write_those_of_others(kind: str) -> None:
    markers = marked(kind, PAIRS[0], template="<think>")
    assert said(markers, "the sign says [THINK]").scored == "the sign says [THINK]"


@pytest.mark.parametrize("kind", KINDS)
def test_other_texts_are_what_the_tokenizer_decodes(kind: str) -> None:
    markers = marked(kind, PAIRS[0])
    texts = ["", "a", " caf\u00e9  \u2028 x ", "a<|vision_start|> b", "<image> , . 's"]
    rows = [markers.tokenizer.encode(text + END) for text in texts]
    expected = markers.tokenizer.batch_decode(
        rows, skip_special_tokens=True, clean_up_tokenization_spaces=False
    )
    assert markers.read(rows) == [text.strip() for text in expected]


def test_an_engine_knows_the_marks_of_its_checkpoint(families: FamilyMaker, tmp_path: Path) -> None:
    vlm = Path(shutil.copytree(families("qwen3_vl").vlm, tmp_path / "vlm"))
    file = vlm / "chat_template.jinja"
    file.write_text(file.read_text() + "{% if add_generation_prompt %}[THINK]\n{% endif %}")
    engine = make_engine(vlm, 4, 48, thinking_budget=6)
    (answer,) = engine.answer([[{"type": "text", "value": "Why?"}]])
    assert answer.text.startswith("<think>\n")
    assert (answer.forced, answer.text.count("</think>")) == (True, 1)
    assert answer.final.startswith(PHRASE)
