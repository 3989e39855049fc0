"""A client of one wire, a provider of another: what is answered, what goes wrong, and what is written down."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway
from tests.wall.asking import ask, until
from tests.wall.scenes import CHAT, KEY, MESSAGES, OLLAMA, RESPONSES, Scene, rows

MODELS = {"anthropic": "claude-wall", "openai-chat": "gpt-wall", "ollama": "qwen-wall"}
"""The fake's name of the wire that is asked → the gateway's model that is asked in it."""
OWN = {"messages": "anthropic", "chat": "openai-chat", "responses": "openai-chat", "ollama_chat": "ollama"}

PAIRS = [
    pytest.param(scene, wire, model, id=f"{scene.name}-to-{wire}")
    for scene in (MESSAGES, CHAT, RESPONSES, OLLAMA)
    for wire, model in MODELS.items()
    if OWN[scene.name] != wire
]
CROSSED = pytest.mark.parametrize(("scene", "wire", "model"), PAIRS)


def text_of(scene: Scene, body: Any) -> str:
    """The words of a whole answer."""
    match scene.name:
        case "messages":
            return "".join(block.get("text", "") for block in body["content"])
        case "chat":
            return str(body["choices"][0]["message"]["content"])
        case "responses":
            parts = [part for item in body["output"] for part in item.get("content") or ()]
            return "".join(part.get("text", "") for part in parts)
        case _:
            return str(body["message"]["content"])


@CROSSED
def test_words_arrive_and_are_counted(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene, wire: str, model: str
) -> None:
    reply = ask(wall.url, scene.path, scene.body("SAY=grüezi✓ IN=120 OUT=9", model=model), headers=KEY)
    assert reply.status == 200, reply.body
    assert text_of(scene, reply.json) == "grüezi✓"
    assert fake_provider.talks[0].wire == wire
    [row] = rows(wall, reply.header("x-litellm-call-id") or "")
    assert (row["input"], row["output"], row["outcome"], row["estimated"]) == (120, 9, "ok", 0)


@CROSSED
def test_a_stream_ends_as_its_own_wire_ends(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene, wire: str, model: str
) -> None:
    reply = ask(wall.url, scene.path, scene.body("LONG=5", model=model, stream=True), headers=KEY)
    assert reply.status == 200
    assert not reply.cut
    end = {
        "messages": b'"type":"message_stop"}\n\n',
        "chat": b"data: [DONE]\n\n",
        "responses": b"\n\n",
        "ollama_chat": b"}\n",
    }
    assert reply.body.endswith(end[scene.name]), reply.body[-200:]
    assert "wörd0".encode() in reply.body
    assert b"w4" in reply.body


@CROSSED
@pytest.mark.parametrize("status", [400, 401, 429, 500])
def test_a_providers_error_is_told_in_the_clients_words(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene, wire: str, model: str, status: int
) -> None:
    reply = ask(wall.url, scene.path, scene.body(f"ERR={status} MSG=because_so", model=model), headers=KEY)
    assert reply.status in ((500, 502) if status == 500 else (status,))
    assert scene.is_error(reply.json), reply.body
    assert "because_so" in reply.message
    assert GOOD_KEY not in reply.head


@CROSSED
def test_an_overload_is_one_in_every_wire(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene, wire: str, model: str
) -> None:
    fake_provider.program({"status": 529 if wire == "anthropic" else 503})
    reply = ask(wall.url, scene.path, scene.body("Hi", model=model), headers=KEY)
    assert reply.status == (529 if scene is MESSAGES else 503)


@CROSSED
def test_a_context_that_is_too_long_is_told_so_that_agents_compact(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene, wire: str, model: str
) -> None:
    fake_provider.program({"status": 400, "message": "maximum context length is 1000 tokens, got 2000"})
    reply = ask(wall.url, scene.path, scene.body("Hi", model=model), headers=KEY)
    assert reply.status == 400
    if scene is MESSAGES:
        assert "prompt is too long" in reply.message
    elif scene is not OLLAMA:
        assert reply.json["error"]["code"] == "context_length_exceeded"


@CROSSED
@pytest.mark.parametrize("fault", ["cut_after", "reset_after"])
def test_a_stream_that_breaks_never_looks_whole(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene, wire: str, model: str, fault: str
) -> None:
    fake_provider.program({fault: 3, "slow_ms": 5})
    reply = ask(wall.url, scene.path, scene.body("LONG=9", model=model, stream=True), headers=KEY)
    assert reply.status == 200
    for end in (b"message_stop", b'"finish_reason":"stop"', b"response.completed", b'"done":true'):
        assert end not in reply.body
    assert b"error" in reply.body
    [row] = rows(wall, reply.header("x-litellm-call-id") or "")
    assert row["outcome"] == "provider_cut"
    assert row["estimated"] == 1
    assert row["output"] > 0


@CROSSED
def test_an_error_that_is_said_first_is_a_real_error(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene, wire: str, model: str
) -> None:
    fake_provider.program({"error_first": True, "message": f"bad key {GOOD_KEY}"})
    reply = ask(wall.url, scene.path, scene.body("Hi", model=model, stream=True), headers=KEY)
    assert reply.status >= 400
    assert scene.is_error(reply.json)
    if wire != "ollama":  # which has no key here
        assert GOOD_KEY.encode() not in reply.body
        own = [line for line in wall.stderr.splitlines() if (reply.header("x-litellm-call-id") or "") in line]
        assert GOOD_KEY not in "".join(own)


@CROSSED
def test_nothing_of_the_clients_credentials_reaches_the_provider(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene, wire: str, model: str
) -> None:
    more = {**KEY, "cookie": "session=1", "x-api-key": "sk-ant-somebody", "anthropic-beta": "x-2026"}
    reply = ask(wall.url, scene.path, scene.body("Hi", model=model), headers=more)
    assert reply.status == 200
    seen = fake_provider.talks[0]
    names = {name.lower() for name, _ in seen.headers}
    assert "cookie" not in names
    assert "anthropic-beta" not in names
    assert "sk-ant-somebody" not in str(seen.headers)


def test_what_could_not_be_carried_is_named(wall: Gateway, fake_provider: FakeProvider) -> None:
    asked = MESSAGES.body("Hi", model="gpt-wall", top_k=40)
    assert ask(wall.url, "/v1/messages", asked, headers=KEY).header("x-trunkline-lost") == "top_k"


def test_equal_beginnings_stay_equal_for_the_providers_cache(wall: Gateway, fake_provider: FakeProvider) -> None:
    turns: list[dict[str, Any]] = [{"role": "user", "content": f"SAY=one {'x' * 500}"}]
    ask(wall.url, "/v1/messages", MESSAGES.body("", model="gpt-wall", messages=turns), headers=KEY)
    turns += [{"role": "assistant", "content": "one"}, {"role": "user", "content": "SAY=two"}]
    ask(wall.url, "/v1/messages", MESSAGES.body("", model="gpt-wall", messages=turns), headers=KEY)
    first, second = (json.dumps(seen.json["messages"])[:-1] for seen in fake_provider.talks)
    assert second.startswith(first)


def test_embeddings_cross_as_well(wall: Gateway, fake_provider: FakeProvider) -> None:
    reply = ask(wall.url, "/v1/embeddings", {"model": "qwen-wall", "input": ["a", "b"]}, headers=KEY)
    assert reply.status == 200
    assert len(reply.json["data"]) == 2
    back = ask(wall.url, "/api/embed", {"model": "gpt-wall", "input": "a"}, headers=KEY)
    assert back.status == 200, back.body
    assert len(back.json["embeddings"]) == 1


def test_what_had_to_be_mended_is_in_the_log(wall: Gateway, fake_provider: FakeProvider) -> None:
    call = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}
    turns = [
        {"role": "user", "content": "x"},
        {"role": "assistant", "content": [call]},
        {"role": "user", "content": "SAY=on"},
    ]
    reply = ask(wall.url, "/v1/messages", MESSAGES.body("", model="gpt-wall", messages=turns), headers=KEY)
    assert reply.status == 200
    own = reply.header("x-litellm-call-id") or ""
    until(lambda: any(own in line and "repaired=interrupted_call" in line for line in wall.stderr.splitlines()))
