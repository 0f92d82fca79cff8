"""A benchmark on which VLMEvalKit's evaluation ends does not take the others with it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from frism.evaluation.datasets import OpenImageDataset
from tests.eval_runs import NAMES, EvalRuns, records, results


def test_the_others_are_scored_and_all_failures_told_at_the_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    runs, place = EvalRuns.make(tmp_path / "runs"), tmp_path / "place"
    scoring = OpenImageDataset.evaluate

    def evaluate(self: Any, eval_file: str, **settings: Any) -> Any:
        if self.dataset_name in NAMES:
            raise KeyError(f"column of {self.dataset_name}")
        return scoring(self, eval_file, **settings)

    with monkeypatch.context() as context:
        context.setattr(OpenImageDataset, "evaluate", evaluate)
        assert runs.run(place) == 2
    captured = capsys.readouterr()
    assert "Traceback" not in captured.err
    lines = [line for line in captured.err.splitlines() if "evaluation ended on" in line]
    assert len(lines) == 2
    for line, name in zip(lines, (NAMES[0], NAMES[2]), strict=True):
        assert f"{name}: VLMEvalKit's evaluation ended on KeyError: 'column of {name}'" in line
        assert f"Its answers are kept in {place / 'predictions'}" in line
    assert set(results(place)) == {f"{NAMES[1]}.json", "results.csv", "results.md"}
    before = records(place)
    assert runs.run(place) == 0
    assert records(place) == before
    assert {f"{name}.json" for name in NAMES} < set(results(place))
