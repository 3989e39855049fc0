"""Several conversations at once: `batch_completion`."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from trunkline.exceptions import Error
from trunkline.sdk.calls import completion


def batch_completion(
    model: str, messages: Sequence[Sequence[Any]] = (), *, max_workers: int = 100, **arguments: Any
) -> list[Any]:
    """The answers to several conversations, in their order. One that failed is its exception, as in LiteLLM."""
    if not messages:
        return []

    def one(conversation: Sequence[Any]) -> Any:
        try:
            return completion(model, conversation, **arguments)
        except Error as error:
            return error

    with ThreadPoolExecutor(min(max_workers, len(messages))) as workers:
        return list(workers.map(one, messages))
