"""Reads whole answers of OpenAI's Chat Completions, Completions, embeddings and whatever else stands under `/v1`."""

from __future__ import annotations

import msgspec

from trunkline.errors import ProviderGarbage
from trunkline.wire.openai_chat.stream import error_words
from trunkline.wire.openai_chat.usage import Counts, take
from trunkline.wire.raw import ABSENT, there
from trunkline.wire.whole import Whole


class _Choice(msgspec.Struct):
    finish_reason: str | None = None


class _Completion(msgspec.Struct):
    choices: list[_Choice]
    model: str | None = None
    usage: Counts | None = None


class _Embeddings(msgspec.Struct):
    data: msgspec.Raw
    model: str | None = None
    usage: Counts | None = None


class _Any(msgspec.Struct):
    model: str | None = None
    usage: Counts | None = None


class _Failed(msgspec.Struct):
    error: msgspec.Raw = ABSENT


_completion = msgspec.json.Decoder(_Completion)
_embeddings = msgspec.json.Decoder(_Embeddings)
_any = msgspec.json.Decoder(_Any)
_failed = msgspec.json.Decoder(_Failed)


def read_completion(body: bytes) -> Whole:
    """Chat Completions and Completions, not streamed. Raises `ProviderGarbage` when it is none."""
    try:
        answer = _completion.decode(body)
    except msgspec.DecodeError as error:
        raise _garbage(body, "completion", error) from None
    whole = Whole(model=answer.model or "")
    whole.stop = next((choice.finish_reason for choice in answer.choices if choice.finish_reason), "")
    if not answer.choices:
        raise ProviderGarbage("The provider's answer has status 200 but not one choice.")
    if answer.usage is not None:
        take(answer.usage, whole.usage)
    return whole


def read_embeddings(body: bytes) -> Whole:
    """`POST /v1/embeddings`."""
    try:
        answer = _embeddings.decode(body)
    except msgspec.DecodeError as error:
        raise _garbage(body, "list of embeddings", error) from None
    whole = Whole(model=answer.model or "", stop="embedded")
    if answer.usage is not None:
        take(answer.usage, whole.usage)
        whole.usage.output = whole.usage.output or 0
    return whole


def read_other(body: bytes) -> Whole:
    """Anything else: usage is taken where it has OpenAI's shape, and nothing is demanded."""
    whole = Whole(stop="relayed")
    try:
        answer = _any.decode(body)
    except msgspec.DecodeError:
        return whole
    whole.model = answer.model or ""
    if answer.usage is not None:
        take(answer.usage, whole.usage)
    return whole


def _garbage(body: bytes, what: str, error: msgspec.DecodeError) -> ProviderGarbage:
    """A 200 that is no answer: says what it holds instead, when that is an error."""
    try:
        inner = _failed.decode(body).error
    except msgspec.DecodeError:
        inner = ABSENT
    if there(inner):
        said, code = error_words(bytes(inner))
        return ProviderGarbage(f"The provider answered 200 with an error inside: {said} ({code or 'no code'}).")
    return ProviderGarbage(f"The provider's answer is no {what}: {error}.")
