"""The pool over real sockets: what goes out and what comes back."""

from __future__ import annotations

import asyncio
import os
import ssl

import pytest

from tests.unit.upstream.pool_peer import (
    CHUNKED,
    OK,
    Line,
    Peer,
    Run,
    always,
    headers_of,
    once,
    post,
    whole,
)
from trunkline.errors import ProviderUnreachable
from trunkline.upstream.pool import Outgoing, Pool


def test_headers_go_out_as_given_and_nothing_is_added(run: Run) -> None:
    async def work() -> None:
        async with Peer(always(OK)) as peer:
            pool = Pool(variables={})
            given = [("X-Api-Key", "sk-test-1"), ("anthropic-beta", "a"), ("Anthropic-Beta", "b"), ("x-ü", "é")]
            answer = await pool.send(post(f"{peer.url}/v1/x?beta=true#part", b'{"a":1}', *given))
            assert await whole(answer) == b"ok"
            head, body = peer.requests[0]
            assert head.startswith("POST /v1/x?beta=true HTTP/1.1\r\n")
            assert headers_of(head) == [("Host", f"127.0.0.1:{peer.port}"), *given, ("Content-Length", "7")]
            assert body == b'{"a":1}'
            await pool.close()

    run(work())


def test_headers_of_the_connection_belong_to_the_pool(run: Run) -> None:
    async def work() -> None:
        async with Peer(always(OK)) as peer:
            pool = Pool(variables={})
            given = [("Content-Length", "9"), ("transfer-encoding", "chunked"), ("Connection", "close"), ("host", "x")]
            await whole(await pool.send(post(peer.url, b"hi", *given)))
            assert headers_of(peer.requests[0][0]) == [("Host", f"127.0.0.1:{peer.port}"), ("Content-Length", "2")]
            await pool.close()

    run(work())


@pytest.mark.parametrize("value", ["a\r\nx-admin: 1", "a\nb", "“sk-test-1”"])
def test_a_header_that_cannot_be_carried_is_named_and_not_shown(run: Run, value: str) -> None:
    async def work() -> None:
        async with Peer(always(OK)) as peer:
            pool = Pool(variables={})
            with pytest.raises(ProviderUnreachable, match="'x-api-key'") as caught:
                await pool.send(post(peer.url, b"hi", ("x-api-key", value)))
            assert value not in caught.value.sentence
            assert peer.requests == []
            await pool.close()

    run(work())


@pytest.mark.parametrize("tls", [False, True])
def test_a_body_of_megabytes_arrives_whole(
    run: Run, tls: bool, served: ssl.SSLContext, trusted: ssl.SSLContext
) -> None:
    async def work() -> None:
        async with Peer(always(OK), served if tls else None) as peer:
            pool = Pool(variables={}, trust=trusted)
            body = os.urandom(5_000_000)
            assert await whole(await pool.send(post(peer.url, body))) == b"ok"
            assert peer.requests[0][1] == body
            await pool.close()

    run(work())


# What comes back


def test_status_and_headers_come_back_in_order_with_repeats_and_the_body_stays_coded(run: Run) -> None:
    async def work() -> None:
        said = b"HTTP/1.1 429 Slow\r\nSet-Cookie: a=1\r\nX-B: \xe9\r\nSET-cookie: b=2\r\nContent-Encoding: gzip\r\n"
        async with Peer(always(said + b"Content-Length: 4\r\n\r\n\x1f\x8b00")) as peer:
            pool = Pool(variables={})
            for _ in range(2):
                answer = await pool.send(post(peer.url))
                assert answer.status == 429
                assert answer.headers[:3] == [("set-cookie", "a=1"), ("x-b", "é"), ("set-cookie", "b=2")]
                assert await whole(answer) == b"\x1f\x8b00"
            assert "cookie" not in peer.requests[1][0].lower()
            await pool.close()

    run(work())


@pytest.mark.parametrize("tls", [False, True])
def test_pieces_are_handed_out_as_they_arrive(
    run: Run, tls: bool, served: ssl.SSLContext, trusted: ssl.SSLContext
) -> None:
    async def work() -> None:
        read = asyncio.Event()

        async def talk(line: Line) -> None:
            await line.request()
            await line.say(CHUNKED)
            for piece in (b"one", b"two", b"six"):
                await line.say(b"3\r\n" + piece + b"\r\n")
                await read.wait()
                read.clear()
            await line.say(b"0\r\n\r\n")

        async with Peer(talk, served if tls else None) as peer:
            pool = Pool(variables={}, trust=trusted)
            answer = await pool.send(post(peer.url))
            for piece in (b"one", b"two", b"six"):
                assert await answer.read() == piece
                read.set()
            assert await answer.read() == b""
            await pool.close()

    run(work())


def test_a_redirect_is_an_answer_like_any_other(run: Run) -> None:
    async def work() -> None:
        async with Peer(always(b"HTTP/1.1 307 Go\r\nLocation: /other\r\nContent-Length: 0\r\n\r\n")) as peer:
            pool = Pool(variables={})
            answer = await pool.send(post(peer.url))
            assert (answer.status, await answer.read()) == (307, b"")
            assert len(peer.requests) == 1
            await pool.close()

    run(work())


def test_interim_answers_are_passed_over(run: Run) -> None:
    async def work() -> None:
        async with Peer(always(b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK)) as peer:
            pool = Pool(variables={})
            answer = await pool.send(post(peer.url))
            assert (answer.status, await whole(answer)) == (200, b"ok")
            await pool.close()

    run(work())


def test_head_and_no_content_have_no_body(run: Run) -> None:
    async def work() -> None:
        async with Peer(always(b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n")) as peer:
            pool = Pool(variables={})
            for _ in range(2):
                assert await whole(await pool.send(Outgoing("HEAD", peer.url, [], b""))) == b""
            assert len(peer.lines) == 1
            assert "Content-Length" not in peer.requests[0][0]
            await pool.close()

    run(work())


def test_an_answer_without_length_ends_with_an_orderly_close(run: Run) -> None:
    async def work() -> None:
        async with Peer(once(b"HTTP/1.1 200 OK\r\n\r\nabc", "close")) as peer:
            pool = Pool(variables={})
            assert await whole(await pool.send(post(peer.url))) == b"abc"
            await pool.close()

    run(work())
