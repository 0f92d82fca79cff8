"""What the documents point to is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
CODE = re.compile(r"```.*?```|`[^`]*`", re.DOTALL)
TARGETS = (
    re.compile(r"\]\(<?([^)\s>]+)"),
    re.compile(r"^\[[^\]]+\]:\s*(\S+)", re.MULTILINE),
    re.compile(r"""(?:src|href)=["']([^"']+)"""),
)
FIGURES = re.compile(
    r"<!-- workflow figures: begin.*?-->(.*?)<!-- workflow figures: end", re.DOTALL
)


def linked_files(text: str) -> list[str]:
    """Returns the local files that a document links or shows, without their fragments."""
    prose = CODE.sub("`", text)
    found = [target for pattern in TARGETS for target in pattern.findall(prose)]
    local = [target for target in found if not re.match(r"[a-z]+:", target)]
    return [path for path in (target.partition("#")[0] for target in local) if path]


def test_links_of_every_form_are_found() -> None:
    text = (
        "[a](a.md#part) ![b](b.png \"title\") [![c](c.svg)](c.md) <img src='d.png'> [web](https://x.y)"
        "\n[e]: e.md\n[here](#part) `[code](f.md)`\n```\n[code](g.md)\n```\n"
    )
    assert sorted(linked_files(text)) == ["a.md", "b.png", "c.md", "c.svg", "d.png", "e.md"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_linked_files_exist(document: Path) -> None:
    linked = linked_files(document.read_text(encoding="utf-8"))
    assert [path for path in linked if not (document.parent / path).exists()] == []


def test_the_workflow_was_measured() -> None:
    found = FIGURES.search((ROOT / "benchmarks" / "README.md").read_text(encoding="utf-8"))
    assert found is not None
    assert found[1].strip(), "empty: paste the output of `python benchmarks/workflow.py --markdown`"
