"""Takes over a stream of completion chunks that a provider began: its id, its time, its model."""

from __future__ import annotations

from typing import Any

import msgspec

from trunkline.model.dialect import Dialect
from trunkline.wire.adopted import Adopted
from trunkline.wire.codec import Answering
from trunkline.wire.framing import events
from trunkline.wire.openai_chat.decode import ChatDecoder
from trunkline.wire.openai_chat.encode import ChatEncoder

_SPOKEN = frozenset(
    {"role", "content", "refusal", "reasoning_content", "reasoning", "reasoning_details", "annotations", "logprobs"}
)
_CALLS = frozenset({"tool_calls", "function_call"})


def adopt(sent: bytes, answering: Answering) -> Adopted | None:
    """None for what is more than one choice in words, or anything but words (sound).

    Raises a `Failure` for what is no stream.
    """
    # As OpenAI's own: words are words, whatever tags stand in them, since so the client has them.
    decoded = ChatDecoder(Dialect("openai", "")).feed(sent)
    encoder = ChatEncoder(answering)
    for event in decoded:
        encoder.take(event)
    head: dict[str, Any] = {}
    called = False
    for _raw, _name, data in events(sent):
        chunk: Any = msgspec.json.decode(data) if data and data.strip() != b"[DONE]" else {}
        for name in ("id", "created", "model", "system_fingerprint", "service_tier"):
            if chunk.get(name) is not None:
                head.setdefault(name, chunk[name])
        for choice in chunk.get("choices") or ():
            said = {name for name, value in (choice.get("delta") or {}).items() if value}
            called = called or bool(said & _CALLS)
            if choice.get("index") or said - _SPOKEN - _CALLS or not isinstance(choice.get("delta"), dict):
                return None
    encoder.adopt(head)
    return Adopted(encoder, decoded, called=called)
