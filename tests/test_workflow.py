"""The real workflow on a small pair of checkpoints: what runs again, and what comes out."""

from __future__ import annotations

import json
import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from frism.checkpoints.hashing import weights_hash
from frism.embedded.benchmarks import write_benchmarks
from tests.pico import make_pico
from tests.workflow_results import contents
from tests.workspace import KILLED, ROOT, Death, Job, Workspace

QUESTIONS = {"calibration": 24, "validation": 12, "test": 12}
CONFIG: dict[str, Any] = {
    "name": "tiny",
    "pairs": ["first"],
    "experiments": {
        "main": {
            "figure": "main",
            "methods": {
                "task_arithmetic": {"lambda": [0.5]},
                "frism": {"alpha": [0.3], "lambda_lrm": [1.0]},
                # needs the VLM's own base, which these pairs do not name
                "tsv_m": {"lambda": [1.0]},
            },
        }
    },
    "distillation": {"steps": 3, "batch_size": 8, "images": 24},
    "benchmarks": {
        "reasoning": {"judge": "rule", "benchmarks": ["FrismSolve", "FrismSolveMCQ"]},
        "perception": {"judge": "rule", "benchmarks": ["FrismRead"]},
        "text": {"judge": "rule", "benchmarks": ["FrismSolveText"]},
    },
    "evaluation": {"batch_size": 64, "max_new_tokens": 8},
    "statistics": {"resamples": 100},
}
STEPS = ("tables_main", "figures_main", "samples", "times")
REPORTING = {Job(f"{step}_first") for step in STEPS}
TEST_RECORDS = 4 * (2 + 2)  # benchmarks, references and defined methods

GATES = "gates --method frism"
SWEEP = "sweep --gpus 0 --experiment main --method task_arithmetic"
ROUNDS: dict[str, list[Death]] = {
    "files and records before they are renamed": [
        Death("svd", "os.rename", r"/model\.layers\.1\.mlp\.up_proj\.safetensors$"),
        Death("evaluate --gpus 0 --method vlm", "os.rename", r"/\.records\..*FrismSolveMCQ_test"),
    ],
    "training of gates and half a checkpoint": [
        Death(GATES, "optimiser step", "2"),
        Death(SWEEP, "os.rename", r"/\.model\.partial/merge_card\.json$"),
    ],
    "the whole run, as its gates have appeared": [
        Death(GATES, "os.remove", r"/alpha[^/]*/\.key$", whole_run=True)
    ],
    "an evaluation amid its answers": [Death(SWEEP, "open", r"/frism-evaluate-[^/]*/work/")],
    "tables half written": [Death("tables", "os.rename", r"/main\.csv$")],
}
Pair = dict[str, str | int]
UNFINISHED = {
    "svd": Job("svd_lrm_first", "part=1"),
    "evaluate --gpus 0 --method vlm": Job("evaluate_reference_first", "role=vlm"),
    GATES: Job("gates_first", "method=frism, parameters=alpha=0.3+lambda_lrm=1"),
    SWEEP: Job("sweep_first", "experiment=main, method=task_arithmetic"),
    "tables": Job("tables_main_first"),
}


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Pair]:
    """Two pairs of pico checkpoints with benchmarks."""
    return {
        name: _make_pair(tmp_path_factory.mktemp(name), seed)
        for seed, name in enumerate(("first", "second"))
    }


def _make_pair(folder: Path, seed: int) -> Pair:
    models, data = make_pico(folder, seed=seed), folder / "data"
    data.mkdir()
    write_benchmarks(data, seed, QUESTIONS)
    roles = {"base": models.base, "vlm": models.vlm, "lrm": models.lrm, "data": data}
    paths = {role: str(path) for role, path in roles.items()}
    return {"kind": "checkpoints", "svd_parts": 1, **paths}


@pytest.fixture(scope="module")
def undisturbed(pairs: dict[str, Pair], tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A finished run on two cores; tests change only copies of it."""
    workspace = Workspace.make(tmp_path_factory.mktemp("undisturbed") / "run", CONFIG, pairs)
    workspace.run("--cores", "2")
    return workspace


def with_methods(**methods: dict[str, Sequence[float]]) -> dict[str, Any]:
    main = CONFIG["experiments"]["main"]
    changed = main | {"methods": main["methods"] | methods}
    return CONFIG | {"experiments": CONFIG["experiments"] | {"main": changed}}


def sweep_of(method: str, experiment: str = "main") -> Job:
    return Job("sweep_first", f"experiment={experiment}, method={method}")


def test_finished_run_has_nothing_to_do(undisturbed: Workspace) -> None:
    assert "Nothing to be done" in undisturbed.run("--cores", "2")
    scores = pd.read_csv(undisturbed.results / "tables" / "main_scores.csv")
    assert len(scores) == TEST_RECORDS
    assert set(scores["split"]) == {"test"}


def test_an_undefined_method_is_a_row_with_its_reason(undisturbed: Workspace) -> None:
    main = pd.read_csv(undisturbed.results / "tables" / "main.csv").set_index("method")
    assert list(main.index) == ["vlm", "lrm", "task_arithmetic", "frism", "tsv_m"]
    reasons = main["undefined"].dropna()
    assert list(reasons.index) == ["tsv_m"]
    assert "vlm_base" in reasons["tsv_m"]
    assert main["reasoning"].isna().sum() == 1


def test_alpha_runs_frism_alone_again(undisturbed: Workspace, tmp_path: Path) -> None:
    copy = undisturbed.copy(tmp_path / "run")
    copy.write_config(with_methods(frism={"alpha": [0.6], "lambda_lrm": [1.0]}))
    gates = Job("gates_first", "method=frism, parameters=alpha=0.6+lambda_lrm=1")
    assert copy.would_run() == {gates, sweep_of("frism")} | REPORTING


def test_new_lambda_is_one_sweep(undisturbed: Workspace, tmp_path: Path) -> None:
    copy = undisturbed.copy(tmp_path / "run")
    copy.write_config(with_methods(task_arithmetic={"lambda": [0.5, 0.7]}))
    assert copy.would_run() == {sweep_of("task_arithmetic")} | REPORTING


def test_tolerance_chooses_anew_and_trains_nothing(undisturbed: Workspace, tmp_path: Path) -> None:
    copy = undisturbed.copy(tmp_path / "run")
    copy.write_config(CONFIG | {"selection": {"perception_tolerance": 2.0}})
    sweeps = {sweep_of(method) for method in CONFIG["experiments"]["main"]["methods"]}
    assert copy.would_run() == sweeps | REPORTING


def test_experiments_are_targets_that_share_gates(undisturbed: Workspace, tmp_path: Path) -> None:
    copy = undisturbed.copy(tmp_path / "run")
    alpha = {
        "figure": "curve",
        "by": ["alpha"],
        "methods": {"frism": {"alpha": [0.3, 3.0], "lambda_lrm": [1.0]}},
    }
    spectra = {"figure": "spectra"}
    experiments = CONFIG["experiments"] | {"alpha": alpha, "spectra": spectra}
    copy.write_config(CONFIG | {"experiments": experiments})
    assert copy.would_run() == set()
    planned = copy.would_run("alpha")
    assert planned - {Job("alpha")} == {
        Job("gates_first", "method=frism, parameters=alpha=3+lambda_lrm=1"),
        sweep_of("frism", "alpha"),
        Job("tables_alpha_first"),
        Job("figures_alpha_first"),
    }
    copy.run("--cores", "2", "alpha", "spectra")
    table = pd.read_csv(copy.results / "tables" / "alpha.csv")
    assert list(table["parameters"].dropna())[-2:] == [
        "alpha=0.3+lambda_lrm=1",
        "alpha=3+lambda_lrm=1",
    ]
    for name in ("alpha", "spectra"):
        assert (copy.results / "figures" / f"{name}.png").stat().st_size > 0


def test_comments_run_nothing(undisturbed: Workspace, tmp_path: Path) -> None:
    copy = undisturbed.copy(tmp_path / "run")
    # Python looks for modules in the working directory first
    shutil.copytree(ROOT / "frism", copy.folder / "frism")
    edited = [copy.folder / "Snakefile", *copy.folder.rglob("*.yaml")]
    edited += [*copy.folder.rglob("*.smk"), *(copy.folder / "frism").rglob("*.py")]
    for file in edited:
        text = re.sub(
            r"^( *)(shell:|threads:)", r"\1# a remark\n\1\2", file.read_text(), flags=re.M
        )
        file.write_text(f"{text}\n# another remark\n")
    assert copy.would_run() == set()


def test_edited_method_runs_alone_again(undisturbed: Workspace, tmp_path: Path) -> None:
    copy = undisturbed.copy(tmp_path / "run")
    shutil.copytree(ROOT / "frism", copy.folder / "frism")
    file = copy.folder / "frism" / "methods" / "task_arithmetic.py"
    edited = file.read_text().replace(".add_(matrix", ".sub_(matrix")
    assert edited != file.read_text()
    file.write_text(edited)
    assert copy.would_run() == {sweep_of("task_arithmetic")} | REPORTING


def test_second_pair_runs_alone_from_its_own_models(
    undisturbed: Workspace, pairs: dict[str, Pair], tmp_path: Path
) -> None:
    copy = undisturbed.copy(tmp_path / "run")
    copy.write_config(CONFIG | {"pairs": ["first", "second"]})
    planned = copy.would_run()
    copy.run("--cores", "2")
    assert {job for job in planned if not job.rule.endswith("_second")} == set()
    scores = pd.read_csv(copy.results / "tables" / "second" / "main_scores.csv")
    assert scores["pair"].value_counts().to_dict() == {"second": TEST_RECORDS}
    cards = [
        json.loads(card.read_text()) for card in copy.results.rglob("second/**/merge_card.json")
    ]
    own = {role: weights_hash(str(pairs["second"][role])) for role in ("base", "vlm", "lrm")}
    assert [{role: card["weights"][role] for role in own} for card in cards] == [own, own]
    assert (copy.results / "tables" / "second" / "claim.json").is_file()
    assert (copy.results / "figures" / "second" / "samples.html").is_file()


def test_report_without_network_opens_with_the_verdict(
    undisturbed: Workspace, tmp_path: Path
) -> None:
    report = tmp_path / "report.html"
    words = ["--cores", "1", "--report", str(report)]
    done = undisturbed.snakemake(*words, prefix=without_network())
    assert done.returncode == 0, done.stdout
    text = report.read_text()
    verdict = (undisturbed.results / "tables" / "claim.rst").read_text().strip("* \n")
    assert verdict.startswith("first: The claim ")
    opening = re.sub("<[^>]*>", "", script_variable(text, "workflow_desc")).strip()
    assert opening.startswith(verdict.split(".")[0])
    categories = list(script_variable(text, "categories"))
    assert categories == ["1 Summary", "2 Tables", "3 Figures", "4 Samples"]
    runtimes = script_variable(text, "runtimes_spec")["data"]["values"]
    assert {each["rule"] for each in runtimes} >= {"svd_lrm_first", "gates_first", "sweep_first"}
    assert all(each["runtime"] > 0 for each in runtimes)
    assert re.findall(r"<(?:script|link|img)[^>]*(?:src|href)=\"?http[^>]*", text) == []


def without_network() -> list[str]:
    """Returns words that start a command without network where the system permits that."""
    words = ["unshare", "--map-root-user", "--net"]
    if shutil.which(words[0]) is None:
        return []
    return [] if subprocess.run([*words, "true"], check=False).returncode else words


def script_variable(html: str, name: str) -> Any:
    """Returns the value of a variable that the report's page is made from."""
    value, _ = json.JSONDecoder().raw_decode(
        html, html.index(f"var {name} = ") + len(f"var {name} = ")
    )
    return value


def test_killed_jobs_on_one_core_end_like_an_undisturbed_run(
    undisturbed: Workspace, pairs: dict[str, Pair], tmp_path: Path
) -> None:
    workspace = Workspace.make(tmp_path / "run", CONFIG, pairs)
    for name, deaths in ROUNDS.items():
        done = workspace.snakemake("--cores", "1", deaths=deaths)
        whole_run = any(death.whole_run for death in deaths)
        expected = (-signal.SIGKILL, 0) if whole_run else (1, len(deaths))
        assert (done.returncode, len(KILLED.findall(done.stdout))) == expected, (
            f"{name}\n{done.stdout}"
        )
        unfinished = {UNFINISHED[death.job] for death in deaths}
        assert unfinished <= workspace.would_run(), f"{name}\n{done.stdout}"
        if whole_run:
            assert "--unlock" in workspace.snakemake("--cores", "1").stdout
            workspace.run("--unlock")
    workspace.run("--cores", "1")
    assert contents(workspace.results) == contents(undisturbed.results)
    assert "Nothing to be done" in workspace.run("--cores", "1")
