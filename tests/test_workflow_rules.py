"""Every rule is complete, and the trained pair runs again only what depends on a change."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.workspace import KILLED, ROOT, Death, Job, Workspace, write_yaml

CONFIG: dict[str, Any] = {
    "name": "tiny",
    "pairs": ["embedded"],
    "experiments": {
        "main": {
            "figure": "main",
            "methods": {
                "task_arithmetic": {"lambda": [0.4, 0.8]},
                "matrix_gates": {"alpha": [0.3], "lambda_lrm": [1.0]},
                "frism": {"alpha": [0.3], "lambda_lrm": [1.0]},
                "tsv_m": {"lambda": [1.0]},
            },
        }
    },
}
PAIR_FILE = "config/pairs/embedded.yaml"
PAIR: dict[str, Any] = yaml.safe_load((ROOT / PAIR_FILE).read_text())
SEED = PAIR["seeds"][0]
SEEDS = [f"seed={seed}" for seed in PAIR["seeds"]]
FILES = sorted((ROOT / "workflow" / "rules").glob("*.smk"))
RULE = re.compile(r"^( *)rule( \w+)?:\n((?:\1    .*\n|\n)+)", re.MULTILINE)
RULES = [
    pytest.param(body, id=f"{file.stem}-{number}")
    for file in FILES
    for number, (_, _, body) in enumerate(RULE.findall(file.read_text()))
]


def test_all_rules_are_looked_at() -> None:
    assert len(RULES) == sum(len(re.findall(r"^ *rule\b", f.read_text(), re.M)) for f in FILES)


def test_the_snakefile_only_gathers() -> None:
    bodies = [body for _, _, body in RULE.findall((ROOT / "Snakefile").read_text())]
    found = [set(re.findall(r"^ +(\w+):", body, re.MULTILINE)) for body in bodies]
    assert len(found) == 6
    assert all(each <= {"name", "default_target", "input"} for each in found)


@pytest.mark.parametrize("body", RULES)
def test_rule_has_log_benchmark_threads_resources_and_calls_frism(body: str) -> None:
    directives = set(re.findall(r"^ +(\w+):", body, re.MULTILINE))
    assert {"output", "log", "benchmark", "threads", "resources", "shell"} <= directives
    assert not directives & {"run", "script", "notebook", "wrapper"}
    assert re.search(r"\n +resources:\n +\*\*NEEDS\.(of|download|prefetch)\(.*\),\n", body)
    command = body.partition("shell:")[2]
    assert re.match(r'\s*(#.*\s+)?"(exec )?frism ', command)
    assert command.rstrip().endswith('&> {log}"')


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A run of the embedded pair that Snakemake takes for finished, though nothing was trained."""
    workspace = new_workspace(tmp_path_factory.mktemp("trained") / "run")
    plan = workspace.run("--dry-run")
    for line in re.findall(r"^    output: (.*)$", plan, re.MULTILINE):
        for path in line.split(", "):
            place(workspace.folder / path)
    workspace.run("--cores", "1", "--touch", "--forceall")
    return workspace


def new_workspace(folder: Path) -> Workspace:
    return Workspace.make(folder, CONFIG, {"embedded": PAIR})


def place(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    # a folder named alpha=0.3 has no suffix
    if path.suffix[1:].isalpha():
        path.touch()
    else:
        path.mkdir()


def rules(jobs: set[Job]) -> set[str]:
    return {job.rule.removesuffix("_embedded") for job in jobs}


REPORTING = {"tables_main", "figures_main", "samples", "times"}


def with_budget(workspace: Workspace, model: str) -> Workspace:
    budget = PAIR["training"][model] | {"extension": 301}
    training = PAIR["training"] | {model: budget}
    write_yaml(workspace.folder / PAIR_FILE, PAIR | {"training": training})
    return workspace


def test_trained_pair_is_finished(trained: Workspace) -> None:
    assert trained.would_run() == set()


def test_what_jobs_ask_for_makes_nothing_again(trained: Workspace, tmp_path: Path) -> None:
    copy = trained.copy(tmp_path / "run")
    own = {"base": {"mem_mb": 3000, "runtime": 7}, "gates": {"disk_mb": 9}}
    write_yaml(copy.folder / PAIR_FILE, PAIR | {"resources": own})
    copy.write_config(CONFIG | {"limits": {"mem_mb": 2000, "runtime": 40}})
    assert copy.would_run() == set()
    assert "mem_mb=2000" in copy.run("--dry-run", "--forceall")


def test_budget_of_the_lrm_spares_base_vlm_and_questions(
    trained: Workspace, tmp_path: Path
) -> None:
    planned = with_budget(trained.copy(tmp_path / "run"), "lrm").would_run()
    assert {job for job in planned if job.rule == "lrm_embedded"} == {
        Job("lrm_embedded", seed) for seed in SEEDS
    }
    downstream = {"svd_lrm", "gates", "sweep", "evaluate_reference"}
    assert rules(planned) == {"lrm"} | downstream | REPORTING
    assert Job("evaluate_reference_embedded", "role=vlm") not in planned


def test_budget_of_the_vlm_spares_the_lrm_and_its_subspaces(
    trained: Workspace, tmp_path: Path
) -> None:
    planned = with_budget(trained.copy(tmp_path / "run"), "vlm").would_run()
    downstream = {"svd_vlm", "gates", "sweep", "evaluate_reference"}
    assert rules(planned) == {"vlm"} | downstream | REPORTING
    assert Job("evaluate_reference_embedded", "role=lrm") not in planned


def test_alpha_of_frism_spares_the_other_learned_gates(trained: Workspace, tmp_path: Path) -> None:
    copy = trained.copy(tmp_path / "run")
    main = CONFIG["experiments"]["main"]
    frism = {"frism": {"alpha": [0.6], "lambda_lrm": [1.0]}}
    changed = main | {"methods": main["methods"] | frism}
    copy.write_config(CONFIG | {"experiments": {"main": changed}})
    gates = Job("gates_embedded", "method=frism, parameters=alpha=0.6+lambda_lrm=1")
    sweep = Job("sweep_embedded", "experiment=main, method=frism")
    reporting = {Job(f"{rule}_embedded") for rule in REPORTING}
    assert copy.would_run() == {gates, sweep} | reporting


def test_killed_training_leaves_no_model(tmp_path: Path) -> None:
    workspace = new_workspace(tmp_path / "run")
    base = workspace.results / "embedded" / f"seed-{SEED}" / "models" / "base"
    target = str(base.relative_to(workspace.folder))
    death = Death(f"train base --seed {SEED}", "optimiser step", "3")
    done = workspace.snakemake("--cores", "1", target, deaths=[death])
    assert done.returncode != 0
    assert KILLED.search(done.stdout), done.stdout
    assert not base.exists()
    assert workspace.would_run(target) == {Job("base_embedded", f"seed={SEED}")}
