"""The document of methods holds what the registry holds."""

from __future__ import annotations

from pathlib import Path

import pytest

from frism.cli.main import main
from frism.cli.methods_document import DOCUMENT, linked, methods_document
from frism.methods.groups import GROUPS, group_of
from frism.methods.registry import method, methods

ROOT = Path(__file__).parents[1]


def test_the_document_is_current() -> None:
    assert main(["methods-docs", "--check", "--root", str(ROOT)]) == 0


def test_every_method_has_a_row_and_a_section() -> None:
    lines = methods_document().splitlines()
    for slug, each in methods().items():
        assert sum(line.startswith(f"| [{each.name}](#{slug}) | `{slug}` |") for line in lines) == 1
        assert lines.count(f'### <a id="{slug}"></a>{each.name}') == 1
        assert each.summary in lines


def test_the_section_of_frism() -> None:
    text = methods_document()
    section = text.partition('<a id="frism"></a>')[2].partition("\n### ")[0]
    assert "- Paper: [arXiv:2601.21187](https://arxiv.org/abs/2601.21187)\n" in section
    assert "- Norms and biases: the VLM's\n" in section
    assert "one number g per direction, used as sigmoid(g); objective: distillation" in section
    assert (
        "| `alpha` | Weight of the injection term against distillation. | 0 to 10000 |" in section
    )


def test_whole_numbers_are_told() -> None:
    assert "| whole numbers, 1 to 64 | - | required |" in methods_document()


def test_links_stay_out_of_code() -> None:
    url = "https://arxiv.org/abs/2306.01708"
    assert linked("TIES (arXiv 2306.01708)") == f"TIES ([arXiv:2306.01708]({url}))"
    assert linked("`arXiv:2306.01708`") == "`arXiv:2306.01708`"
    assert linked("see https://x.org/y (https://x.org)") == "see <https://x.org/y> (https://x.org)"


def test_stale_or_missing_documents_are_named(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["methods-docs", "--root", str(tmp_path)]
    assert main([*arguments, "--check"]) == 2
    assert (
        "stale files: docs/methods.md; run `frism methods-docs --write`" in capsys.readouterr().err
    )
    assert main([*arguments, "--write"]) == 0
    assert (tmp_path / DOCUMENT).read_text() == methods_document()
    assert main([*arguments, "--check"]) == 0


def test_methods_are_grouped() -> None:
    assert group_of(method("task_arithmetic")) == "One task vector"
    assert group_of(method("frism")) == "Learned coefficients"
    assert {group_of(each) for each in methods().values()} <= set(GROUPS)
