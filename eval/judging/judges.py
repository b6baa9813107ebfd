"""llama-index's evaluators by name: an answer → what a language model thinks of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple


class Answered(NamedTuple):
    """An answer to be judged. `contexts`: the cited sentences; `reference`: a right answer, "" where none is known."""

    id: str
    question: str
    answer: str
    contexts: tuple[str, ...]
    reference: str


class Opinion(NamedTuple):
    """`score`: 0 to 1, or 1 to 5 for correctness; None where the model's words could not be read as one. `said`: its
    words."""

    score: float | None
    said: str


class Judge(NamedTuple):
    """`open` takes a llama-index LLM and gives an evaluator; `needs_reference`: it compares with a right answer."""

    open: Callable[[Any], Any]
    about: str
    needs_reference: bool = False


def _faithfulness(model: Any) -> Any:
    from llama_index.core.evaluation import FaithfulnessEvaluator

    return FaithfulnessEvaluator(llm=model)


def _relevancy(model: Any) -> Any:
    from llama_index.core.evaluation import RelevancyEvaluator

    return RelevancyEvaluator(llm=model)


def _correctness(model: Any) -> Any:
    from llama_index.core.evaluation import CorrectnessEvaluator

    return CorrectnessEvaluator(llm=model)


JUDGES: dict[str, Judge] = {
    "faithfulness": Judge(_faithfulness, "do the cited sentences support the answer, 0 or 1"),
    "relevancy": Judge(_relevancy, "do answer and cited sentences fit the question, 0 or 1"),
    "correctness": Judge(_correctness, "how well it agrees with the expected answer, 1 to 5", needs_reference=True),
}


def opinion(evaluator: Any, answered: Answered) -> Opinion:
    """Asks the model. Raises whatever its client raises."""
    found = evaluator.evaluate(
        query=answered.question,
        response=answered.answer,
        contexts=list(answered.contexts),
        reference=answered.reference,
    )
    return Opinion(found.score, str(found.feedback or ""))
