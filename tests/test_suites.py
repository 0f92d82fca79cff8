"""Suites: those that ship, and what is refused in one."""

from __future__ import annotations

from pathlib import Path

import pytest

from frism.config.benchmarks import EMBEDDED_BENCHMARKS
from frism.config.load import load
from frism.config.suites import load_suite
from frism.errors import ConfigError

REFUSED = {
    "no group": ("{}", "reasoning: found no group; expected at least one"),
    "unknown group": ("vision: {judge: rule, benchmarks: [A]}", "unknown key 'vision'"),
    "unknown judge": ("text: {judge: gpt, benchmarks: [A]}", 'text.judge: found "gpt"'),
    "no judge": ("text: {benchmarks: [A]}", "text.judge: this key is required"),
    "no benchmark": ("text: {judge: rule, benchmarks: []}", "text.benchmarks: found []"),
    "twice in a group": ("text: {judge: rule, benchmarks: [A, A]}", 'found "A" 2 times'),
    "in two groups": (
        "reasoning: {judge: rule, benchmarks: [A]}\ntext: {judge: rule, benchmarks: [A]}",
        'text.benchmarks: found "A", which is in reasoning too',
    ),
    "calibration": (
        "perception: {judge: rule, benchmarks: [POPE, VizWiz]}",
        'perception.benchmarks[1]: found "VizWiz", which is for calibration only',
    ),
    "calibration in other letters": (
        "perception: {judge: rule, benchmarks: [POPE, vizwiz]}",
        'perception.benchmarks[1]: found "vizwiz", which is for calibration only',
    ),
    "whole and split": (
        "text: {judge: rule, benchmarks: [MathVerse_MINI, MathVerse_MINI_Text_Lite]}",
        "text.benchmarks: found MathVerse_MINI, the whole of all splits",
    ),
    **{
        f"exact for {name}": (
            f"reasoning: {{judge: exact, benchmarks: [MMStar, {name}]}}",
            f'reasoning.benchmarks[1]: found "{name}" with judge exact, but it needs a judge; '
            "allowed: rule or openai",
        )
        for name in (
            "MathVista_MINI",
            "MathVision",
            "MathVision_MINI",
            "MathVerse_MINI_Vision_Only",
            "LogicVista",
            "DynaMath",
        )
    },
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_wrong_suite_is_refused_with_one_line(name: str, tmp_path: Path) -> None:
    text, message = REFUSED[name]
    path = tmp_path / "own.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        load_suite(path)
    (line,) = str(caught.value).splitlines()
    assert line.startswith(f"{path}: ")
    assert message in line


def test_all_mistakes_come_at_once(tmp_path: Path) -> None:
    path = tmp_path / "own.yaml"
    path.write_text("text: {judge: exact, benchmarks: [VizWiz, DynaMath, A, A, vizwiz_VAL]}")
    with pytest.raises(ConfigError) as caught:
        load_suite(path)
    lines = str(caught.value).splitlines()
    assert len(lines) == 4
    assert sum("for calibration only" in line for line in lines) == 2


def test_an_unknown_suite_names_those_that_there_are() -> None:
    with pytest.raises(ConfigError, match="'papers'; allowed: embedded, paper; did you mean"):
        load_suite("papers")


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"none\.yaml: the file does not exist"):
        load_suite(tmp_path / "none.yaml")


def test_shipped_suites_are_found_from_anywhere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    suite = load_suite("paper")
    assert {group: len(each.benchmarks) for group, each in suite.groups.items()} == {
        "reasoning": 9,
        "perception": 10,
    }
    assert "VizWiz" not in suite.names
    (tmp_path / "config/suites").mkdir(parents=True)
    (tmp_path / "config/suites/paper.yaml").write_text("text: {judge: exact, benchmarks: [A]}")
    assert load_suite("paper").names == ("A",)


def test_the_embedded_suite_is_the_test_split_of_the_embedded_benchmarks() -> None:
    found = load_suite("embedded").groups
    assert {group: each.benchmarks for group, each in found.items()} == {
        group: tuple(f"{name}_TEST" for name in names)
        for group, names in EMBEDDED_BENCHMARKS.items()
        if group != "text"
    }


def test_a_suite_with_a_judge_model_needs_its_settings(tmp_path: Path) -> None:
    suite = tmp_path / "own.yaml"
    suite.write_text("reasoning: {judge: openai, benchmarks: [MMStar]}")
    (tmp_path / "pairs").mkdir()
    models = (f"{role}: o/{role}@{'a' * 40}\n" for role in ("base", "vlm", "lrm"))
    (tmp_path / "pairs" / "given.yaml").write_text("".join(models))
    config = tmp_path / "config.yaml"
    config.write_text(f"pairs: [given]\nsuite: {suite}\n")
    with pytest.raises(ConfigError, match=r"judge\.model: found none; expected the name of a"):
        load(config)
    config.write_text(f"pairs: [given]\nsuite: {suite}\njudge: {{model: m}}\n")
    assert load(config).config.judge.model == "m"
