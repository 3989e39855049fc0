"""How long a client waits, and what it hears meanwhile: time-outs, pings, and failures that come late."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway, provider_environment
from tests.wall.asking import Reply, ask, streaming, until
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
    late = f"""
  - model_name: gpt-late
    litellm_params: {{model: openai/late-1, api_base: "{fake_server.url}/v1", api_key: os.environ/FAKE_KEY}}
"""
    text = config(
        fake_server.url,
        rows=hasty + late + scripted_rows(slow_script.url),
        more="trunkline: {ping_after: 1, limits: {idle: 4}}",
    )
    text = text.replace("{num_retries: 0}", "{num_retries: 0, fallbacks: [{gpt-late: [gpt-wall]}]}")
    with Gateway(text, env=provider_environment(fake_server.url, GOOD_KEY)) as gateway:
        yield gateway


HASTY = {"claude-wall": "hasty-claude", "gpt-wall": "hasty-gpt", "qwen-wall": "hasty-qwen"}


@dataclass(slots=True)
class Timed:
    """One of several requests that run at once: what came, after how many seconds."""

    scene: Scene
    fault: str
    reply: Reply
    seconds: float


def all_at_once(
    gateway: Gateway, faults: Sequence[str], *, stream: bool, models: Mapping[str, str] | None = None
) -> list[Timed]:
    """Each fault on each wire, in parallel: waiting is all that these tests do."""

    def one(case: tuple[Scene, str]) -> Timed:
        scene, fault = case
        body = scene.body(f"Hi {fault}", stream=stream, model=(models or {}).get(scene.asked, scene.asked))
        begun = time.monotonic()
        reply = ask(gateway.url, scene.path, body, headers=KEY)
        return Timed(scene, fault, reply, time.monotonic() - begun)

    cases = [(scene, fault) for scene in FOUR for fault in faults]
    with ThreadPoolExecutor(len(cases)) as pool:
        return list(pool.map(one, cases))


def test_a_first_token_that_does_not_come_is_a_504_that_names_the_limit(
    quiet_gateway: Gateway, fake_provider: FakeProvider
) -> None:
    for timed in all_at_once(quiet_gateway, ["DELAY=10", "HUSH=10", "HUSH=10 PINGS"], stream=True, models=HASTY):
        reply, where = timed.reply, (timed.scene.name, timed.fault)
        assert 0.9 < timed.seconds < 2.5, where
        if reply.status == 200:
            # The first ping, due at the same second, may have opened the stream: then the failure is its last event.
            assert ends_with_an_error(timed.scene, reply.body), where
        else:
            assert reply.status == 504, where
            assert timed.scene.is_error(reply.json), where
        assert b"1 s" in reply.body, where
        assert b"time-out" in reply.body, where
    assert len(fake_provider.talks) == 12
    fake_provider.wait_for(lambda fake: all(seen.gone for seen in fake.talks), within=1)


def test_a_whole_answer_that_does_not_come_is_a_504(quiet_gateway: Gateway, fake_provider: FakeProvider) -> None:
    for timed in all_at_once(quiet_gateway, ["DELAY=10", "HUSH=10"], stream=False, models=HASTY):
        assert 1.4 < timed.seconds < 2.8
        assert timed.reply.status == 504
        assert timed.scene.is_error(timed.reply.json)
        assert "1.5 s" in timed.reply.message
        (row,) = rows(quiet_gateway, timed.reply.header("x-litellm-call-id") or "")
        assert row["outcome"] == "provider_timeout"


def test_a_slow_stream_that_speaks_in_time_is_not_timed_out(
    quiet_gateway: Gateway, fake_provider: FakeProvider
) -> None:
    for timed in all_at_once(quiet_gateway, ["LONG=4 SLOW=500"], stream=True, models=HASTY):
        assert timed.reply.status == 200
        assert b"w3 " in timed.reply.body
        assert timed.seconds > 1.9


def test_silence_is_broken_by_a_ping_and_the_answer_follows_whole(
    quiet_gateway: Gateway, fake_provider: FakeProvider
) -> None:
    def one(scene: Scene) -> tuple[Scene, float, bytes, bytes]:
        begun = time.monotonic()
        body = scene.body("SAY=ok DELAY=2", stream=True)
        with streaming(quiet_gateway.url, scene.path, body, headers=KEY) as answer:
            assert answer.status == 200
            first = answer.read1(65536)
            waited = time.monotonic() - begun
            return scene, waited, first, answer.read()

    with ThreadPoolExecutor(4) as pool:
        for scene, waited, first, rest in pool.map(one, FOUR):
            assert 0.9 < waited < 1.7, scene.name
            if scene is OLLAMA:
                line = json.loads(first)
                assert line["done"] is False
                assert line["message"]["content"] == ""
            else:
                assert first == PING[scene.name]
            assert b'"ok"' in rest
            assert rest.rstrip().endswith((b"[DONE]", b"}"))


def test_a_failure_after_the_first_ping_comes_as_the_wires_own_event(
    quiet_gateway: Gateway, fake_provider: FakeProvider
) -> None:
    for timed in all_at_once(
        quiet_gateway, ["DELAY=1.9 ERR=500 MSG=late", "HUSH=1.9 CUT=0", "DELAY=1.9 HTML=502"], stream=True
    ):
        reply, where = timed.reply, (timed.scene.name, timed.fault)
        assert reply.status == 200, where
        assert not reply.cut, where
        assert ends_with_an_error(timed.scene, reply.body), (where, reply.body)
        assert b"late" in reply.body or "MSG" not in timed.fault, where


@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_a_late_error_that_is_printed_over_several_lines_is_still_one_event(
    quiet_gateway: Gateway, slow_script: Scripted, scene: Scene
) -> None:
    slow_script.pieces = (b"", whole(PRETTY[scene.shape], status="500 Internal Server Error"))
    slow_script.pause = 1.8
    body = scene.body("Hi", stream=True, model=SCRIPTED[scene.asked])
    reply = ask(quiet_gateway.url, scene.path, body, headers=KEY)
    assert reply.status == 200
    assert b"late" in reply.body
    lines = [line for line in reply.body.splitlines() if line]
    if scene is OLLAMA:
        assert all(line.startswith(b"{") and line.endswith(b"}") for line in lines), lines
    else:
        assert all(line.startswith((b"event: ", b"data: ", b":")) for line in lines), lines
    assert ends_with_an_error(scene, reply.body), reply.body


def test_a_whole_answer_just_waits(quiet_gateway: Gateway, fake_provider: FakeProvider) -> None:
    reply = ask(quiet_gateway.url, CHAT.path, CHAT.body("SAY=ok DELAY=1.8"), headers=KEY)
    assert reply.status == 200
    assert reply.json["choices"][0]["message"]["content"] == "ok"


def test_the_providers_own_pings_commit_to_nothing(quiet_gateway: Gateway, fake_provider: FakeProvider) -> None:
    body = MESSAGES.body("Hi HUSH=0.4 PINGS CUT=0", stream=True)
    assert ask(quiet_gateway.url, MESSAGES.path, body, headers=KEY).status == 502


def test_after_the_first_ping_the_deployment_may_still_change(
    quiet_gateway: Gateway, fake_provider: FakeProvider
) -> None:
    fake_provider.program({"status": 500, "delay": 1.9, "model": "late-1"})
    reply = ask(quiet_gateway.url, CHAT.path, CHAT.body("SAY=ok", stream=True, model="gpt-late"), headers=KEY)
    assert reply.status == 200
    assert reply.body.startswith(b": ping\n\n")
    assert b'"ok"' in reply.body
    assert reply.body.rstrip().endswith(b"data: [DONE]")
    assert b"error" not in reply.body
    assert [seen.model for seen in fake_provider.talks] == ["late-1", "wall-1"]
    until(lambda: "openai/late-1" in quiet_gateway.stderr and "before=" in quiet_gateway.stderr, within=1)
