"""The option that a final answer to a multiple-choice question names.

VLMEvalKit's `can_infer` falls back to substrings: with the options 8, 12, 13 and 7 it takes 18 for
the option 8. Only a letter or the whole text of an option names one here.
"""

from __future__ import annotations

from frism.evaluation import kit
from frism.evaluation.answers import NO_ANSWER


def named(final: str, options: dict[str, str]) -> str:
    """Returns the letter of the option that `final` names, apart from case and outer white space.

    Args:
        final: a final answer.
        options: letter -> text; an empty text is no option.

    Returns:
        The letter of a `B`, `B.` or `(B)` or of the one option with that text; `final` itself where
        VLMEvalKit finds a letter in it or a failure to report; else `NO_ANSWER`.
    """
    texts = {letter: text.strip().lower() for letter, text in options.items() if text.strip()}
    said = final.strip()
    same = [letter for letter, text in texts.items() if text == said.lower()]
    # a text goes before a lower-case letter, since options can be the letters a and b themselves
    if said not in texts and len(same) == 1:
        return same[0]
    for letter in texts:
        if said.upper() in (letter, f"{letter}.", f"({letter})"):
            return letter
    kept = kit.FAIL_MSG in final or kit.can_infer_option(final, texts)
    return final if kept else NO_ANSWER
