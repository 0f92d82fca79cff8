"""`frism eval` takes a checkpoint of any family of VLM, not only of ours."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.eval_runs import EvalRuns, content, every_question, records
from tests.vlm_families import FAMILIES, FamilyMaker


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> EvalRuns:
    return EvalRuns.make(tmp_path_factory.mktemp("runs"))


@pytest.mark.parametrize("family", FAMILIES)
def test_every_family(families: FamilyMaker, runs: EvalRuns, tmp_path: Path, family: str) -> None:
    model = families(family).vlm
    assert runs.run(tmp_path, "--max-new-tokens", "4", "--batch-size", "16", model=model) == 0
    assert sorted(records(tmp_path)) == sorted(every_question())
    assert content(tmp_path, "FrismPico")["count"] == 12
