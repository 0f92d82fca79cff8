"""The engine behind VLMEvalKit's model interface."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from frism.evaluation import kit
from frism.evaluation.answering import Answering
from frism.evaluation.answers import Answer
from frism.evaluation.chat import Message


class KitModel(kit.BaseModel):  # type: ignore[misc]
    """A model that VLMEvalKit can ask one question at a time."""

    INTERLEAVE = True

    def __init__(self, engine: Answering) -> None:
        super().__init__()
        self._engine = engine

    def generate_inner(self, message: Message, dataset: str | None = None) -> dict[str, Any]:
        """Returns the answer to one message as VLMEvalKit's structured prediction."""
        # files are named after questions, their folders after the process
        key = " ".join([str(dataset), *(Path(part["value"]).name for part in message)])
        (answer,) = self._engine.answer([message], keys=[key])
        return structured(answer)


def structured(answer: Answer) -> dict[str, Any]:
    """Returns `answer` in the form that `infer_data_job` writes as two columns.

    Only the final part is scored, so the text as generated goes to `extra_records`.
    """
    extra = {"text": answer.text, "tokens": answer.tokens, "cut": answer.cut}
    return {"prediction": answer.scored, "extra_records": extra}
