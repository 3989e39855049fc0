"""A stream broke, and whoever is asked for the rest says nothing: an end where it says that it ends, else no answer."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import MASTER_KEY, Gateway
from tests.wall.scripted import Scripted
from tests.wall.test_resume import CLIENTS, Line, base, is_honest_error

ENDS: dict[str, list[bytes]] = {}
"""By wire: what a model sends that has nothing to add, and says that this is the end."""
VOIDS: dict[str, dict[str, list[bytes]]] = {}
"""By wire: what is no end, since nobody says why it should be one."""


def sse(*events: tuple[str, Any]) -> bytes:
    return b"".join(
        (f"event: {name}\n" if name else "").encode()
        + b"data: "
        + (data if isinstance(data, bytes) else json.dumps(data).encode())
        + b"\n\n"
        for name, data in events
    )


def chunk(delta: dict[str, Any], reason: str | None = None) -> dict[str, Any]:
    return {"id": "c", "created": 1, "model": "m", "choices": [{"index": 0, "delta": delta, "finish_reason": reason}]}


def delta(reason: str | None) -> dict[str, Any]:
    return {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 1}}


START = {
    "type": "message_start",
    "message": {"type": "message", "id": "m", "role": "assistant", "model": "m", "content": [], "usage": {}},
}
STOP = {"type": "message_stop"}
LINE = {"model": "m", "created_at": "2026-01-01T00:00:00Z", "message": {"role": "assistant", "content": ""}}
ROLE = chunk({"role": "assistant", "content": ""})

ENDS["openai"] = [sse(("", ROLE), ("", chunk({}, "stop")), ("", b"[DONE]"))]
ENDS["anthropic"] = [sse(("message_start", START), ("message_delta", delta("end_turn")), ("message_stop", STOP))]
ENDS["ollama"] = [json.dumps({**LINE, "done": True, "done_reason": "stop"}).encode() + b"\n"]

VOIDS["openai"] = {
    "nothing": [b""],
    "only-its-last-event": [sse(("", b"[DONE]"))],
    "a-role-and-the-last-event": [sse(("", ROLE), ("", b"[DONE]"))],
    "a-role": [sse(("", ROLE))],
}
VOIDS["anthropic"] = {
    "nothing": [b""],
    "only-its-last-event": [sse(("message_stop", STOP))],
    "a-start-and-the-last-event": [sse(("message_start", START), ("message_stop", STOP))],
    "an-end-without-a-reason": [sse(("message_start", START), ("message_delta", delta(None)), ("message_stop", STOP))],
    "a-start": [sse(("message_start", START))],
}
VOIDS["ollama"] = {
    "nothing": [b""],
    "done-without-a-reason": [json.dumps({**LINE, "done": True}).encode() + b"\n"],
    "a-line": [json.dumps({**LINE, "done": False}).encode() + b"\n"],
}
MODELS = {"openai": "custom_openai/rest", "anthropic": "anthropic/rest", "ollama": "ollama_chat/rest"}


@pytest.fixture(scope="module")
def resting() -> Iterator[Scripted]:
    with Scripted() as provider:
        yield provider


def in_order(name: str, chain: Sequence[tuple[str, str]]) -> list[str]:
    """Rows of `model_list`: (model, api_base) one after the other, under one name."""
    return [
        f'  - {{model_name: {name}, litellm_params: {{model: "{each}", api_base: "{where}", '
        f"api_key: os.environ/FAKE_KEY, order: {order}}}}}"
        for order, (each, where) in enumerate(chain, 1)
    ]


@pytest.fixture(scope="module")
def gateway(fake_server: FakeProvider, resting: Scripted) -> Iterator[Gateway]:
    """`to-x`: one that breaks, the scripted one on wire x, and one that is well. `only-x`: without the last."""
    rows = []
    for wire, model in MODELS.items():
        for name in (f"to-{wire}", f"only-{wire}"):
            chain = [("openai/wall-1", f"{fake_server.url}/v1"), (model, base("", resting.url))]
            chain += [("openai/wall-2", f"{fake_server.url}/v1")] if name.startswith("to-") else []
            rows += in_order(name, chain)
    text = "\n".join(
        [
            "model_list:",
            *rows,
            f"general_settings: {{master_key: {MASTER_KEY}}}",
            "router_settings: {num_retries: 2, disable_cooldowns: true}",
            "trunkline: {limits: {idle: 1}}",
        ]
    )
    with Gateway(text, env={"FAKE_KEY": GOOD_KEY}) as gateway:
        yield gateway


@pytest.fixture
def line(gateway: Gateway, fake_provider: FakeProvider, resting: Scripted) -> Line:
    resting.requests = 0
    fake_provider.program({"model": "wall-1", "long": 8, "cut_after": 4, "slow_ms": 5, "times": 1})
    fake_provider.program({"model": "wall-2", "say": "the-rest"})
    return Line(gateway, fake_provider)


def script(resting: Scripted, wire: str, pieces: list[bytes]) -> None:
    kind = "application/x-ndjson" if wire == "ollama" else "text/event-stream"
    body = b"".join(pieces)
    resting.pieces = (f"HTTP/1.1 200 OK\r\ncontent-type: {kind}\r\nconnection: close\r\n\r\n".encode(), body)


@pytest.mark.parametrize("wire", ENDS)
@pytest.mark.parametrize("client", CLIENTS)
def test_who_says_that_nothing_is_missing_ends_the_answer(
    line: Line, resting: Scripted, client: str, wire: str
) -> None:
    script(resting, wire, ENDS[wire])
    read = line.read(client, f"to-{wire}")
    assert read.text.strip() == "wörd0 ✓🙂 w1 w2 w3"
    assert read.stop
    assert ([seen.model for seen in line.fake.talks], resting.requests) == (["wall-1"], 1)


CASES = [(wire, void) for wire, voids in VOIDS.items() for void in voids]


@pytest.mark.parametrize(("wire", "void"), CASES, ids=map("-".join, CASES))
@pytest.mark.parametrize("client", CLIENTS)
def test_who_says_nothing_at_all_is_followed_by_the_next(
    line: Line, resting: Scripted, client: str, wire: str, void: str
) -> None:
    script(resting, wire, VOIDS[wire][void])
    read = line.read(client, f"to-{wire}")
    assert read.text == "wörd0 ✓🙂 w1 w2 w3 the-rest"
    assert ([seen.model for seen in line.fake.talks], resting.requests) == (["wall-1", "wall-2"], 1)


@pytest.mark.parametrize(("wire", "void"), CASES, ids=map("-".join, CASES))
def test_where_nobody_follows_it_the_client_is_told(line: Line, resting: Scripted, wire: str, void: str) -> None:
    script(resting, wire, VOIDS[wire][void])
    line.fake.reset()
    line.fake.program({"model": "wall-1", "long": 8, "cut_after": 4, "slow_ms": 5, "times": 1})
    line.fake.program({"model": "wall-1", "status": 400, "times": -1})
    reply = line.ask("chat", f"only-{wire}")
    assert is_honest_error(reply.body), reply.body[-600:]
