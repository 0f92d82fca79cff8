"""A profile that is not there stops a run, and a named one is all of it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from frism.errors import ConfigError
from frism.scheduling.profiles import check_profile
from tests.workspace import ROOT, Workspace

PROFILES = ("default", "slurm", "workstation")


def profile(name: str) -> dict[str, Any]:
    text = (ROOT / "workflow" / "profiles" / name / "config.yaml").read_text()
    content: dict[str, Any] = yaml.safe_load(text)
    return content


def workspace(folder: Path) -> Workspace:
    pair = yaml.safe_load((ROOT / "config" / "pairs" / "embedded.yaml").read_text())
    config = {
        "name": "tiny",
        "pairs": ["embedded"],
        "experiments": {"main": {"methods": {"ties": {}}}},
    }
    return Workspace.make(folder, config, {"embedded": pair})


@pytest.mark.parametrize("name", ["slrum", "workflow/profiles/slrum", "profiles/slrum"])
@pytest.mark.parametrize("form", ["--workflow-profile {}", "--workflow-profile={}"])
def test_a_misspelt_name_is_an_error_with_a_hint(name: str, form: str) -> None:
    words = ["-n", *form.format(name).split(), "--cores", "1"]
    expected = rf"found no profile '{name}'; expected default, slurm, workstation .* mean slurm\?"
    with pytest.raises(ConfigError, match=expected):
        check_profile(words, ROOT)


@pytest.mark.parametrize(
    "words", ["slurm", "workflow/profiles/slurm", "none", str(ROOT / "profiles")]
)
def test_profiles_that_are_there_are_none(words: str) -> None:
    check_profile(["--workflow-profile", words], ROOT)
    check_profile(["--profile", "of-the-user"], ROOT)


@pytest.mark.parametrize("cores", [[], ["--cores", "1"]])
def test_a_run_with_a_misspelt_name_stops_with_one_message(
    tmp_path: Path, cores: list[str]
) -> None:
    run = workspace(tmp_path / "run")
    done = run.snakemake("--workflow-profile", "workflow/profiles/slrum", *cores)
    assert done.returncode != 0
    assert "found no profile 'workflow/profiles/slrum'" in done.stdout
    assert "Traceback" not in done.stdout
    assert not run.results.exists()


def test_names_are_relative_to_where_a_run_was_started(tmp_path: Path) -> None:
    run = workspace(tmp_path / "run")
    (tmp_path / "elsewhere").mkdir()
    words = ["--directory", str(tmp_path / "elsewhere"), "--dry-run", "--quiet", "--cores", "1"]
    here = ["env", f"PWD={run.folder}"]
    given = "workflow/profiles/default"
    done = run.snakemake("--workflow-profile", given, *words, prefix=here)
    assert (done.returncode, "found no profile" in done.stdout) == (0, False), done.stdout
    done = run.snakemake("--workflow-profile", f"{given}s", *words, prefix=here)
    assert f"found no profile '{given}s'" in done.stdout


def test_partition_type_and_node_follow_from_the_gpus_of_a_job(tmp_path: Path) -> None:
    run = workspace(tmp_path / "run")
    gpus = {"svd_lrm_embedded": 1, "svd_vlm_embedded": 0, "sweep_embedded": 2}
    told = run.run(
        *("everything", "--dry-run", "--config", "subspaces={'device': 'cuda'}"),
        *("--default-resources", "slurm_partition=c", "gpu_partition=g", "gpu_model=a100"),
        *("--set-resources", *(f"{rule}:gpu={count}" for rule, count in gpus.items())),
    )
    found = dict(
        re.findall(r"^rule (\S+):\n(?:    .*\n)*?    resources: (.*)$", told, re.MULTILINE)
    )
    seen = {
        rule: re.findall(r"\b(slurm_partition=\w+|gpu_\w+=\w+|nodes=\d+)", found[rule])
        for rule in gpus
    }
    assert seen == {
        "svd_lrm_embedded": ["slurm_partition=g", "gpu_model=a100"],
        "svd_vlm_embedded": ["slurm_partition=c"],
        "sweep_embedded": ["slurm_partition=g", "gpu_model=a100", "nodes=1"],
    }


@pytest.mark.parametrize("name", PROFILES)
def test_a_named_profile_holds_the_default_one(name: str) -> None:
    assert profile("default").items() <= profile(name).items()


def test_the_profile_of_a_cluster_is_edited_in_three_places() -> None:
    text = (ROOT / "workflow" / "profiles" / "slurm" / "config.yaml").read_text()
    assert [text.count(f"EDIT {place}:") for place in range(1, 5)] == [1, 1, 1, 0]
    assert profile("slurm")["default-resources"].keys() == {
        *("slurm_partition", "gpu_partition", "slurm_account", "gpu_model")
    }
