"""`frism merge` and `frism svd` for several families at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from frism.checkpoints.hashing import weights_hash
from frism.cli.main import main
from tests.pico import Pico
from tests.pico_merges import merge
from tests.steps import PicoMerge, run_step


def test_merge_step_serves_several_families(pico_merge: PicoMerge, tmp_path: Path) -> None:
    models, expected = pico_merge.models, merge(pico_merge, tmp_path / "expected")
    outputs = [tmp_path / "one", tmp_path / "two"]
    lists: dict[str, object] = {
        "vlm": models.vlm,
        "base": models.base,
        "lrm": models.lrm,
        "subspaces": pico_merge.subspaces,
        "gates": pico_merge.gates,
    }
    words = [w for name, path in lists.items() for w in (f"--{name}", str(path), str(path))]
    parameters = "alpha=1+lambda_lrm=1"
    run_step("merge", *words, "--output", *map(str, outputs), method="frism", parameters=parameters)
    for output in outputs:
        assert weights_hash(output) == weights_hash(expected.directory)


def test_lists_of_different_lengths_are_refused(
    pico: Pico, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    base, lrm = str(pico.base), str(pico.lrm)
    step = ["svd", "--role", "lrm"]
    words = [*step, "--base", base, base, "--tuned", lrm, "--output", str(tmp_path / "t")]
    assert main(words) == 2
    capsys.readouterr()
    assert main([*words, str(tmp_path / "t")]) == 2
    assert "--base 2, --tuned 1, --output 2" in capsys.readouterr().err
    twice = [*step, "--base", base, base, "--tuned", lrm, lrm]
    assert main([*twice, "--output", str(tmp_path / "t"), str(tmp_path / "t")]) == 2
    assert "names a path twice" in capsys.readouterr().err
    lost = [*step, "--base", base, str(tmp_path / "lost"), "--tuned", lrm, lrm]
    outputs = [tmp_path / "one", tmp_path / "two"]
    assert main([*lost, "--output", *map(str, outputs)]) == 2
    assert "lost does not exist" in capsys.readouterr().err
    assert not outputs[0].exists()
