"""Where the fuzzer begins: answers of the fake provider in all its dialects, our own streams, and whole requests."""

from __future__ import annotations

import json
from collections.abc import Iterator

from tests.fake.anthropic import Anthropic
from tests.fake.behaviour import Behaviour
from tests.fake.ollama import Ollama
from tests.fake.openai_chat import Chat
from tests.fake.openai_responses import Responses
from tests.fake.turn import Ask, Call, Turn
from tests.fake.wire import Wire as Fake
from tests.fake.wire import compact

from fuzz.targets import CODECS, DIALECT, KINDS, NAMES, WIRES
from trunkline.model import conversation as talk
from trunkline.model import events as said
from trunkline.model.usage import Usage
from trunkline.model.wires import Wire
from trunkline.wire.codec import Answering

SPEAKERS: list[tuple[Wire, Fake]] = [
    ("anthropic", Anthropic()),
    ("anthropic", Anthropic(zai=True)),
    ("openai_chat", Chat("openai")),
    ("openai_chat", Chat("zai")),
    ("openai_chat", Chat("azure")),
    ("openai_chat", Chat("ollama")),
    ("openai_responses", Responses()),
    ("ollama", Ollama()),
]
QUIRKS = ["", "nodone+noid+noindex", "repeatid+interleave", "objargs+wholecalls", "thinktag+usageinfinish", "reasoning"]

TURN = Turn(
    serial=1,
    thinking=["let me ", "think ✓"],
    text=["Hel", "lo 🙂"],
    calls=[Call("call_1", "f", {"a": "ü"}, ""), Call("call_2", "g", {}, "")],
    stop="tool",
    input=20,
    cached=3,
    written=0,
    output=9,
    thought=2,
)
EVENTS: list[said.Event] = [
    said.Start("msg_1", "model-1", Usage(5)),
    said.ThinkingStart(),
    said.ThinkingDelta("hm"),
    said.BlockStop(),
    said.TextStart(),
    said.TextDelta("Hé"),
    said.BlockStop(),
    said.ToolStart("call_1", "f"),
    said.ArgumentsDelta('{"a":'),
    said.ArgumentsDelta("1}"),
    said.BlockStop(),
    said.Stop("tool", usage=Usage(5, output=7)),
]


def seeds() -> Iterator[bytes]:
    """Inputs, each with the two bytes that choose a target and a client."""
    for wire, fake in SPEAKERS:
        ask = Ask(model="m", stream=True, prompt="", words=5, body={"stream_options": {"include_usage": True}})
        ask.body["messages"] = [{"role": "user", "content": "hi"}]
        for quirks in QUIRKS:
            how = Behaviour(quirks=frozenset(quirks.split("+")))
            stream = b"".join(fake.frame(event, crlf=quirks == "") for event in fake.events(ask, TURN, how))
            yield from _chosen(wire, "stream", stream)
            yield from _chosen(wire, "whole", compact(fake.whole(ask, TURN, how)).encode())
        yield from _chosen(wire, "stream", fake.frame(fake.error_event(Behaviour()), crlf=False))
    for wire in WIRES:
        answering = Answering("0123456789abcdef", "alias", 1795132800, 17, _talk(wire))
        encoder = CODECS[wire].encoder(answering)
        yield from _chosen(wire, "stream", b"".join(encoder.take(event) for event in EVENTS))
        yield from _chosen(wire, "whole", CODECS[wire].encoder(answering).whole(EVENTS))
        yield from _chosen(wire, "request", json.dumps(CODECS[wire].write(_talk(wire), DIALECT).body).encode())


def _chosen(wire: Wire, kind: str, payload: bytes) -> Iterator[bytes]:
    first = KINDS.index(kind) * len(WIRES) + WIRES.index(wire)
    assert NAMES[first] == f"{wire} {kind}"
    for client in range(len(WIRES)):
        yield bytes([first, client]) + payload


def _talk(wire: Wire) -> talk.Conversation:
    picture = talk.Image(data="iVBORw0KGgo=", media_type="image/png")
    turns = [
        talk.Turn("user", [talk.Text("hi"), picture]),
        talk.Turn(
            "assistant", [talk.Thinking("hm", "c2ln", wire), talk.Text("so"), talk.ToolCall("call_1", "f", "{}")]
        ),
        talk.Turn("user", [talk.ToolResult("call_1", [talk.Text("42"), picture], failed=True, name="f")]),
    ]
    tools = [talk.Tool("f", "does", {"type": "object", "properties": {"a": {"type": "integer"}}})]
    made = talk.Conversation(wire, "model-1", turns, [talk.Text("be brief")], tools, talk.ToolChoice("one", "f"))
    made.thought, made.limit, made.stop = talk.Thought("on", 2048, "high"), 4096, ["END"]
    made.shape = talk.Shape("schema", "out", {"type": "object", "properties": {}})
    return made
