"""Whatever comes, only a failure is raised, and what was given before it is grammatical."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.property.deviants import SPEAKERS, said
from tests.property.strategies import VALUES, answers, pieces
from tests.property.talks import talks
from tests.property.test_answers import streamed, whole
from tests.property.wires import DIALECT, WIRES, always, codec
from trunkline.errors import Failure
from trunkline.model.events import Event
from trunkline.model.grammar import Grammar
from trunkline.model.wires import Wire

ON_EVERY_WIRE = pytest.mark.parametrize("wire", WIRES)
WORDS_OF_WIRES = st.sampled_from(
    [
        "type",
        "role",
        "content",
        "index",
        "delta",
        "text",
        "id",
        "name",
        "input",
        "message",
        "messages",
        "usage",
        "choices",
        "tool_calls",
        "function",
        "arguments",
        "error",
        "thinking",
        "signature",
        "finish_reason",
        "stop_reason",
        "candidates",
        "parts",
        "functionCall",
        "args",
        "response",
        "output",
        "item",
        "output_index",
        "done",
        "system",
        "tools",
        "tool_choice",
        "max_tokens",
        "stream",
        "contents",
        "instructions",
        "options",
        "images",
        "source",
        "data",
        "media_type",
        "url",
        "content_block",
        "partial_json",
        "item_id",
        "call_id",
        "encrypted_content",
        "summary",
        "reasoning",
        "response_format",
        "json_schema",
        "stop",
        "user",
        "assistant",
        "tool_result",
        "tool_use",
        "tool_use_id",
        "tool_call_id",
        "image_url",
        "file",
    ]
)
JSON: st.SearchStrategy[Any] = st.recursive(
    VALUES | WORDS_OF_WIRES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS_OF_WIRES, inner, max_size=5),
    max_leaves=12,
)


def follow(wire: Wire, stream: list[bytes]) -> None:
    """Decodes; raises anything but a failure, and what is no grammar."""
    decoder, grammar = codec(wire).decoder(DIALECT), Grammar()

    def take(events: list[Event]) -> None:
        for event in events:
            grammar.take(event)

    try:
        for piece in stream:
            take(decoder.feed(piece))
        take(decoder.end())
    except Failure:
        return
    assert grammar.ended, "a stream that ends well has a stop"


def all_at_once(wire: Wire, body: bytes) -> None:
    grammar = Grammar()
    try:
        events = codec(wire).decoder(DIALECT).whole(body)
    except Failure:
        return
    for event in events:
        grammar.take(event)
    assert grammar.ended


@st.composite
def bent(draw: st.DrawFn, value: Any) -> Any:
    """A JSON value with some places in it replaced by something else."""
    if draw(st.integers(0, 9)) == 0:
        return draw(JSON)
    if isinstance(value, dict):
        kept = {key: draw(bent(inner)) for key, inner in value.items() if draw(st.integers(0, 19))}
        return kept | (draw(st.dictionaries(WORDS_OF_WIRES, JSON, max_size=1)) if not draw(st.integers(0, 9)) else {})
    if isinstance(value, list):
        return [draw(bent(inner)) for inner in value]
    return value


@st.composite
def mangled(draw: st.DrawFn, stream: bytes) -> bytes:
    """Bytes with a few changed, cut out or doubled."""
    data = bytearray(stream)
    for _ in range(draw(st.integers(1, 4))):
        at = draw(st.integers(0, max(0, len(data) - 1)))
        size = draw(st.integers(0, 40))
        match draw(st.sampled_from(["drop", "double", "replace", "cut"])):
            case "drop":
                del data[at : at + size]
            case "double":
                data[at:at] = data[at : at + size]
            case "replace":
                data[at : at + draw(st.integers(0, 3))] = draw(
                    st.binary(max_size=4) | st.sampled_from([b"null", b"\\ud800", b"[", b"}", b"1e999", b'""', b"\n\n"])
                )
            case "cut":
                del data[at:]
    return bytes(data)


@ON_EVERY_WIRE
@always
@given(data=st.data())
def test_mangled_bytes_of_a_stream(wire: Wire, data: st.DataObject) -> None:
    stream = data.draw(mangled(streamed(wire, data.draw(answers(wire)))))
    follow(wire, data.draw(pieces(stream)))


@pytest.mark.parametrize("speaker", SPEAKERS)
@always
@given(data=st.data())
def test_mangled_bytes_of_a_deviant(speaker: str, data: st.DataObject) -> None:
    one = data.draw(said(speaker))
    follow(one.wire, data.draw(pieces(data.draw(mangled(one.stream)))))
    all_at_once(one.wire, data.draw(mangled(one.whole)))


@ON_EVERY_WIRE
@always
@given(data=st.data())
def test_events_of_a_stream_with_the_wrong_members(wire: Wire, data: st.DataObject) -> None:
    out = []
    for line in streamed(wire, data.draw(answers(wire))).split(b"\n"):
        head, found, rest = line.partition(b"{")
        if found and data.draw(st.integers(0, 3)) == 0:
            line = head + json.dumps(data.draw(bent(json.loads(found + rest)))).encode()
        out.append(line)
    follow(wire, [b"\n".join(out)])


@ON_EVERY_WIRE
@always
@given(data=st.data())
def test_whole_answers_with_the_wrong_members(wire: Wire, data: st.DataObject) -> None:
    document = json.loads(whole(wire, data.draw(answers(wire))))
    all_at_once(wire, json.dumps(data.draw(bent(document))).encode())


@ON_EVERY_WIRE
@always
@given(body=st.binary(max_size=60) | JSON.map(lambda value: json.dumps(value).encode()))
def test_any_bytes(wire: Wire, body: bytes) -> None:
    follow(wire, [body])
    follow(wire, [b"data: ", body, b"\n\n"])
    all_at_once(wire, body)


@ON_EVERY_WIRE
@always
@given(data=st.data())
def test_requests_with_the_wrong_members(wire: Wire, data: st.DataObject) -> None:
    body = codec(wire).write(data.draw(talks(wire)), DIALECT).body
    hurt = data.draw(bent(json.loads(json.dumps(body))))
    ask_with(wire, hurt if isinstance(hurt, dict) else {"messages": hurt})


@ON_EVERY_WIRE
@always
@given(body=st.dictionaries(WORDS_OF_WIRES, JSON, max_size=6))
def test_any_request(wire: Wire, body: dict[str, Any]) -> None:
    ask_with(wire, body)


def ask_with(wire: Wire, body: dict[str, Any]) -> None:
    """Reads it, and writes what could be read to every wire."""
    try:
        conversation = codec(wire).read(body, model="alias", streamed=True)
    except Failure:
        return
    for target in WIRES:
        try:
            json.dumps(codec(target).write(conversation, DIALECT).body)
        except Failure:
            continue


@ON_EVERY_WIRE
@pytest.mark.parametrize("depth", [400, 5_000, 100_000])
def test_json_nested_without_end(wire: Wire, depth: int) -> None:
    deep = b'{"a":' * depth + b"1" + b"}" * depth
    arguments = json.dumps(deep.decode()).encode()
    for body in (deep, b"[" * depth, deep[: 5 * depth]):
        follow(wire, [b"data: " + body + b"\n\n"])
        follow(wire, [body + b"\n"])
        all_at_once(wire, body)
    call = b'{"id":"c","type":"function","function":{"name":"f","arguments":%s}}' % arguments
    all_at_once(wire, b'{"choices":[{"finish_reason":"stop","message":{"tool_calls":[%s]}}]}' % call)


@ON_EVERY_WIRE
def test_a_request_nested_as_deep_as_json_reads(wire: Wire) -> None:
    deep: Any = "x"
    for _ in range(400):
        deep = {"type": "object", "properties": {"a": deep}}
    tools: list[Any] = [
        {"name": "f", "input_schema": deep, "type": "function", "parameters": deep},
        {"type": "function", "function": {"name": "f", "parameters": deep}},
        {"functionDeclarations": [{"name": "f", "parametersJsonSchema": deep, "parameters": deep}]},
    ]
    said = {"role": "user", "content": "hi", "parts": [{"text": "hi"}]}
    for tool in tools:
        ask_with(wire, {"messages": [said], "input": [said], "contents": [said], "max_tokens": 9, "tools": [tool]})
