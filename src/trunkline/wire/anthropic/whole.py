"""Reads a whole Anthropic message: what it used, why it stopped, or why it is no answer."""

from __future__ import annotations

import msgspec

from trunkline.wire.anthropic.stream import QUIET
from trunkline.wire.anthropic.usage import Counts, take
from trunkline.wire.raw import ABSENT, UNREADABLE, there
from trunkline.wire.whole import Whole
from trunkline.wire.words import no_answer


class _Message(msgspec.Struct):
    type: str | None = None
    model: str | None = None
    stop_reason: str | None = None
    usage: Counts | None = None
    content: msgspec.Raw = ABSENT


class _Block(msgspec.Struct):
    type: str | None = None
    text: str | None = None
    thinking: str | None = None


class _Counted(msgspec.Struct):
    input_tokens: int


_message = msgspec.json.Decoder(_Message)
_counted = msgspec.json.Decoder(_Counted)
_blocks = msgspec.json.Decoder(list[_Block])


def read_message(body: bytes) -> Whole:
    """`POST /v1/messages`, not streamed. Raises `ProviderGarbage` when it is no message."""
    try:
        message = _message.decode(body)
    except UNREADABLE as error:
        raise no_answer(body, "an Anthropic message", error) from None
    if message.type != "message" or not there(message.content):
        raise no_answer(body, "an Anthropic message")
    if not message.stop_reason and not _says(message.content):
        raise no_answer(body, "an Anthropic message", "it says nothing, nor why it ends")
    whole = Whole(model=message.model or "", stop=message.stop_reason or "")
    if message.usage is not None:
        take(message.usage, whole.usage)
    return whole


def _says(content: msgspec.Raw) -> bool:
    """Whether a block has something in it; one that is no words has."""
    try:
        return any(block.type not in QUIET or block.text or block.thinking for block in _blocks.decode(content))
    except UNREADABLE:
        return True


def read_count(body: bytes) -> Whole:
    """`POST /v1/messages/count_tokens`. Costs nothing and uses nothing."""
    counted(body)
    whole = Whole(stop="counted")
    whole.usage.input = whole.usage.output = 0
    return whole


def counted(body: bytes) -> int:
    """The tokens that it tells. Raises `ProviderGarbage` when it tells none."""
    try:
        return _counted.decode(body).input_tokens
    except UNREADABLE as error:
        raise no_answer(body, "a token count", error) from None
