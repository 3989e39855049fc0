"""Reads a whole OpenAI response: what it used, how it ended, or why it is no answer."""

from __future__ import annotations

import msgspec

from trunkline.wire.openai_responses.usage import Counts, take
from trunkline.wire.whole import Whole
from trunkline.wire.words import no_answer


class _Reason(msgspec.Struct):
    reason: str | None = None


class _Error(msgspec.Struct):
    code: str | None = None
    message: str | None = None


class _Response(msgspec.Struct):
    object: str | None = None
    model: str | None = None
    status: str | None = None
    usage: Counts | None = None
    incomplete_details: _Reason | None = None
    error: _Error | str | None = None


_response = msgspec.json.Decoder(_Response)


def read_response(body: bytes) -> Whole:
    """`POST /v1/responses`, not streamed. Raises `ProviderGarbage` when it is none, or when it failed."""
    try:
        answer = _response.decode(body)
    except msgspec.DecodeError as error:
        raise no_answer(body, "a response", error) from None
    if answer.status is None and answer.object != "response":
        raise no_answer(body, "a response")
    whole = Whole(model=answer.model or "")
    whole.stop = (answer.incomplete_details and answer.incomplete_details.reason) or answer.status or ""
    if answer.usage is not None:
        take(answer.usage, whole.usage)
    return whole
