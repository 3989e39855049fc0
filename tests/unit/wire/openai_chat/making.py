"""What the tests of this wire have in common: streams, requests, and what comes of them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from trunkline.model.conversation import Conversation, Part, Text, Turn
from trunkline.model.dialect import Dialect
from trunkline.model.events import ArgumentsDelta, Event, SignatureDelta, Stop, TextDelta, ThinkingDelta, ToolStart
from trunkline.model.grammar import check
from trunkline.wire.codec import Answering
from trunkline.wire.openai_chat.decode import ChatDecoder
from trunkline.wire.openai_chat.encode import ChatEncoder

OPENAI = Dialect("openai", "gpt-5", reasoning=True, developer=True, limit_name="max_completion_tokens")
GLM = Dialect("zai", "glm-4.6", reasoning=True, vision=False, json_schema=False, max_output=131072, leaks=True)
VLLM = Dialect("hosted_vllm", "some/model", leaks=True)


def chunk(delta: Any = None, finish: str | None = None, **more: Any) -> bytes:
    """One event of a stream."""
    choice = {"index": 0, "delta": delta if delta is not None else {}, "finish_reason": finish}
    return data({"id": "chatcmpl-9", "created": 7, "model": "m-1", "choices": [choice], **more})


def data(value: Any) -> bytes:
    """Any event."""
    return b"data: " + json.dumps(value).encode() + b"\n\n"


DONE = b"data: [DONE]\n\n"


def calls(*fragments: Any) -> bytes:
    """An event with fragments of calls."""
    return chunk({"tool_calls": list(fragments)})


def fragment(
    index: int | None = 0, told: str | None = None, name: str | None = None, text: Any = None
) -> dict[str, Any]:
    """A fragment of a call; what is None is left out."""
    function = {key: value for key, value in (("name", name), ("arguments", text)) if value is not None}
    given = {"index": index, "id": told, "function": function}
    return {key: value for key, value in given.items() if value is not None}


def decoded(*pieces: bytes, dialect: Dialect = OPENAI, ended: bool = True, size: int = 0) -> list[Event]:
    """The events of a stream; they satisfy the grammar. `size`: bytes that come at once."""
    decoder = ChatDecoder(dialect)
    stream = b"".join(pieces)
    cut = [stream[at : at + size] for at in range(0, len(stream), size)] if size else [stream]
    events = [event for piece in cut for event in decoder.feed(piece)]
    if ended:
        events += decoder.end()
        check(events)
    return events


def told(events: Iterable[Event]) -> list[tuple[str, ...]]:
    """Events as a person reads them: blocks, whole, and the reason to stop."""
    out: list[list[str]] = []
    kind = ""
    for event in events:
        match event:
            case ToolStart():
                out.append(["call", event.name, ""])
                kind = "call"
            case TextDelta(text=text) | ThinkingDelta(text=text):
                out[-1][1] += text
            case ArgumentsDelta(text=text):
                out[-1][2] += text
            case SignatureDelta(signature=text):
                out[-1].append(text)
            case Stop(reason=reason):
                out.append(["stop", reason])
            case _ if type(event).__name__ in ("TextStart", "RefusalStart", "ThinkingStart"):
                kind = type(event).__name__.removesuffix("Start").lower()
                out.append([kind, ""])
    return [tuple(each) for each in out]


def ids(events: Iterable[Event]) -> list[str]:
    """The ids of calls."""
    return [event.id for event in events if isinstance(event, ToolStart)]


def stop(events: list[Event]) -> Stop:
    """How it ended."""
    assert isinstance(events[-1], Stop)
    return events[-1]


def asked(*turns: Turn, **more: Any) -> Conversation:
    """A conversation, by a client of Anthropic's wire unless said otherwise."""
    more.setdefault("wire", "anthropic")
    return Conversation(model="alias", turns=list(turns) or [user("hi")], **more)


def user(*parts: Part | str) -> Turn:
    """A user's turn."""
    return Turn("user", [Text(part) if isinstance(part, str) else part for part in parts])


def said(*parts: Part | str) -> Turn:
    """An assistant's turn."""
    return Turn("assistant", [Text(part) if isinstance(part, str) else part for part in parts])


def encoder(*, usage: bool = True, estimate: int = 17) -> ChatEncoder:
    """Writes for a client that asks for usage."""
    question = asked(wire="openai_chat", streamed=True, usage_asked=usage)
    return ChatEncoder(Answering("0123456789abcdef", "alias", 1_795_132_800, estimate, question))
