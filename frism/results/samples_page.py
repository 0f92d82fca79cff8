"""Sample questions as one self-contained HTML page."""

from __future__ import annotations

import html
from collections.abc import Mapping, Sequence
from itertools import groupby

from frism.evaluation.records import Question
from frism.results.samples import Sample

STYLE = """
body{font:15px/1.45 system-ui,sans-serif;max-width:76rem;margin:2rem auto;padding:0 1rem;color:#222}
h1{font-size:1.5rem}h2{font-size:1.15rem;margin:2rem 0 .5rem}
.grid{display:grid;grid-template-columns:repeat(auto-fit,minmax(17rem,1fr));gap:1rem}
.card{border:1px solid #ddd;border-radius:8px;padding:.8rem;break-inside:avoid}
.card img{width:100%;max-height:12rem;object-fit:contain;image-rendering:pixelated}
.case{font-size:.8rem;color:#666;margin:0 0 .5rem}.question{margin:.5rem 0}
.answer{border-top:1px solid #eee;padding:.35rem 0}.chain{font:12px/1.4 ui-monospace,monospace;
color:#555;overflow-wrap:anywhere;margin:.15rem 0}
.right{color:#00664d;font-weight:600}.wrong{color:#b34700;font-weight:600}
"""


def samples_page(samples: Sequence[Sample], names: Mapping[str, str], note: str) -> str:
    """Returns the page: a section per benchmark, a card per case.

    Args:
        samples: The samples, those of a benchmark in a row.
        names: Display name of each method.
        note: Which family the samples come from and how they were chosen.
    """
    sections = "".join(
        f"<h2>{html.escape(benchmark)}</h2><div class=grid>"
        + "".join(_card(sample, names) for sample in members)
        + "</div>\n"
        for benchmark, members in groupby(samples, key=lambda sample: sample.benchmark)
    )
    return (
        "<!doctype html>\n<html lang=en><meta charset=utf-8><title>frism: sample questions</title>"
        f"<style>{STYLE}</style>\n<h1>Sample questions</h1>\n<p>{html.escape(note)}</p>\n"
        f"{sections}</html>\n"
    )


def verdict_mark(question: Question) -> str:
    """Returns the mark of an answer: right, wrong, or cut off by the token limit."""
    if question.cut:
        return "✗ cut off"
    return "✓" if question.hit >= 0.5 else "✗"


def _card(sample: Sample, names: Mapping[str, str]) -> str:
    asked = next(iter(sample.answers.values()))
    image = f'<img alt="" src="data:image/png;base64,{sample.image}">' if sample.image else ""
    answers = "".join(
        _answer(names.get(method, method), question) for method, question in sample.answers.items()
    )
    return (
        f"<div class=card><p class=case>{html.escape(sample.case)}: {100 * sample.share:.0f} % "
        f"of the questions</p>{image}<p class=question>{html.escape(asked.question)}<br>"
        f"correct: <b>{html.escape(sample.correct)}</b></p>{answers}</div>\n"
    )


def _answer(name: str, question: Question) -> str:
    kind = "right" if question.hit >= 0.5 else "wrong"
    chain = f"<div class=chain>{html.escape(question.thinking)}</div>" if question.thinking else ""
    return (
        f"<div class=answer><b>{html.escape(name)}</b>: {html.escape(question.final)} "
        f"<span class={kind}>{verdict_mark(question)}</span>{chain}</div>"
    )
