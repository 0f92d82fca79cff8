"""Judges: the final answer of a model's output by documented rules, and whether it is the truth's.

`docs/judges.md` has the rules. They are text in, text out: they know no benchmarks and no files,
and run nothing of what a model wrote. `endpoint` asks a language model instead, over a network.
"""

from frism.judging.equality import equal
from frism.judging.kinds import Kind
from frism.judging.rules import extract

__all__ = ["Kind", "equal", "extract"]
