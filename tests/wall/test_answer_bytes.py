"""What the client receives: the provider's own bytes, however they were cut, coded or framed."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from tests.fake import FakeProvider
from tests.harness import Gateway
from tests.wall.asking import Reply, ask
from tests.wall.scenes import (
    ALL,
    CHAT,
    COMPLETIONS,
    DIRECT,
    FOUR,
    KEY,
    MESSAGES,
    SIX,
    ZAI_MESSAGES,
    Scene,
    name_of,
)

FORMS = ["", "BYTES", "BYTES=7", "CRLF", "CRLF BYTES", "PINGS", "PINGS CRLF BYTES=3", "THINK", "CLOSE"]
CODINGS = ["gzip", "deflate", "zstd"]
_USAGE = re.compile(rb'data: \{[^\r\n]*"choices":\[\],"usage":\{[^\r\n]*(?:\r\n\r\n|\n\n)')


def both(
    wall: Gateway, fake: FakeProvider, scene: Scene, text: str, *, stream: bool, coding: str = "", **more: Any
) -> tuple[bytes, Reply]:
    """The same request at the provider itself, whose bytes are given first, and through the gateway.

    `coding` is what the provider codes the second of the two answers in.
    """
    body = scene.body(text, stream=stream, **more)
    told = {**body, "model": scene.told}
    hidden = stream and scene in (CHAT, COMPLETIONS) and "stream_options" not in more
    if hidden:
        told["stream_options"] = {"include_usage": True}
    fake.reset()
    own = ask(fake.url, scene.upstream, told, headers=DIRECT).body
    fake.reset()
    if coding:
        fake.program({"encoding": coding})
    reply = ask(wall.url, scene.path, body, headers=KEY)
    return (without_usage(own) if hidden else own), reply


def without_usage(stream: bytes) -> bytes:
    """The stream without the event that holds nothing but usage."""
    return _USAGE.sub(b"", stream)


@pytest.mark.parametrize("form", FORMS, ids=lambda form: form or "plain")
@pytest.mark.parametrize("scene", SIX, ids=name_of)
def test_a_stream_is_the_providers_bytes(wall: Gateway, fake_provider: FakeProvider, scene: Scene, form: str) -> None:
    own, reply = both(wall, fake_provider, scene, f"Hi {form}".strip(), stream=True)
    assert reply.status == 200
    assert reply.body == own


@pytest.mark.parametrize("scene", ALL, ids=name_of)
def test_a_whole_answer_is_the_providers_bytes(wall: Gateway, fake_provider: FakeProvider, scene: Scene) -> None:
    own, reply = both(wall, fake_provider, scene, "THINK BYTES=5", stream=False)
    assert reply.status == 200
    assert reply.body == own
    assert reply.header("content-type") == "application/json"
    assert reply.header("content-length") == str(len(own))


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_a_coded_answer_is_decoded_and_otherwise_untouched(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene, coding: str, stream: bool
) -> None:
    own, reply = both(wall, fake_provider, scene, "Hi BYTES=11", stream=stream, coding=coding)
    assert reply.status == 200
    assert reply.header("content-encoding") is None
    assert reply.body == own


@pytest.mark.parametrize("coding", CODINGS)
@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_a_coded_error_is_decoded(wall: Gateway, fake_provider: FakeProvider, scene: Scene, coding: str) -> None:
    reply = ask(wall.url, scene.path, scene.body(f"ERR=400 MSG=no_way ENC={coding}"), headers=KEY)
    assert reply.status == 400
    assert reply.header("content-encoding") is None
    assert reply.message == "no_way"


def test_a_coding_nobody_can_read_is_an_error_and_no_garbage(wall: Gateway, fake_provider: FakeProvider) -> None:
    reply = ask(wall.url, CHAT.path, CHAT.body("Hi ENC=br", stream=True), headers=KEY)
    assert reply.status == 502
    assert CHAT.is_error(reply.json)
    assert "'br'" in reply.message


def test_the_provider_is_asked_for_no_coding(wall: Gateway, fake_provider: FakeProvider) -> None:
    ask(wall.url, CHAT.path, CHAT.body("Hi"), headers={**KEY, "accept-encoding": "gzip, br"})
    assert fake_provider.requests[0].header("accept-encoding") == "identity"


@pytest.mark.parametrize("scene", (CHAT, COMPLETIONS), ids=name_of)
def test_the_usage_chunk_reaches_those_who_asked_for_it(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene
) -> None:
    own, reply = both(wall, fake_provider, scene, "Hi", stream=True, stream_options={"include_usage": True})
    # The cost beside the usage is all that is added.
    assert re.sub(rb',"cost":0\.\d+\}', b"}", reply.body) == own
    assert b'"choices":[]' in reply.body


@pytest.mark.parametrize("form", ["", "BYTES", "CRLF BYTES=3"])
def test_the_usage_chunk_is_hidden_from_those_who_did_not(
    wall: Gateway, fake_provider: FakeProvider, form: str
) -> None:
    reply = ask(wall.url, CHAT.path, CHAT.body(f"Hi {form}", stream=True), headers=KEY)
    assert b'"choices":[]' not in reply.body
    assert b'"prompt_tokens"' not in reply.body
    assert reply.body.rstrip().endswith(b"data: [DONE]")


@pytest.mark.parametrize("quirk", ["usageinfinish", "nousage", "nodone", "thinktag", "reasoning_content"])
def test_what_compatible_servers_do_otherwise_passes(wall: Gateway, fake_provider: FakeProvider, quirk: str) -> None:
    own, reply = both(wall, fake_provider, CHAT, f"THINK Hi QUIRK={quirk}", stream=True)
    # The end that a server forgets is the one thing that is added.
    assert reply.body == own + (b"data: [DONE]\n\n" if quirk == "nodone" else b"")


def test_tool_calls_stream_as_they_came(wall: Gateway, fake_provider: FakeProvider) -> None:
    schema = {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]}
    tool = {"name": "weather", "input_schema": schema}
    own, reply = both(wall, fake_provider, MESSAGES, "TOOL PAR BYTES=4", stream=True, tools=[tool])
    assert b"input_json_delta" in own
    assert reply.body == own
    function = {"type": "function", "function": {"name": "weather", "parameters": schema}}
    own, reply = both(wall, fake_provider, CHAT, "TOOL PAR BYTES=4", stream=True, tools=[function])
    assert reply.body == own


@pytest.mark.parametrize("form", ["", "BYTES", "CRLF", "CRLF BYTES"])
def test_zeros_in_message_start_are_mended_and_nothing_else(
    wall: Gateway, fake_provider: FakeProvider, form: str
) -> None:
    own, reply = both(wall, fake_provider, ZAI_MESSAGES, f"Hi {form}", stream=True)
    end = b"\r\n\r\n" if "CRLF" in form else b"\n\n"
    first, _, rest = own.partition(end)
    got_first, _, got_rest = reply.body.partition(end)
    assert got_rest == rest
    before, after = (json.loads(event.partition(b"data: ")[2]) for event in (first, got_first))
    assert before["message"]["usage"]["input_tokens"] == 0
    assert after["message"]["usage"].pop("input_tokens") > 0
    before["message"]["usage"].pop("input_tokens")
    assert after == before


def test_true_numbers_in_message_start_are_left_alone(wall: Gateway, fake_provider: FakeProvider) -> None:
    own, reply = both(wall, fake_provider, MESSAGES, "Hi IN=77", stream=True)
    assert reply.body == own
    assert b'"input_tokens":77' in reply.body


def test_a_thousand_deltas_arrive_complete(wall: Gateway, fake_provider: FakeProvider) -> None:
    own, reply = both(wall, fake_provider, MESSAGES, "LONG=1000", stream=True)
    assert reply.body == own
    assert reply.body.count(b"text_delta") == 1000
