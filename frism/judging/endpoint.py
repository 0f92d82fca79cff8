"""A judge behind an OpenAI-compatible endpoint, with the interface of VLMEvalKit's judges.

VLMEvalKit asks `working()` once and then `generate(prompt)` from a pool of threads. Where it would
fall back to another rule because `working()` is false, this judge raises. The object may be pickled
or forked: each process has connections and locks of its own, all share the file of answers.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from frism.config.judge import JudgeEndpoint, mistakes
from frism.errors import JudgeError
from frism.judging.asking import Asker, NoAnswer
from frism.judging.messages import Prompt, chat_messages
from frism.record_lines import digest

# what VLMEvalKit's datasets look for in an answer
FAILED = "Failed to obtain answer via API."
GREETING = "Answer with the word: hello"
# of VLMEvalKit's own, for models that have prompts by benchmark
NOT_SENT = ("dataset",)


class EndpointJudge:
    """Asks a model, never twice for an answer that it had.

    Args:
        settings: Which model where, and how.
        cache: File of the answers; it is made if need be, and may be shared.

    Raises:
        JudgeError: the settings cannot be used.
    """

    fail_msg = FAILED

    def __init__(self, settings: JudgeEndpoint, cache: Path) -> None:
        if wrong := [f"judge.{key}: {message}" for key, message in mistakes(settings)]:
            raise JudgeError("\n".join(wrong))
        self.settings = settings
        self.cache = cache
        self._run = uuid.uuid4().hex
        self._askers: dict[int, Asker] = {}

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.settings.model} at {self.settings.endpoint})"

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_askers": {}}

    def working(self) -> bool:
        """Returns True once the model has answered a first question.

        Raises:
            JudgeError: it does not answer.
        """
        try:
            self._asker().answer(self._request(GREETING, {}))
        except NoAnswer as failure:
            raise JudgeError(
                f"the judge {self.settings.model} at {self.settings.endpoint} does not answer: "
                f"{failure}; expected an answer to a first question: mend that and run again, or "
                "choose `judge: rule`"
            ) from None
        return True

    def generate(self, prompt: Prompt, **options: Any) -> str:
        """Returns the model's answer, or VLMEvalKit's text for a failure, whose reason is kept.

        A prompt that failed is not sent again in this run, whatever the options: VLMEvalKit would
        ask five times.

        Args:
            prompt: A text, or texts and images as VLMEvalKit gives them.
            options: Settings of the generation that override those of the judge.

        Raises:
            JudgeError: no question would be answered: key, address or model are wrong.
        """
        request = self._request(prompt, options)
        try:
            return self._asker().answer(request, self.question(prompt))
        except NoAnswer:
            return FAILED

    def question(self, prompt: Prompt) -> str:
        """Returns the digest under which the reason for a failure is kept."""
        return digest([self.settings.model, chat_messages(prompt)])

    def _request(self, prompt: Prompt, options: Mapping[str, Any]) -> dict[str, Any]:
        generation = self.settings.generation()
        asked = {name: value for name, value in options.items() if name not in NOT_SENT}
        if "temperature" in asked:
            # 0 and 0.0 are one question
            asked["temperature"] = float(asked["temperature"])
        if self.settings.reasoning_model:
            asked.pop("temperature", None)
            if "max_tokens" in asked:
                asked["max_completion_tokens"] = asked.pop("max_tokens")
        messages = chat_messages(prompt)
        return {"model": self.settings.model, "messages": messages, **generation, **asked}

    def _asker(self) -> Asker:
        # by process: connections and locks of another one must not be touched
        process = os.getpid()
        if process not in self._askers:
            self._askers.setdefault(process, Asker(self.settings, self.cache, self._run))
        return self._askers[process]
