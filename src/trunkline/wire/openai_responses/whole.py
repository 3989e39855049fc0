"""Reads what OpenAI's Responses answers whole: a response, what it used and how it ended; a count; a stored one."""

from __future__ import annotations

from typing import Any

import msgspec

from trunkline.wire.openai_chat.usage import served
from trunkline.wire.openai_responses.usage import Counts, lookups, take
from trunkline.wire.raw import ABSENT, UNREADABLE
from trunkline.wire.whole import Whole
from trunkline.wire.words import no_answer


class _Reason(msgspec.Struct):
    reason: str | None = None


class _Response(msgspec.Struct):
    id: str | int | None = None
    object: str | None = None
    store: msgspec.Raw = ABSENT
    model: str | None = None
    status: str | None = None
    output: msgspec.Raw = ABSENT
    background: bool | None = None
    usage: Counts | None = None
    tool_usage: msgspec.Raw = ABSENT
    service_tier: Any = None
    incomplete_details: _Reason | None = None


class _Counted(msgspec.Struct):
    input_tokens: int


_NONE = frozenset({"failed", "cancelled"})
_LATER = frozenset({"queued", "in_progress"})
"""How a response stands that is asked for again later: an answer where `background` was wished."""
_NOTHING = frozenset({b"", b"null", b"[]"})

_response = msgspec.json.Decoder(_Response)
_counted = msgspec.json.Decoder(_Counted)


def read_response(body: bytes) -> Whole:
    """`POST /v1/responses`, not streamed. Raises `ProviderGarbage` when it is none, or when it failed."""
    try:
        answer = _response.decode(body)
    except UNREADABLE as error:
        raise no_answer(body, "a response", error) from None
    if answer.status is None and answer.object != "response":
        raise no_answer(body, "a response")
    if answer.status is None and bytes(answer.output) in _NOTHING:
        raise no_answer(body, "a response", "it says nothing, nor why it ends")
    if answer.status in _NONE or (answer.status in _LATER and not answer.background):
        raise no_answer(body, "a response", f"it is {answer.status}")
    whole = Whole(model=answer.model or "")
    if bytes(answer.store) != b"false":
        whole.stored = str(answer.id or "")
    whole.stop = (answer.incomplete_details and answer.incomplete_details.reason) or answer.status or ""
    if answer.usage is not None:
        take(answer.usage, whole.usage, answer.tool_usage, lookups(answer.output))
        whole.usage.served = served(answer.service_tier)
    return whole


def counted(body: bytes) -> int:
    """The tokens that `POST /v1/responses/input_tokens` tells. Raises `ProviderGarbage` when it tells none."""
    try:
        return _counted.decode(body).input_tokens
    except UNREADABLE as error:
        raise no_answer(body, "a token count", error) from None


def read_count(body: bytes) -> Whole:
    """`POST /v1/responses/input_tokens`. Costs nothing and uses nothing."""
    counted(body)
    return _unused("counted")


def read_stored(body: bytes) -> Whole:
    """`GET /v1/responses/{id}` and what stands beside it. What it tells of usage was counted when it was made."""
    return _unused("stored")


def _unused(stop: str) -> Whole:
    whole = Whole(stop=stop)
    whole.usage.input = whole.usage.output = 0
    return whole
