"""`frism eval`: answers and scores of any checkpoint on a suite of benchmarks."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from frism.cli.flags import add_flags, settings_from
from frism.config.judge import JudgeEndpoint
from frism.config.prefetch import Prefetch
from frism.config.suites import Suite, load_suite
from frism.config.tree import Evaluation
from frism.errors import ConfigError, EvaluationError

if TYPE_CHECKING:
    from frism.evaluation.suite.job import Job
    from frism.evaluation.suite.results import BenchmarkResult
    from frism.evaluation.suite.shard import Shard

HELP = "evaluate any checkpoint on a suite of benchmarks; goes on where it was stopped"
DATA, PREDICTIONS = Prefetch().data, "results/predictions"
JUDGE = "judge_"
# a chain of thought on a real benchmark is long, the answer of an embedded model is not
EMBEDDED, SHORT, LONGEST = "embedded", Evaluation().max_new_tokens, 4096


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments."""
    for name, text in {
        "checkpoint": "folder of a VLM, or owner/name@revision of one that was downloaded",
        "--data": "folder with <benchmark>.tsv (default: `data` of the embedded family that the "
        f"model belongs to, else {DATA})",
        "--output": "folder of the results (default: one of the model and the suite in "
        "results/eval)",
        "--predictions": f"folder that keeps the answers of all models (default: {PREDICTIONS})",
    }.items():
        parser.add_argument(name, help=text)
    parser.add_argument(
        "--suite", required=True, help="embedded, paper, or a YAML file with benchmarks by group"
    )
    parser.add_argument(
        "--max-new-tokens",
        type=int,
        metavar="INT",
        help=f"longest answer, in tokens (default: {LONGEST}, or {SHORT} for the suite embedded)",
    )
    parser.add_argument(
        "--workers",
        type=_count,
        default=1,
        metavar="N",
        help="processes that share the questions, each with a GPU of its own where there are any; "
        "0: one for each GPU (default: 1)",
    )
    _add_shares(parser)
    parser.add_argument("--blind", action="store_true", help="show the model no images")
    parser.add_argument(
        "--unverified",
        action="store_true",
        help="take a file under the name of one of VLMEvalKit's benchmarks that is another",
    )
    add_flags(parser, Evaluation, own=["max_new_tokens"])
    add_flags(parser, JudgeEndpoint, JUDGE)
    parser.add_argument(
        "--allow-judge-failures",
        dest=f"{JUDGE}allow_failures",
        action="store_true",
        default=False,
        help="the same as --judge-allow-failures",
    )
    parser.set_defaults(predictions=PREDICTIONS, device="auto")


def _add_shares(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--benchmarks",
        nargs="+",
        default=[],
        metavar="NAME",
        help="some of the suite's benchmarks (default: all)",
    )
    parser.add_argument(
        "--answers-only",
        action="store_true",
        help="ask, but score nothing: the same command without it finds the answers",
    )
    parser.add_argument(
        "--shard",
        default="1/1",
        metavar="K/N",
        help="with --answers-only, ask every N-th question from the K-th on (default: 1/1)",
    )


def run(args: argparse.Namespace) -> None:
    """Checks what can be checked, then asks what is not on record, judges and writes a table."""
    job = _job(args)
    print(f"{job}", flush=True)
    if args.answers_only:
        from frism.evaluation.suite.answers import answer

        answer(job)
        return
    from frism.evaluation.suite.run import evaluate

    results, errors = evaluate(job)
    problems = [str(error) for error in errors]
    if not job.judge.allow_failures:
        problems += _judge_failures(results)
    if problems:
        raise EvaluationError("\n".join(problems))


def _job(args: argparse.Namespace) -> Job:
    """Returns what is asked for; all that can be checked without the model is checked here."""
    from frism.evaluation.suite.checks import (
        check_judges,
        check_model,
        count_questions,
        data_folder,
        model_folder,
    )
    from frism.evaluation.suite.job import Job
    from frism.evaluation.tables import check_tables
    from frism.evaluation.vllm_settings import check_engine

    settings, judge = _settings(args), settings_from(args, JudgeEndpoint, JUDGE)
    check_engine(settings)
    checkpoint, suite = model_folder(args.checkpoint), _suite(args)
    if not args.answers_only:
        check_judges(suite, judge)
    check_model(checkpoint, args.blind)
    data = Path(args.data) if args.data else data_folder(checkpoint, suite.names, Path(DATA))
    files = [data / f"{name}.tsv" for name in suite.names]
    text = suite.text.benchmarks if suite.text else ()
    title = Path(args.suite).stem
    return Job(
        checkpoint=checkpoint,
        suite=suite,
        title=title,
        data=data,
        broken=check_tables(files, text=text, unverified=args.unverified),
        counts={file.stem: count_questions(file) for file in files},
        settings=settings,
        predictions=Path(args.predictions),
        output=Path(args.output) if args.output else None,
        judge=judge,
        blind=args.blind,
        workers=args.workers,
        shard=_shard(args),
    )


def _suite(args: argparse.Namespace) -> Suite:
    suite = load_suite(args.suite)
    return suite.only(args.benchmarks) if args.benchmarks else suite


def _shard(args: argparse.Namespace) -> Shard:
    from frism.evaluation.suite.shard import Shard

    shard = Shard.parse(args.shard)
    if not shard.whole and not args.answers_only:
        raise ConfigError(
            f"--shard {args.shard}: a share of the answers cannot be scored; add --answers-only, "
            "and score all of them by the command without both"
        )
    return shard


def _settings(args: argparse.Namespace) -> Evaluation:
    if args.max_new_tokens is None:
        args.max_new_tokens = SHORT if args.suite == EMBEDDED else LONGEST
    return settings_from(args, Evaluation)


def _judge_failures(results: list[BenchmarkResult]) -> list[str]:
    failed = {result.benchmark: len(result.failed) for result in results if result.failed}
    if not failed:
        return []
    listed = ", ".join(f"{name} {count}" for name, count in failed.items())
    return [
        f"the judge failed on questions of {listed}; they are marked and count as wrong: run the "
        "same command again, which asks only these, or accept them with --allow-judge-failures"
    ]


def _count(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is not a whole number of at least 0")
    return int(text)
