r"""Markdown, HTML and the wrappers of LaTeX that carry no meaning for an answer."""

from __future__ import annotations

import re

_WRAPPERS = re.compile(
    r"\\(?:text(?:bf|it|rm|sf|tt|normal)?|math(?:rm|bf|sf|it|tt|normal)|mbox|operatorname\*?"
    r"|boldsymbol|bm|emph|underline)\s*\{([^{}]*)\}"
)
_SIZES = re.compile(
    r"\\(?:displaystyle|textstyle|(?:left|right|[bB]igg?[lrm]?)(?=\s*(?:[()\[\]|.]|\\[{}|])))"
)
_BLANKS = re.compile(r"(?<!\\)\\(?:[,;:! ]|q?quad(?![a-zA-Z]))")
_FRACTIONS = re.compile(r"\\[dtc]frac(?![a-zA-Z])")
# the signs of bold text stand outside words; x**2 is a power
_BOLD = re.compile(r"(?<![A-Za-z0-9)*])(\*{1,3})(?=[^\s*])([^*\n]*[^\s*])\1(?![A-Za-z0-9(*])")
_UNDERLINED = re.compile(r"(?<![\w\\])(__?)(?=[^\s_])([^_\n]*[^\s_])\1(?!\w)")
_LINE_STARTS = re.compile(r"^[ ]{0,3}(?:#{1,6}[ ]*|>[ ]?)", re.MULTILINE)
_FENCES = re.compile(r"^[ ]*(?:'{3}|`{3})\w*[ ]*$", re.MULTILINE)
_TAGS = re.compile(r"</?(?:b|strong|i|em|u|p|span|center)>")
_BREAKS = re.compile(r"<br\s*/?>", re.IGNORECASE)
_DELIMITERS = re.compile(r"(?<!\\)\\[()\[\]]|(?<!\\)\$+")
_NESTED = 4  # wrappers within wrappers


def unmarked(text: str) -> str:
    """Returns `text` without bold, headings, fences, tags and wrappers such as `\\text{}`."""
    text = _BREAKS.sub("\n", _TAGS.sub("", text))
    text = _LINE_STARTS.sub("", _FENCES.sub("", text))
    for _ in range(_NESTED):
        text = _WRAPPERS.sub(r"\1", text)
    for pattern in (_BOLD, _BOLD, _UNDERLINED):
        text = pattern.sub(r"\2", text)
    return _FRACTIONS.sub(r"\\frac", _BLANKS.sub(" ", _SIZES.sub("", text)))


def without_delimiters(text: str) -> str:
    r"""Returns `text` without `$`, `\(`, `\)`, `\[` and `\]`."""
    return _DELIMITERS.sub(" ", text)
