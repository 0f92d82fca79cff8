"""Answers on disk: what was written counts, whatever else the files hold."""

from __future__ import annotations

import json
import os
import random
from pathlib import Path

import pytest

from frism.errors import OutputError
from frism.evaluation.answers import Answer
from frism.evaluation.predictions import Key, PredictionFile, read_predictions
from frism.locks import exclusive

KEY = Key({"weights": "a" * 64, "benchmark": "FrismSolve", "generation": {"limit": 64}})


def answer(k: int) -> Answer:
    return Answer(f"<think>{k}\u2028\n\u00e9</think> {k}", tokens=k, ended=k % 3 > 0, seconds=k / 7)


ANSWERS = {k: answer(k) for k in range(9)} | {"nine": answer(9)}


def write(folder: Path, worker: int = 0, key: Key = KEY) -> Path:
    with PredictionFile(folder, key, worker) as file:
        file.append({k: v for k, v in ANSWERS.items() if isinstance(k, int)})
        file.append({"nine": ANSWERS["nine"]})
    return folder / f"worker-{worker}.jsonl"


def test_what_is_written_is_read(tmp_path: Path) -> None:
    path = write(tmp_path / "new" / "folder")
    found = read_predictions(path.parent, KEY)
    assert found.answers == ANSWERS
    assert (found.damaged, found.repeated) == (0, 0)
    assert [type(index) for index in found.answers] == [int] * 9 + [str]


def test_an_empty_or_missing_folder_holds_none(tmp_path: Path) -> None:
    assert read_predictions(tmp_path, KEY).answers == {}
    assert read_predictions(tmp_path / "missing", KEY).answers == {}


def test_the_first_line_tells_what_the_key_is_made_of(tmp_path: Path) -> None:
    first, *rest = write(tmp_path).read_text().splitlines()
    assert json.loads(first)["record"]["key"] == KEY.parts
    assert len(rest) == len(ANSWERS)


def test_a_file_cut_at_any_byte_keeps_every_whole_line(tmp_path: Path) -> None:
    whole = write(tmp_path).read_bytes()
    for size in range(len(whole) + 1):
        (tmp_path / "worker-0.jsonl").write_bytes(whole[:size])
        found = read_predictions(tmp_path, KEY)
        lines = whole[:size].count(b"\n")
        # the last byte of a line is its end: without it the record is whole already
        assert len(found.answers) in {max(0, lines - 1), lines}
        assert found.answers == dict(list(ANSWERS.items())[: len(found.answers)])


def test_a_file_cut_at_any_byte_goes_on(tmp_path: Path) -> None:
    whole = write(tmp_path).read_bytes()
    for size in range(0, len(whole), 7):
        (tmp_path / "worker-0.jsonl").write_bytes(whole[:size])
        before = read_predictions(tmp_path, KEY)
        missing = {k: v for k, v in ANSWERS.items() if k not in before.answers}
        with PredictionFile(tmp_path, KEY) as file:
            file.append(missing)
        after = read_predictions(tmp_path, KEY)
        assert after.answers == ANSWERS
        assert (after.damaged, after.repeated) == (before.damaged, 0)


def test_a_changed_byte_costs_its_line_alone(tmp_path: Path) -> None:
    path = write(tmp_path)
    whole, chance = path.read_bytes(), random.Random(0)
    for place in chance.sample(range(len(whole)), 200):
        changed = bytearray(whole)
        changed[place] ^= 1 << chance.randrange(7)
        path.write_bytes(changed)
        found = read_predictions(tmp_path, KEY)
        assert found.answers.items() <= ANSWERS.items()
        assert len(found.answers) >= len(ANSWERS) - 2  # two where the end of a line was hit
        assert found.damaged >= 1


def test_lines_of_another_key_do_not_count(tmp_path: Path) -> None:
    other = Key({**KEY.parts, "weights": "b" * 64})
    assert other.digest != KEY.digest
    found = read_predictions(write(tmp_path, key=other).parent, KEY)
    assert (found.answers, found.damaged) == ({}, len(ANSWERS) + 1)


def test_what_is_no_record_is_counted(tmp_path: Path) -> None:
    write(tmp_path)
    strange = b'\xff\xfe\n[1]\n"text"\n{}\n{"index": 3}\nnull\n'
    (tmp_path / "worker-7.jsonl").write_bytes(strange + b"[" * 100_000)
    found = read_predictions(tmp_path, KEY)
    assert (found.answers, found.damaged) == (ANSWERS, 7)


def test_all_workers_are_read_and_the_first_answer_counts(tmp_path: Path) -> None:
    write(tmp_path, worker=1)
    with PredictionFile(tmp_path, KEY, worker=0) as file:
        file.append({3: answer(33), 77: answer(77)})
    found = read_predictions(tmp_path, KEY)
    assert found.answers == {**ANSWERS, 3: answer(33), 77: answer(77)}
    assert found.repeated == 1


def test_the_key_is_that_of_its_parts_in_any_order() -> None:
    again = Key(dict(reversed(list(KEY.parts.items()))))
    assert again.digest == KEY.digest
    assert KEY.digest.startswith(KEY.short)


def test_a_full_disk_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> int:
        raise OSError(28, "No space left on device")

    with PredictionFile(tmp_path, KEY) as file:
        monkeypatch.setattr(os, "write", full)
        with pytest.raises(OutputError, match=r"No space left on device.*what it holds is kept"):
            file.append({1: answer(1)})


def test_a_file_without_a_whole_header_gets_one(tmp_path: Path) -> None:
    path = write(tmp_path)
    header = path.read_bytes().splitlines(keepends=True)[0]
    for half in (b"", header[:9], header[:-1]):
        path.write_bytes(half)
        for _ in range(2):
            with PredictionFile(tmp_path, KEY) as file:
                file.append({1: answer(1)})
        assert header in path.read_bytes().splitlines(keepends=True)[:2]
        assert read_predictions(tmp_path, KEY).answers == {1: answer(1)}


def test_a_place_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for folder in (tmp_path / "file", tmp_path / "file" / "folder"):
        with pytest.raises(OutputError, match=r"cannot write .*: (File exists|Not a directory);"):
            PredictionFile(folder, KEY).__enter__()
        with pytest.raises(OutputError, match="cannot write"), exclusive(folder):
            pass


def test_one_process_at_a_time_works_in_a_folder(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    refused = pytest.raises(OutputError, match="by another process")
    with exclusive(folder), refused, exclusive(folder):
        pass
    with exclusive(folder):
        assert folder.is_dir()
