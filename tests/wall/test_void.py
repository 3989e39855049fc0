"""A 200 that is no answer on any wire, streamed or whole: nothing was said, or nobody says why it ends.

The provider says exactly these bytes. Where somebody else can answer, the client gets that answer; where nobody can, an
error of its own wire.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import MASTER_KEY, Gateway
from tests.property.clients import READERS
from tests.wall.asking import Reply, ask
from tests.wall.scenes import KEY
from tests.wall.scripted import Scripted, whole
from tests.wall.test_resume import CLIENTS, is_honest_error
from tests.wall.test_resume_void import LINE, ROLE, START, STOP, VOIDS, chunk, delta, in_order, sse

PROVIDERS = {
    "anthropic": ("anthropic/void", "{0}"),
    "openai": ("custom_openai/void", "{0}/v1"),
    "responses": ("openai/responses/void", "{0}/v1"),
    "ollama": ("ollama_chat/void", "{0}"),
    "gemini": ("gemini/void", "{0}/v1beta"),
}
OWN = {"anthropic": "messages", "openai": "chat", "responses": "responses", "ollama": "ollama", "gemini": "gemini"}
"""Wire of the provider → the client that speaks it."""
SAID = "Of all the"
"""What a stream says before it ends without a reason."""
CREATED = ("response.created", {"type": "response.created", "response": {"id": "r", "status": "in_progress"}})


def response(status: str, **more: Any) -> dict[str, Any]:
    return {"id": "r", "object": "response", "status": status, "model": "m", "output": [], **more}


def spoken(wire: str, *pieces: Any) -> bytes:
    return b"".join(b"data: %b\r\n\r\n" % json.dumps(piece).encode() for piece in pieces)


def candidate(text: str | None, **more: Any) -> dict[str, Any]:
    parts = [] if text is None else [{"text": text}]
    return {"candidates": [{"content": {"parts": parts, "role": "model"}, "index": 0, **more}], "modelVersion": "m"}


FAILED = response("failed", error={"code": "server_error", "message": "it went wrong"})
STREAMS: Mapping[str, Mapping[str, bytes]] = {
    **{wire: {name: b"".join(pieces) for name, pieces in voids.items()} for wire, voids in VOIDS.items()},
    "responses": {
        "nothing": b"",
        "created": sse(CREATED),
        "created-and-done": sse(CREATED, ("", b"[DONE]")),
        "only-done": sse(("", b"[DONE]")),
        "failed": sse(CREATED, ("response.failed", {"type": "response.failed", "response": FAILED})),
        "completed-that-failed": sse(
            CREATED, ("response.completed", {"type": "response.completed", "response": FAILED})
        ),
        "cancelled": sse(
            CREATED, ("response.completed", {"type": "response.completed", "response": response("cancelled")})
        ),
    },
    "gemini": {
        "nothing": b"",
        "usage": spoken("gemini", {"usageMetadata": {"promptTokenCount": 1}}),
        "no-candidates": spoken("gemini", {"candidates": []}),
        "an-empty-part": spoken("gemini", candidate("")),
        "a-candidate": spoken("gemini", candidate(None)),
    },
}
MESSAGE = {
    "id": "m",
    "type": "message",
    "role": "assistant",
    "model": "m",
    "usage": {"input_tokens": 1, "output_tokens": 0},
}
CHAT = {"id": "c", "object": "chat.completion", "created": 1, "model": "m"}
WHOLES: Mapping[str, Mapping[str, Any]] = {
    "anthropic": {
        "nothing": {**MESSAGE, "content": [], "stop_reason": None},
        "no-content": {**MESSAGE, "stop_reason": "end_turn"},
        "an-empty-block": {**MESSAGE, "content": [{"type": "text", "text": ""}], "stop_reason": None},
        "error": {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}},
    },
    "openai": {
        "no-choices": {**CHAT, "choices": []},
        "nothing": {**CHAT, "choices": [{"index": 0, "message": {"role": "assistant", "content": ""}}]},
        "null": {
            **CHAT,
            "choices": [{"index": 0, "message": {"role": "assistant", "content": None}, "finish_reason": None}],
        },
        "no-message": {**CHAT, "choices": [{"index": 0, "finish_reason": None}]},
        "error": {"error": {"message": "it went wrong", "type": "server_error", "code": None}},
        "choices-and-error": {**CHAT, "choices": [], "error": {"message": "it went wrong", "code": 500}},
        "reason-that-fails": {
            **CHAT,
            "choices": [
                {"index": 0, "message": {"role": "assistant", "content": ""}, "finish_reason": "network_error"}
            ],
        },
    },
    "responses": {
        "failed": FAILED,
        "in-progress": response("in_progress"),
        "cancelled": response("cancelled"),
        "nothing": {"id": "r", "object": "response", "model": "m", "output": []},
        "error": {"error": {"message": "it went wrong", "type": "server_error", "code": None}},
    },
    "ollama": {
        "nothing": {**LINE, "done": True},
        "not-done": {**LINE, "done": False},
        "unsaid": {**LINE},
        "error": {"error": "it went wrong"},
    },
    "gemini": {
        "nothing": {},
        "no-candidates": {"candidates": []},
        "a-candidate": candidate(None),
        "an-empty-part": candidate(""),
        "error": {"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}},
    },
}


@pytest.fixture(scope="module")
def void() -> Iterator[Scripted]:
    with Scripted() as provider:
        yield provider


@pytest.fixture(scope="module")
def voids(fake_server: FakeProvider, void: Scripted) -> Iterator[Gateway]:
    """`alone-x`: the scripted provider of wire x; `pair-x`: and behind it one that is well."""
    rows = []
    for wire, (model, base) in PROVIDERS.items():
        for name in (f"alone-{wire}", f"pair-{wire}"):
            chain = [(model, base.format(void.url))]
            chain += [("openai/wall-2", f"{fake_server.url}/v1")] if name.startswith("pair") else []
            rows += in_order(name, chain)
    text = "\n".join(
        [
            "model_list:",
            *rows,
            f"general_settings: {{master_key: {MASTER_KEY}}}",
            "router_settings: {disable_cooldowns: true}",
        ]
    )
    with Gateway(text, env={"FAKE_KEY": GOOD_KEY}) as gateway:
        yield gateway


def asks(gateway: Gateway, client: str, model: str, *, stream: bool) -> Reply:
    scene, _ = CLIENTS[client]
    more = {} if model.startswith("pair") else {"num_retries": 0}
    if client == "gemini":
        path = f"/v1beta/models/{model}:" + ("streamGenerateContent?alt=sse" if stream else "generateContent")
        headers = {**KEY, "x-litellm-num-retries": "0"} if more else KEY
        return ask(gateway.url, path, {"contents": [{"role": "user", "parts": [{"text": "Hi"}]}]}, headers=headers)
    return ask(gateway.url, scene.path, scene.body("Hi", stream=stream, model=model, **more), headers=KEY)


CASES = [(wire, name, True) for wire, named in STREAMS.items() for name in named]
CASES += [(wire, name, False) for wire, named in WHOLES.items() for name in named]
IDS = [f"{wire}-{name}-{'streamed' if stream else 'whole'}" for wire, name, stream in CASES]


def script(void: Scripted, wire: str, name: str, stream: bool) -> None:
    void.requests = 0
    if not stream:
        void.pieces = (whole(json.dumps(WHOLES[wire][name]).encode()),)
        return
    kind = "application/x-ndjson" if wire == "ollama" else "text/event-stream"
    head = f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\n\r\n".encode()
    void.pieces = (head + STREAMS[wire][name],)


@pytest.mark.parametrize(("wire", "name", "stream"), CASES, ids=IDS)
@pytest.mark.parametrize("client", CLIENTS)
def test_another_answers_in_its_place(
    voids: Gateway, fake_provider: FakeProvider, void: Scripted, client: str, wire: str, name: str, stream: bool
) -> None:
    script(void, wire, name, stream)
    fake_provider.program({"model": "wall-2", "say": "the-rest"})
    reply = asks(voids, client, f"pair-{wire}", stream=stream)
    assert reply.status == 200, reply.body
    assert READERS[CLIENTS[client][1]](reply.body, stream).text == "the-rest", reply.body
    assert (void.requests, len(fake_provider.talks)) == (1, 1)


@pytest.mark.parametrize(("wire", "name", "stream"), CASES, ids=IDS)
@pytest.mark.parametrize("crosses", [False, True], ids=["on-its-wire", "crossed"])
def test_where_nobody_can_the_client_is_told(
    voids: Gateway, void: Scripted, crosses: bool, wire: str, name: str, stream: bool
) -> None:
    script(void, wire, name, stream)
    client = ("chat" if wire == "anthropic" else "messages") if crosses else OWN[wire]
    reply = asks(voids, client, f"alone-{wire}", stream=stream)
    assert 400 < reply.status < 600, reply.body
    assert reply.message
    assert void.requests == 1


BLOCK = {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}
WORDS = {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": SAID}}
BEGUN = (("message_start", START), ("content_block_start", BLOCK), ("content_block_delta", WORDS))
OBJECT = {"object": "chat.completion.chunk"}
TOLD = (("", ROLE | OBJECT), ("", chunk({"content": SAID}) | OBJECT))
BROKEN: Mapping[tuple[str, str], bytes] = {
    # Proxies write the last event behind whatever they had when their own provider hung up.
    ("anthropic", "its-last-event"): sse(*BEGUN, ("message_stop", STOP)),
    ("anthropic", "no-reason"): sse(*BEGUN, ("message_delta", delta(None)), ("message_stop", STOP)),
    ("openai", "its-last-event"): sse(*TOLD, ("", b"[DONE]")),
    ("openai", "a-reason-that-is-a-failure"): sse(*TOLD, ("", chunk({}, "network_error")), ("", b"[DONE]")),
}


def begins(void: Scripted, wire: str, name: str) -> None:
    """Its words arrive before its end does."""
    whole_stream = BROKEN[wire, name]
    cut = whole_stream.index(b"\n\n", whole_stream.index(SAID.encode())) + 2
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
    void.requests, void.pieces, void.pause = 0, (head + whole_stream[:cut], whole_stream[cut:]), 0.05


@pytest.mark.parametrize(("wire", "name"), BROKEN, ids=map("-".join, BROKEN))
@pytest.mark.parametrize("client", CLIENTS)
def test_words_without_a_reason_are_no_whole_answer_and_are_gone_on_from(
    voids: Gateway, fake_provider: FakeProvider, void: Scripted, client: str, wire: str, name: str
) -> None:
    begins(void, wire, name)
    fake_provider.program({"model": "wall-2", "say": " the-rest"})
    reply = asks(voids, client, f"pair-{wire}", stream=True)
    assert READERS[CLIENTS[client][1]](reply.body, True).text == f"{SAID} the-rest"
    assert (void.requests, len(fake_provider.talks)) == (1, 1)


@pytest.mark.parametrize(("wire", "name"), BROKEN, ids=map("-".join, BROKEN))
@pytest.mark.parametrize("client", CLIENTS)
def test_words_without_a_reason_end_with_an_error_where_nobody_can_go_on(
    voids: Gateway, void: Scripted, client: str, wire: str, name: str
) -> None:
    begins(void, wire, name)
    reply = asks(voids, client, f"alone-{wire}", stream=True)
    assert reply.status == 200
    assert SAID.encode() in reply.body
    assert is_honest_error(reply.body), reply.body
    assert b'"network_error"}]' not in reply.body, "a reason that no client knows"
    assert void.requests == 1


ENOUGH: Mapping[tuple[str, str], Any] = {
    ("responses", "a-background-response"): response("in_progress", background=True),
    ("responses", "completed-with-nothing"): response("completed"),
    ("anthropic", "an-end-with-nothing"): {**MESSAGE, "content": [], "stop_reason": "end_turn"},
    ("ollama", "a-load"): {**LINE, "done": True, "done_reason": "load"},
    ("ollama", "words-and-done"): {**LINE, "message": {"role": "assistant", "content": "so"}, "done": True},
    ("openai", "words"): {**CHAT, "choices": [{"index": 0, "message": {"role": "assistant", "content": "so"}}]},
}
"""Answers all the same: it is said why they end, or all of it has come. A whole answer cannot be cut."""


@pytest.mark.parametrize(("wire", "name"), ENOUGH, ids=map("-".join, ENOUGH))
def test_what_says_enough_passes_as_it_came(voids: Gateway, void: Scripted, wire: str, name: str) -> None:
    body = json.dumps(ENOUGH[wire, name]).encode()
    void.requests, void.pieces = 0, (whole(body),)
    reply = asks(voids, OWN[wire], f"alone-{wire}", stream=False)
    assert (reply.status, reply.body) == (200, body)
