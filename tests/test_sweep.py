"""Sweeps of pico families: what they find is what the single steps find."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from statistics import fmean
from typing import Any

import pytest
import torch

from frism.checkpoints.card import CARD_FILE
from frism.checkpoints.hashing import file_hash, weights_hash
from frism.checkpoints.reader import Checkpoint
from frism.cli.main import main
from frism.evaluation.records import Record, read_record, read_records
from frism.merging.apply import merge_checkpoint
from frism.merging.origin import ModelHashes
from frism.merging.sources import MergeFiles
from frism.methods.registry import method, parameters_slug
from frism.results.sweeps import read_sweep
from frism.sweep.memory import merge_in_memory
from frism.sweep.plan import plan_candidates
from tests.pico import make_pico, merged_names
from tests.pico_sweep import (
    BEST,
    GROUPS,
    METHOD,
    PicoFamily,
    evaluate,
    make_family,
    sweep,
    sweep_words,
    write_merge,
)
from tests.steps import PicoMerge, train_gates_of

CANDIDATES = ("lambda=0", "lambda=0.05", "lambda=0.5")


@pytest.fixture(scope="module")
def families(tmp_path_factory: pytest.TempPathFactory) -> list[PicoFamily]:
    root = tmp_path_factory.mktemp("families")
    # of these random models most answers come to an end
    return [make_family(root / f"seed-{seed}", seed) for seed in (2, 3)]


@pytest.fixture(scope="module")
def swept(families: list[PicoFamily], tmp_path_factory: pytest.TempPathFactory) -> Path:
    output = tmp_path_factory.mktemp("swept") / METHOD
    sweep(sweep_words(families, output, METHOD, *CANDIDATES))
    return output


def records(folder: Path) -> list[Record]:
    return [read_record(path) for path in sorted(folder.rglob("*.json"))]


def without_seconds(folder: Path) -> tuple[dict[str, Any], list[Record]]:
    content = json.loads((folder / "sweep.json").read_text())
    for candidate in content["candidates"]:
        del candidate["seconds"]
    found = records(folder / "records")
    return content, [each.model_copy(update={"seconds": 0.0}) for each in found]


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_merge_in_memory_is_the_checkpoint_that_would_be_written(
    tmp_path: Path, dtype: torch.dtype
) -> None:
    models = make_pico(tmp_path, dtype=dtype)
    files = MergeFiles(models.vlm, models.base, models.lrm)
    (candidate,) = plan_candidates(method(METHOD), ["lambda=0.7"], [])
    merged = merge_in_memory(files, method(METHOD), candidate, ModelHashes.of(files))
    merge_checkpoint(files, method(METHOD), candidate.given, tmp_path / "written")
    written = Checkpoint(tmp_path / "written")
    assert merged.weights == weights_hash(written.directory)
    card = json.loads((written.directory / CARD_FILE).read_text())
    assert merged.change == card["relative_change"] > 0
    assert set(merged.tensors) == set(merged_names(written))
    for name, tensor in merged.tensors.items():
        assert tensor.dtype == dtype
        assert torch.equal(tensor, written.tensor(name))


def test_validation_scores_are_those_of_written_checkpoints(
    swept: Path, families: list[PicoFamily], tmp_path: Path
) -> None:
    found = read_sweep(swept)
    assert [each.parameters for each in found.candidates] == list(CANDIDATES)
    for number, family in enumerate(families):
        for each in found.candidates:
            model = write_merge(family, each.parameters, tmp_path / f"{number}{each.parameters}")
            evaluate(family, model, tmp_path / "records", "--splits", "VAL")
            scores = {r.benchmark: r.score for r in read_records(tmp_path / "records")}
            assert each.weights[number] == weights_hash(model)
            for name, values in each.benchmarks.items():
                assert values[number] == pytest.approx(scores[name], abs=1e-9)


def test_candidates_differ_and_the_first_is_the_vlm(swept: Path) -> None:
    found = read_sweep(swept)
    assert found.vlm is not None
    first = found.candidates[0]
    assert (first.reasoning, first.perception) == (found.vlm.reasoning, found.vlm.perception)
    assert first.change == (0.0, 0.0)
    assert len({each.reasoning + each.perception for each in found.candidates}) == 3
    assert all(each.seconds.gates is None for each in found.candidates)


def test_averages_are_means_of_benchmarks(swept: Path) -> None:
    for each in read_sweep(swept).candidates:
        for k in (0, 1):
            reasoning = fmean(each.benchmarks[name][k] for name in GROUPS["reasoning"])
            assert each.reasoning[k] == pytest.approx(reasoning, abs=1e-9)
            assert each.perception[k] == each.benchmarks["FrismSeen"][k]


def test_one_candidate_is_chosen_by_the_rule(swept: Path) -> None:
    found = read_sweep(swept)
    (row,) = found.rows
    assert found.vlm is not None
    assert fmean(found.candidates[1].reasoning) > fmean(found.vlm.reasoning)
    assert fmean(found.candidates[1].perception) < fmean(found.vlm.perception) - 1
    assert (row.chosen, row.constraint_met) == ("lambda=0", True)
    assert (row.row, row.values, row.candidates) == ("none", {}, 3)


def test_a_wide_tolerance_chooses_more_reasoning(
    swept: Path, families: list[PicoFamily], tmp_path: Path
) -> None:
    words = sweep_words(families, tmp_path / "out", METHOD, *CANDIDATES)
    sweep([*words, "--perception-tolerance", "100"])
    assert read_sweep(tmp_path / "out").rows[0].chosen == BEST
    (weights,) = {record.weights for record in records(tmp_path / "out" / "records" / "none" / "0")}
    model = families[0].folder / "merges" / METHOD / BEST / "model"
    assert weights == weights_hash(model) == weights_hash(families[0].folder / "best")


def test_records_are_those_of_the_written_checkpoint_on_test(
    swept: Path, families: list[PicoFamily], tmp_path: Path
) -> None:
    chosen = read_sweep(swept).rows[0].chosen
    for number, family in enumerate(families):
        checkpoint = family.folder / "merges" / METHOD / chosen / "model"
        evaluate(family, checkpoint, tmp_path / "out", "--splits", "TEST")
        expected = [content_of(record) for record in read_records(tmp_path / "out")]
        found = read_records(swept / "records" / "none" / str(number))
        assert [content_of(record) for record in found] == expected
        assert {(r.family, r.method, parameters_slug(r.parameters)) for r in found} == {
            (number, METHOD, chosen)
        }
        assert {r.group for r in found} == set(GROUPS)


def content_of(record: Record) -> dict[str, Any]:
    own = {"family", "method", "parameters", "seconds"}
    return record.model_dump(exclude=own)


def test_only_chosen_candidates_are_written(swept: Path, families: list[PicoFamily]) -> None:
    chosen = {row.chosen for row in read_sweep(swept).rows}
    for family in families:
        written = {path.parent.name for path in family.folder.glob(f"merges/{METHOD}/*/model")}
        assert chosen <= written < set(CANDIDATES)


def test_rows_choose_each_for_themselves(families: list[PicoFamily], tmp_path: Path) -> None:
    words = sweep_words(families, tmp_path / "out", METHOD, *CANDIDATES, by="lambda")
    sweep(words)
    found = read_sweep(tmp_path / "out")
    assert [(row.row, row.chosen, row.candidates) for row in found.rows] == [
        (slug, slug, 1) for slug in CANDIDATES
    ]
    assert [row.values for row in found.rows] == [{"lambda": x} for x in (0.0, 0.05, 0.5)]
    assert len(records(tmp_path / "out" / "records")) == 3 * 2 * 4


def test_a_sweep_cut_short_goes_on_from_the_store(
    swept: Path, families: list[PicoFamily], tmp_path: Path
) -> None:
    expected = without_seconds(swept)
    weights = read_sweep(swept).candidates[1].weights[0][:16]
    folder = families[0].folder / "store" / weights
    stored = json.loads((folder / "FrismSeen_validation.json").read_text())
    (folder / "FrismSeen_validation.json").write_text(json.dumps(stored | {"seconds": 1234.0}))
    (folder / "FrismPico_validation.json").unlink()
    sweep(sweep_words(families, tmp_path / "out", METHOD, *CANDIDATES))
    assert without_seconds(tmp_path / "out") == expected
    # the group that was there is taken over, the other one measured again
    assert read_sweep(tmp_path / "out").candidates[1].seconds.evaluate[0] > 1234
    assert (folder / "FrismPico_validation.json").is_file()


def test_other_questions_are_asked_again(families: list[PicoFamily], tmp_path: Path) -> None:
    family = PicoFamily(families[0].models, tmp_path / "family")
    shutil.copytree(families[0].folder, family.folder)
    words = sweep_words([family], tmp_path / "out", METHOD, "lambda=0")
    sweep(words)
    file = family.inputs["data"] / "FrismSeen_VAL.tsv"
    lines = file.read_text().splitlines()
    file.write_text("\n".join([*(line.rpartition("\t")[0] + "\tx" for line in lines[1:])][:0]))
    file.write_text(
        "\n".join([lines[0], *(line.rpartition("\t")[0] + "\tx" for line in lines[1:])])
    )
    assert main(words) == 2
    evaluate(family, family.models.vlm, family.inputs["vlm-records"])
    sweep(words)
    assert read_sweep(tmp_path / "out").candidates[0].benchmarks["FrismSeen"] == (0.0,)


def test_a_checkpoint_that_stands_is_not_written_again(
    swept: Path, families: list[PicoFamily], tmp_path: Path
) -> None:
    chosen = read_sweep(swept).rows[0].chosen
    model = families[0].folder / "merges" / METHOD / chosen / "model"
    words = sweep_words(families, tmp_path / "out", METHOD, *CANDIDATES)
    before = (model / CARD_FILE).stat().st_ino
    sweep(words)
    assert (model / CARD_FILE).stat().st_ino == before
    card = json.loads((model / CARD_FILE).read_text())
    (model / CARD_FILE).write_text(json.dumps(card | {"inputs": {}}))
    sweep(words)
    assert json.loads((model / CARD_FILE).read_text()) == card


def test_gates_come_from_the_familys_folder(
    families: list[PicoFamily], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    slug = "alpha=1+lambda_lrm=1"
    words = sweep_words(families[:1], tmp_path / "out", "frism", slug)
    assert main(words) == 2
    assert f"gates/frism/{slug}/gates.safetensors does not exist" in capsys.readouterr().err
    models, files = families[0].models, families[0].inputs
    gates = families[0].folder / "gates" / "frism" / slug
    train_gates_of(PicoMerge(models, files["subspaces"], gates), gates)
    sweep(words)
    (candidate,) = read_sweep(tmp_path / "out").candidates
    history = json.loads((gates / "training.json").read_text())
    assert candidate.seconds.gates == (history["seconds"],)
    assert candidate.values["energy"] == 1.0
    checkpoint = families[0].folder / "merges" / "frism" / slug / "model"
    card = json.loads((checkpoint / CARD_FILE).read_text())
    assert card["parameters"] == {"alpha": 1.0, "lambda_lrm": 1.0}
    assert card["inputs"]["gates"] == file_hash(gates / "gates.safetensors")


def test_an_undefined_method_says_why(families: list[PicoFamily], tmp_path: Path) -> None:
    sweep(sweep_words(families, tmp_path / "out", "tsv_m", "lambda=1"))
    found = read_sweep(tmp_path / "out")
    assert found.undefined == method("tsv_m").undefined(())
    assert str(found.undefined).startswith("needs the language model that the VLM was trained")
    assert (found.candidates, found.rows, found.vlm) == ((), (), None)
    assert list((tmp_path / "out" / "records").iterdir()) == []


def test_mistakes_stop_before_the_work(
    families: list[PicoFamily], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def fails(*words: str) -> str:
        assert main(list(words)) == 2
        assert not (tmp_path / "out").exists()
        return capsys.readouterr().err

    out = tmp_path / "out"
    words = sweep_words(families, out, METHOD, *CANDIDATES)
    assert "each once" in fails(*sweep_words(families, out, METHOD, "lambda=1", "lambda=1.0"))
    assert "--families 3" in fails(*words, "--families", "1", "2", "3")
    assert "files are missing" in fails(*words, "--text", "FrismNone")
    assert "no benchmark of perception" in fails(*words, "--perception")
    assert "expected numbers" in fails(*sweep_words(families, out, METHOD, "lambda=9"))
