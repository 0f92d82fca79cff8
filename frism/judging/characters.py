"""Characters of many alphabets and typesetters as ASCII ones."""
# ruff: noqa: RUF001 - the characters of many alphabets are the matter here

from __future__ import annotations

import re

_OFFSET = 0xFEE0  # from a full-width character to its ASCII twin
_WIDE = {code: chr(code - _OFFSET) for code in range(0xFF01, 0xFF5F)}
# a full stop or comma of Chinese needs no blank after it; sentences are found by one
_PUNCTUATION = {"，": ", ", "；": "; ", "：": ": ", "！": "! ", "？": "? ", "。": ". ", "、": ", "}
_QUOTES = dict.fromkeys("“”„‟「」『』", '"') | dict.fromkeys("‘’‚‛`´′", "'")
_DASHES = dict.fromkeys("−‐‑﹣", "-")
_BRACKETS = {"【": "[", "】": "]", "〔": "(", "〕": ")", "《": '"', "》": '"'}
_BLANKS = dict.fromkeys("\u3000\t\x0b\x0c", " ")
_INVISIBLE = dict.fromkeys("\u200b\u200c\u200d\u2060\ufeff\u00ad\u200e\u200f", "")
_TABLE = _WIDE | {
    ord(found): plain
    for table in (_PUNCTUATION, _QUOTES, _DASHES, _BRACKETS, _BLANKS, _INVISIBLE)
    for found, plain in table.items()
}
# thousands set by LaTeX or by a narrow blank: 1\,234, 1{,}234
_THOUSANDS = re.compile(r"(?<=\d)(?:\\[,!:; ]|\{,\}|[\u2009\u202f\u00a0])(?=\d{3}(?!\d))")
_THIN = re.compile("[\u2000-\u200a\u202f\u00a0]")
# of Arabic, Hindi and their like
_DIGIT = re.compile(r"(?![0-9])\d")
_RAISED = re.compile("[⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻]+")
_LOWERED = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻", "0123456789+-")


def raised(text: str) -> str:
    """Returns `text` with superscripts as powers: 10⁸ as `10^{8}`."""
    return _RAISED.sub(lambda found: f"^{{{found[0].translate(_LOWERED)}}}", text)


def plain(text: str) -> str:
    """Returns `text` with ASCII punctuation, quotes, digits and blanks."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = _DIGIT.sub(lambda digit: str(int(digit[0])), text)
    return _THIN.sub(" ", _THOUSANDS.sub(",", text).translate(_TABLE))
