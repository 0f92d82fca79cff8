"""Judges: what decides whether an answer is right, by rules or by asking a model.

The final answer of a model's output by documented rules, and whether it equals the truth;
`docs/judges.md` has the rules. They know no benchmarks and no files, and run nothing that a model
wrote.
"""

from frism.judging.equality import equal
from frism.judging.kinds import Kind
from frism.judging.rules import extract

__all__ = ["Kind", "equal", "extract"]
