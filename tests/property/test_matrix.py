"""Every client on every provider, ability by ability, with fixed words: what the table in docs/translation.md tells."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.property.asking import sides
from tests.property.clients import READERS
from tests.property.folding import carried, fold
from tests.property.talks import PNG, SCHEMAS
from tests.property.test_answers import decoded, same_as_told, streamed, whole
from tests.property.test_requests import read, sent
from tests.property.wires import WIRES, codec
from trunkline.model.conversation import Conversation, Image, Shape, Text, Tool, ToolCall, ToolResult, Turn
from trunkline.model.events import (
    ArgumentsDelta,
    BlockStop,
    Event,
    Start,
    Stop,
    StopReason,
    TextDelta,
    TextStart,
    ThinkingDelta,
    ThinkingStart,
    ToolStart,
)
from trunkline.model.usage import Usage
from trunkline.model.wires import Wire

USED = Usage(7, 3, output=5)
SAID: list[Event] = [TextStart(), TextDelta("Grüße, "), TextDelta("你好 🙂"), BlockStop()]
THOUGHT: list[Event] = [ThinkingStart(), ThinkingDelta("hm"), BlockStop()]
CALLED: list[Event] = [
    *(ToolStart("call_1", "Read"), ArgumentsDelta('{"path":'), ArgumentsDelta('"ü"}'), BlockStop()),
    *(ToolStart("call_2", "Read"), BlockStop()),
]


def answer(provider: Wire, client: Wire, *middle: Event, streams: bool = True) -> None:
    """The provider says it, the official client of the other side reads it."""
    reason: StopReason = "tool" if any(isinstance(event, ToolStart) for event in middle) else "end"
    told: list[Event] = [Start("a", "model-1", USED), *middle, Stop(reason, usage=USED)]
    made = streamed(provider, told)
    events = decoded(provider, [made])
    assert carried(client, carried(provider, fold(told))).blocks == carried(client, fold(events)).blocks
    bytes_ = streamed(client, events) if streams else whole(client, events)
    same_as_told(READERS[client](bytes_, streams), fold(events), client)


def request(provider: Wire, client: Wire, talk: Conversation) -> Conversation:
    """What the provider understands of what the client asks, on the way through both formats."""
    body = json.loads(json.dumps(sent(client, talk).body))
    asked = codec(client).read(body, model="alias", streamed=True)
    return read(provider, sent(provider, asked))


def tools(provider: Wire, client: Wire) -> None:
    answer(provider, client, *CALLED)
    calls = [ToolCall("call_1", "Read", '{"path":"ü"}'), ToolCall("call_2", "Read", "{}")]
    results = [ToolResult(call.id, [Text(f"result of {call.id}")], name="Read") for call in calls]
    turns = [Turn("user", [Text("go")]), Turn("assistant", [*calls]), Turn("user", [*results])]
    got = request(provider, client, Conversation(client, "m", turns, tools=[Tool("Read", "reads", SCHEMAS[1])]))
    assert [side.calls for side in sides(got)][1] == [("Read", {"path": "ü"}), ("Read", {})]
    assert sorted(map("".join, sides(got)[-1].results.values())) == ["result of call_1", "result of call_2"]
    assert [tool.name for tool in got.tools] == ["Read"]


def images(provider: Wire, client: Wire) -> None:
    turns = [Turn("user", [Text("what?"), Image(data=PNG, media_type="image/png")])]
    got = request(provider, client, Conversation(client, "m", turns))
    assert [part.data for turn in got.turns for part in turn.parts if isinstance(part, Image)] == [PNG]


def structured(provider: Wire, client: Wire) -> None:
    talk = Conversation(client, "m", [Turn("user", [Text("json")])], shape=Shape("schema", "out", SCHEMAS[1]))
    got = request(provider, client, talk)
    asked = json.dumps(got.shape.schema) if got.shape else "".join(text.text for text in got.system)
    assert "city" in asked


ABILITIES: dict[str, Callable[[Wire, Wire], None]] = {
    "text": lambda provider, client: answer(provider, client, *SAID, streams=False),
    "stream": lambda provider, client: answer(provider, client, *SAID),
    "thinking": lambda provider, client: answer(provider, client, *THOUGHT, *SAID),
    "tools": tools,
    "images": images,
    "structured": structured,
    "usage": lambda provider, client: answer(provider, client),
}


@pytest.mark.parametrize("ability", ABILITIES)
@pytest.mark.parametrize("provider", WIRES)
@pytest.mark.parametrize("client", WIRES)
def test_a_client_on_a_provider(
    client: Wire, provider: Wire, ability: str, record_property: Callable[[str, object], None]
) -> None:
    for name, value in (("client", client), ("provider", provider), ("ability", ability)):
        record_property(name, value)
    ABILITIES[ability](provider, client)
