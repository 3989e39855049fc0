"""A client that leaves is not worked for any longer: the provider sees it at once, and the books say so."""

from __future__ import annotations

import socket
import struct
import time

import pytest

from tests.fake import FakeProvider
from tests.harness import Gateway
from tests.wall.asking import ask, waiting
from tests.wall.scenes import FOUR, KEY, MESSAGES, Scene, latest, name_of


def leave(wire: socket.socket, how: str) -> None:
    if how == "reset":
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    wire.close()


def the_provider_notices(fake: FakeProvider, left: float) -> None:
    seen = fake.talks[0]
    fake.wait_for(lambda _: seen.ended is not None, within=2)
    assert seen.gone
    assert seen.ended is not None
    assert seen.ended - left < 0.5


@pytest.mark.parametrize("how", ["close", "reset"])
@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_a_client_that_leaves_in_mid_stream(wall: Gateway, fake_provider: FakeProvider, scene: Scene, how: str) -> None:
    session = f"gone-{scene.name}-{how}"
    body = scene.body("LONG=1000 SLOW=20", stream=True)
    wire = waiting(wall.url, scene.path, body, {**KEY, "x-session-id": session})
    got = b""
    while b"w2 " not in got:
        got += wire.recv(65536)
    leave(wire, how)
    the_provider_notices(fake_provider, time.monotonic())
    row = latest(wall, lambda row: row["session"] == session)
    assert row["outcome"] == "client_gone"
    assert row["status"] == 200
    assert row["output"] >= fake_provider.talks[0].deltas
    assert row["estimated"] == 1


@pytest.mark.parametrize("word", ["DELAY=30", "HUSH=30"])
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_a_client_that_leaves_before_anything_was_said(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene, stream: bool, word: str
) -> None:
    session = f"early-{scene.name}-{stream}-{word}"
    body = scene.body(f"Hi {word}", stream=stream)
    wire = waiting(wall.url, scene.path, body, {**KEY, "x-session-id": session})
    fake_provider.wait_for(lambda fake: fake.talks)
    time.sleep(0.05)
    leave(wire, "close")
    the_provider_notices(fake_provider, time.monotonic())
    row = latest(wall, lambda row: row["session"] == session)
    assert row["outcome"] == "client_gone"
    assert row["input"] > 0, "the provider may have begun: doubt is settled upward"


def test_a_client_that_leaves_while_it_sends_costs_nothing(wall: Gateway, fake_provider: FakeProvider) -> None:
    host, port = wall.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as wire:
        head = "".join(f"{name}: {value}\r\n" for name, value in KEY.items())
        wire.sendall(f"POST /v1/messages HTTP/1.1\r\nhost: x\r\n{head}content-length: 1000\r\n\r\n{{".encode())
        time.sleep(0.05)
    time.sleep(0.1)
    assert not fake_provider.talks
    assert ask(wall.url, MESSAGES.path, MESSAGES.body("SAY=ok"), headers=KEY).status == 200


def test_a_slow_reader_slows_the_provider_and_loses_nothing(wall: Gateway, fake_provider: FakeProvider) -> None:
    wire = waiting(wall.url, MESSAGES.path, MESSAGES.body("LONG=60000", stream=True, max_tokens=100000), KEY)
    time.sleep(0.4)
    at_rest = fake_provider.talks[0].deltas
    got = bytearray()
    while b"message_stop" not in got[-300:]:
        piece = wire.recv(1 << 20)
        assert piece, "the stream ended before its end"
        got += piece
    wire.close()
    assert at_rest < 60000, "the provider should have been held back"
    assert got.count(b"text_delta") == 60000
