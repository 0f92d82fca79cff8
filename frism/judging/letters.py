"""Which letters of options a span names."""

from __future__ import annotations

import re
from functools import cache

# the letters where a benchmark's options stand in the image or in the question
USUAL = "ABCDEFGHIJ"
_OPTION = r"(?:the\s+)?(?:option|choice|answer|letter|figure|image|item|选项)s?\s*:?\s*"
_OPEN, _CLOSE = r"[(\[{<\"'*_]{0,3}", r"[)\]}>\"'*_]{0,3}"
# after these words a letter can be an article or a pronoun no more
_AFTER = r"(?:because|since|as|is|are|and|or|with|based|given|for|which|where|due|in|by|from|but|would|not|,)"


class Letters:
    """Patterns for the letters of one set of options."""

    def __init__(self, keys: str) -> None:
        k = f"[{re.escape(keys)}]"
        lower = f"[{re.escape(keys + keys.lower())}]"
        self.keys = keys
        self.alone = re.compile(rf"\W*({k})\W*")
        self.lower = re.compile(rf"\W*(?:(?i:{_OPTION}))?{_OPEN}({lower}){_CLOSE}\W*")
        # (B) B) B. B: "B", option B, B because; a bare A or I before a word is none
        self.leading = re.compile(
            rf"\W*(?:(?i:{_OPTION}){_OPEN}({k}){_CLOSE}(?![\w'])"
            rf"|[(\[]\s?({k})\s?[)\]]|[\"'*_]({k})[\"'*_](?!\w)|({k})(?=\s*(?:[).:,;\]\"*/&、-]|$|\n))"
            rf"|(?![AI]\b)({k})(?![\w'])|([AI])(?=\s+{_AFTER}\b))"
        )
        # at the head of an answer without marks: "B", "B.", "(B) text", "B: text"
        self.heading = re.compile(
            rf"[\s\"'*_]*(?:(?i:{_OPTION}))?[(\[]?({k})(?:[)\]]|\s*[).:,]|\s*$|[\"'*_]|\s*\n)"
        )
        self.named = re.compile(
            rf"(?i:\b(?:option|choice|letter|选项)s?)\s*{_OPEN}({k}){_CLOSE}(?![\w'])|[(\[]({k})[)\]]"
        )
        self.at_end = re.compile(
            rf"(?:\b(?i:is|be|are|choose|select|pick|with)|[:=]|选|是)\s*{_OPEN}({k}){_CLOSE}[\s.!]*$"
        )
        self.bare = re.compile(rf"(?<![\w'\\^])({k})(?![\w'(^])")
        self.compact = re.compile(rf"\W*({k}{{2,}})\W*")
        self.again = re.compile(
            rf"[\W_]*(?:(?i:or|and)(?:/or)?|/|&|,|、|和|或)\W*(?:(?i:{_OPTION}))?{_OPEN}({k}){_CLOSE}"
            r"(?=\s*(?:$|[.,;:)\n/]|(?i:and|or|are|both)\b))"
        )
        self.judged = re.compile(
            rf"(?i:\b(?:option|choice|answer|statement|figure)\s+)?{_OPEN}(?<![\w'])({k}){_CLOSE}"
            r"(?:[.:]\s[^.\n]{1,80}?)?[\s,]+(?i:is|are|would be|must be|seems to be|has to be|should be)"
            r"\s+(?i:(?:therefore|thus|also|indeed|clearly|likely|definitely)\s+)?"
            r"(?i:(?:the|a)\s+)?(?i:(?:most|only|one)\s+)?"
            r"(?i:correct|right|best|accurate|appropriate|answer|true\b|valid|suitable|closest)"
        )


@cache
def letters(keys: str) -> Letters:
    """Returns the patterns for options of these letters."""
    return Letters(keys)


def first_group(found: re.Match[str] | None) -> str | None:
    """Returns the group of a match that holds something."""
    return next((group for group in found.groups() if group), None) if found else None
