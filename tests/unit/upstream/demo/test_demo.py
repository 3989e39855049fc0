"""What holds for every wire: determinism, pace, and that no body breaks the demo."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.unit.upstream.demo.serving import fetch
from trunkline.upstream.demo import BASE, Demo
from trunkline.upstream.demo.fields import Body
from trunkline.upstream.demo.sample import sample
from trunkline.upstream.pool import Outgoing

PATHS = [
    "/v1/messages",
    "/v1/messages/count_tokens",
    "/chat/completions",
    "/completions",
    "/embeddings",
    "/responses",
    "/responses/input_tokens",
    "/api/chat",
    "/api/generate",
    "/api/embed",
    "/api/embeddings",
    "/images/generations",
]
HI: Body = {
    "model": "echo",
    "max_tokens": 500,
    "messages": [{"role": "user", "content": "hi"}],
    "prompt": "hi",
    "input": "hi",
    "stream": True,
}

WORDS = """user assistant tool system text image tool_use tool_result function custom object string array auto any
required enabled json_schema function_call function_call_output hi low #/$defs/x"""
INSTRUCTIONS = ["call f {}", 'call f {"a": 1}', "call f x", "call g {", "é✓🙂", "", "\ud800"]
NAMES = """model max_tokens messages system tools tool_choice thinking stream stop input n role content type text name
input_schema function parameters prompt reasoning stop_sequences output_config format schema response_format json_schema
options think properties required items enum tool_calls reasoning_effort dimensions images $ref"""

words = st.sampled_from([*WORDS.split(), *INSTRUCTIONS])
names = st.sampled_from(NAMES.split())
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | words | st.text()
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=5), max_leaves=12
)


def check(path: str, status: int, body: bytes) -> None:
    if status == 400:
        error = json.loads(body)["error"]
        told = error if path.startswith("/api/") else error["message"]
        assert isinstance(told, str) and told
        assert not path.startswith("/v1/messages") or json.loads(body)["type"] == "error"
    else:
        assert status == 200
        assert body


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(path=st.sampled_from(PATHS), more=st.dictionaries(names, values, max_size=6), bare=st.booleans())
def test_any_object_gets_an_answer_or_the_wire_s_own_400(path: str, more: Body, bare: bool) -> None:
    body = json.dumps(more if bare else {**HI, **more}).encode()
    status, pieces = asyncio.run(fetch(path, body))
    check(path, status, b"".join(pieces))


@settings(max_examples=150, deadline=None)
@given(path=st.sampled_from(PATHS), said=st.text(max_size=200) | words, tools=st.lists(values, max_size=2))
def test_any_text_is_answered(path: str, said: str, tools: list[Any]) -> None:
    body = {**HI, "messages": [{"role": "user", "content": said}], "prompt": said, "input": said, "tools": tools}
    status, pieces = asyncio.run(fetch(path, json.dumps(body).encode()))
    check(path, status, b"".join(pieces))


@settings(max_examples=150, deadline=None)
@given(schema=values)
def test_any_schema_has_a_sample(schema: Any) -> None:
    json.dumps(sample(schema))


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b"\xff", b'{"a":' * 5000, b'{"model":NaN}', b'{"max_tokens":' + b"9" * 6000 + b"}"],
)
def test_a_body_that_is_no_object_gets_the_wire_s_own_400(path: str, body: bytes) -> None:
    status, pieces = asyncio.run(fetch(path, body))
    assert status == 400
    check(path, status, b"".join(pieces))


@pytest.mark.parametrize("path", PATHS)
def test_the_same_request_gets_the_same_bytes(path: str) -> None:
    body = json.dumps(HI).encode()
    assert asyncio.run(fetch(path, body)) == asyncio.run(fetch(path, body))


def test_a_stream_comes_in_pieces_with_rests_between() -> None:
    begun = time.perf_counter()
    _, pieces = asyncio.run(fetch("/v1/messages", json.dumps(HI).encode(), delay=0.002))
    assert len(pieces) > 20
    assert time.perf_counter() - begun > 0.002 * (len(pieces) - 1)


def test_what_is_closed_says_no_more() -> None:
    async def scene() -> None:
        answer = await Demo(delay=0).send(Outgoing("POST", BASE + "/v1/messages", [], json.dumps(HI).encode()))
        assert await answer.read()
        answer.close()
        assert await answer.read() == b""
        answer.close()

    asyncio.run(scene())


@pytest.mark.parametrize(
    "said",
    [
        "\n" * 60_000,
        " " * 60_000,
        "<system-reminder" * 4000,
        "<system-reminder>" * 4000,
        "call f " * 9000,
        "call f {" * 8000,
        'call f {"a":' * 6000,
        "and " * 20_000,
        "call f x\n" * 6000,
    ],
)
def test_a_hostile_text_costs_no_more_than_a_blink(said: str) -> None:
    tools = [
        {"name": "f", "input_schema": {"type": "object", "required": ["a"], "properties": {"a": {"type": "string"}}}}
    ]
    body = {"model": "echo", "max_tokens": 9, "messages": [{"role": "user", "content": said + "x"}], "tools": tools}
    begun = time.process_time()
    status, _ = asyncio.run(fetch("/v1/messages", json.dumps(body).encode()))
    assert status == 200
    assert time.process_time() - begun < 1.0


def test_a_schema_that_refers_to_itself_ends() -> None:
    knot: Body = {"type": "object", "required": list("abcdefghij"), "properties": {}}
    knot["properties"] = {name: {"$ref": "#"} for name in knot["required"]}
    begun = time.process_time()
    assert sample(knot)
    assert sample({"type": "array", "minItems": 9999, "items": {"$ref": "#"}})
    assert time.process_time() - begun < 1.0


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"const": 7}, 7),
        ({"enum": ["b", "a"]}, "b"),
        ({"type": ["integer", "null"]}, 0),
        ({"type": "number", "exclusiveMinimum": 0}, 1),
        ({"type": "integer", "maximum": -3}, -3),
        ({"type": "string", "minLength": 6}, "demo.."),
        ({"type": "string", "maxLength": 2}, "de"),
        ({"type": "array", "minItems": 2, "items": {"type": "boolean"}}, [False, False]),
        ({"type": "array", "items": {"type": "boolean"}}, []),
        (
            {"allOf": [{"properties": {"a": {}}, "required": ["a"]}], "properties": {"b": {}}, "required": ["b"]},
            {"a": "demo", "b": "demo"},
        ),
    ],
)
def test_a_sample_is_the_least_that_fits(schema: Body, value: Any) -> None:
    assert sample(schema) == value
