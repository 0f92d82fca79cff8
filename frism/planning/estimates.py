"""What one job of each step costs for a pair, by its size and the unit costs, before it is run."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from math import ceil

from frism.config.pair_tree import PairCheckpoints
from frism.config.resources import device_of
from frism.config.suites import Suite, load_suite
from frism.config.tree import Config, Evaluation
from frism.methods.registry import method
from frism.planning.costs import (
    MERGE_COPIES,
    PROCESS,
    Cost,
    gates_cost,
    merge_cost,
    subspace_bytes,
    svd_cost,
)
from frism.planning.shards import share_count, shares
from frism.planning.size import STORED, PairSize
from frism.planning.unit_costs import Speed, questions, speed, unit

# torch with CUDA, and the buffers through which weights go to a GPU
GPU_PROCESS = 4 << 30
# copies of the largest matrix that methods hold which look at one matrix at a time
OTHER_COPIES = 9
# images of a batch with what is made of them, and the tables of a suite
BATCH = 4 << 30
# answers, judgements and tables of one model on a suite
ANSWERS = 50 << 20


@dataclass(frozen=True)
class Job:
    """One job of a step.

    Args:
        cost: What it reads, writes, holds in CPU memory and takes.
        threads: Its CPU threads.
        gpus: Its GPUs.
        gpu_memory: Bytes that it holds on all its GPUs together.
    """

    cost: Cost
    threads: int = 1
    gpus: int = 0
    gpu_memory: int = 0


@dataclass(frozen=True)
class Estimates:
    """The jobs of a pair of checkpoints.

    Args:
        config: How steps are run.
        pair: The pair.
        size: How large its models are.
        threads: CPU threads of a large job.
    """

    config: Config
    pair: PairCheckpoints
    size: PairSize
    threads: int = 1

    def job(self, step: str, detail: str = "") -> Job | None:
        """Returns one job of a step, or None where its cost does not depend on the pair's size.

        Args:
            step: The step.
            detail: The role of a `download` or an `svd`, the method of a `merge`, the benchmark of
                `answers`; without it the mean of all.
        """
        known: Mapping[str, Callable[[], Job]] = {
            "download": lambda: self._download(detail),
            "svd": lambda: self._svd(detail or "lrm"),
            "gates": lambda: self._gates("gates"),
            "curvature": lambda: self._gates("curvature"),
            "merge": lambda: self._merge(detail or "task_arithmetic"),
            "eval": self._eval,
            "answers": lambda: self._share(detail),
            "sweep": lambda: self._on_questions("sweep"),
            "references": lambda: self._on_questions("references"),
        }
        return known[step]() if step in known else None

    def _download(self, role: str) -> Job:
        # the largest where it is not said which
        models = self.size.models
        own = models[role] if role else max(models.values(), key=lambda each: each.nbytes)
        seconds = own.nbytes / unit("network") + own.nbytes / unit("hashed")
        return Job(Cost("download", own.nbytes, own.nbytes, PROCESS, seconds))

    def _svd(self, role: str) -> Job:
        base = "base" if role == "lrm" else "vlm_base"
        whole = svd_cost(self.size, self._speed("svd"), self.config.subspaces, role, base)
        parts = self.pair.svd_parts
        hashed = self.size.models[role].nbytes + self.size.models[base].nbytes
        # each part looks at the content of both models; frism keeps it for the next one
        own = replace(
            whole,
            reads=hashed + whole.reads // parts,
            writes=whole.writes // parts,
            seconds=(whole.seconds - hashed / unit("hashed")) / parts + hashed / unit("hashed"),
        )
        return self._placed(own, "svd")

    def _gates(self, step: str) -> Job:
        settings = self.config.distillation
        once = ceil(settings.images / settings.batch_size) if step == "curvature" else 0
        cost = gates_cost(self.size, self._speed(step), self.config.subspaces, settings, once)
        return self._placed(replace(cost, step=step), step)

    def _merge(self, slug: str) -> Job:
        chosen, subspaces = method(slug), self.config.subspaces
        read = sum(
            subspace_bytes(self.size, subspaces)
            for role in chosen.decomposed
            if role == "lrm" or "vlm_base" in self.size.models
        )
        quick = chosen.rowwise or chosen.learned is not None
        copies = MERGE_COPIES if quick else OTHER_COPIES
        cost = merge_cost(self.size, self._speed("merge"), "merge", read, copies)
        seconds = cost.seconds if quick else unit("other methods") * cost.seconds
        return Job(replace(cost, seconds=seconds), self.threads)

    def _eval(self) -> Job:
        suite = load_suite(self.config.suite or "paper")
        cost = self._answers(self.config.suite_evaluation, suite, "eval")
        return self._placed(cost, "eval")

    def _share(self, benchmark: str) -> Job:
        suite, count = load_suite(self.config.suite or "paper"), len(shares(self.config))
        if benchmark:
            suite, count = suite.only([benchmark]), share_count(self.config, benchmark)
        cost = self._answers(self.config.suite_evaluation, suite, "answers", max(1, count))
        return self._placed(cost, "answers")

    def _on_questions(self, step: str) -> Job:
        # a merge is made in memory, beside the VLM and its task vector
        cost = self._answers(self.config.evaluation, self.config.benchmarks, step)
        weights = self.size.parameters * STORED[self.config.evaluation.dtype]
        more = 2 * weights if step == "sweep" else 0
        return self._placed(replace(cost, memory=cost.memory + more), step)

    def _answers(self, settings: Evaluation, suite: Suite, step: str, shares: int = 1) -> Cost:
        """Returns what the answers of one model to all questions, or to a share of them, cost."""
        prompts, answers = (tokens / shares for tokens in _tokens(suite, settings))
        item, rates = STORED[settings.dtype], self._speed(step)
        weights = self.size.parameters * item
        length = int(unit("prompt")) + settings.max_new_tokens
        batch = min(settings.batch_size, max(1, settings.max_batch_tokens // length))
        if self._on_gpu(step):
            decoded = weights / unit("GPU bandwidth") + unit("GPU latency")
            seconds = prompts * self.size.parameters / rates.multiplications
            seconds += answers / batch * decoded
        else:
            seconds = (prompts + answers) * self.size.parameters / rates.multiplications
        memory = PROCESS + weights + batch * length * self.size.keys * item + BATCH
        # the VLM and its merges are of one size
        reads = self.size.models["vlm"].nbytes
        return Cost(step, reads, ANSWERS, memory, seconds, kept=BATCH)

    def _placed(self, cost: Cost, step: str) -> Job:
        """Returns the job where its step runs: on CPUs, or with its memory on GPUs."""
        if not self._on_gpu(step):
            return Job(cost, self.threads)
        there = cost.memory - PROCESS - cost.kept
        # training spreads a model over GPUs; all else takes one
        spread = step in ("gates", "curvature")
        gpus = ceil(there / (self.config.limits.gpu_memory * 1e9)) if spread else 1
        return Job(replace(cost, memory=GPU_PROCESS + cost.kept), self.threads, gpus, there)

    def _on_gpu(self, step: str) -> bool:
        return device_of(self.config, step) == "cuda"

    def _speed(self, step: str) -> Speed:
        return speed(self.threads, self._on_gpu(step))


def _tokens(suite: Suite, settings: Evaluation) -> tuple[float, float]:
    """Returns how many tokens the prompts and the answers of a suite have."""
    prompts = answers = 0.0
    for name, group in suite.groups.items():
        count = sum(questions(benchmark) for benchmark in group.benchmarks)
        kind = "reasoning answer" if name == "reasoning" else "other answer"
        prompts += count * unit("prompt")
        answers += count * min(unit(kind), settings.max_new_tokens)
    return prompts, answers
