"""References to models: a hub id with its revision, or a local path."""

from __future__ import annotations

import pytest

from frism.errors import ConfigError
from frism.hub.reference import HubModel, parse_reference

COMMIT = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.parametrize(
    ("text", "repo", "revision", "folder"),
    [
        (
            f"Qwen/Qwen2.5-VL-3B-Instruct@{COMMIT}",
            "Qwen/Qwen2.5-VL-3B-Instruct",
            COMMIT,
            f"Qwen--Qwen2.5-VL-3B-Instruct@{COMMIT}",
        ),
        ("gpt2@main", "gpt2", "main", "gpt2@main"),
        ("a/b_c@refs/pr/3", "a/b_c", "refs/pr/3", "a--b_c@refs%2Fpr%2F3"),
    ],
)
def test_a_reference_has_repo_and_revision(
    text: str, repo: str, revision: str, folder: str
) -> None:
    model = parse_reference(text)
    assert model == HubModel(repo, revision)
    assert str(model) == text
    assert model.folder == folder
    assert model.is_commit is (revision == COMMIT)


@pytest.mark.parametrize("text", ["models/vlm", "/data/vlm", "vlm", "../vlm", "owner/name"])
def test_without_revision_it_is_a_path(text: str) -> None:
    assert parse_reference(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "a/b/c@main",
        "./a@main",
        "/data/a@1",
        "a b/c@main",
        "-a/b@main",
        "a--b/c@main",
        "a/b..c@main",
        "a/b.@main",
        f"{'a' * 97}@main",
        "@main",
    ],
)
def test_ids_the_hub_cannot_have_are_refused(text: str) -> None:
    with pytest.raises(ConfigError, match=r"expected owner/name@revision.*or a local path"):
        parse_reference(text)


@pytest.mark.parametrize(
    "revision", ["", "a b", "a..b", "../a", "/a", "a/", "a@b", "a~1", "a^", "x.lock", "a{b}", "a\n"]
)
def test_revisions_git_cannot_have_are_refused(revision: str) -> None:
    with pytest.raises(ConfigError, match=r"expected a commit, branch or tag"):
        parse_reference(f"owner/name@{revision}")


def test_revisions_that_differ_have_folders_that_differ() -> None:
    revisions = ["a/b", "a--b", "a%2Fb", "A/b"]
    assert len({HubModel("o/n", revision).folder for revision in revisions}) == len(revisions)
