"""All merge methods as a Markdown document, from the registry and the methods' docstrings."""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from frism.methods.groups import GROUPS, grouped
from frism.methods.method import NEEDS, Choice, Learned, Method, Parameter
from frism.methods.registry import methods, modules

DOCUMENT = Path("docs/methods.md")
ARXIV = re.compile(r"\barXiv[: ](\d{4}\.\d{4,5})\b")
URL = re.compile(r"(?<![(<])\bhttps?://[^\s)>]+")
CODE = re.compile(r"(`[^`\n]*`)")
COLUMNS = (
    "method",
    "slug",
    "paper",
    "granularity",
    "needs",
    "norms and biases",
    "embeddings and head",
    "rescaling",
)
OBJECTIVES = {
    "distillation": "distillation from the VLM and the injection term (FRISM, Eq. 8 to 10)",
    "entropy": "entropy of the predictions",
}
ACTIVATIONS = {"sigmoid": "sigmoid(g)", "identity": "g", "mask": "0 or 1"}
HEAD = """# Methods

Generated from `frism/methods/` by `frism methods-docs --write`; a test keeps it equal.

`W_vlm`, `W_lrm` and `W_base` are the same matrix [m, n] of the VLM's language model, the LRM and
the LLM that the LRM was trained from; `tau = W_lrm - W_base` is the LRM's task vector and
`U diag(S) Vh` its singular value decomposition. Every method sees the matrices of the language
model's attention and MLP. The vision tower, the projector, the embeddings and the head are always
the VLM's. A method that needs what a pair does not have stands in the tables as a row that says so.

Where a method differs from mergekit's of the same name, its section says in what. `make parity`
merges the same checkpoints with mergekit 0.1.5 and prints the largest difference of each method.
"""


def documents() -> dict[Path, str]:
    """Returns the text of the generated file by its path in the repository."""
    return {DOCUMENT: methods_document()}


def methods_document() -> str:
    """Returns a table of all methods and a section for each."""
    groups = grouped(methods().values())
    ordered = [each for members in groups.values() for each in members]
    lines = [HEAD, _row(COLUMNS), _row(["---"] * len(COLUMNS)), *map(_overview, ordered)]
    for group, members in groups.items():
        lines += ["", f"## {group}", "", GROUPS[group]]
        lines += [line for each in members for line in _section(each)]
    return "\n".join(lines) + "\n"


def linked(text: str) -> str:
    """Returns Markdown in which arXiv numbers and addresses outside of code are links."""
    return "".join(part if part.startswith("`") else _linked(part) for part in CODE.split(text))


def _linked(prose: str) -> str:
    addresses = URL.sub(r"<\g<0>>", prose)
    return ARXIV.sub(r"[arXiv:\1](https://arxiv.org/abs/\1)", addresses)


def _overview(method: Method) -> str:
    return _row(
        [
            f"[{method.name}](#{method.slug})",
            f"`{method.slug}`",
            linked(method.paper),
            method.granularity,
            ", ".join(f"`{need}`" for need in method.needs) or "-",
            _vectors(method),
            "the VLM's",
            method.rescale,
        ]
    )


def _section(method: Method) -> Iterator[str]:
    docstring = inspect.getdoc(importlib.import_module(modules()[method.slug])) or ""
    yield from ("", f'### <a id="{method.slug}"></a>{method.name}', "")
    yield from ("```text", method.summary, "```", "", linked(docstring), "")
    yield f"- Paper: {linked(method.paper)}"
    yield f"- Granularity of a coefficient: {method.granularity}"
    yield f"- Norms and biases: {_vectors(method)}"
    yield f"- Rescaling: {method.rescale}"
    yield from (f"- Needs `{need}`: {NEEDS[need]}" for need in method.needs)
    if method.learned:
        yield f"- Learned: {_learned(method.learned)}"
    if method.parameters:
        yield from ("", *_parameters(method))


def _learned(learned: Learned) -> str:
    if learned.gates_of:
        return f"nothing of its own; it takes over the gates of `{learned.gates_of}`"
    return (
        f"one number g per {learned.granularity}, used as {ACTIVATIONS[learned.activation]}; "
        f"objective: {OBJECTIVES[learned.objective]}; singular directions: "
        f"{'random' if learned.directions == 'random' else 'of the LRM'}"
    )


def _parameters(method: Method) -> Iterator[str]:
    yield _row(["parameter", "meaning", "allowed", "default candidates", "where left out"])
    yield _row(["---"] * 5)
    for name, each in method.parameters.items():
        default = ", ".join(_text(value) for value in each.default) or "-"
        yield _row([f"`{name}`", each.description, _allowed(each), default, _left_out(each)])


def _allowed(parameter: Parameter | Choice) -> str:
    if isinstance(parameter, Choice):
        return "one of: " + ", ".join(f"`{value}`" for value in parameter.values)
    numbers = "whole numbers, " if parameter.whole else ""
    return f"{numbers}{_text(parameter.low)} to {_text(parameter.high)}"


def _left_out(parameter: Parameter | Choice) -> str:
    return "required" if parameter.optional is None else _text(parameter.optional)


def _text(value: float | str) -> str:
    if isinstance(value, str):
        return f"`{value}`"
    return f"{value:g}" if float(f"{value:g}") == value else f"{value:.12g}"


def _vectors(method: Method) -> str:
    return "merged like matrices" if method.vectors else "the VLM's"


def _row(cells: Sequence[str]) -> str:
    escaped = (cell.replace("|", r"\|") for cell in cells)
    return f"| {' | '.join(escaped)} |"
