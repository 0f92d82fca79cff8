"""What answers depend on of a benchmark: its file, and the images that it names by path."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from frism.checkpoints.hashing import file_hash
from frism.evaluation.suite.keys import data_hash


def table(folder: Path, *lines: str) -> Path:
    file = folder / "MMStar.tsv"
    file.write_text("\n".join("\t".join(line.split("|")) for line in lines) + "\n")
    return file


def test_images_in_the_file_are_part_of_it(tmp_path: Path) -> None:
    file = table(tmp_path, "index|question|image|image_path", "1|what?|abc|1.png")
    assert data_hash(file) == file_hash(file)
    text = table(tmp_path, "index|question", "1|what?")
    assert data_hash(text) == file_hash(text)


def test_images_beside_the_file_are_part_of_it(tmp_path: Path) -> None:
    folder = tmp_path / "images" / "MMStar"
    folder.mkdir(parents=True)
    rows = ("1|what?|1.png", f"2|and?|['1.png', '{tmp_path / 'far.png'}']", "3|now?|", "4|or?|[x]")
    file = table(tmp_path, "index|question|image_path", *rows)
    hashes = [data_hash(file)]
    for place, shade in ((folder / "1.png", 1), (tmp_path / "far.png", 1), (folder / "1.png", 2)):
        Image.new("L", (4, 4), shade).save(place)
        hashes.append(data_hash(file))
    assert len(set(hashes)) == len(hashes)
    assert data_hash(file) == hashes[-1]
