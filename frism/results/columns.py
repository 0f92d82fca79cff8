"""The columns of all tables that are written as CSV: what figures and readers rely on.

`<experiment>.csv` has a line per row of the experiment, after the two references: the candidate
that validation chose, on test. A method that is not defined for the pair has a line with the
reason in `undefined` and no numbers. `row` is the slug of the values that rows are grouped by,
`none` where there are none; `parameters` that of all parameters of the chosen candidate.
"""

from __future__ import annotations


def bounds(name: str) -> list[str]:
    """Returns the columns of a value in percent or points with its bootstrap interval."""
    return [name, f"{name}_low", f"{name}_high"]


# of a difference in reasoning: Student's interval over families; p by that test and by the
# bootstrap, the larger of both after Holm's correction
TESTS = ["t_low", "t_high", "p_t", "p_bootstrap", "p_holm"]

# `_delta`: minus the VLM. `to_best`: reasoning minus that of the line whose `mark` is `best`;
# `mark` is `tied` where that interval or Student's of the same difference, over families, holds
# zero. The tests are those of `reasoning_delta`.
# `candidates`: how many validation chose from; `constraint_met`: whether any kept perception;
# `_share`: of reasoning answers with a chain, and cut off at the limit of tokens, 0 to 1
LINES = [
    "method",
    "parameters",
    *bounds("reasoning"),
    *bounds("perception"),
    *bounds("reasoning_delta"),
    *bounds("perception_delta"),
    "row",
    "candidates",
    "constraint_met",
    *TESTS,
    *bounds("to_best"),
    "mark",
    "undefined",
    "chain_share",
    "cut_share",
]

# `<experiment>_against_frism.csv`: FRISM's reasoning minus each other line's, on test; `verdict`
# is `above` or `below` where both intervals leave out zero, else `not different`
AGAINST_FRISM = ["method", "row", "parameters", *bounds("difference"), *TESTS, "control", "verdict"]

# `<experiment>_families.csv`: averages of each family on test
FAMILIES = ["method", "row", "parameters", "family", "reasoning", "perception"]

# `<experiment>_benchmarks.csv`: each line on each benchmark on test; `delta`: minus the VLM
BENCHMARKS = [
    "pair",
    "method",
    "parameters",
    "benchmark",
    "group",
    *bounds("score"),
    *bounds("delta"),
    "row",
]

# `<experiment>_sweep.csv`: every candidate on validation, means over families; followed by a
# column `validation_<benchmark>` per benchmark. `change`: ||W_merged - W_vlm|| / ||W_vlm||;
# `candidates`: how many share the row
SWEEP = [
    "pair",
    "experiment",
    "method",
    "row",
    "parameters",
    "chosen",
    "within_tolerance",
    "candidates",
    "validation_reasoning",
    "validation_perception",
    "validation_reasoning_delta",
    "validation_perception_delta",
    "change",
]

# `<experiment>_scores.csv` and `scores.csv` (of all experiments): each test record, with Wilson's
# interval over its questions
SCORES = [
    "pair",
    "family",
    "method",
    "parameters",
    "benchmark",
    "group",
    "split",
    "questions",
    "score",
    "low",
    "high",
    "weights",
]

# `<experiment>_times.csv`: seconds of all candidates and families together. `curvature` is one
# pass per family that all candidates share; `build`: mean of one merge of one family, from
# subspaces that exist to merged weights, the shared pass included
TIMES = [
    "method",
    "candidates",
    "families",
    "curvature",
    "gates",
    "merge",
    "evaluate",
    "total",
    "build",
]

# `times.csv`: jobs of the workflow by rule; seconds of wall time and of processor time
JOBS = ["rule", "jobs", "seconds", "share", "cpu_seconds", "longest"]

# `published.csv`: numbers that others reported, seconds or percent, each with its source and how it
# was seen; `reproduced` is ours where the pair is the same. No mean is ever taken over both
PUBLISHED = ["pair", "method", "setting", "measure", "value", "source", "how_seen"]
REPRODUCED = bounds("reproduced")
