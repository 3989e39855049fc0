"""What is hardly HTTP, or more of it than anybody needs: headers without end, wrong methods, odd connections."""

from __future__ import annotations

import json

import pytest

from tests.fake import FakeProvider
from tests.harness import Gateway
from tests.wall.asking import ask, raw
from tests.wall.scenes import CHAT, KEY, MESSAGES, OLLAMA


def test_headers_beyond_64_kb_are_a_431_in_json(wall: Gateway) -> None:
    for lines in (
        [f"x-{at}: {'h' * 1000}" for at in range(70)],
        [f"x-one: {'h' * 70_000}"],
        [f"x-{at}: 1" for at in range(9000)],
    ):
        got = raw(wall.url, "\r\n".join(["GET /health HTTP/1.1", "host: x", *lines, "", ""]).encode(), within=2)
        head, _, body = got.partition(b"\r\n\r\n")
        assert b" 431 " in head.split(b"\r\n")[0], head[:200]
        assert b"application/json" in head
        assert json.loads(body)["error"]["message"]


def test_a_header_that_never_ends_is_cut_off(wall: Gateway) -> None:
    got = raw(wall.url, b"GET /health HTTP/1.1\r\nx: " + b"h" * 300_000, within=2)
    assert b" 431 " in got.split(b"\r\n")[0] or got == b""


def test_headers_of_60_kb_pass(wall: Gateway) -> None:
    many = {f"x-{at}": "h" * 1000 for at in range(58)}
    assert ask(wall.url, "/health", headers=many).status == 200


def test_a_long_path_is_no_defect(wall: Gateway) -> None:
    reply = ask(wall.url, "/v1/" + "a" * 20_000, headers=KEY)
    assert reply.status == 404
    assert len(reply.body) < 2000


@pytest.mark.parametrize(
    "data",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"hello\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /health HTTP/1.1\r\nbad header\r\n\r\n",
        b"GET /health HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n",
        b"POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nab",
        b"POST /v1/messages HTTP/1.1\r\nhost: x\r\ncontent-length: 1\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n",
        b"POST /v1/messages HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n",
    ],
    ids=["tls", "words", "version", "header", "negative-length", "two-lengths", "length-and-chunks", "bad-chunk"],
)
def test_what_is_no_http_is_a_400_in_json(wall: Gateway, data: bytes) -> None:
    got = raw(wall.url, data, within=2)
    head, _, body = got.partition(b"\r\n\r\n")
    assert b" 400 " in head.split(b"\r\n")[0], got[:200]
    assert b"application/json" in head
    assert json.loads(body)["error"]["message"]
    assert ask(wall.url, "/health").status == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "GET"])
def test_a_wrong_method_says_the_right_one(wall: Gateway, method: str) -> None:
    reply = ask(wall.url, MESSAGES.path, method=method, headers=KEY)
    assert reply.status == 405
    assert "POST" in reply.message
    assert ask(wall.url, "/health", method="POST", body=b"{}", headers=KEY).status == 405


def test_two_requests_on_one_connection_get_two_answers(wall: Gateway, fake_provider: FakeProvider) -> None:
    body = json.dumps(OLLAMA.body("SAY=ok")).encode()
    head = "".join(f"{name}: {value}\r\n" for name, value in KEY.items())
    one = f"POST /api/chat HTTP/1.1\r\nhost: x\r\n{head}content-length: {len(body)}\r\n".encode()
    got = raw(wall.url, one + b"\r\n" + body + one + b"connection: close\r\n\r\n" + body)
    assert got.count(b"HTTP/1.1 200") == 2
    assert len(fake_provider.talks) == 2


def test_an_expect_header_is_answered(wall: Gateway, fake_provider: FakeProvider) -> None:
    body = json.dumps(CHAT.body("SAY=ok")).encode()
    head = "".join(f"{name}: {value}\r\n" for name, value in KEY.items())
    line = f"POST {CHAT.path} HTTP/1.1\r\nhost: x\r\n{head}content-length: {len(body)}\r\n"
    got = raw(wall.url, f"{line}expect: 100-continue\r\nconnection: close\r\n\r\n".encode() + body)
    assert b"200 OK" in got
    assert fake_provider.requests[0].header("expect") is None


def test_an_offer_to_upgrade_is_declined_without_a_word(wall: Gateway, fake_provider: FakeProvider) -> None:
    """Java's own HTTP client offers HTTP/2 with every request."""
    body = json.dumps(CHAT.body("SAY=ok")).encode()
    offer = {"connection": "Upgrade, HTTP2-Settings", "upgrade": "h2c", "http2-settings": "AAMAAABkAAQCAAAAAAIAAAAA"}
    reply = ask(wall.url, CHAT.path, body, headers={**KEY, **offer})
    assert reply.status == 200
    (seen,) = fake_provider.requests
    assert seen.body == body.replace(b"gpt-wall", b"wall-1")
    assert seen.header("upgrade") is None
    assert seen.header("http2-settings") is None
    web = {"connection": "Upgrade", "upgrade": "websocket", "sec-websocket-key": "x", "sec-websocket-version": "13"}
    assert ask(wall.url, "/health", headers=web).status == 200
