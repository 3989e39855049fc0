"""Takes over a Messages stream that a provider began: the next block's index, and which block is open."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from trunkline.model.dialect import Dialect
from trunkline.model.events import BlockStop, Event, Other, Start, TextStart, ThinkingStart
from trunkline.wire.adopted import Adopted
from trunkline.wire.anthropic.decode import MessagesDecoder
from trunkline.wire.anthropic.encode import MessagesEncoder
from trunkline.wire.codec import Answering
from trunkline.wire.framing import events

_OPEN = {"text": "text", "thinking": "thinking"}
_STARTS: dict[str, Callable[[], Event]] = {"text": TextStart, "thinking": ThinkingStart}
_KNOWN = frozenset({"text", "thinking", "redacted_thinking", "tool_use"})


def adopt(sent: bytes, answering: Answering) -> Adopted | None:
    """None where the stream is in a state that nobody could go on from. Raises a `Failure` for what is no stream."""
    decoded = MessagesDecoder(Dialect("anthropic", "")).feed(sent)
    encoder = MessagesEncoder(answering)
    for event in decoded:
        encoder.take(event)
    index, kind, signed, open_, called = 0, "", False, False, False
    for _raw, _name, data in events(sent):
        told: Any = msgspec.json.decode(data) if data else {}
        match told.get("type"):
            case "content_block_start":
                index, kind = int(told.get("index") or 0), str((told.get("content_block") or {}).get("type"))
                open_, signed = True, False
                called = called or kind == "tool_use"
            case "content_block_delta":
                signed = signed or (told.get("delta") or {}).get("type") == "signature_delta"
            case "content_block_stop":
                index, open_ = index + 1, False
    if open_ and kind not in _KNOWN:
        # A block of the vendor's own: what it lacks is the vendor's to say.
        return None
    if open_ and kind in _STARTS and (not decoded or isinstance(decoded[-1], Start | BlockStop | Other)):
        # It has begun and said nothing: no event for the decoder, but a block that the client holds open.
        decoded.append(_STARTS[kind]())
    encoder.adopt(index, ("signed" if signed else _OPEN.get(kind, "signed")) if open_ else "")
    if decoded and isinstance(decoded[-1], Other) and "tool_use" in str(decoded[-1].raw.get("type")):
        return None
    return Adopted(encoder, decoded, called=called)
