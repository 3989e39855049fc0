"""Tokens before they are paid for: as the provider counts them, or guessed here."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import msgspec

from trunkline.exceptions import UnsupportedParamsError
from trunkline.model.estimate import tokens
from trunkline.sdk.asked import asked
from trunkline.sdk.forms import encoded
from trunkline.sdk.perform import COUNT, Doing, begin
from trunkline.sdk.settings import SETTINGS


def token_counter(
    model: str = "",
    *,
    text: str | list[str] | None = None,
    messages: Sequence[Any] | None = None,
    tools: Sequence[Any] | None = None,
    **others: Any,
) -> int:
    """How many tokens a text or a conversation has: a guess by its size, about four bytes a token, asked of nobody.

    `count_tokens` asks the provider. Raises `UnsupportedParamsError` for a tokenizer of one's own.
    """
    if others.get("custom_tokenizer") is not None:
        raise UnsupportedParamsError(
            "Trunkline's SDK has no tokenizers: `custom_tokenizer` cannot be used.", model=model
        )
    if text is not None:
        said = text if isinstance(text, str) else "".join(text)
        return tokens(len(said.encode("utf-8", "surrogatepass"))) if said else 0
    body = {"messages": list(messages or ())} | ({"tools": list(tools)} if tools else {})
    return tokens(len(encoded(body, model)))


def count_tokens(
    model: str | None = None, messages: Sequence[Any] | None = None, *, text: str | None = None, **arguments: Any
) -> int:
    """Input tokens as the model's provider counts them, where it has a counter; else a guess, mended by what answers
    of that model taught. Nothing is paid for it. Arguments and errors as `completion` has them."""
    doing = _begin(model, messages, text, arguments)
    try:
        return _number(doing.channel.whole())
    except BaseException:
        doing.cancel()
        raise


async def acount_tokens(
    model: str | None = None, messages: Sequence[Any] | None = None, *, text: str | None = None, **arguments: Any
) -> int:
    """`count_tokens`, for an event loop."""
    doing = _begin(model, messages, text, arguments)
    try:
        return _number(await doing.channel.awhole())
    except BaseException:
        doing.cancel()
        raise


def _begin(model: str | None, messages: Sequence[Any] | None, text: str | None, arguments: dict[str, Any]) -> Doing:
    said = [{"role": "user", "content": text}] if messages is None else list(messages)
    named = model or os.environ.get("GLM_MODEL", "")
    return begin(asked(named, {"messages": said, **arguments}, SETTINGS), COUNT, SETTINGS)


def _number(raw: bytes) -> int:
    return int(msgspec.json.decode(raw)["input_tokens"])
