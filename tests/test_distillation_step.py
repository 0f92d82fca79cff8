"""`frism gates` from its files to its files."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from safetensors.torch import load_file

from frism.distillation.questions import calibration_file, read_questions
from frism.errors import DataError
from tests.pico import MATRICES, QUESTIONS
from tests.steps import PicoMerge, run_step, train_gates_of


def without_seconds(file: Path) -> dict[str, Any]:
    report: dict[str, Any] = json.loads(file.read_text())
    parts = [report.pop("preparation_seconds"), report.pop("training_seconds")]
    assert min(parts) > 0
    assert report.pop("seconds") == pytest.approx(sum(parts))
    return report


def test_gates_do_not_depend_on_their_company(pico_merge: PicoMerge, tmp_path: Path) -> None:
    files = pico_merge
    both = [str(tmp_path / "one"), str(tmp_path / "two")]
    run_step(
        "gates",
        *["--vlm", *[str(files.models.vlm)] * 2, "--subspaces", *[str(files.subspaces)] * 2],
        *["--data", *[str(files.models.calibration.parent)] * 2, "--output", *both],
        *["--steps", "4", "--batch-size", "5", "--images", "12", "--learning-rate", "0.5"],
        method="frism",
        parameters="alpha=1+lambda_lrm=1",
    )
    for output in both:
        found = (Path(output) / "gates.safetensors").read_bytes()
        assert found == (files.gates / "gates.safetensors").read_bytes()
        report = without_seconds(Path(output) / "training.json")
        assert report == without_seconds(files.gates / "training.json")


def test_written_gates_and_history(pico_merge: PicoMerge, tmp_path: Path) -> None:
    train_gates_of(pico_merge, tmp_path, "matrix_gates", "alpha=0.5+lambda_lrm=0.8")
    gates = load_file(tmp_path / "gates.safetensors")
    assert {gate.shape for gate in gates.values()} == {(1,)}
    report = json.loads((tmp_path / "training.json").read_text())
    assert len(gates) == len(report["gates"]) == MATRICES
    assert report["examples"] == QUESTIONS
    assert report["settings"]["lambda_lrm"] == 0.8
    assert report["settings"]["learning_rate"] == 0.5
    assert [set(step) for step in report["steps"]] == [{"loss", "kl", "injection", "open"}] * 4
    for name, gate in gates.items():
        value = 1 / (1 + np.exp(-gate.item()))
        np.testing.assert_allclose(report["gates"][name]["mean"], value, rtol=1e-6)
        np.testing.assert_allclose(report["gates"][name]["energy"], value**2, rtol=1e-5)


def test_parameters_go_before_settings(pico_merge: PicoMerge, tmp_path: Path) -> None:
    parameters = "initial=0.4+learning_rate=0.002+images=7+modules=only_v+energy=0.8"
    train_gates_of(pico_merge, tmp_path, "ada_merging", parameters)
    report = json.loads((tmp_path / "training.json").read_text())
    assert report["examples"] == 7
    assert {name.split(".")[-2] for name in report["gates"]} == {"v_proj"}
    assert (
        report["settings"].items()
        >= {
            "learning_rate": 0.002,
            "initial": 0.4,
            "activation": "identity",
            "objective": "entropy",
            "granularity": "layer",
            "modules": "only_v",
            "energy": 0.8,
        }.items()
    )
    for gate in load_file(tmp_path / "gates.safetensors").values():
        # four steps of Adam
        assert 0.39 < gate.item() < 0.41


def test_calibration_of_another_kind(pico_merge: PicoMerge, tmp_path: Path) -> None:
    files = pico_merge.models
    table = pd.read_csv(files.calibration, sep="\t", dtype=str)
    table.assign(image="").to_csv(tmp_path / calibration_file("text"), sep="\t", index=False)
    linked = replace(pico_merge, models=replace(files, calibration=tmp_path / "calibration.tsv"))
    train_gates_of(linked, tmp_path / "g", "frism", "alpha=1+lambda_lrm=1+calibration=text")
    settings = json.loads((tmp_path / "g" / "training.json").read_text())["settings"]
    assert settings["calibration"] == "text"
    with pytest.raises(DataError, match=r"calibration\.tsv does not exist"):
        read_questions(linked.models.calibration, 1)


@pytest.mark.parametrize(
    ("method", "message"),
    [
        ("task_arithmetic", "'task_arithmetic' learns no gates"),
        ("frism_shuffled", "'frism_shuffled' takes over the gates of 'frism'"),
    ],
)
def test_methods_without_training_are_refused(
    pico_merge: PicoMerge,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    method: str,
    message: str,
) -> None:
    parameters = "lambda=1" if method == "task_arithmetic" else "alpha=1+lambda_lrm=1"
    with pytest.raises(AssertionError):
        train_gates_of(pico_merge, tmp_path / "g", method, parameters)
    assert message in capsys.readouterr().err
