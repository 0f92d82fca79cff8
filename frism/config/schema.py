"""The JSON schema of the tree, and its ranges in words; messages and documents both use them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel

Node = dict[str, Any]
MOST_KEYS = 10
REFERENCE_PAGE = "docs/configuration.md"
KINDS = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "string": "text",
    "null": "null",
}
BOUNDS = {
    "exclusiveMinimum": "above",
    "minimum": "at least",
    "exclusiveMaximum": "below",
    "maximum": "at most",
}


def schema_of(model: type[BaseModel]) -> Node:
    """Returns the JSON schema of `model` with all references resolved."""
    schema = model.model_json_schema()
    resolved: Node = _resolved(schema, schema.get("$defs", {}))
    return resolved


def node_at(schema: Node, location: Sequence[str | int]) -> Node:
    """Returns the part of the schema at `location`; an unknown key gives an empty node."""
    for part in location:
        inner = schema.get("items") if isinstance(part, int) else None
        schema = inner or _child(schema, str(part))
    return schema


def allowed(node: Node) -> str:
    """Says in words which values `node` allows: 'a whole number, at least 1, at most 100'."""
    if "const" in node or "enum" in node:
        return "one of: " + ", ".join(node.get("enum", [node.get("const")]))
    if either := node.get("anyOf") or node.get("oneOf"):
        return " or ".join(allowed(each) for each in either)
    if node.get("type") == "array":
        least = "a list of at least one item" if node.get("minItems") else "a list"
        return f"{least}, each {allowed(node['items'])}"
    if "properties" in node:
        return "the keys " + _listed(list(node["properties"]))
    if node.get("type") == "object":
        return f"a mapping of names, each to {allowed(node['additionalProperties'])}"
    return ", ".join([_kind(node), *_bounds(node)])


def shown(value: object) -> str:
    """Returns a value as it stands in the file, shortened."""
    text = json.dumps(value, default=str)
    return text if len(text) <= 60 else text[:57] + "..."


def _resolved(node: Any, definitions: Node) -> Any:
    if isinstance(node, list):
        return [_resolved(item, definitions) for item in node]
    if not isinstance(node, dict):
        return node
    if "$ref" in (inner := _optional(node)):
        node = inner
    if "$ref" in node:
        node = definitions[node["$ref"].rpartition("/")[2]] | node
    return {key: _resolved(node[key], definitions) for key in node if key not in ("$ref", "$defs")}


def _optional(node: Node) -> Node:
    """Returns the group of keys that may be left out without the null that stands for that."""
    either = [each for each in node.get("anyOf", ()) if each.get("type") != "null"]
    if len(either) != 1:
        return {}
    return {**either[0], **{key: node[key] for key in node if key not in ("anyOf", "default")}}


def with_keys(node: Node) -> Node:
    """Returns the alternative of `node` that is a mapping of known keys, or `node` itself."""
    for each in node.get("anyOf") or node.get("oneOf") or []:
        if "properties" in (found := with_keys(each)):
            return found
    return node


def _child(schema: Node, name: str) -> Node:
    schema = with_keys(schema)
    extra = schema.get("additionalProperties")
    child = schema.get("properties", {}).get(name, extra)
    return child if isinstance(child, dict) else {}


def _kind(node: Node) -> str:
    if "pattern" in node:
        return "a name of letters, digits, '.', '_' and '-'"
    return KINDS.get(node.get("type", ""), "a value")


def _bounds(node: Node) -> list[str]:
    return [f"{words} {node[key]}" for key, words in BOUNDS.items() if key in node]


def _listed(keys: list[str]) -> str:
    """Names all keys, or the first where an error would fill more than a line."""
    if len(keys) <= MOST_KEYS:
        return ", ".join(keys)
    return f"{', '.join(keys[:MOST_KEYS])} and {len(keys) - MOST_KEYS} more, see {REFERENCE_PAGE}"
