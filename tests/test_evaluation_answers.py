"""The final answer of a generated text."""

from __future__ import annotations

import pytest

from frism.evaluation.answers import NO_ANSWER, Answer


@pytest.mark.parametrize(
    ("text", "thinking", "final"),
    [
        ("9", "", "9"),
        ("<think> 7 + 2 = 9 </think> 9", "7 + 2 = 9", "9"),
        ("7 + 2 = 9 </think> 9", "7 + 2 = 9", "9"),
        ("<think> a </think> 3 </think> 9 ", "a </think> 3", "9"),
        ("<think> 7 + 2 =", "7 + 2 =", ""),
        ("<think> 7 </think>", "7", ""),
        ("", "", ""),
        ("<think> a </think> 3 <think> 9 +", "a </think> 3 <think> 9 +", ""),
        ("a </think> 3 <think> b </think> 9", "b", "9"),
    ],
)
def test_thinking_and_final_part(text: str, thinking: str, final: str) -> None:
    answer = Answer(text, tokens=5, ended=True)
    assert (answer.thinking, answer.final) == (thinking, final)
    assert answer.scored == (final or NO_ANSWER)


def test_an_answer_cut_off_counts_as_none() -> None:
    answer = Answer("<think> 7 </think> 9", tokens=64, ended=False)
    assert answer.cut
    assert answer.chain
    assert answer.final == "9"
    assert answer.scored == NO_ANSWER


@pytest.mark.parametrize(
    ("text", "chain"),
    [
        ("9", False),
        ("<think>", False),
        ("<think> 7 + 2 =", False),
        ("<think> </think> 9", False),
        ("</think> 9", False),
        ("<think> 7 </think>", True),
        ("7 </think> 9", True),
        ("<think> 7 </think> 9 <think> 8", False),
    ],
)
def test_a_chain_is_closed_and_not_empty(text: str, chain: bool) -> None:
    assert Answer(text, tokens=5, ended=True).chain is chain
