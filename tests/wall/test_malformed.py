"""Requests that are too large, cut, coded, bombed or simply wrong: each gets a short JSON answer, never a defect."""

from __future__ import annotations

import json

import pytest

from tests.fake import FakeProvider
from tests.harness import Gateway
from tests.wall.asking import Reply, ask, raw
from tests.wall.scenes import CHAT, FOUR, KEY, Scene, name_of

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
