"""Reads whole answers of OpenAI's Chat Completions, Completions, embeddings and whatever else stands under `/v1`."""

from __future__ import annotations

import contextlib
from typing import Any

import msgspec

from trunkline.wire.openai_chat.chunk import finish_failure
from trunkline.wire.openai_chat.stream import says
from trunkline.wire.openai_chat.usage import Counts, searched, served, take
from trunkline.wire.openai_responses import usage as responses
from trunkline.wire.raw import ABSENT, UNREADABLE
from trunkline.wire.whole import Whole
from trunkline.wire.words import no_answer


class _Choice(msgspec.Struct):
    finish_reason: str | None = None
    message: dict[str, Any] | None = None
    text: str | None = None

    @property
    def says(self) -> bool:
        return bool(self.text) or (self.message is not None and says(self.message))


class _Completion(msgspec.Struct):
    choices: list[_Choice]
    model: str | None = None
    usage: Counts | None = None
    web_search: msgspec.Raw = ABSENT
    service_tier: Any = None


class _Embeddings(msgspec.Struct):
    data: msgspec.Raw
    model: str | None = None
    usage: Counts | None = None


class _Any(msgspec.Struct):
    model: str | None = None
    usage: dict[str, Any] | None = None


_completion = msgspec.json.Decoder(_Completion)
_embeddings = msgspec.json.Decoder(_Embeddings)
_any = msgspec.json.Decoder(_Any)


def read_completion(body: bytes) -> Whole:
    """Chat Completions and Completions, not streamed. Raises `ProviderGarbage` when it is none."""
    try:
        answer = _completion.decode(body)
    except UNREADABLE as error:
        raise no_answer(body, "a completion", error) from None
    whole = Whole(model=answer.model or "")
    whole.stop = next((choice.finish_reason for choice in answer.choices if choice.finish_reason), "")
    if not answer.choices:
        raise no_answer(body, "a completion", "it has no choice")
    if not whole.stop and not any(choice.says for choice in answer.choices):
        raise no_answer(body, "a completion", "it says nothing, nor why it ends")
    if (failure := finish_failure(whole.stop)) is not None:
        raise failure
    if answer.usage is not None:
        take(answer.usage, whole.usage)
    whole.usage.searches = searched(answer.web_search)
    whole.usage.served = served(answer.service_tier)
    return whole


def read_embeddings(body: bytes) -> Whole:
    """`POST /v1/embeddings`."""
    try:
        answer = _embeddings.decode(body)
    except UNREADABLE as error:
        raise no_answer(body, "embeddings", error) from None
    whole = Whole(model=answer.model or "", stop="embedded")
    if answer.usage is not None:
        take(answer.usage, whole.usage)
        whole.usage.output = whole.usage.output or 0
    return whole


def read_other(body: bytes) -> Whole:
    """Anything else: usage is taken where it has one of OpenAI's shapes (pictures and transcripts have that of
    Responses), and nothing is demanded."""
    whole = Whole(stop="relayed")
    try:
        answer = _any.decode(body)
    except UNREADABLE:
        return whole
    whole.model = answer.model or ""
    if answer.usage is not None:
        with contextlib.suppress(msgspec.ValidationError):
            if "prompt_tokens" in answer.usage:
                take(msgspec.convert(answer.usage, Counts), whole.usage)
            else:
                responses.take(msgspec.convert(answer.usage, responses.Counts), whole.usage)
    return whole
