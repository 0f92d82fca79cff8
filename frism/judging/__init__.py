"""The final answer of a model's output by documented rules, and whether it equals the truth.

`docs/judges.md` has the rules. Pure text in, text out: nothing here knows benchmarks or files,
and nothing runs what a model wrote.
"""

from frism.judging.equality import equal
from frism.judging.kinds import Kind
from frism.judging.rules import extract

__all__ = ["Kind", "equal", "extract"]
