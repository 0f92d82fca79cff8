"""The settings of the judge `openai`, a model behind an OpenAI-compatible endpoint.

Messages never show an address or the name of a variable as it was found: what stands there by
mistake may be a password or a key.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

from pydantic import Field

from frism.config.values import Settings

COMPLETIONS = "/chat/completions"
VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,63}")


class JudgeEndpoint(Settings):
    """The endpoint that judges where a group has `judge: openai`."""

    endpoint: str = Field(
        "https://api.openai.com/v1",
        description="Address up to /v1 of an OpenAI-compatible service; requests go to "
        "/chat/completions below it.",
    )
    model: str = Field(
        "", description="Name of the model at the endpoint; required where a group asks it."
    )
    api_key_env: str = Field(
        "OPENAI_API_KEY",
        description="Environment variable that holds the key; '' sends no key. The key itself "
        "never stands in a file.",
    )
    temperature: float = Field(
        0.0,
        ge=0,
        le=2,
        description="Temperature where the benchmark asks for none of its own.",
    )
    max_tokens: int = Field(1024, ge=1, le=131_072, description="Longest answer, in tokens.")
    reasoning_model: bool = Field(
        False,
        description="Whether the model is one of those that refuse max_tokens and temperature: "
        "max_completion_tokens is sent in their place, and no temperature.",
    )
    timeout: float = Field(120.0, gt=0, le=3600, description="Seconds that one try may take.")
    retries: int = Field(6, ge=0, le=100, description="Tries of a question after the first.")
    first_wait: float = Field(
        1.0, ge=0, le=600, description="Seconds before the second try; they double from try to try."
    )
    longest_wait: float = Field(
        60.0,
        ge=0,
        le=3600,
        description="Longest wait between two tries, in seconds; an endpoint that asks for more by "
        "Retry-After is given up.",
    )
    concurrency: int = Field(4, ge=1, le=256, description="Questions asked at a time.")
    allow_failures: bool = Field(
        False,
        description="Whether a job with questions that the judge did not answer succeeds; they "
        "count as wrong.",
    )

    @property
    def address(self) -> str:
        """Where requests go."""
        return self.endpoint.rstrip("/").removesuffix(COMPLETIONS) + COMPLETIONS

    def generation(self) -> dict[str, float]:
        """Returns what the answers depend on beside model and messages, as it is sent."""
        if self.reasoning_model:
            return {"max_completion_tokens": self.max_tokens}
        return {"max_tokens": self.max_tokens, "temperature": self.temperature}


def mistakes(settings: JudgeEndpoint) -> Iterator[tuple[str, str]]:
    """Yields the keys of a judge in use that are missing or malformed, each with a message."""
    if not settings.model:
        yield "model", "found none; expected the name of a model at the endpoint"
    if not _is_plain_address(settings.endpoint):
        yield (
            "endpoint",
            "found something else than an http or https address without user, password, query "
            "and fragment (not shown: it may hold a secret); expected the like of "
            "https://api.openai.com/v1; the key belongs into the environment",
        )
    if settings.api_key_env and not VARIABLE.fullmatch(settings.api_key_env):
        yield (
            "api_key_env",
            "found no name of an environment variable in capitals (not shown: it may be the key "
            "itself); expected the like of OPENAI_API_KEY, or '' where no key is needed",
        )
    if settings.longest_wait < settings.first_wait:
        yield (
            "longest_wait",
            f"found {settings.longest_wait:g}; expected at least first_wait, "
            f"{settings.first_wait:g}",
        )


def _is_plain_address(endpoint: str) -> bool:
    if not endpoint.isascii() or not endpoint.isprintable() or set(endpoint) & set(" @?#\\"):
        return False
    try:
        parts = urlsplit(endpoint)
        _ = parts.port
    except ValueError:
        return False
    labels = (parts.hostname or "").rstrip(".").split(".")
    return parts.scheme in ("http", "https") and all(0 < len(label) < 64 for label in labels)
