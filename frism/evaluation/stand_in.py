"""What VLMEvalKit is given for its judge model."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from frism.errors import EvaluationError
from frism.evaluation import kit
from frism.evaluation.judges import Judge, Prompt
from frism.evaluation.questions import Query
from frism.evaluation.result_files import Index


class StandIn:
    """Replies to VLMEvalKit's prompts by rules or through an endpoint; one for each evaluation.

    A question without an answer is never put to an endpoint, which might guess the truth.

    Args:
        name: of the benchmark, for messages.
        judge: who judges.
        none: the prediction that stands for no answer.
        queries: gives what VLMEvalKit may ask now.

    Attributes:
        failed: the questions about which the endpoint gave no reply.
    """

    def __init__(
        self, name: str, judge: Judge, none: str, queries: Callable[[], Iterable[Query]]
    ) -> None:
        self._name, self._judge, self._none, self._make = name, judge, none, queries
        self._queries: dict[str, list[Query]] = {}
        self.failed: set[Index] = set()
        self.system_prompt = ""  # VLMEvalKit sets it for some benchmarks

    def build(self, **settings: Any) -> StandIn:
        """Stands in place of VLMEvalKit's `build_judge`.

        Raises:
            EvaluationError: The judge asks no model, or its endpoint does not work.
        """
        endpoint = self._judge.endpoint
        if self._judge.name == "exact":
            raise EvaluationError(f"{self._name} needs a judge; expected rule or openai, not exact")
        if endpoint and not endpoint.working():
            raise EvaluationError(
                f"{self._name}: the judge's endpoint does not work; nothing was judged. Check its "
                "address and key, or judge by rule"
            )
        self._queries = {}
        for query in self._make():
            self._queries.setdefault(query.prompt, []).append(query)
        return self

    def working(self) -> bool:
        """Tells VLMEvalKit that it may ask."""
        return True

    def generate(self, prompt: str, **settings: Any) -> str:
        """Returns the reply to a prompt, or VLMEvalKit's message of a failure.

        Raises:
            EvaluationError: The prompt is about none of the questions.
        """
        asked = self._queries.get(prompt)
        if not asked:
            raise EvaluationError(
                f"{self._name}: VLMEvalKit asks the judge about no known question: "
                f"{prompt[-300:]!r}"
            )
        endpoint = self._judge.endpoint
        if endpoint is None or asked[0].said == self._none:
            return asked[0].reply
        reply = endpoint.generate(self._with_system(prompt), **settings)
        if kit.FAIL_MSG in reply:
            self.failed |= {query.index for query in asked}
        return reply

    def _with_system(self, prompt: str) -> Prompt:
        if not self.system_prompt:
            return prompt
        system = {"role": "system", "type": "text", "value": self.system_prompt}
        return [system, {"type": "text", "value": prompt}]
