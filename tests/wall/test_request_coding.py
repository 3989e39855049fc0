"""Request bodies under a content coding: read within bounds, sent on plain; bombs and garbage are refused."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Callable

import pytest
import zstandard

from tests.fake import FakeProvider
from tests.harness import Gateway
from tests.wall.asking import ask
from tests.wall.scenes import CHAT, FOUR, KEY, Scene, name_of
from tests.wall.test_malformed import LIMIT, refused


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
