"""What clients ask, as hypothesis draws it: conversations with every kind of part, under the rules that clients keep.

`talks` are whole and orderly; with `broken=True` calls lack results and results lack calls, as after a compaction.
"""

from __future__ import annotations

import base64
from typing import Any

from hypothesis import strategies as st

from tests.property.strategies import OBJECTS, OTHERS, SIGNATURES, WORDS
from trunkline.model.conversation import (
    Audio,
    Conversation,
    Document,
    Image,
    Opaque,
    Part,
    Refusal,
    Sampling,
    Shape,
    Text,
    Thinking,
    Thought,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
    Turn,
)
from trunkline.model.wires import Wire
from trunkline.wire.arguments import as_text

PNG = base64.b64encode(b"\x89PNG\r\n\x1a\n" + bytes(range(24))).decode()
PDF = base64.b64encode(b"%PDF-1.7\n%fake").decode()
WAV = base64.b64encode(b"RIFF\x00\x00\x00\x00WAVEfmt ").decode()

TOOL_NAMES = ["get_weather", "Read", "mcp__srv__do-it", "search.web", "größe", "x" * 70, "x" * 69 + "y", "a b/c"]
SCHEMAS: list[dict[str, Any]] = [
    {},
    {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
    {"type": "object", "properties": {}, "additionalProperties": False, "$schema": "https://json-schema.org/x"},
    {"anyOf": [{"type": "object", "properties": {"a": {"type": "integer"}}}, {"type": "object"}]},
]
SPOKEN = WORDS.map(lambda text: f"w{text}w")
"""Words that are not only white space: nobody sends those."""

MARKS = st.sampled_from(["", "", "", "5m", "1h"])


def texts() -> st.SearchStrategy[Text]:
    return st.builds(Text, SPOKEN, MARKS)


def images() -> st.SearchStrategy[Image]:
    return st.builds(Image, data=st.just(PNG), media_type=st.just("image/png"))


def documents() -> st.SearchStrategy[Document]:
    return st.builds(Document, data=st.just(PDF), media_type=st.just("application/pdf"), title=st.just("a.pdf")) | (
        st.builds(Document, text=SPOKEN, title=st.just("notes"))
    )


@st.composite
def tools(draw: st.DrawFn, *, customs: bool) -> list[Tool]:
    """Tools of different names, odd ones too."""
    names = draw(st.lists(st.sampled_from(TOOL_NAMES), unique=True, max_size=4))
    out = [Tool(name, draw(st.sampled_from(["", "does it"])), draw(st.sampled_from(SCHEMAS))) for name in names]
    if customs and draw(st.booleans()):
        out.append(Tool("apply_patch", "patches", custom=True, grammar=None))
    return out


@st.composite
def talks(
    draw: st.DrawFn, wire: Wire, *, broken: bool = False, rich: bool = True, pictures: bool = True
) -> Conversation:
    """A conversation that a client of `wire` has. `rich`: also settings and parts that few wires can carry."""
    offered = draw(tools(customs=rich and wire in ("openai_chat", "openai_responses")))
    turns: list[Turn] = []
    waiting: list[ToolCall] = []
    count = 0
    for nth in range(draw(st.integers(1, 4))):
        turns.append(Turn("user", draw(_user(waiting, broken=broken, rich=rich, pictures=pictures))))
        if nth and rich and draw(st.integers(0, 7)) == 0:
            turns.append(Turn("system", [draw(texts())], developer=wire.startswith("openai")))
        waiting = []
        parts: list[Part] = []
        for _ in range(draw(st.integers(1, 3))):
            made = draw(_assistant(wire, offered, count, rich=rich))
            count += 1
            parts.append(made)
            waiting += [made] if isinstance(made, ToolCall) else []
        if not any(isinstance(part, Text | ToolCall) for part in parts):
            parts.append(draw(texts()))
        turns.append(Turn("assistant", parts))
    turns.append(Turn("user", draw(_user(waiting, broken=broken, rich=rich, pictures=pictures))))
    talk = Conversation(wire, "model-1", turns, tools=offered)
    talk.system = draw(st.lists(texts(), max_size=2))
    talk.streamed = draw(st.booleans())
    if rich:
        draw(_settings(talk))
    return talk


@st.composite
def _user(draw: st.DrawFn, waiting: list[ToolCall], *, broken: bool, rich: bool, pictures: bool) -> list[Part]:
    results: list[Part] = [draw(_result(call, pictures=pictures)) for call in waiting]
    if broken:
        results = [result for result in results if draw(st.integers(0, 2))]
        if draw(st.integers(0, 3)) == 0:
            results.append(ToolResult("call_gone", [Text("who asked?")]))
    if len(results) > 1 and draw(st.booleans()):
        results.reverse()
    kinds: list[st.SearchStrategy[Part]] = [texts()]
    if pictures:
        kinds += [images()]
    if rich:
        kinds.append(documents())
    said: list[Part] = draw(st.lists(st.one_of(kinds), min_size=0 if results else 1, max_size=2))
    return results + said


@st.composite
def _result(draw: st.DrawFn, call: ToolCall, *, pictures: bool) -> ToolResult:
    content: list[Text | Image | Document] = list(draw(st.lists(texts(), max_size=2)))
    if pictures and draw(st.integers(0, 3)) == 0:
        content.append(draw(images()))
    return ToolResult(call.id, content, failed=draw(st.integers(0, 3)) == 0, name=call.name, custom=call.custom)


@st.composite
def _assistant(draw: st.DrawFn, wire: Wire, offered: list[Tool], nth: int, *, rich: bool) -> Part:
    kind = draw(st.sampled_from(["text", "text", "call", "call", "thinking", "odd"]))
    if kind == "call" and offered:
        tool = draw(st.sampled_from(offered))
        given = draw(SPOKEN) if tool.custom else as_text(draw(OBJECTS))
        return ToolCall(f"call_{nth}", tool.name, given, custom=tool.custom)
    if kind == "thinking":
        signature = draw(st.sampled_from(["", draw(SIGNATURES)]))
        origin: Wire = draw(st.sampled_from([wire, "anthropic", "gemini"]))
        return Thinking(draw(SPOKEN), signature, origin if signature else "")
    if kind == "odd" and rich:
        if OTHERS.get(wire) and draw(st.booleans()):
            return Opaque(wire, OTHERS[wire][0], "searched the web")
        return Refusal(draw(SPOKEN))
    return draw(texts())


@st.composite
def _settings(draw: st.DrawFn, talk: Conversation) -> None:
    talk.limit = draw(st.sampled_from([None, 1, 4096, 10**6]))
    talk.stop = draw(st.sampled_from([[], ["END"], ["a", "b", "c", "d", "e", "f"], ["\n"]]))
    talk.sampling = draw(st.sampled_from([Sampling(), Sampling(temperature=1.5, top_p=0.5, top_k=3, seed=1)]))
    talk.thought = draw(
        st.builds(
            Thought,
            st.sampled_from(["", "off", "on", "adaptive", "between_tools"]),
            st.sampled_from([None, 1024, 31999]),
            st.sampled_from(["", "none", "minimal", "low", "medium", "high", "xhigh", "max"]),
            st.sampled_from([None, True, False]),
        )
    )
    talk.shape = draw(st.sampled_from([None, Shape("json"), Shape("schema", "out", SCHEMAS[1])]))
    modes = ["auto", "none"] + (["any", "one"] if talk.tools else [])
    mode = draw(st.sampled_from(modes))
    name = draw(st.sampled_from(talk.tools)).name if mode == "one" else ""
    if draw(st.booleans()):
        talk.choice = ToolChoice(mode, name, draw(st.sampled_from([None, True, False])))  # type: ignore[arg-type]
    if talk.wire == "openai_chat" and draw(st.integers(0, 9)) == 0:
        talk.turns[0].parts.append(Audio(WAV, "wav"))
