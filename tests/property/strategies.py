"""What models answer, as hypothesis draws it: event streams that the grammar accepts, and bytes cut anywhere."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from hypothesis import strategies as st

from trunkline.model.events import (
    ArgumentsDelta,
    BlockStop,
    Event,
    Other,
    RefusalStart,
    SignatureDelta,
    Start,
    Stop,
    TextDelta,
    TextStart,
    ThinkingDelta,
    ThinkingStart,
    ToolStart,
)
from trunkline.model.usage import Usage
from trunkline.model.wires import Wire
from trunkline.wire.arguments import as_text

_ODD = [
    "\n\n",
    "data: [DONE]\n\n",
    "\u2028",
    "\x00",
    '"',
    "\\",
    "🙂",
    "思考",
    "e\u0301",
    "{",
    " ",
    "\r\n",
    "\ufeff",
    "\x7f",
]
WORDS = st.lists(st.sampled_from(_ODD) | st.text(min_size=1, max_size=6), min_size=1, max_size=3).map("".join)
"""Text of several scripts, with all that could be taken for framing."""

NAMES = st.sampled_from(["get_weather", "Read", "mcp__srv__do-it", "apply_patch"])
SIGNATURES = st.sampled_from(["c2lnbmVk", "EqQBCgIYAhIM" * 4, "skip_thought_signature_validator"])
COUNTS = st.integers(0, 10**6)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(-1e9, 1e9) | WORDS,
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(WORDS, inner, max_size=2),
    max_leaves=4,
)
OBJECTS = st.dictionaries(WORDS, VALUES, max_size=3)
ARGUMENTS = OBJECTS.map(as_text) | OBJECTS.map(json.dumps) | OBJECTS.map(lambda value: json.dumps(value, indent=1))
"""Objects as models write them: dense, escaped, on several lines."""

ODD_ARGUMENTS = ARGUMENTS | st.sampled_from(
    ["", "{}", "[1]", "7", '"x"', "null", '{"a":', '{"a": "\\u00', "no json", " "]
)


@st.composite
def cut(draw: st.DrawFn, text: str) -> list[str]:
    """A text in pieces, none empty."""
    at = sorted(draw(st.sets(st.integers(1, max(1, len(text) - 1)), max_size=3)))
    parts = [text[a:b] for a, b in zip([0, *at], [*at, len(text)], strict=True)]
    return [part for part in parts if part]


@st.composite
def usages(draw: st.DrawFn) -> Usage:
    """Usage that was told in full. Thinking is a part of the output."""
    output = draw(COUNTS)
    written = draw(st.sampled_from([0, 0, 5]))
    return Usage(draw(st.integers(1, 10**6)), draw(COUNTS), written, 0, output, draw(st.integers(0, output)))


OTHERS: dict[Wire, list[dict[str, Any]]] = {
    "anthropic": [
        {"type": "server_tool_use", "id": "srvtoolu_1", "name": "web_search", "input": {"query": "x"}},
        {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []},
    ],
    "openai_responses": [
        {"type": "web_search_call", "id": "ws_1", "status": "completed", "action": {"type": "search"}}
    ],
}
"""Blocks that only their own wire understands."""


@st.composite
def _thinking(draw: st.DrawFn, origins: Sequence[Wire]) -> list[Event]:
    if draw(st.integers(0, 5)) == 0:
        return [
            ThinkingStart(redacted=True),
            SignatureDelta(draw(SIGNATURES), draw(st.sampled_from(origins))),
            BlockStop(),
        ]
    out: list[Event] = [ThinkingStart()]
    out += [ThinkingDelta(part) for part in draw(cut(draw(WORDS)))]
    if draw(st.booleans()):
        origin = draw(st.sampled_from(origins))
        out += [SignatureDelta(part, origin) for part in draw(cut(draw(SIGNATURES)))]
    return [*out, BlockStop()]


@st.composite
def _call(draw: st.DrawFn, nth: int, arguments: st.SearchStrategy[str], customs: bool) -> list[Event]:
    custom = customs and draw(st.integers(0, 3)) == 0
    text = draw(WORDS if custom else arguments)
    opened = ToolStart(f"{draw(st.sampled_from(['call_', 'toolu_01', 'fc-']))}{nth}", draw(NAMES), custom=custom)
    return [opened, *(ArgumentsDelta(part) for part in draw(cut(text))), BlockStop()]


@st.composite
def answers(
    draw: st.DrawFn,
    wire: Wire,
    *,
    origins: Sequence[Wire] = (),
    arguments: st.SearchStrategy[str] = ARGUMENTS,
    customs: bool | None = None,
) -> list[Event]:
    """A whole answer of a provider that speaks `wire`. Signatures are of `origins`, by default of the wire itself."""
    if customs is None:
        customs = wire in ("openai_chat", "openai_responses")
    events: list[Event] = [Start(draw(st.sampled_from(["", "msg_1"])), "model-1", draw(st.none() | usages()))]
    called = False
    others = list(OTHERS.get(wire, []))
    for nth in range(draw(st.integers(0, 4))):
        match draw(st.sampled_from(["text", "text", "thinking", "call", "call", "refusal", "other"])):
            case "text":
                events += [TextStart(), *(TextDelta(part) for part in draw(cut(draw(WORDS)))), BlockStop()]
            case "refusal":
                events += [RefusalStart(), *(TextDelta(part) for part in draw(cut(draw(WORDS)))), BlockStop()]
            case "thinking":
                events += draw(_thinking(origins or (wire,)))
            case "call":
                called = True
                events += draw(_call(nth, arguments, customs))
            case "other" if others:
                events.append(Other(wire, others.pop(0)))
    reasons = ["tool", "tool", "limit"] if called else ["end", "end", "limit", "stop", "refusal", "window", "pause"]
    reason = draw(st.sampled_from(reasons))
    sequence = "END" if reason == "stop" else ""
    return [*events, Stop(reason, sequence, draw(usages()))]  # type: ignore[arg-type]


class Pieces(list[bytes]):
    """Pieces of a stream, shown by the whole of it and the places of the cuts."""

    def __repr__(self) -> str:
        return f"{b''.join(self)!r} cut into {[len(piece) for piece in self][:20]}"


@st.composite
def pieces(draw: st.DrawFn, stream: bytes) -> Pieces:
    """The same bytes, cut anywhere: in the middle of a character, of a line end, of a number."""
    if draw(st.integers(0, 3)) == 0:
        size = draw(st.sampled_from([1, 2, 3, 7]))
        return Pieces(stream[at : at + size] for at in range(0, len(stream), size))
    at = sorted(draw(st.lists(st.integers(0, len(stream)), max_size=6)))
    return Pieces(stream[a:b] for a, b in zip([0, *at], [*at, len(stream)], strict=True))
