"""What `frism plan` says of a pair before anything is done."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from frism.checkpoints.reader import SINGLE_FILE, Checkpoint
from frism.cli.main import main
from frism.config.distillation import Distillation
from frism.config.pair_tree import PairCheckpoints
from frism.config.tree import Subspaces
from frism.planning.costs import costs
from frism.planning.fates import fates, mismatches
from frism.planning.models import open_pair
from frism.planning.norms import TOO_LARGE, module_norms
from frism.planning.report import warnings
from frism.planning.unit_costs import Speed
from frism.text_table import amount, duration
from tests.hub_runs import HubRuns
from tests.pico import LAYERS, MATRICES, Pico, make_pico, task_vectors
from tests.steps import run_step

SPEED = Speed(1e9, 1e8, 1e9, 1e9, 1e8)


def pair_of(models: Pico) -> PairCheckpoints:
    return PairCheckpoints(base=str(models.base), vlm=str(models.vlm), lrm=str(models.lrm))


def write_pair(path: Path, **models: object) -> Path:
    path.write_text("".join(f"{role}: {place}\n" for role, place in models.items()))
    return path


def test_every_tensor_is_counted_once(pico: Pico) -> None:
    found = fates(open_pair(pair_of(pico)))
    vlm, lrm = Checkpoint(pico.vlm), Checkpoint(pico.lrm)
    own = [each for each in found if each.fate != "skipped"]
    assert sum(each.count for each in own) == len(vlm.tensors)
    assert sum(each.nbytes for each in own) == sum(vlm.tensor(n).nbytes for n in vlm.tensors)
    matched = {each.kind: each for each in found if each.fate == "matched"}
    assert len(matched) == 7
    assert all(each.count == LAYERS for each in matched.values())
    assert matched["down_proj"].shapes == ((32, 48),)
    rest = sum(each.count for each in found if each.fate == "skipped")
    assert rest == len(lrm.tensors) - MATRICES


def test_norms_are_those_of_the_task_vectors(pico: Pico) -> None:
    pair = open_pair(pair_of(pico))
    base, taus = Checkpoint(pico.base), task_vectors(pico)
    found = module_norms(pair.lrm, pair.base, list(taus))
    assert sum(len(each.norms) for each in found) == MATRICES
    for each in found:
        for layer, norm in each.norms.items():
            (name,) = (n for n in taus if f".{layer}." in n and f".{each.module}." in n)
            expected = float(taus[name].double().norm() / base.tensor(name).double().norm())
            assert norm == pytest.approx(expected, rel=1e-5)
    first = module_norms(pair.lrm, pair.base, list(taus), layers=1)
    assert [list(each.norms) for each in first] == [[0]] * 7


def test_a_wrong_base_is_noticed(pico: Pico, tmp_path: Path) -> None:
    other = make_pico(tmp_path, seed=9)
    wrong = open_pair(pair_of(pico).model_copy(update={"base": str(other.base)}))
    norms = module_norms(wrong.lrm, wrong.base, list(wrong.lrm.matrices))
    assert all(each.mean > TOO_LARGE for each in norms)
    assert any(
        "probably not what the LRM was tuned from" in line for line in warnings(wrong, norms)
    )
    right = open_pair(pair_of(pico))
    assert warnings(right, module_norms(right.lrm, right.base, list(right.lrm.matrices))) == []


def test_rope_vocabulary_and_ties_that_differ_are_named(pico: Pico, tmp_path: Path) -> None:
    other = make_pico(tmp_path, tied=False)
    config = json.loads((other.lrm / "config.json").read_text())
    config["rope_parameters"]["rope_theta"] = 1e4
    (other.lrm / "config.json").write_text(json.dumps(config | {"vocab_size": 7}))
    lines = "\n".join(
        warnings(open_pair(pair_of(pico).model_copy(update={"lrm": str(other.lrm)})), [])
    )
    assert "the LRM has rope theta 10000.0, the VLM 20.0; the VLM's is kept" in lines
    assert "the LRM has vocabulary size 7" in lines
    assert "the LRM has tied embeddings False, the VLM True" in lines


def test_tensors_that_do_not_fit_are_shown_with_both_shapes(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = make_pico(tmp_path)
    name = "model.layers.1.mlp.up_proj.weight"
    for folder in (models.lrm, models.base):
        tensors = load_file(folder / SINGLE_FILE)
        tensors[name] = torch.zeros(40, 32)
        save_file(tensors, folder / SINGLE_FILE, metadata={"format": "pt"})
    file = SINGLE_FILE
    line = f"{name}: [48, 32] in the VLM ({file}), [40, 32] in the lrm ({file})"
    assert line in mismatches(open_pair(pair_of(models)))
    pair = write_pair(tmp_path / "p.yaml", base=models.base, vlm=models.vlm, lrm=models.lrm)
    assert main(["plan", str(pair), "--config", str(tmp_path / "none.yaml")]) == 2
    told = capsys.readouterr()
    assert "mismatched (2), so this pair cannot be merged" in told.out
    assert "[40, 32] in the base" in told.out
    for part in (name, "[48, 32]", "[40, 32]", str(models.vlm / file), str(models.lrm / file)):
        assert part in told.err


def test_costs_follow_from_shapes(pico: Pico) -> None:
    pair = open_pair(pair_of(pico)).size
    whole = {each.step: each for each in costs(pair, SPEED, Subspaces(), Distillation())}
    assert list(whole) == ["svd of the lrm", "gates", "merge", "merge with gates"]
    stored = sum(min(t.shape) * (sum(t.shape) + 1) * 4 for t in task_vectors(pico).values())
    assert whole["svd of the lrm"].writes == stored
    vlm = Checkpoint(pico.vlm)
    assert whole["merge"].writes == sum(vlm.tensor(name).nbytes for name in vlm.tensors)
    assert whole["merge with gates"].reads == whole["merge"].reads + stored
    assert all(each.seconds > 0 and each.memory > 0 for each in whole.values())
    half = costs(pair, SPEED, Subspaces(storage="bfloat16", rank=4), Distillation())[0]
    assert half.writes == sum(4 * (sum(t.shape) * 2 + 4) for t in task_vectors(pico).values())


def test_plan_is_printed_with_all_its_parts(
    pico: Pico, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = write_pair(tmp_path / "p.yaml", base=pico.base, vlm=pico.vlm, lrm=pico.lrm)
    run_step("plan", str(file), config=tmp_path / "none.yaml")
    told = capsys.readouterr().out
    for part in ("matched", "copied", "skipped", "||tau||/||W||", "writes (disk)", "peak memory"):
        assert part in told


def test_a_merge_says_its_plan_first(
    pico: Pico, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    models = {"vlm": pico.vlm, "base": pico.base, "lrm": pico.lrm}
    run_step(
        "merge", **models, method="task_arithmetic", parameters="lambda=1", output=tmp_path / "m"
    )
    told = capsys.readouterr().out
    assert told.index("matched") < told.index("||tau||/||W||") < told.index("peak memory")


def test_an_embedded_pair_has_no_plan(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plan", "embedded"]) == 2
    assert "expected one of checkpoints" in capsys.readouterr().err


def test_a_pair_is_planned_from_headers_on_the_hub(
    hub: HubRuns, pico: Pico, tmp_path: Path
) -> None:
    commits = {
        role: hub.server.add_repo(f"o/{role}", getattr(pico, role))
        for role in ("base", "vlm", "lrm")
    }
    file = write_pair(tmp_path / "p.yaml", **{r: f"o/{r}@{c}" for r, c in commits.items()})
    command = [sys.executable, "-m", "frism", "plan", str(file), "--config", "none.yaml"]
    done = subprocess.run(
        command, env=hub.environment(), cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "headers only" in done.stdout
    assert "download vlm" in done.stdout
    asked = [each for each in hub.server.asked_for(SINGLE_FILE) if each.range]
    assert asked
    assert all(each.range for each in hub.server.asked_for(SINGLE_FILE))


def test_amounts_and_durations() -> None:
    assert [amount(n) for n in (7, 1500, 2.5e9, 3e12)] == ["7 B", "1.5 kB", "2.5 GB", "3000.0 GB"]
    assert [duration(s) for s in (0, 59.6, 600, 8000)] == ["-", "60 s", "10 min", "2.2 h"]


@pytest.mark.parametrize(
    ("pair", "config", "words"),
    [
        ("key_map: {'^(lang': x}", "", ("key_map", "regular expression")),
        ("vlm: Qwen/Qwen2.5-VL-3B-Instruct", "", ("vlm", "owner/name@revision")),
        ("", "subspaces: {rank: -3}", ("subspaces.rank", "found -3")),
        ("", "bogus: 1", ("bogus", "unknown")),
    ],
)
def test_mistakes_are_one_message_before_the_plan(
    pico: Pico,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    pair: str,
    config: str,
    words: tuple[str, ...],
) -> None:
    own = {"base": pico.base, "vlm": pico.vlm, "lrm": pico.lrm}
    file = write_pair(tmp_path / "p.yaml", **{r: p for r, p in own.items() if f"{r}:" not in pair})
    file.write_text(file.read_text() + pair + "\n")
    (tmp_path / "config.yaml").write_text(config or "name: tiny")
    assert main(["plan", str(file), "--config", str(tmp_path / "config.yaml")]) == 2
    told = capsys.readouterr()
    assert told.out == ""
    assert all(word in told.err for word in words), told.err


def test_swapped_models_are_noticed(pico: Pico) -> None:
    swapped = pair_of(pico).model_copy(update={"vlm": str(pico.lrm), "lrm": str(pico.vlm)})
    assert any("are vlm and lrm swapped" in line for line in warnings(open_pair(swapped), []))
