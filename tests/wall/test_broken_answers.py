"""Answers that end too early, stall or say nothing: a truncated answer never looks whole."""

from __future__ import annotations

import json
import time

import pytest

from tests.fake import FakeProvider
from tests.harness import Gateway
from tests.wall.asking import Reply, ask
from tests.wall.scenes import FOUR, KEY, MESSAGES, SCRIPTED, SIX, Scene, name_of, rows
from tests.wall.scripted import Scripted, whole


def ends_with_an_error(scene: Scene, body: bytes) -> bool:
    """Whether a stream's last events say, in the wire's own way, that it failed."""
    if scene.shape == "ollama":
        return scene.is_error(json.loads(body.splitlines()[-1]))
    events = [event for event in body.replace(b"\r\n", b"\n").split(b"\n\n") if event.strip()]
    if events[-1] == b"data: [DONE]":
        events.pop()
    name, _, data = events[-1].rpartition(b"data: ")
    last = json.loads(data)
    if scene.name == "responses":
        return last["type"] == "response.failed" and bool(last["response"]["error"]["message"])
    if scene.name == "messages":
        return name.startswith(b"event: error") and scene.is_error(last)
    return scene.is_error(last)


def broken(wall: Gateway, scene: Scene, text: str, *, stream: bool = True) -> Reply:
    return ask(wall.url, scene.path, scene.body(text, stream=stream), headers=KEY)


@pytest.mark.parametrize("scene", SIX, ids=name_of)
def test_an_error_in_mid_stream_passes_as_it_came_and_ends_the_stream(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene
) -> None:
    reply = broken(wall, scene, "Hi ERRMID=2 MSG=mid_way")
    assert reply.status == 200
    assert reply.body.count(b"mid_way") == 1
    assert b"mid_way" in reply.body.rstrip().splitlines()[-1]
    assert not reply.cut


@pytest.mark.parametrize("fault", ["CUT=3", "RST=3", "CUT=3 BYTES=2", "END=3"])
@pytest.mark.parametrize("scene", SIX, ids=name_of)
def test_a_stream_that_breaks_ends_with_the_wires_own_error(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene, fault: str
) -> None:
    reply = broken(wall, scene, f"Hi LONG=8 {fault}")
    assert reply.status == 200
    assert not reply.cut
    assert ends_with_an_error(scene, reply.body), reply.body[-300:]
    said = reply.body.count(b"w1 ") + reply.body.count(b"w2 ")
    assert said >= 2


@pytest.mark.parametrize("scene", SIX, ids=name_of)
def test_a_stream_whose_answer_is_complete_needs_no_orderly_close(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene
) -> None:
    own = broken(wall, scene, "Hi LONG=8 CLOSE")
    fake_provider.reset()
    reply = broken(wall, scene, "Hi LONG=8 TRUNC")
    assert not reply.cut
    assert reply.body == own.body
    (row,) = rows(wall, reply.header("x-litellm-call-id") or "")
    assert row["outcome"] == "ok"


@pytest.mark.parametrize("fault", ["CUT=0", "RST=0", "END=0", "EMPTY"])
@pytest.mark.parametrize("scene", SIX, ids=name_of)
def test_a_stream_that_says_nothing_is_a_real_error(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene, fault: str
) -> None:
    reply = broken(wall, scene, f"Hi {fault}")
    assert reply.status == 502
    assert reply.header("content-type") == "application/json"
    assert scene.is_error(reply.json), reply.body
    assert len(fake_provider.talks) == 1


@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_a_stream_that_stalls_ends_with_an_error_that_names_the_time_out(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene
) -> None:
    begun = time.monotonic()
    reply = broken(wall, scene, "Hi LONG=8 STALL=3")
    assert 0.9 < time.monotonic() - begun < 6
    assert reply.status == 200
    assert ends_with_an_error(scene, reply.body)
    assert b"1 s" in reply.body[-500:]
    assert b"idle" in reply.body[-500:]
    seen = fake_provider.talks[0]
    fake_provider.wait_for(lambda _: seen.ended is not None, within=5)
    assert seen.gone


@pytest.mark.parametrize("fault", ["TRUNC", "CUT=1", "RST=1"])
@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_a_whole_answer_that_is_cut_is_an_error(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene, fault: str
) -> None:
    reply = broken(wall, scene, f"Hi {fault}", stream=False)
    assert reply.status == 502
    assert scene.is_error(reply.json), reply.body
    assert len(fake_provider.talks) == 1


@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_an_empty_whole_answer_is_an_error(wall: Gateway, fake_provider: FakeProvider, scene: Scene) -> None:
    reply = broken(wall, scene, "Hi EMPTY", stream=False)
    assert reply.status == 502
    assert scene.is_error(reply.json), reply.body


def test_a_truncated_error_body_is_still_an_error_of_the_wire(wall: Gateway, scripted: Scripted) -> None:
    answer = whole(b'{"type":"error","error":{"type":"api_error","mess', status="500 Internal Server Error")
    scripted.pieces = (answer.replace(b"content-length: 49", b"content-length: 490"),)
    reply = ask(wall.url, MESSAGES.path, MESSAGES.body("Hi", model="claude-script"), headers=KEY)
    assert reply.status in (500, 502)
    assert MESSAGES.is_error(reply.json)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_and_is_explained(wall: Gateway, scripted: Scripted, status: int) -> None:
    scripted.pieces = (whole(b"", status=f"{status} Moved", more="location: http://127.0.0.1:1/elsewhere\r\n"),)
    for scene in FOUR:
        reply = ask(wall.url, scene.path, scene.body("Hi", model=SCRIPTED[scene.asked]), headers=KEY)
        assert reply.status == 502
        assert scene.is_error(reply.json)
        assert str(status) in reply.message
        assert "api_base" in reply.message
        assert reply.header("location") is None
        assert reply.header("x-should-retry") == "false"
    assert scripted.requests == len(FOUR)


@pytest.mark.parametrize(
    "answer",
    [b"SSH-2.0-OpenSSH_9.6\r\n", b"", b"HTTP/1.1 200 OK\r\ncontent-length: x\r\n\r\n", b"\x15\x03\x01\x00\x02\x02\x46"],
)
def test_what_is_no_http_at_all_is_an_error_of_the_wire(wall: Gateway, scripted: Scripted, answer: bytes) -> None:
    scripted.pieces = (answer,)
    reply = ask(wall.url, MESSAGES.path, MESSAGES.body("Hi", model="claude-script"), headers=KEY)
    assert reply.status == 502
    assert MESSAGES.is_error(reply.json)


@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_a_broken_stream_is_in_the_books_with_what_was_said(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene
) -> None:
    reply = broken(wall, scene, "Hi LONG=8 CUT=5")
    (row,) = rows(wall, reply.header("x-litellm-call-id") or "")
    assert row["outcome"] == "provider_cut"
    assert row["estimated"] == 1
    assert row["output"] >= 5


@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_a_whole_answer_over_the_limit_is_an_error_that_names_it(
    wall: Gateway, scripted: Scripted, scene: Scene
) -> None:
    scripted.pieces = (whole(b'{"x":"' + b"x" * 3_000_000 + b'"}'),)
    reply = ask(wall.url, scene.path, scene.body("Hi", model=SCRIPTED[scene.asked]), headers=KEY)
    assert reply.status == 502
    assert scene.is_error(reply.json)
    assert "larger than" in reply.message
