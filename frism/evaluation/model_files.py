"""What the files of a checkpoint say of its model, before anything of it is loaded.

Standard library only, since a model is checked before anything heavy is imported.
"""

from __future__ import annotations

import ast
import importlib.util
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

PROCESSOR_FILES = ("processor_config.json", "preprocessor_config.json")
TEMPLATE_FILES = ("chat_template.jinja", "chat_template.json")
# these may hold a template among other things
TEMPLATE_HOLDERS = ("tokenizer_config.json", "processor_config.json")
# of the configurations of VLMs, old ones included
VISION = ("vision_config", "vision_tower", "mm_vision_tower", "visual")
# of transformers: classes that answer to images and text, by model type
MAPPING = "MODEL_FOR_IMAGE_TEXT_TO_TEXT_MAPPING_NAMES"


def read_json(file: Path) -> dict[str, Any]:
    """Returns the content of a JSON file; nothing where it is missing or no object."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}
    return content if isinstance(content, dict) else {}


def sees(config: Mapping[str, Any]) -> bool:
    """Tells whether a model takes images, by its config.json."""
    return any(config.get(name) for name in VISION) or config.get("model_type") in _seeing()


def has_template(checkpoint: Path) -> bool:
    """Tells whether a checkpoint says how a conversation is written."""
    if any((checkpoint / name).is_file() for name in TEMPLATE_FILES):
        return True
    return any(read_json(checkpoint / name).get("chat_template") for name in TEMPLATE_HOLDERS)


@cache
def _seeing() -> frozenset[str]:
    """Returns the types of models for images and text; read, for to import them brings torch."""
    found = importlib.util.find_spec("transformers")
    if found is None or found.origin is None:
        return frozenset()
    file = Path(found.origin).parent / "models" / "auto" / "modeling_auto.py"
    for statement in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(statement, ast.Assign) and ast.unparse(statement.targets[0]) == MAPPING:
            pairs = [each for each in ast.walk(statement.value) if isinstance(each, ast.Tuple)]
            return frozenset(ast.literal_eval(each)[0] for each in pairs)
    return frozenset()
