"""What each job asks for: estimates by hand, margins, attempts, limits, a pair's own numbers."""

from __future__ import annotations

import re
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml

from frism.config.layout import Layout
from frism.config.load import Setup, load
from frism.config.pair_tree import PairEmbedded
from frism.config.resources import DEVICES, STEPS
from frism.config.tree import Config
from frism.planning.costs import PROCESS, Cost
from frism.planning.estimates import BATCH, GPU_PROCESS, Job
from frism.planning.needs import LEAST, Need, Needs, need_of
from frism.planning.unit_costs import UNIT_COSTS, speed, unit
from tests.planned_pairs import COMMIT, needs_of, suite_file, tiny_pair
from tests.workspace import ROOT

CUDA = {
    section: {"device": "cuda"}
    for section in ("subspaces", "distillation", "evaluation", "suite_evaluation")
}


def job(step: str, detail: str = "", pair: dict[str, Any] | None = None, **config: Any) -> Job:
    found = needs_of(tiny_pair(**pair or {}), **config).job(step, "tiny", detail)
    assert found is not None
    return found


def test_decompositions_by_hand() -> None:
    cost = job("svd", "lrm").cost
    # 2 k^2 n + 9 k^3 of two squares of 4, two of 2 x 4 and three of 6 x 4
    operations = 2 * (128 + 576) + 2 * (32 + 72) + 3 * (192 + 576)
    # r ((m + n) 4 + 4) bytes of U, Vh and S
    stored = 2 * 4 * 36 + 2 * 2 * 28 + 3 * 4 * 44
    assert stored == 928
    assert cost.writes == stored // 2
    assert cost.reads == 640 + 2 * 240 // 2
    assert cost.memory == PROCESS + 12 * 24 * 4
    assert cost.seconds == pytest.approx(
        (operations / 4.5e10 + stored / 7e8) / 2 + 640 / 1.6e9, rel=1e-9
    )


def test_gates_by_hand() -> None:
    settings = {"batch_size": 2, "images": 3, "steps": 5}
    cost = job("gates", distillation=settings).cost
    # 800 tokens, each matrix is formed: 2 T mn + r mn, gates T mn + r mn, and the teacher T mn
    square, keys, inner = (800 * 4 * mn + 2 * r * mn for mn, r in ((16, 4), (8, 2), (24, 4)))
    # (pairing dY U with x Vh^T, T r (m + n), is dearer for all of them)
    work = 2 * square + 2 * keys + 3 * inner
    assert cost.seconds == pytest.approx((5 * work + 3 * 400 * 165) / 8.8e10, rel=1e-9)
    held = 165 * 4 + 928 + (800 * 4 * 34 + 120) * 4
    examples = 3 * 400 * 4 * 4
    assert (cost.memory, cost.kept) == (PROCESS + held + examples, examples)
    assert (cost.reads, cost.writes) == (330 + 928, 4 * (4 + 2 + 2 + 4 + 4 + 4 + 4))
    parts = job(
        "gates", distillation=settings | {"accumulation": 2, "gradient_checkpointing": True}
    )
    assert parts.cost.memory == cost.memory - 400 * 4 * 34 * 4


def test_merges_by_hand() -> None:
    plain, gated = job("merge", "task_arithmetic").cost, job("merge", "frism").cost
    moved = (330 + 320 + 320 + 330) / 1.6e9 + 480 / 8e8 + 330 / 7e8
    assert (plain.reads, plain.writes) == (330 + 2 * 240, 330)
    assert plain.memory == PROCESS + 6 * 96
    assert plain.seconds == pytest.approx(moved, rel=1e-9)
    assert gated.reads == plain.reads + 928
    products = 2 * 4 * 16 + 2 * 2 * 8 + 3 * 4 * 24
    assert gated.seconds == pytest.approx(moved + products / 8.8e10, rel=1e-9)
    other = job("merge", "dare").cost
    assert other.seconds == pytest.approx(4 * moved, rel=1e-9)
    assert other.memory == PROCESS + 9 * 96


def test_answers_by_hand(tmp_path: Path) -> None:
    settings = {"max_new_tokens": 100, "batch_size": 8, "dtype": "bfloat16"}
    given: dict[str, Any] = {"suite": suite_file(tmp_path)}
    prompts, answers = 4588 * 1300, 1500 * 100 + 3088 * 64
    on_cpu = job("eval", **given, suite_evaluation=settings | {"device": "cpu"})
    assert on_cpu.cost.seconds == pytest.approx((prompts + answers) * 165 / 8.8e10, rel=1e-9)
    cached = 8 * 1400 * 4 * 2
    assert on_cpu.cost.memory == PROCESS + 330 + cached + BATCH
    on_gpu = job("eval", **given, suite_evaluation=settings | {"device": "cuda"})
    assert (on_gpu.gpus, on_gpu.gpu_memory) == (1, 330 + cached)
    assert on_gpu.cost.memory == GPU_PROCESS + BATCH
    seconds = prompts * 165 / 6e13 + answers / 8 * (330 / 1e12 + 0.03)
    assert on_gpu.cost.seconds == pytest.approx(seconds, rel=1e-9)
    few = settings | {"device": "cuda", "max_batch_tokens": 3000}
    assert job("eval", **given, suite_evaluation=few).gpu_memory == 330 + 2 * 1400 * 4 * 2


def test_threads_share_the_work_in_part() -> None:
    assert speed(1).multiplications == 8.8e10
    assert speed(3).multiplications == pytest.approx(8.8e10 * 2.4)
    assert speed(3).hashed == speed(1).hashed
    assert speed(3, gpu=True).multiplications == 6e13
    (one, four) = (job("svd", "lrm", {"threads": threads}) for threads in (1, 4))
    assert (one.threads, four.threads) == (1, 4)
    assert four.cost.seconds < one.cost.seconds


def test_margins_and_least_numbers() -> None:
    large = Job(Cost("svd", 0, 3 * 10**9, 10 * 10**9, 3590.0), 8, 2)
    assert need_of("svd", large) == Need(13_000, 180, 3750, 2)
    small = Job(Cost("svd", 0, 1, 1, 1.0))
    assert need_of("svd", small) == need_of("svd", None) == Need(*LEAST["svd"], 0)
    assert all(mem_mb >= 400 for mem_mb, _, _ in LEAST.values())


def test_each_attempt_asks_for_as_much_again_up_to_the_limit() -> None:
    need = Need(1000, 30, 5)
    assert [need.at(attempt, "mem_mb") for attempt in (1, 2, 3)] == [1000, 2000, 3000]
    assert [need.at(attempt, "runtime", 50) for attempt in (1, 2, 3)] == [30, 50, 50]
    limits = {"mem_mb": 3500, "runtime": 100}
    asked = needs_of(tiny_pair(), limits=limits).of("gates", "tiny")
    found = [
        [asked[key](SimpleNamespace(method="frism"), attempt) for attempt in (1, 2, 3)]
        for key in ("mem_mb", "runtime")
    ]
    assert found[0][1:] == [3500, 3500]
    assert found[1] == [60, 100, 100]


def test_a_pair_may_name_its_own_numbers() -> None:
    own = {"svd": {"mem_mb": 700, "runtime": 5}, "merge": {"disk_mb": 9}}
    needs = needs_of(tiny_pair(resources=own))
    assert needs.need("svd", "tiny", "lrm") == Need(700, 5, 200, 0)
    asked = needs.of("svd", "tiny", "lrm")
    assert asked["mem_mb"](SimpleNamespace(), 2) == 1400
    assert needs.need("merge", "tiny", "frism").disk_mb == 9
    assert needs.need("gates", "tiny") == needs_of(tiny_pair()).need("gates", "tiny")


def test_gpus_are_asked_for_where_a_setting_says_cuda_and_nowhere_else() -> None:
    checkpoints, every = STEPS["checkpoints"], {}
    for device in ("cpu", "auto", "cuda"):
        config = {section: {"device": device} for section in CUDA}
        needs = needs_of(tiny_pair(), **config)
        every[device] = {step: needs.need(step, "tiny").gpu for step in checkpoints}
    assert set(every["cpu"].values()) == set(every["auto"].values()) == {0}
    assert {step for step, count in every["cuda"].items() if count} == set(DEVICES)
    assert set(every["cuda"].values()) == {0, 1}


def test_training_is_spread_over_as_many_gpus_as_it_needs() -> None:
    settings = {"device": "cuda", "batch_size": 64}
    found = job("gates", distillation=settings)
    spread = needs_of(
        tiny_pair(),
        distillation=settings,
        limits={"gpu_memory": found.gpu_memory / 1e9 / 2.5},
    )
    assert found.gpus == 1
    assert spread.need("gates", "tiny").gpu == 3
    # a model that answers stays on one
    assert spread.need("eval", "tiny").gpu == 0


def test_an_embedded_pair_asks_for_small_constants() -> None:
    pair = PairEmbedded(kind="embedded", resources={"base": {"mem_mb": 900}})  # type: ignore[dict-item]
    needs = Needs(Layout(Setup(Config(), {"embedded": pair})))
    for step in STEPS["embedded"]:
        least = LEAST[step]
        assert needs.need(step, "embedded") == Need(900 if step == "base" else least[0], *least[1:])


def test_an_embedded_pair_gets_a_gpu_where_a_setting_says_cuda() -> None:
    config = Config.model_validate({"distillation": {"device": "cuda"}})
    needs = Needs(Layout(Setup(config, {"embedded": PairEmbedded(kind="embedded")})))
    asked = {step: needs.need(step, "embedded").gpu for step in STEPS["embedded"]}
    assert {step for step, count in asked.items() if count} == {"gates", "curvature"}


def test_a_model_that_pairs_share_is_fetched_by_the_largest_need() -> None:
    pairs = {"one": tiny_pair(), "two": tiny_pair(resources={"download": {"disk_mb": 5000}})}
    needs = Needs(Layout(Setup(Config(pairs=("one", "two")), pairs)))
    folder = f"results/hub/o--vlm@{COMMIT}"
    assert folder in needs.run.downloads
    assert needs.download_need(folder) == Need(1500, 60, 5000)
    assert needs.download(folder)["disk_mb"](SimpleNamespace()) == 5000


def test_every_step_has_least_numbers_and_every_rate_a_source() -> None:
    steps = {step for steps in STEPS.values() for step in steps}
    assert steps | {"prefetch"} == set(LEAST)
    for name, cost in UNIT_COSTS.items():
        assert cost.value > 0, name
        assert cost.measured != ("assumed" in cost.source), name
    assert not [name for name in UNIT_COSTS if "GPU" in name and UNIT_COSTS[name].measured]
    assert unit("hashed") == 1.6e9


def test_the_example_of_the_guide_to_clusters_runs_on_gpus(tmp_path: Path) -> None:
    (example,) = re.findall(
        r"^```yaml\n(.*?)^```", (ROOT / "docs" / "cluster.md").read_text(), re.MULTILINE | re.DOTALL
    )
    (tmp_path / "pairs").symlink_to(ROOT / "config" / "pairs")
    (tmp_path / "config.yaml").write_text(example)
    run = Layout(load(tmp_path / "config.yaml"))
    given = yaml.safe_load(example)
    cluster = yaml.safe_load((ROOT / "config" / "cluster.yaml").read_text())
    shared = ("subspaces", "distillation", "suite_evaluation", "suite_shard")
    assert {key: given[key] for key in shared} == {key: cluster[key] for key in shared}
    steps = ("svd", "gates", "answers", "merge", "scores")
    asked = {step: Needs(run).need(step, *run.pairs) for step in steps}
    assert {step: need.gpu for step, need in asked.items()} == {
        **dict.fromkeys(("svd", "gates", "answers"), 1),
        **dict.fromkeys(("merge", "scores"), 0),
    }
    assert max(need.runtime for need in asked.values()) < 24 * 60
