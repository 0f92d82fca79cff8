"""What the types of a suite cannot say: benchmarks that are not to be judged or reported so."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from frism.config.schema import shown

Found = tuple[str, str]  # key path, message
# judge and benchmarks by group
Groups = Mapping[str, tuple[str, tuple[str, ...]]]
# their questions train gates
CALIBRATION_ONLY = ("VizWiz",)
# VLMEvalKit asks a judge model for these; `exact` gives it none
NEED_A_JUDGE = ("MathVista", "MathVision", "MathVerse", "LogicVista", "DynaMath")
JUDGES_THAT_ANSWER = ("rule", "openai")
WHOLE = "MathVerse_MINI"


def suite_problems(groups: Groups) -> Iterator[Found]:
    """Yields what is wrong with the groups of a suite: key path and message."""
    if not groups:
        yield "reasoning", "found no group; expected at least one of reasoning, perception, text"
    yield from _repeated(groups)
    for group, (judge, names) in groups.items():
        for index, name in enumerate(names):
            yield from _refused(f"{group}.benchmarks[{index}]", name, judge)
    yield from _counted_twice(groups)


def _repeated(groups: Groups) -> Iterator[Found]:
    seen: dict[str, str] = {}
    for group, (_, names) in groups.items():
        for name in dict.fromkeys(names):
            if (count := names.count(name)) > 1:
                yield f"{group}.benchmarks", f"found {shown(name)} {count} times; allowed: once"
            if seen.setdefault(name, group) != group:
                message = f"found {shown(name)}, which is in {seen[name]} too; use it once"
                yield f"{group}.benchmarks", message


def _refused(key: str, name: str, judge: str) -> Iterator[Found]:
    if _among(name, CALIBRATION_ONLY):
        yield key, f"found {shown(name)}, which is for calibration only; report other benchmarks"
    if judge == "exact" and _among(name, NEED_A_JUDGE):
        judges = " or ".join(JUDGES_THAT_ANSWER)
        yield key, f"found {shown(name)} with judge exact, but it needs a judge; allowed: {judges}"


def _counted_twice(groups: Groups) -> Iterator[Found]:
    names = {name: group for group, (_, members) in groups.items() for name in members}
    parts = [name for name in names if name.startswith(f"{WHOLE}_")]
    if WHOLE in names and parts:
        found = f"found {WHOLE}, the whole of all splits, and {', '.join(parts)}"
        yield f"{names[WHOLE]}.benchmarks", f"{found}; expected the whole or splits, not both"


def _among(name: str, benchmarks: tuple[str, ...]) -> bool:
    found, known = name.lower(), [each.lower() for each in benchmarks]
    return any(found == each or found.startswith(f"{each}_") for each in known)
