"""Leads an evaluation: what is on record is taken, the rest is asked, judged and written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path

from frism.errors import EvaluationError, JudgeError, QuestionError
from frism.evaluation.judges import Judge, judge_of
from frism.evaluation.offline import offline
from frism.evaluation.suite.asking import Model, gpus
from frism.evaluation.suite.job import Job
from frism.evaluation.suite.keys import Identity, identify
from frism.evaluation.suite.plan import announcement, plan
from frism.evaluation.suite.results import BenchmarkResult, read_result, write_result
from frism.evaluation.suite.sheets import Benchmark, Opened, open_sheet, sheets
from frism.evaluation.suite.table import write_table
from frism.evaluation.suite.workers import Workers, workers
from frism.interruption import noted
from frism.locks import exclusive
from frism.progress import progress
from frism.writable import check_writable

# answers of a judge's endpoint, beside the models' answers
JUDGED = "judge.jsonl"


def evaluate(job: Job) -> tuple[list[BenchmarkResult], list[EvaluationError]]:
    """Evaluates a model, and writes results and table.

    Returns:
        The results in the suite's order, and why a benchmark has none.

    Raises:
        OutputError: Results or answers cannot be written where they belong.
        EvaluationError: A worker died or a judge cannot be asked; finished questions are kept.
        Interrupted: It was stopped by a signal; finished questions are kept.
    """
    model = identify(job.checkpoint)
    job = job.placed(model.weights)
    benchmarks = plan(job, model)
    with ExitStack() as stack:
        # not found out after hours
        check_writable(job.place)
        for each in benchmarks:
            check_writable(each.folder)
            stack.enter_context(hold(each))
            each.read()
        print("\n".join(announcement(job, benchmarks)), flush=True)
        found = {each.name: _known(job, each) for each in benchmarks}
        unknown = [each for each in benchmarks if found[each.name] is None]
        asking = any(each.conditions.judge == "openai" for each in benchmarks)
        stack.enter_context(offline(job.judge.address if asking else None))
        stack.enter_context(noted(lambda: done(benchmarks)))
        measured = list(_measured(job, model, unknown))
    found |= {each.benchmark: each for each in measured if isinstance(each, BenchmarkResult)}
    results = [result for result in found.values() if result is not None]
    if results:
        title = f"{job.name} ({model.short}) on {job.title}"
        print(write_table(results, job.place, title), flush=True)
    return results, [each for each in measured if isinstance(each, EvaluationError)]


def _known(job: Job, benchmark: Benchmark) -> BenchmarkResult | None:
    """Returns the result of an earlier evaluation of the same weights, if there is one."""
    found = read_result(_kept(benchmark), benchmark.result.digest)
    if found is None:
        return None
    found = found.model_copy(update={"model": job.name, "group": benchmark.group})
    write_result(found, job.place / f"{benchmark.name}.json")
    return found


def _kept(benchmark: Benchmark) -> Path:
    return benchmark.folder / f"result-{benchmark.result.short}.json"


def _measured(
    job: Job, model: Identity, benchmarks: Sequence[Benchmark]
) -> Iterator[BenchmarkResult | EvaluationError]:
    """Asks what is not on record, and yields results as benchmarks are finished, or fail."""
    judges = _judges(job, benchmarks)
    with asked_by(job, benchmarks) as asked:
        for sheet in sheets(benchmarks):
            yield from _finished(job, model, sheet, asked, judges)


def _judges(job: Job, benchmarks: Sequence[Benchmark]) -> dict[str, Judge]:
    """Returns the judges by name; an endpoint must answer before the model is loaded."""
    names = {each.conditions.judge for each in benchmarks}
    found: dict[str, Judge] = {n: judge_of(n) for n in names if n != "openai"}
    if "openai" in names:
        from frism.judging.endpoint import EndpointJudge

        endpoint = EndpointJudge(job.judge, job.predictions / JUDGED)
        endpoint.working()
        found["openai"] = judge_of("openai", endpoint, job.judge.concurrency)
    return found


def _finished(
    job: Job,
    model: Identity,
    sheet: Sequence[Benchmark],
    asked: Workers,
    judges: dict[str, Judge],
) -> Iterator[BenchmarkResult | EvaluationError]:
    # importing VLMEvalKit takes seconds, which benchmarks that are known do not need
    from frism.evaluation import kit
    from frism.evaluation.scratch import scratch_directory
    from frism.evaluation.suite.judged import judged

    with scratch_directory(each.file for each in sheet) as (root, work), kit.settings(root):
        opened = open_sheet(sheet, root)
        ask_all(opened, asked)
        for each in opened:
            try:
                result = judged(job, model, each, work, judges[each.benchmark.conditions.judge])
            except JudgeError:
                raise
            except EvaluationError as error:
                yield _failed(error, each.benchmark)
                continue
            write_result(result, job.place / f"{result.benchmark}.json")
            # what a judge failed on is asked again
            if not result.failed:
                write_result(result, _kept(each.benchmark))
            print(f"{result.benchmark}: {result.score:.1f}", flush=True)
            yield result


def _failed(error: EvaluationError, benchmark: Benchmark) -> EvaluationError:
    print(f"{benchmark.name}: no score, going on with the others", flush=True)
    return EvaluationError(
        f"{error}. Its answers are kept in {benchmark.folder}: the same command goes on with them"
    )


def hold(benchmark: Benchmark) -> AbstractContextManager[None]:
    """Keeps other processes away from the share of a benchmark, or from all of it."""
    return exclusive(benchmark.folder, benchmark.shard.name)


def asked_by(job: Job, benchmarks: Sequence[Benchmark]) -> Workers:
    """Returns whoever answers the questions; nobody is started where none is left."""
    count = (job.workers or gpus(job.settings)) if any(each.left for each in benchmarks) else 1
    return workers(Model(job.checkpoint, job.settings, job.blind), count)


def ask_all(opened: Sequence[Opened], asked: Workers) -> None:
    """Asks the questions that are not on record, and reads the answers."""
    from frism.evaluation.suite.provisional import SoFar

    so_far = SoFar()
    for each in opened:
        so_far.expect(each)
    questions = [question for each in opened for question in each.questions()]
    by_name = {each.benchmark.name: each for each in opened}
    benchmarks = [each.benchmark for each in opened]
    places = {each.name: (each.folder, each.key, each.shard.name) for each in benchmarks}
    names = [each.name for each in benchmarks]
    description = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
    count = sum(len(each.own) for each in opened)
    told = asked.ask(questions, places)
    shown = progress(told, description, count, count - len(questions), lambda: str(so_far))
    for question, answer in shown:
        if isinstance(answer, QuestionError):
            by_name[question.benchmark].benchmark.broken[question.index] = str(answer)
        else:
            so_far.count(question, answer)
    for each in opened:
        each.benchmark.read()
        each.check()


def done(benchmarks: Sequence[Benchmark]) -> str:
    """Says how many questions are answered, and how to go on."""
    for each in benchmarks:
        each.read()
    answered = sum(len(each.kept.answers) for each in benchmarks)
    count = sum(each.count for each in benchmarks)
    return (
        f"{answered} of {count} questions are answered and kept: run the same command again to go "
        "on with the others"
    )
