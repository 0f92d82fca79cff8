"""The choice of one candidate per row, and the file that tells it."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import fmean
from typing import Any

from frism.results.candidates import Candidate as Labelled
from frism.results.selection import Point, choose
from frism.results.sweeps import Averages, Seconds, Sweep, SweptCandidate, SweptRow
from frism.sweep.averages import Scores
from frism.sweep.plan import Candidate, Plan
from frism.sweep.validation import Validated

# one list per family, the candidates in the order of the plan
Table = Sequence[Sequence[Validated]]


def undefined_sweep(plan: Plan, reason: str) -> Sweep:
    """Returns the sweep of a method that is not defined for the pair."""
    return Sweep(**_head(plan), undefined=reason, vlm=None, candidates=(), rows=())


def chosen_sweep(plan: Plan, vlm: Sequence[Scores], table: Table) -> Sweep:
    """Applies the rule to each row, pooled over families.

    Args:
        plan: the sweep.
        vlm: scores of the unmerged VLM of each family.
        table: what was found for each family.
    """
    by_candidate = list(zip(*table, strict=True))
    rows = dict.fromkeys(each.row_slug for each in plan.candidates)
    return Sweep(
        **_head(plan),
        undefined=None,
        vlm=_averages(vlm),
        candidates=tuple(_candidate(each) for each in by_candidate),
        rows=tuple(_row(plan, vlm, slug, by_candidate) for slug in rows),
    )


def _head(plan: Plan) -> dict[str, Any]:
    return {
        "pair": plan.pair,
        "experiment": plan.experiment,
        "method": plan.method.slug,
        "families": tuple(family.number for family in plan.families),
    }


def _averages(scores: Sequence[Scores]) -> Averages:
    return Averages(
        reasoning=tuple(each.reasoning for each in scores),
        perception=tuple(each.perception for each in scores),
    )


def _candidate(found: Sequence[Validated]) -> SweptCandidate:
    candidate, scores = found[0].candidate, [each.scores for each in found]
    gates = tuple(each.gates_seconds for each in found if each.gates_seconds is not None)
    return SweptCandidate(
        parameters=candidate.slug,
        values=candidate.values,
        row=candidate.row_slug,
        reasoning=tuple(each.reasoning for each in scores),
        perception=tuple(each.perception for each in scores),
        benchmarks={
            name: tuple(each.benchmarks[name] for each in scores) for name in scores[0].benchmarks
        },
        change=tuple(each.change for each in found),
        weights=tuple(each.weights for each in found),
        seconds=Seconds(
            gates=gates if len(gates) == len(found) else None,
            merge=tuple(each.merge_seconds for each in found),
            evaluate=tuple(each.answer_seconds for each in found),
        ),
    )


def _row(
    plan: Plan, vlm: Sequence[Scores], slug: str, table: Sequence[Sequence[Validated]]
) -> SweptRow:
    members = [found for found in table if found[0].candidate.row_slug == slug]
    points = [_point(plan, found) for found in members]
    choice = choose(points, fmean(each.perception for each in vlm), plan.tolerance)
    return SweptRow(
        row=slug,
        values=members[0][0].candidate.row,
        chosen=choice.candidate.parameters,
        constraint_met=choice.constraint_met,
        candidates=choice.candidates,
    )


def _point(plan: Plan, found: Sequence[Validated]) -> Point:
    return Point(
        Labelled(plan.method.slug, found[0].candidate.slug),
        fmean(each.scores.reasoning for each in found),
        fmean(each.scores.perception for each in found),
        fmean(each.change for each in found),
    )


def chosen_candidates(plan: Plan, sweep: Sweep) -> list[Candidate]:
    """Returns the chosen candidate of each row."""
    by_slug = {each.slug: each for each in plan.candidates}
    return [by_slug[row.chosen] for row in sweep.rows]
