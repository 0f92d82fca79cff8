"""Writes the tree as documents: default YAML with comments, JSON schema, table of all keys."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel

from frism.config.pair_tree import PairCheckpoints, PairEmbedded
from frism.config.schema import REFERENCE_PAGE, Node, allowed, schema_of, with_keys
from frism.config.tree import Config

Model = TypeVar("Model", bound=BaseModel)
SOURCE = "frism/config/tree.py"
NOTE = f"Comments and ranges come from {SOURCE}; `frism config-docs --write` renews them."
CONFIG = Path("config/config.yaml")
EMBEDDED = Path("config/pairs/embedded.yaml")
SCHEMA = Path("config/config.schema.json")
REFERENCE = Path(REFERENCE_PAGE)
HEADS = {
    CONFIG: "What to run. Edit the values freely; a key that is left out has its default.",
    EMBEDDED: "A pair whose models the workflow trains itself, one family per seed.",
}
REFERENCE_HEAD = f"""# Configuration

Generated from `{SOURCE}` by `frism config-docs --write`; a test keeps it equal.
A pair named `x` in `config/config.yaml` is described by `config/pairs/x.yaml`.
"""


def documents() -> dict[Path, str]:
    """Returns the text of every generated file by its path in the repository."""
    return {
        CONFIG: commented_yaml(_complete(Config()), HEADS[CONFIG]),
        EMBEDDED: commented_yaml(_complete(PairEmbedded(kind="embedded")), HEADS[EMBEDDED]),
        SCHEMA: json.dumps(Config.model_json_schema(), indent=2) + "\n",
        REFERENCE: reference(),
    }


def commented_yaml(settings: BaseModel, head: str) -> str:
    """Returns the keys that are set in `settings`, each below its description and range."""
    data = settings.model_dump(mode="json", exclude_unset=True)
    lines = [f"# {head}", f"# {NOTE}"]
    for name, node in schema_of(type(settings))["properties"].items():
        if name in data:
            lines += ["", *_yaml(name, node, data[name], indent="")]
    return "\n".join(lines) + "\n"


def stale_comments(settings: BaseModel, head: str, text: str) -> list[str]:
    """Returns the comments that a YAML file with these settings should have, but has not.

    A user may change values and leave keys out, so the whole text cannot be compared.
    """
    have = {line.strip() for line in text.splitlines()}
    current = (line.strip() for line in commented_yaml(settings, head).splitlines())
    return [line for line in current if line.startswith("#") and line not in have]


def _complete(settings: Model) -> Model:
    return type(settings).model_validate(settings.model_dump())


def reference() -> str:
    """Returns all keys as Markdown tables: key, default, allowed values, meaning."""
    parts = [REFERENCE_HEAD]
    for title, model in (
        ("config/config.yaml", Config),
        ("config/pairs/&lt;pair&gt;.yaml, kind embedded", PairEmbedded),
        ("config/pairs/&lt;pair&gt;.yaml, kind checkpoints", PairCheckpoints),
    ):
        parts += [f"\n## {title}\n", "| key | default | allowed | meaning |", "|---|---|---|---|"]
        parts += _rows("", schema_of(model))
    return "\n".join(parts) + "\n"


def _yaml(name: str, node: Node, value: Any, indent: str) -> Iterator[str]:
    if "properties" in node:
        yield f"{indent}# {node['description']}"
        yield f"{indent}{name}:"
        for key, child in node["properties"].items():
            if key in value:
                yield from _yaml(key, child, value[key], indent + "  ")
    elif isinstance(value, dict) and value:
        yield f"{indent}# {node['description']}"
        yield f"{indent}{name}:"
        for key, inner in value.items():
            yield from _entry(key, inner, node["additionalProperties"], indent + "  ")
    else:
        yield f"{indent}# {node['description']} ({allowed(node)})"
        yield f"{indent}{name}: {_flow(value)}"


def _entry(name: str, value: Any, node: Node, indent: str) -> Iterator[str]:
    if "properties" not in node:
        yield f"{indent}{name}: {_flow(value)}"
        return
    yield f"{indent}{name}:"
    for key, child in node["properties"].items():
        if key not in value or value[key] == child.get("default"):
            continue
        if isinstance(value[key], dict):
            yield f"{indent}  {key}:"
            yield from (f"{indent}    {each}: {_flow(v)}" for each, v in value[key].items())
        else:
            yield f"{indent}  {key}: {_flow(value[key])}"


def _rows(prefix: str, node: Node) -> Iterator[str]:
    for name, child in node["properties"].items():
        if "properties" in child:
            yield from _rows(f"{prefix}{name}.", child)
            continue
        cells = [f"`{prefix}{name}`", _default(child), allowed(child), child["description"]]
        yield f"| {' | '.join(cells)} |"
        if "properties" in (keys := with_keys(child)):
            yield from _rows(f"{prefix}{name}.", keys)
        elif "properties" in (keys := _each(child)):
            yield from _rows(f"{prefix}{name}.<name>.", keys)


def _each(node: Node) -> Node:
    """Returns the keys of each entry of a mapping of names."""
    entries = node.get("additionalProperties")
    return entries if isinstance(entries, dict) else {}


def _default(node: Node) -> str:
    if "default" not in node:
        return "required"
    if "properties" in node.get("additionalProperties", {}):
        return ", ".join(f"`{name}`" for name in node["default"]) or "`{}`"
    return f"`{_flow(node['default'])}`"


def _flow(value: Any) -> str:
    text: str = yaml.safe_dump(value, default_flow_style=True, width=10_000, sort_keys=False)
    return text.removesuffix("\n").removesuffix("\n...").strip()
