"""Requests that are too large, cut, coded, bombed or simply wrong: each gets a short JSON answer, never a defect."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable

import pytest
import zstandard

from tests.fake import FakeProvider
from tests.harness import Gateway
from tests.wall.asking import Reply, ask, raw
from tests.wall.scenes import CHAT, FOUR, KEY, MESSAGES, OLLAMA, Scene, name_of

LIMIT = 300_000
"""The body limit of the wall's gateway, bytes."""


def refused(reply: Reply, scene: Scene, status: int) -> None:
    assert reply.status == status, reply.body
    assert scene.is_error(reply.json), reply.body
    assert reply.header("content-type") == "application/json"
    assert reply.header("x-should-retry") == "false"


@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_a_body_over_the_limit_is_a_413(wall: Gateway, fake_provider: FakeProvider, scene: Scene) -> None:
    sent = json.dumps(scene.body("x" * LIMIT)).encode()
    whole = ask(wall.url, scene.path, sent, headers=KEY)
    refused(whole, scene, 413)
    assert "0 MB" not in whole.message
    chunks = b"".join(b"%x\r\n%b\r\n" % (len(part), part) for part in (sent[:1000], sent[1000:])) + b"0\r\n\r\n"
    headers = {**KEY, "transfer-encoding": "chunked"}
    refused(ask(wall.url, scene.path, chunks, headers=headers), scene, 413)
    assert not fake_provider.requests


def test_a_declared_length_over_the_limit_is_refused_before_it_is_sent(wall: Gateway) -> None:
    head = "".join(f"{name}: {value}\r\n" for name, value in KEY.items())
    got = raw(
        wall.url,
        f"POST /v1/messages HTTP/1.1\r\nhost: x\r\n{head}content-length: 99999999999\r\n\r\n".encode(),
        within=1,
    )
    assert b" 413 " in got.split(b"\r\n")[0]


@pytest.mark.parametrize(
    ("coding", "pack"),
    [
        ("gzip", gzip.compress),
        ("x-gzip", gzip.compress),
        ("deflate", zlib.compress),
        ("zstd", lambda data: zstandard.ZstdCompressor().compress(data)),
        ("GZIP", gzip.compress),
        ("identity", bytes),
        ("gzip", lambda data: gzip.compress(data[:20]) + gzip.compress(data[20:])),
        ("zstd", lambda d: zstandard.ZstdCompressor().compress(d[:9]) + zstandard.ZstdCompressor().compress(d[9:])),
    ],
    ids=["gzip", "x-gzip", "deflate", "zstd", "GZIP", "identity", "gzip-of-two", "zstd-of-two"],
)
def test_a_coded_body_is_read_and_sent_on_plain(
    wall: Gateway, fake_provider: FakeProvider, coding: str, pack: Callable[[bytes], bytes]
) -> None:
    sent = json.dumps(CHAT.body("SAY=ok")).encode()
    reply = ask(wall.url, CHAT.path, pack(sent), headers={**KEY, "content-encoding": coding})
    assert reply.status == 200, reply.body
    (seen,) = fake_provider.requests
    assert seen.body == sent.replace(b"gpt-wall", b"wall-1")
    assert seen.header("content-encoding") is None


@pytest.mark.parametrize("scene", FOUR, ids=name_of)
def test_a_bomb_is_not_unfolded(wall: Gateway, fake_provider: FakeProvider, scene: Scene) -> None:
    bomb = b'{"model":"x","pad":"' + b" " * 100_000_000
    for coding, packed in (("gzip", gzip.compress(bomb, 1)), ("zstd", zstandard.ZstdCompressor().compress(bomb))):
        if len(packed) > LIMIT:
            packed = packed[: LIMIT - 1]
        refused(ask(wall.url, scene.path, packed, headers={**KEY, "content-encoding": coding}), scene, 413)
    assert not fake_provider.requests


@pytest.mark.parametrize("coding", ["gzip", "deflate", "zstd"])
def test_what_is_not_what_its_coding_says_is_a_400(wall: Gateway, fake_provider: FakeProvider, coding: str) -> None:
    packs: dict[str, Callable[[bytes], bytes]] = {
        "gzip": gzip.compress,
        "deflate": zlib.compress,
        "zstd": zstandard.ZstdCompressor().compress,
    }
    good = packs[coding](json.dumps(CHAT.body("SAY=ok")).encode())
    for body in (b"garbage", good[:-5], good[: len(good) // 2], b""):
        refused(ask(wall.url, CHAT.path, body, headers={**KEY, "content-encoding": coding}), CHAT, 400)
    assert not fake_provider.requests


@pytest.mark.parametrize("coding", ["br", "compress", "gzip, gzip", "x"])
def test_a_coding_that_is_not_read_is_a_415(wall: Gateway, coding: str) -> None:
    refused(ask(wall.url, CHAT.path, b"{}", headers={**KEY, "content-encoding": coding}), CHAT, 415)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" \r\n",
        b"null",
        b"[]",
        b'"text"',
        b"7",
        b"{",
        b'{"model":"gpt-wall"',
        b'{"model":"gpt-wall",}',
        b'{"model":"gpt-wall"} x',
        b"{'model':'gpt-wall'}",
        b'{"model":"gpt-wall","x":NaN}',
        b"\xff\xfe{}",
        b'{"model":7}',
        b'{"model":["gpt-wall"]}',
        b'{"model":{}}',
        b'{"model":""}',
        b'{"model":null}',
        b'{"messages":[]}',
        b'{"model":"gpt-wall","stream":"yes"}',
        b'{"model":"gpt-wall","stream":1}',
        b'{"model":"gpt-wall","model":"gpt-wall"}',
        b'{"model":"a","messages":[],"mod\\u0065l":"b"}',
        b'{"model":"gpt-wall","messages":[],"stream":true,"stream":false}',
        b'{"model":"\xff"}',
        b'{"model":"\\ud800"}',
        b'{"\xff":1,"model":"gpt-wall"}',
        b'{"\\ud800":1,"model":"gpt-wall"}',
        b'{"model":"gpt-wall","messages":' + b"[" * 50_000 + b"]" * 50_000 + b"}",
        b"[" * 100_000,
        b'{"a":' * 50_000,
    ],
    ids=lambda body: body[:44].decode("latin-1").encode("unicode_escape").decode() or "empty",
)
def test_a_body_that_is_no_request_is_a_400(wall: Gateway, fake_provider: FakeProvider, body: bytes) -> None:
    for scene in FOUR:
        sent = body.replace(b"gpt-wall", scene.asked.encode())
        refused(ask(wall.url, scene.path, sent, headers=KEY), scene, 400)
    assert not fake_provider.requests


@pytest.mark.parametrize(
    "member",
    [
        b'"user":"\xff"',
        b'"user":"\\ud800"',
        b'"user":7',
        b'"user":' + b"[" * 400 + b"]" * 400,
        b'"metadata":{"user_id":"\xff"}',
        b'"metadata":{"user_id":"\\udfff"}',
        b'"metadata":7',
        b'"metadata":{"user_id":{"a":1}}',
        b'"stream_options":"\xff"',
        b'"stream_options":7',
        b'"stream_options":{"include_usage":"\\ud800"}',
        b'"x":"\xff\xfe"',
        b'"x":' + b"9" * 5000,
        b'"x":1e99999',
    ],
    ids=lambda member: member[:40].decode("latin-1").encode("unicode_escape").decode(),
)
def test_odd_members_are_the_providers_to_judge_or_a_400_and_never_a_defect(
    wall: Gateway, fake_provider: FakeProvider, member: bytes
) -> None:
    for scene in FOUR:
        for stream in (b"true", b"false"):
            inner = json.dumps(scene.body("SAY=ok")).encode()[1:-1].replace(b'"stream": false', b'"stream": ' + stream)
            reply = ask(wall.url, scene.path, b"{" + inner + b"," + member + b"}", headers=KEY)
            assert reply.status in (200, 400), (scene.name, reply.body)
            assert reply.status == 200 or scene.is_error(reply.json)


def test_members_of_the_same_name_deeper_down_are_not_judged(wall: Gateway, fake_provider: FakeProvider) -> None:
    sent = json.dumps(CHAT.body("SAY=ok"))[:-1].encode() + b',"x":{"a":1,"a":2},"y":[{"model":1},{"model":2}]}'
    assert ask(wall.url, CHAT.path, sent, headers=KEY).status == 200
    assert fake_provider.requests[0].body == sent.replace(b"gpt-wall", b"wall-1")


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
