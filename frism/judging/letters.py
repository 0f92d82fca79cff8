"""Which letters of options a span names: one set of patterns for one set of letters."""

from __future__ import annotations

import re
from functools import cache

# the letters where a benchmark's options stand in the image or in the question
USUAL = "ABCDEFGHIJ"
_OPTION = r"(?:the\s+)?(?:option|choice|answer|letter|figure|image|item|选项)s?\s*:?\s*"
_OPEN, _CLOSE = r"[(\[{<\"'*_]{0,3}", r"[)\]}>\"'*_]{0,3}"
# \w would take a Chinese character after a letter for a part of its word
_BEFORE, _END = r"(?<![A-Za-z0-9_'])", r"(?![A-Za-z0-9_'])"
# before these words a letter is no article and no pronoun
_AFTER = (
    r"(?:because|since|as|is|are|and|or|with|based|given|for|which|where|due|in|by|from|but|would"
    r"|not|,)"
)
_VERDICT = (
    r"(?:[.:]\s[^.\n]{1,80}?)?[\s,]+"
    r"(?i:is|are|would be|must be|seems to be|has to be|should be)\s+"
    r"(?i:(?:therefore|thus|also|indeed|clearly|likely|definitely|both)\s+)?"
    r"(?i:(?:the|a)\s+)?(?i:(?:most|only|one)\s+)?"
    r"(?i:correct|right|best|accurate|appropriate|answer|true\b|valid|suitable|closest)"
)
_REJECTION = (
    r"(?:[.:]\s[^.\n]{1,80}?)?[\s,]+(?i:(?:is|are|was|can be|must be)\s+"
    r"(?:(?:therefore|thus|also|indeed|clearly|both|all)\s+)?"
    r"(?:incorrect|wrong|false\b|untrue|invalid|eliminated|excluded|ruled out"
    r"|not (?:correct|right\b(?! of)|true\b|the (?:correct |right )?answer))"
    r"|(?:isn't|aren't) (?:correct|right\b(?! of)|true\b))"
)
_SINGLED = r"(?i:(?<!not )(?<!\bif ))\b(?i:only|leaves|leaving|left with|remaining is|remains:?)\s+"


class Letters:
    """Patterns for the letters of one set of options.

    Attributes:
        alone: a capital and nothing else, apart from punctuation.
        lower: the same for small letters and "option b".
        leading: a letter that opens a sentence; a bare A or I before a word is none.
        heading: a letter that heads an answer or a line: `B`, `B.`, `(B) text`, `B: text`.
        named: "option B", "(B)", "labeled B".
        at_end: "is B", "so B" at the end of a sentence.
        compact: `ACD`, `A C D`.
        again: one more letter after "and", "or" or a comma.
        judged: "B is correct", "A and B are correct".
        rejected: "B is wrong", "A and B are wrong".
        singled: "only B fits", "that leaves B"; not "only A and B".
    """

    def __init__(self, keys: str) -> None:
        k = f"[{re.escape(keys)}]"
        lower = f"[{re.escape(keys + keys.lower())}]"
        one = rf"{_OPEN}{_BEFORE}{k}{_CLOSE}"
        self.keys = keys
        self.alone = re.compile(rf"\W*({k})\W*")
        self.lower = re.compile(rf"\W*(?:(?i:{_OPTION}))?{_OPEN}({lower}){_CLOSE}\W*")
        self.leading = re.compile(
            rf"\W*(?:(?i:{_OPTION}){_OPEN}({k}){_CLOSE}{_END}"
            rf"|[(\[]\s?({k})\s?[)\]]|[\"'*_]({k})[\"'*_](?!\w)"
            rf"|({k})(?=\s*(?:[).:,;\]\"*/&、-]|$|\n))"
            rf"|(?![AI]\b)({k}){_END}|([AI])(?=\s+{_AFTER}\b))"
        )
        self.heading = re.compile(
            rf"[\s\"'*_]*(?:(?i:{_OPTION}))?[(\[]?({k})(?:[)\]]|\s*[).:,]|\s*$|[\"'*_]|\s*\n)"
        )
        self.named = re.compile(
            rf"(?:(?i:\b(?:option|choice|letter|opción|opção)s?)|选项)\s*{_OPEN}({k}){_CLOSE}{_END}"
            rf"|[(\[]({k})[)\]]|(?i:\b(?:label(?:l?ed)?|marked)\s+){_OPEN}({k}){_END}|({k})选项"
        )
        self.at_end = re.compile(
            r"(?:\b(?i:is|(?<!not )(?<!n't )be|are|choose|select|pick|with|so|thus|hence"
            r"|therefore|it's|say|guess)|[:=]|选|是)"
            rf"\s*{_OPEN}({k}){_CLOSE}[\s.!]*$"
        )
        self.compact = re.compile(rf"\W*({k}(?: ?{k})+)\W*")
        self.again = re.compile(
            rf"[\W_]*(?:(?i:or|and)(?:/or)?|/|&|,|;|、|和|或)\W*(?:(?i:{_OPTION}))?{_OPEN}({k}){_CLOSE}"
            r"(?=\s*(?:$|[.,;:()\n/]|(?i:and|or|are|both|because|since|while|whereas|but)\b))"
        )
        row = rf"((?:{one}\s*(?:,|and\b|or\b|&)\s*(?i:and\s|or\s|option\s)?){{0,9}}{one})"
        self.judged = re.compile(rf"{row}(?:{_VERDICT}|(?:选项)?(?:是)?正确)")
        self.rejected = re.compile(rf"{row}(?:{_REJECTION}|(?:选项)?(?:是)?(?:错误|不正确))")
        self.singled = re.compile(
            rf"{_SINGLED}(?i:(?:us with|you with|only|just)\s+)?(?i:{_OPTION})?{_OPEN}"
            rf"(?!I\s+(?:am|can|see|have|know|think)\b)({k}){_CLOSE}{_END}"
            rf"(?!\s*(?:,|/|&|and\b|or\b)\W*(?:(?i:and|or)\b\W*)?(?i:{_OPTION})?{_OPEN}{k}{_END})"
            rf"(?!{_REJECTION})"
        )


@cache
def letters(keys: str) -> Letters:
    """Returns the patterns for options of these letters."""
    return Letters(keys)


def first_group(found: re.Match[str] | None) -> str | None:
    """Returns the group of a match that holds something."""
    return next((group for group in found.groups() if group), None) if found else None
