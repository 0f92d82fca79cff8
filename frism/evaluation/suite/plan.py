"""The benchmarks of a job with the keys of their answers, and what will be done, in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from frism.evaluation.conditions import Conditions
from frism.evaluation.penalties import GENERATION_CONFIG, penalties
from frism.evaluation.rows import NO_IMAGE
from frism.evaluation.suite.job import Job
from frism.evaluation.suite.keys import Identity, data_hash, prediction_key, result_key
from frism.evaluation.suite.sheets import Benchmark

# settings that are said otherwise, or that nobody changes
UNSAID = ("blind", "max_batch_tokens")


def plan(job: Job, model: Identity) -> list[Benchmark]:
    """Returns the benchmarks in the order of the suite; nothing of the records is read yet."""
    found = []
    for group, members in job.suite.groups.items():
        conditions = Conditions.of(job.settings, job.blind, members.judge)
        for name in members.benchmarks:
            file = job.data / f"{name}.tsv"
            data = data_hash(file)
            key = prediction_key(model, name, data, conditions)
            found.append(
                Benchmark(
                    name=name,
                    group=group,
                    conditions=conditions,
                    file=file,
                    data=data,
                    key=key,
                    result=result_key(key, conditions, judge_settings(job, conditions)),
                    folder=job.predictions / model.short / f"{name}-{key.short}",
                    count=job.counts[name],
                    broken=dict(job.broken[name]),
                    shard=job.shard,
                )
            )
    return found


def judge_settings(job: Job, conditions: Conditions) -> dict[str, Any]:
    """Returns the settings of the judge that its verdicts depend on."""
    if conditions.judge != "openai":
        return {}
    return {"model": job.judge.model, "endpoint": job.judge.address, **job.judge.generation()}


def announcement(job: Job, benchmarks: Sequence[Benchmark]) -> list[str]:
    """Says what will be done: benchmarks, questions, what is done already, judges, settings."""
    folder = benchmarks[0].folder.parent
    lines = [f"answers are kept in {folder}, results go to {job.place}"]
    settings = benchmarks[0].conditions.generation
    shown = [f"{n.replace('_', ' ')} {v}" for n, v in settings.items() if v and n not in UNSAID]
    shown += ["without images"] if job.blind else []
    shown += [f"share {job.shard.number} of {job.shard.count}"] if not job.shard.whole else []
    lines.append(", ".join([*shown, f"workers {job.workers or 'by GPU'}"]))
    if unused := penalties(job.checkpoint):
        named = ", ".join(f"{name} {value}" for name, value in unused.items())
        verb = "has" if len(unused) == 1 else "have"
        lines.append(f"the checkpoint's {named} of {GENERATION_CONFIG} {verb} no part in it")
    for group, members in job.suite.groups.items():
        lines.append(f"{group}, judge {members.judge}:")
        lines += [f"  {_line(each)}" for each in benchmarks if each.group == group]
    return lines


def _line(benchmark: Benchmark) -> str:
    kept = benchmark.kept
    line = f"{benchmark.name}: {benchmark.count} questions, {len(kept.answers)} done"
    without = list(benchmark.broken.values()).count(NO_IMAGE)
    if broken := len(benchmark.broken) - without:
        line += f", {broken} with a broken image, which count as wrong"
    if without:
        line += f", {without} without an image, which VLMEvalKit leaves out of its own benchmarks"
    if kept.damaged:
        line += f", {kept.damaged} damaged lines ignored in {benchmark.folder}"
    return line
