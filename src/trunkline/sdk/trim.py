"""Conversations made to fit: the oldest turns go first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from trunkline.exceptions import NotFoundError
from trunkline.sdk.costs import get_model_info
from trunkline.sdk.tokens import token_counter


def trim_messages(
    messages: Sequence[Any],
    model: str | None = None,
    trim_ratio: float = 0.75,
    return_response_tokens: bool = False,
    max_tokens: int | None = None,
) -> Any:
    """The conversation without its oldest turns, so that by `token_counter` it takes `max_tokens` at most, else
    `trim_ratio` of what the model holds. System messages and the last message stay; results whose call went, go too.

    With `return_response_tokens`: (messages, what is left of the window). Raises `NotFoundError` where neither is
    known.
    """
    whole = max_tokens or (get_model_info(model or "")["max_input_tokens"] if model else None)
    if not whole:
        raise NotFoundError(f"What {model!r} holds is not known. Give `max_tokens`.", model=model)
    most = whole if max_tokens else int(whole * trim_ratio)
    kept = list(messages)
    while token_counter(messages=kept) > most:
        at = next((i for i, each in enumerate(kept[:-1]) if each["role"] not in ("system", "developer")), None)
        if at is None:
            break
        del kept[at]
        while at < len(kept) - 1 and kept[at]["role"] == "tool":
            del kept[at]
    return (kept, whole - token_counter(messages=kept)) if return_response_tokens else kept
