"""What every engine can do: answer questions, one after the other or all at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence

from frism.errors import QuestionError
from frism.evaluation.answers import Answer
from frism.evaluation.chat import Message
from frism.evaluation.prompts import PromptMemory
from frism.progress import progress


class Answering(ABC):
    """A checkpoint that answers questions."""

    @abstractmethod
    def stream(
        self,
        messages: Sequence[Message],
        keys: Sequence[str] | None = None,
        memory: PromptMemory | None = None,
    ) -> Iterator[tuple[int, Answer | QuestionError]]:
        """Yields place and answer of each question as soon as it has ended.

        A question that cannot be asked, of its image say, has an error in place of an answer.

        Args:
            messages: questions.
            keys: what each question is called, which its random numbers depend on; None: its place
                in the list.
            memory: prompts of these very messages that earlier calls encoded.

        Raises:
            EvaluationError: A question has an image but the model has no image processor.
        """

    def answer(
        self,
        messages: Sequence[Message],
        description: str = "answers",
        memory: PromptMemory | None = None,
        keys: Sequence[str] | None = None,
    ) -> list[Answer]:
        """Returns the answers in the order of the messages; as `stream`, with progress.

        Args:
            messages: questions.
            description: what progress is reported under.
            memory: prompts of these very messages that earlier calls encoded.
            keys: what each question is called, which its random numbers depend on.

        Raises:
            EvaluationError: As for `stream`.
            QuestionError: A question cannot be asked; the message names its image.
        """
        answers: dict[int, Answer] = {}
        asked = self.stream(messages, keys, memory)
        for k, found in progress(asked, f"{description}, questions", total=len(messages)):
            if isinstance(found, QuestionError):
                raise found
            answers[k] = found
        return [answers[k] for k in range(len(messages))]
