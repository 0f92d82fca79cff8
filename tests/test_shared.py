"""The store of shared results: an entry is whole, is checked, and is never in the way."""

from __future__ import annotations

from pathlib import Path

import pytest

from frism.checkpoints.subspace_folder import is_whole
from frism.shared import FOLDER, give, take
from tests.pico import Pico
from tests.steps import run_step

KIND, DIGEST = "subspaces", "d1"


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "store"
    folder.mkdir()
    monkeypatch.setenv(FOLDER, str(folder))
    return folder


def result(folder: Path, text: str = "text") -> Path:
    folder.mkdir()
    (folder / "file").write_text(text)
    return folder


def always(_: Path) -> bool:
    return True


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_what_was_given_is_taken(store: Path, tmp_path: Path) -> None:
    made, wanted = result(tmp_path / "made"), tmp_path / "wanted"
    wanted.mkdir()
    assert not take(KIND, DIGEST, wanted, always)
    give(KIND, DIGEST, made)
    assert take(KIND, DIGEST, wanted, always)
    assert contents(wanted) == contents(made)
    assert not take(KIND, "d2", wanted, always)
    assert [each.name for each in (store / KIND).iterdir()] == [DIGEST]


def test_without_a_store_nothing_is_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(FOLDER, raising=False)
    made = result(tmp_path / "made")
    give(KIND, DIGEST, made)
    assert not take(KIND, DIGEST, made, always)


@pytest.mark.usefixtures("store")
def test_the_first_entry_stays_and_outlives_its_maker(tmp_path: Path) -> None:
    first, second = result(tmp_path / "first", "one"), result(tmp_path / "second", "two")
    give(KIND, DIGEST, first)
    give(KIND, DIGEST, second)
    (first / "file").unlink()
    take(KIND, DIGEST, second, always)
    assert (second / "file").read_text() == "one"


def test_a_damaged_entry_is_made_again(store: Path, tmp_path: Path) -> None:
    made = result(tmp_path / "made")
    give(KIND, DIGEST, made)
    assert not take(KIND, DIGEST, made, lambda entry: (entry / "file").read_text() != "text")
    assert contents(made) == {"file": b"text"}
    assert not (store / KIND / DIGEST).exists()
    give(KIND, DIGEST, made)
    assert take(KIND, DIGEST, made, always)


def test_a_store_that_cannot_be_written_stops_nothing(
    store: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (store / KIND).write_text("a file in the way")
    give(KIND, DIGEST, result(tmp_path / "made"))
    assert "not shared" in capsys.readouterr().out


def test_another_file_system_has_copies_in_the_store_and_links_to_them(
    tmp_path: Path, other_file_system: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(FOLDER, str(other_file_system))
    made, wanted = result(tmp_path / "made"), tmp_path / "wanted"
    wanted.mkdir()
    give(KIND, DIGEST, made)
    assert take(KIND, DIGEST, wanted, always)
    (made / "file").unlink()
    assert contents(wanted) == {"file": b"text"}
    assert (wanted / "file").resolve() == other_file_system / KIND / DIGEST / "file"


def test_subspaces_are_taken_only_for_the_same_weights_and_settings(
    store: Path, pico: Pico, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def decompose(name: str, tuned: Path, *words: str) -> str:
        run_step("svd", *words, base=pico.base, tuned=tuned, role="lrm", output=tmp_path / name)
        return capsys.readouterr().out

    assert "shared as" in decompose("first", pico.lrm)
    assert "taken from" in decompose("second", pico.lrm)
    first, second = (tmp_path / name / "part-1-of-1" for name in ("first", "second"))
    assert contents(first) == contents(second)
    assert "taken from" not in decompose("rank", pico.lrm, "--rank", "2")
    assert "taken from" not in decompose("other", pico.base)
    (entry,) = [e for e in (store / KIND).iterdir() if contents(e) == contents(first)]
    victim = max(entry.iterdir(), key=lambda file: file.stat().st_size)
    damaged = bytearray(victim.read_bytes())
    damaged[-1] ^= 1
    victim.unlink()
    victim.write_bytes(damaged)
    assert not is_whole(entry)
    assert "damaged" in decompose("third", pico.lrm)
    assert contents(tmp_path / "third" / "part-1-of-1") == contents(first)
    assert is_whole(entry)
