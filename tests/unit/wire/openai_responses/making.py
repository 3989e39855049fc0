"""Answers of a provider, as bytes and as documents; requests, read and written in one go."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from trunkline.model.conversation import Conversation, Part, Role, Turn
from trunkline.model.dialect import Dialect, Written
from trunkline.model.events import ArgumentsDelta, Event, TextDelta, ThinkingDelta
from trunkline.model.grammar import check
from trunkline.wire.codec import Answering
from trunkline.wire.openai_responses.codec import CODEC

Json = dict[str, Any]
OPENAI = Dialect("openai", "gpt-5.6-sol", developer=True)
USAGE = {
    "input_tokens": 100,
    "input_tokens_details": {"cached_tokens": 64, "cache_write_tokens": 6},
    "output_tokens": 20,
    "output_tokens_details": {"reasoning_tokens": 8},
    "total_tokens": 120,
}


def sse(*events: Json) -> bytes:
    """A stream of these events; their types come without `response.`, but for `error`."""
    out = b""
    for nth, event in enumerate(events):
        kind = event["type"] if event["type"] == "error" else f"response.{event['type']}"
        data = json.dumps({**event, "type": kind, "sequence_number": nth})
        out += f"event: {kind}\ndata: {data}\n\n".encode()
    return out


def begun(**more: Any) -> Json:
    return {"type": "created", "response": {"id": "resp_1", "model": "gpt-x", "status": "in_progress", **more}}


def ended(kind: str = "completed", **more: Any) -> Json:
    return {"type": kind, "response": {"id": "resp_1", "status": kind, "usage": USAGE, **more}}


def decoded(stream: bytes, size: int = 10**9) -> list[Event]:
    """The events of a stream that comes in pieces of a size; the grammar accepts them."""
    decoder = CODEC.decoder(OPENAI)
    out = [event for at in range(0, len(stream), size) for event in decoder.feed(stream[at : at + size])]
    out += decoder.end()
    check(out)
    return out


def joined(events: Iterable[Event]) -> list[Event]:
    """The same stream with its deltas put together."""
    out: list[Event] = []
    for event in events:
        last = out[-1] if out else None
        if isinstance(event, TextDelta | ThinkingDelta | ArgumentsDelta) and type(last) is type(event):
            assert isinstance(last, TextDelta | ThinkingDelta | ArgumentsDelta)
            out[-1] = type(event)(last.text + event.text)
        else:
            out.append(event)
    return out


def read(**body: Any) -> Conversation:
    """A request; `input` is `hi` where nothing else is said."""
    return CODEC.read({"model": "m", "input": "hi", **body}, model="m", streamed=False)


def asks(wire: Any, *turns: Turn, **more: Any) -> Conversation:
    """A conversation of a client of some wire."""
    return Conversation(wire, "m", list(turns), **more)


def says(role: Role, *parts: Part) -> Turn:
    return Turn(role, list(parts))


def written(conversation: Conversation, dialect: Dialect = OPENAI) -> Written:
    """The request that is sent for it."""
    return CODEC.write(conversation, dialect)


def items(conversation: Conversation, dialect: Dialect = OPENAI) -> list[Json]:
    """Its input."""
    found: Any = written(conversation, dialect).body["input"]
    return list(found)


def answering(asked: Conversation | None = None, **more: Any) -> Answering:
    asked = asked or asks("openai_responses")
    told: Json = {"id": "0123-4567", "model": "alias", "created": 1795132800, "estimate": 17, **more}
    return Answering(asked=asked, **told)


def streamed(events: Iterable[Event], about: Answering | None = None) -> bytes:
    """What a client is sent."""
    encoder = CODEC.encoder(about or answering())
    return b"".join(encoder.take(event) for event in events)


def told(stream: bytes) -> list[Json]:
    """The documents of a stream."""
    return [json.loads(block.split("data: ", 1)[1]) for block in stream.decode().split("\n\n") if block]
