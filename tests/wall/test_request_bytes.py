"""What the provider receives: the client's own bytes, but for the splices that have a name."""

from __future__ import annotations

import json

import pytest

from tests.fake import FakeProvider
from tests.harness import Gateway
from tests.wall.asking import ask
from tests.wall.scenes import ALL, CHAT, COMPLETIONS, KEY, MESSAGES, OLLAMA, RESPONSES, ZAI_CHAT, Scene, name_of

ODD = (
    rb'"x_unknown" : { "b":1 , "a" : [ 12345678901234567890123, 1.50, 1e5, -0 ] }' + b",\n\t"
    rb'"esc\u0061ped": "\u00e9 \/ \ud83d\ude42 ' + "é 🙂".encode() + b'"'
)
LAST = b'"zz_last"  :  [true ,false,null]'


def odd(scene: Scene, *, stream: bool) -> bytes:
    """A body with everything a re-serialiser would change: order, blanks, escapes, numbers, unknown members."""
    said = json.dumps({key: value for key, value in scene.body("Hi SAY=ok").items() if key not in ("model", "stream")})
    flag = b"true" if stream else b"false"
    inner = said.encode()[1:-1]
    return (
        b"\r\n{ "
        + ODD
        + b' ,"model"\n:\t"%b" , %b,"stream" : %b, %b\n}\n'
        % (
            scene.asked.encode(),
            inner,
            flag,
            LAST,
        )
    )


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("scene", ALL, ids=name_of)
def test_the_provider_receives_the_clients_bytes_but_for_the_model(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene, stream: bool
) -> None:
    sent = odd(scene, stream=stream)
    ask(wall.url, scene.path, sent, headers=KEY)
    expected = sent.replace(b'"%b"' % scene.asked.encode(), b'"%b"' % scene.told.encode())
    if stream and scene in (CHAT, COMPLETIONS):
        expected = expected.replace(LAST, LAST + b',"stream_options":{"include_usage":true}')
    (seen,) = fake_provider.requests
    assert seen.path == scene.upstream
    assert seen.body == expected


def test_cache_marks_betas_and_thinking_pass_as_they_stand(wall: Gateway, fake_provider: FakeProvider) -> None:
    body = (
        b'{"model":"claude-wall","max_tokens":900,"thinking":{"type":"adaptive","display":"omitted"},'
        b'"output_config":{"effort":"high"},"context_management":{"edits":[{"type":"clear_thinking_20251015"}]},'
        b'"metadata":{"user_id":"{\\"device_id\\":\\"d\\"}"},'
        b'"system":[{"type":"text","text":"x-anthropic-billing-header: cc=1"},'
        b'{"type":"text","text":"s","cache_control":{"type":"ephemeral","ttl":"1h"}}],'
        b'"messages":[{"role":"user","content":[{"type":"text","text":"SAY=ok","cache_control":{"type":"ephemeral"}}]},'
        b'{"role":"system","content":"mid"}],'
        b'"tools":[{"name":"T","description":"d","input_schema":{"type":"object","properties":{}},"defer_loading":true}]}'
    )
    beta = {**KEY, "anthropic-beta": "context-management-2025-06-27"}
    reply = ask(wall.url, "/v1/messages?beta=true", body, headers=beta)
    (seen,) = fake_provider.requests
    assert seen.body == body.replace(b"claude-wall", b"claude-sonnet-5-5")
    assert reply.status == 200, reply.body


@pytest.mark.parametrize("scene", (MESSAGES, CHAT, RESPONSES, OLLAMA), ids=name_of)
def test_an_escaped_name_of_the_model_member_is_found(wall: Gateway, fake_provider: FakeProvider, scene: Scene) -> None:
    sent = json.dumps(scene.body("SAY=ok")).encode().replace(b'"model"', rb'"mod\u0065l"')
    assert ask(wall.url, scene.path, sent, headers=KEY).status == 200
    assert fake_provider.requests[0].body == sent.replace(scene.asked.encode(), scene.told.encode())


def test_a_client_that_asks_for_usage_keeps_its_stream_options(wall: Gateway, fake_provider: FakeProvider) -> None:
    sent = json.dumps(CHAT.body("SAY=ok", stream=True, stream_options={"include_usage": True, "x": 1})).encode()
    ask(wall.url, CHAT.path, sent, headers=KEY)
    assert fake_provider.requests[0].body == sent.replace(b"gpt-wall", b"wall-1")


def test_stream_options_without_usage_are_kept_and_added_to(wall: Gateway, fake_provider: FakeProvider) -> None:
    sent = json.dumps(CHAT.body("SAY=ok", stream=True, stream_options={"include_obfuscation": False})).encode()
    ask(wall.url, CHAT.path, sent, headers=KEY)
    assert fake_provider.requests[0].json["stream_options"] == {"include_obfuscation": False, "include_usage": True}


def test_no_stream_options_are_put_into_a_whole_request_or_into_zais(
    wall: Gateway, fake_provider: FakeProvider
) -> None:
    ask(wall.url, CHAT.path, CHAT.body("SAY=ok"), headers=KEY)
    ask(wall.url, ZAI_CHAT.path, ZAI_CHAT.body("SAY=ok", stream=True), headers=KEY)
    assert all("stream_options" not in seen.json for seen in fake_provider.requests)


def test_sampling_that_the_model_refuses_is_dropped_and_named(wall: Gateway, fake_provider: FakeProvider) -> None:
    reply = ask(wall.url, MESSAGES.path, MESSAGES.body("SAY=ok", temperature=0.3), headers=KEY)
    assert reply.status == 200
    assert "temperature" not in fake_provider.requests[0].json
    assert reply.header("x-trunkline-lost") == "temperature"


@pytest.mark.parametrize(
    ("query", "arrives"),
    [
        ("beta=true", "beta=true"),
        ("beta=true&x=%20a%2Fb&x=2", "beta=true&x=%20a%2Fb&x=2"),
        ("key=sk-test-1&beta=true", "beta=true"),
        ("api_key=sk-test-1", ""),
    ],
)
def test_the_query_goes_on_without_credentials(
    wall: Gateway, fake_provider: FakeProvider, query: str, arrives: str
) -> None:
    ask(wall.url, f"/v1/messages?{query}", MESSAGES.body("SAY=ok"), headers=KEY)
    assert fake_provider.requests[0].query == arrives


def test_a_body_of_a_hundred_kilobytes_passes_untouched(wall: Gateway, fake_provider: FakeProvider) -> None:
    sent = json.dumps(MESSAGES.body("SAY=ok " + "wörd " * 20_000), ensure_ascii=False).encode()
    assert ask(wall.url, MESSAGES.path, sent, headers=KEY).status == 200
    assert fake_provider.requests[0].body == sent.replace(b"claude-wall", b"claude-sonnet-5-5")


def test_a_chunked_request_body_arrives_whole(wall: Gateway, fake_provider: FakeProvider) -> None:
    sent = json.dumps(CHAT.body("SAY=ok")).encode()
    chunks = b"".join(b"1\r\n%b\r\n" % sent[at : at + 1] for at in range(len(sent))) + b"0\r\n\r\n"
    reply = ask(wall.url, CHAT.path, chunks, headers={**KEY, "transfer-encoding": "chunked"})
    assert reply.status == 200
    seen = fake_provider.requests[0]
    assert seen.body == sent.replace(b"gpt-wall", b"wall-1")
    assert seen.header("transfer-encoding") is None
