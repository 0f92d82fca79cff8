"""The endpoint's key: read from the environment at each request, so that nothing ever holds it."""

from __future__ import annotations

import os

from frism.errors import JudgeError

# words that servers without keys are given ("EMPTY", "none") are no secrets, and occur in answers
SHORTEST_SECRET = 8
HIDDEN = "[key]"


def authorization(variable: str) -> dict[str, str]:
    """Returns the header that carries the key, or none if no variable is named.

    Raises:
        JudgeError: the variable is not set, or holds what no header can carry.
    """
    if not variable:
        return {}
    key = _key(variable)
    if not key:
        raise JudgeError(
            f"the environment variable {variable} is not set; expected the key of the judge's "
            f"endpoint: export {variable}, or set api_key_env to '' where no key is needed"
        )
    if not key.isascii() or not key.isprintable() or " " in key:
        # the client's own message would show it
        raise JudgeError(
            f"the environment variable {variable} holds characters that no key has (not shown); "
            "expected visible ASCII without spaces: export it again"
        )
    return {"Authorization": f"Bearer {key}"}


def without_key(text: str, variable: str) -> str:
    """Returns what a server sent with the key, if it repeats that, left out."""
    key = _key(variable) if variable else ""
    return text.replace(key, HIDDEN) if len(key) >= SHORTEST_SECRET else text


def _key(variable: str) -> str:
    return os.environ.get(variable, "").strip()
