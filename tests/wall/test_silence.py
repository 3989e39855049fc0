"""How long a client waits, and what it hears meanwhile: time-outs, pings, and failures that come late."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway, provider_environment
from tests.wall.asking import ask, streaming
from tests.wall.scenes import CHAT, FOUR, KEY, MESSAGES, OLLAMA, SCRIPTED, Scene, config, name_of, rows, scripted_rows
from tests.wall.scripted import Scripted, whole
from tests.wall.test_broken_answers import ends_with_an_error

PING = {
    "messages": b'event: ping\ndata: {"type": "ping"}\n\n',
    "chat": b": ping\n\n",
    "responses": b": ping\n\n",
}
PRETTY = {
    "anthropic": b'{\n  "type": "error",\n  "error": {\n    "type": "api_error",\n    "message": "late"\n  }\n}\n',
    "openai": b'{\n  "error": {\n    "message": "late",\n    "type": "server_error",\n    "code": null\n  }\n}\n',
    "ollama": b'{\n  "error": "late"\n}\n',
}


@pytest.fixture(scope="module")
def slow_script() -> Iterator[Scripted]:
    with Scripted() as provider:
        yield provider


@pytest.fixture(scope="module")
def quiet_gateway(fake_server: FakeProvider, slow_script: Scripted) -> Iterator[Gateway]:
    """Pings after 1 s; `hasty` models give the first token 1 s (`stream_timeout`) and a whole answer 1.5 s."""
    hasty = "".join(
        f"""
  - model_name: {name}
    litellm_params: {{model: {model}, api_base: "{base}", api_key: os.environ/FAKE_KEY, timeout: 1.5, stream_timeout: 1}}
"""
        for name, model, base in (
            ("hasty-claude", "anthropic/claude-sonnet-5-5", fake_server.url),
            ("hasty-gpt", "openai/wall-1", f"{fake_server.url}/v1"),
            ("hasty-qwen", "ollama_chat/qwen3:8b", fake_server.url),
        )
    )
    text = config(
        fake_server.url,
        rows=hasty + scripted_rows(slow_script.url),
        more="trunkline: {ping_after: 1, limits: {idle: 4}}",
    )
    with Gateway(text, env=provider_environment(fake_server.url, GOOD_KEY)) as gateway:
        yield gateway


HASTY = {"claude-wall": "hasty-claude", "gpt-wall": "hasty-gpt", "qwen-wall": "hasty-qwen"}


@pytest.mark.parametrize("fault", ["DELAY=10", "HUSH=10", "HUSH=10 PINGS"])
@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_a_first_token_that_does_not_come_is_a_504_that_names_the_limit(
    quiet_gateway: Gateway, fake_provider: FakeProvider, scene: Scene, fault: str
) -> None:
    begun = time.monotonic()
    body = scene.body(f"Hi {fault}", stream=True, model=HASTY[scene.asked])
    reply = ask(quiet_gateway.url, scene.path, body, headers=KEY)
    assert 0.9 < time.monotonic() - begun < 2.2
    if reply.status == 200:
        # The first ping, due at the same second, may have opened the stream: then the failure is its last event.
        assert ends_with_an_error(scene, reply.body)
    else:
        assert reply.status == 504
        assert scene.is_error(reply.json)
    assert b"1 s" in reply.body
    assert b"stream_timeout" in reply.body or b"time-out" in reply.body
    seen = fake_provider.talks[0]
    fake_provider.wait_for(lambda _: seen.ended is not None, within=1)
    assert seen.gone
    assert len(fake_provider.talks) == 1


@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_a_whole_answer_that_does_not_come_is_a_504(
    quiet_gateway: Gateway, fake_provider: FakeProvider, scene: Scene
) -> None:
    begun = time.monotonic()
    body = scene.body("Hi DELAY=10", stream=False, model=HASTY[scene.asked])
    reply = ask(quiet_gateway.url, scene.path, body, headers=KEY)
    assert 1.4 < time.monotonic() - begun < 2.5
    assert reply.status == 504
    assert scene.is_error(reply.json)
    assert "1.5 s" in reply.message
    (row,) = rows(quiet_gateway, reply.header("x-litellm-call-id") or "")
    assert row["outcome"] == "provider_timeout"


def test_a_slow_stream_that_speaks_in_time_is_not_timed_out(
    quiet_gateway: Gateway, fake_provider: FakeProvider
) -> None:
    body = MESSAGES.body("LONG=5 SLOW=400", stream=True, model="hasty-claude")
    reply = ask(quiet_gateway.url, MESSAGES.path, body, headers=KEY)
    assert reply.status == 200
    assert reply.body.count(b"text_delta") == 5
    assert b"message_stop" in reply.body


@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_silence_is_broken_by_a_ping_and_the_answer_follows_whole(
    quiet_gateway: Gateway, fake_provider: FakeProvider, scene: Scene
) -> None:
    begun = time.monotonic()
    with streaming(quiet_gateway.url, scene.path, scene.body("SAY=okay DELAY=1.8", stream=True), headers=KEY) as answer:
        first = answer.read1(65536)
        waited = time.monotonic() - begun
        rest = answer.read()
    assert 0.9 < waited < 1.6
    assert answer.status == 200
    if scene is OLLAMA:
        line = json.loads(first)
        assert line["done"] is False
        assert line["message"]["content"] == ""
    else:
        assert first == PING[scene.name]
    assert b"okay" in rest or b'"ok' in rest
    assert not ends_with_an_error(scene, rest) if scene.name != "chat" else rest.rstrip().endswith(b"[DONE]")


@pytest.mark.parametrize("scene", FOUR, ids=name_of)
@pytest.mark.parametrize("fault", ["ERR=500 MSG=late", "CUT=0", "HTML=502"])
def test_a_failure_after_the_first_ping_comes_as_the_wires_own_event(
    quiet_gateway: Gateway, fake_provider: FakeProvider, scene: Scene, fault: str
) -> None:
    body = scene.body(f"Hi DELAY=1.5 HUSH=1.5 {fault}", stream=True)
    reply = ask(quiet_gateway.url, scene.path, body, headers=KEY)
    assert reply.status == 200
    assert not reply.cut
    assert ends_with_an_error(scene, reply.body), reply.body
    if "MSG" in fault:
        assert b"late" in reply.body


@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_a_late_error_that_is_printed_over_several_lines_is_still_one_event(
    quiet_gateway: Gateway, slow_script: Scripted, scene: Scene
) -> None:
    slow_script.pieces = (b"", whole(PRETTY[scene.shape], status="500 Internal Server Error"))
    slow_script.pause = 1.5
    body = scene.body("Hi", stream=True, model=SCRIPTED[scene.asked])
    reply = ask(quiet_gateway.url, scene.path, body, headers=KEY)
    assert reply.status == 200
    assert ends_with_an_error(scene, reply.body), reply.body
    assert b"late" in reply.body
    if scene is OLLAMA:
        assert all(json.loads(line) for line in reply.body.splitlines())
    else:
        lines = [line for line in reply.body.splitlines() if line]
        assert all(line.startswith((b"event: ", b"data: ", b":")) for line in lines), lines


def test_a_whole_answer_just_waits(quiet_gateway: Gateway, fake_provider: FakeProvider) -> None:
    reply = ask(quiet_gateway.url, CHAT.path, CHAT.body("SAY=ok DELAY=1.8"), headers=KEY)
    assert reply.status == 200
    assert reply.json["choices"][0]["message"]["content"] == "ok"


def test_the_providers_own_pings_are_no_first_token(quiet_gateway: Gateway, fake_provider: FakeProvider) -> None:
    reply = ask(quiet_gateway.url, MESSAGES.path, MESSAGES.body("Hi HUSH=0.5 PINGS ERRFIRST", stream=True), headers=KEY)
    assert reply.status == 529
