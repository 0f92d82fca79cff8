"""Records survive deaths, damage and company."""

from __future__ import annotations

import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from frism.errors import OutputError
from frism.journal import Journal, Writer

RECORDS = [{"index": index, "text": f"π\n{index}\ud800"} for index in range(4)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal with all records, in a folder that was not there."""
    path = tmp_path / "new" / "journal.jsonl"
    for record in RECORDS:
        Journal(path).append(record)
    return path


def test_records_come_back_in_order_and_once(path: Path) -> None:
    journal = Journal(path)
    assert journal.new_records() == RECORDS
    assert journal.new_records() == []
    Journal(path).append({"index": 9})
    assert journal.new_records() == [{"index": 9}]


def test_no_file_holds_no_records(tmp_path: Path) -> None:
    assert Journal(tmp_path / "none").new_records() == []


def test_a_line_is_json_in_ascii(path: Path) -> None:
    line = path.read_bytes().splitlines()[0].decode("ascii")
    assert line == (
        '{"record":{"index":0,"text":"\\u03c0\\n0\\ud800"},"sha256":'
        '"' + _sha256('{"index":0,"text":"\\u03c0\\n0\\ud800"}') + '"}'
    )


def _sha256(text: str) -> str:
    command = ["sha256sum"]
    done = subprocess.run(command, input=text, capture_output=True, text=True, check=True)
    return done.stdout.split()[0]


def test_a_death_at_any_byte_loses_the_last_record_at_most(path: Path) -> None:
    whole = path.read_bytes()
    start = whole.rindex(b"\n", 0, -1) + 1
    for cut in range(start, len(whole)):
        path.write_bytes(whole[:cut])
        kept = RECORDS if cut == len(whole) - 1 else RECORDS[:-1]
        assert Journal(path).new_records() == kept
        Journal(path).append({"index": "next"})
        assert Journal(path).new_records() == [*kept, {"index": "next"}]


def test_a_reader_takes_a_cut_line_once_it_is_whole(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    journal = Journal(path)
    assert journal.new_records() == RECORDS[:-1]
    path.write_bytes(whole)
    assert journal.new_records() == RECORDS[-1:]
    assert journal.damaged == 0


@pytest.mark.parametrize("damage", [b"0", b"[]", b'{"record": 1}', b"\xff\x00", b"[" * 100_000])
def test_damaged_lines_are_passed_over_and_counted(path: Path, damage: bytes) -> None:
    lines = path.read_bytes().splitlines()
    lines[1] = lines[1].replace(b"u03c0", b"u03c1")
    path.write_bytes(b"\n".join([*lines[:3], damage, lines[3]]) + b"\n")
    journal = Journal(path)
    assert journal.new_records() == [RECORDS[0], *RECORDS[2:]]
    assert journal.damaged == 2


WRITE = """
import sys
from pathlib import Path
from frism.journal import Journal
for _ in range(50):
    Journal(Path(sys.argv[1])).append({"by": sys.argv[2], "text": "x" * 9000})
"""


def test_processes_and_threads_append_to_one_file(tmp_path: Path) -> None:
    path = tmp_path / "journal.jsonl"
    others = [subprocess.Popen([sys.executable, "-c", WRITE, path, name]) for name in ("0", "1")]
    shared = Journal(path)

    def write(name: str) -> None:
        for _ in range(50):
            shared.append({"by": name, "text": "y" * 9000})

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(write, ("a", "b")))
    assert [other.wait() for other in others] == [0, 0]
    found = Journal(path)
    writers = [record["by"] for record in found.new_records()]
    assert {name: writers.count(name) for name in writers} == {"0": 50, "1": 50, "a": 50, "b": 50}
    assert found.damaged == 0


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError, match=r"cannot write .*file/journal"):
        Journal(tmp_path / "file" / "journal").append({})


def test_records_of_another_key_do_not_count(tmp_path: Path) -> None:
    path = tmp_path / "journal"
    for key in ("", "a" * 64, "b" * 64):
        Journal(path, key).append({"key": key})
    for key in ("", "a" * 64, "b" * 64):
        journal = Journal(path, key)
        assert (journal.new_records(), journal.damaged) == ([{"key": key}], 2)


def test_a_line_without_an_end_is_torn_until_it_is_whole(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:-20])
    journal = Journal(path)
    journal.new_records()
    assert journal.torn
    path.write_bytes(whole)
    journal.new_records()
    assert not journal.torn


@pytest.mark.parametrize(("pause", "syncs"), [(0.0, [1, 2, 3, 4, 4]), (1e6, [1, 1, 1, 1, 2])])
def test_the_disk_is_synced_at_most_once_in_a_pause(
    pause: float, syncs: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own, counts, synced = os.fsync, [], []

    def fsync(file: int) -> None:
        synced.append(file)
        own(file)

    path = tmp_path / "journal"
    monkeypatch.setattr("frism.journal.time.monotonic", lambda: 2e6)
    with Writer(path, pause=pause) as writer:
        monkeypatch.setattr(os, "fsync", fsync)
        for record in RECORDS:
            writer.append(record)
            counts.append(len(synced))
            assert Journal(path).new_records()[-1] == record
    assert [*counts, len(synced)] == syncs


def test_several_records_are_written_at_once(path: Path) -> None:
    with Writer(path) as writer, Writer(path) as other:
        assert writer.is_begun
        writer.append(*RECORDS[:2])
        other.append(*RECORDS[2:])
        writer.append()
    assert Journal(path).new_records() == RECORDS * 2
