"""Who says what an answer is and whether it is right."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol, cast, get_args

from frism.config.suites import Judge as JudgeName
from frism.errors import EvaluationError

# a text, or texts by role
Prompt = str | list[dict[str, str]]
NAMES: tuple[str, ...] = get_args(JudgeName)


class Endpoint(Protocol):
    """A language model that answers the prompts of VLMEvalKit's evaluations."""

    def working(self) -> bool:
        """Tells whether it can be asked."""

    def generate(self, prompt: Prompt, **settings: Any) -> str:
        """Returns its reply, or VLMEvalKit's message of a failure."""


@dataclass(frozen=True)
class Judge:
    """A judge.

    Attributes:
        name: `exact` for VLMEvalKit's own matching of the answers as they are; `rule` for answers
            reduced by documented rules; `openai` for a language model.
        endpoint: the language model.
        threads: questions that are put to it at a time.
    """

    name: JudgeName
    endpoint: Endpoint | None = None
    threads: int = 1


def judge_of(name: str, endpoint: Endpoint | None = None, threads: int = 1) -> Judge:
    """Returns a judge.

    Args:
        name: who judges.
        endpoint: the language model, for `openai`.
        threads: questions that are put to it at a time.

    Raises:
        EvaluationError: The name is none of a judge, or `openai` comes without an endpoint, or
            another one with.
    """
    if name not in NAMES:
        raise EvaluationError(f"found judge {name!r}, expected one of {', '.join(NAMES)}")
    if (name == "openai") != (endpoint is not None):
        found = "no endpoint" if endpoint is None else "an endpoint"
        raise EvaluationError(f"judge {name} has {found}; expected one for openai and only for it")
    return Judge(cast(JudgeName, name), endpoint, threads)
