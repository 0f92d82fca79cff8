"""VLMEvalKit's prompts as messages of the chat API.

A prompt is a text, an item `{"type": "text" or "image", "value": text or path, "role": ...}`, or a
list of texts or items. Texts without an image are joined by line breaks, as VLMEvalKit does it.
"""

from __future__ import annotations

import base64
import mimetypes
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from frism.errors import JudgeError

Message = dict[str, Any]
Item = str | Mapping[str, str]
Prompt = Item | Sequence[Item]


def chat_messages(prompt: Prompt) -> list[Message]:
    """Returns a prompt as a system message, if it has items of that role, and one of the user.

    Raises:
        JudgeError: the prompt holds something else than text and images.
    """
    alone = isinstance(prompt, str | Mapping)
    items = [_item(each) for each in ([prompt] if alone else prompt)]
    system = [item for item in items if item.get("role") == "system"]
    asked = [item for item in items if item.get("role") != "system"]
    messages = [("system", system), ("user", asked)]
    return [{"role": role, "content": _content(of)} for role, of in messages if of]


def _item(item: object) -> Mapping[str, str]:
    if isinstance(item, str):
        return {"type": "text", "value": item}
    if isinstance(item, Mapping) and item.get("type") in ("text", "image") and "value" in item:
        return item
    found = item.get("type") if isinstance(item, Mapping) else type(item).__name__
    raise JudgeError(
        f"a question for the judge holds {found}; expected a text or items of type text or image "
        "with a value: choose another judge for this benchmark"
    )


def _content(items: Sequence[Mapping[str, str]]) -> str | list[Message]:
    if all(item["type"] == "text" for item in items):
        return "\n".join(item["value"] for item in items)
    return [_part(item) for item in items if item["value"]]


def _part(item: Mapping[str, str]) -> Message:
    if item["type"] == "text":
        return {"type": "text", "text": item["value"]}
    return {"type": "image_url", "image_url": {"url": _data(Path(item["value"]))}}


def _data(image: Path) -> str:
    kind = mimetypes.guess_type(image.name)[0] or "image/png"
    try:
        return f"data:{kind};base64,{base64.b64encode(image.read_bytes()).decode('ascii')}"
    except OSError as error:
        raise JudgeError(
            f"{image}: an image for the judge cannot be read ({error.strerror}); expected a file"
        ) from None
