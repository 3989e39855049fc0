"""Answers that break off, and giving up on an answer: nothing is taken for whole, nothing stays open."""

from __future__ import annotations

import asyncio
import ssl
import time

import pytest

from tests.unit.upstream.pool_peer import (
    CHUNKED,
    OK,
    SHORT,
    Line,
    Peer,
    Run,
    always,
    once,
    post,
    stalling,
    whole,
)
from trunkline.errors import ProviderCut, ProviderGarbage
from trunkline.upstream.pool import Pool

BROKEN = {
    "short-length": (SHORT, "close"),
    "no-final-chunk": (CHUNKED + b"3\r\nabc\r\n", "close"),
    "reset-with-length": (SHORT, "reset"),
    "reset-in-chunks": (CHUNKED + b"3\r\nabc\r\n", "reset"),
    "reset-without-length": (b"HTTP/1.1 200 OK\r\n\r\nabc", "reset"),
}


@pytest.mark.parametrize(("said", "end"), BROKEN.values(), ids=BROKEN)
def test_a_broken_off_answer_is_never_taken_for_a_whole_one(run: Run, said: bytes, end: str) -> None:
    async def work() -> None:
        async with Peer(once(said, end)) as peer:
            pool = Pool(variables={})
            answer = await pool.send(post(f"{peer.url}/?key=sk-test-1"))
            await asyncio.sleep(0.06)
            got = await answer.read()
            with pytest.raises(ProviderCut, match=r"127\.0\.0\.1") as caught:
                await answer.read()
            assert got == b"abc"
            assert ("reset" if end == "reset" else "early") in caught.value.message
            assert "sk-test-1" not in caught.value.sentence
            assert caught.value.remedy
            answer.close()
            await pool.close()

    run(work())


@pytest.mark.parametrize("end", ["close", "reset"])
def test_a_request_that_was_received_and_not_answered_is_not_sent_again(run: Run, end: str) -> None:
    async def work() -> None:
        async def talk(line: Line) -> None:
            await line.request()
            await line.say(OK)
            await line.request()
            if end == "reset":
                line.reset()
            else:
                line.writer.close()

        async with Peer(talk) as peer:
            pool = Pool(variables={})
            await whole(await pool.send(post(peer.url, b"first")))
            with pytest.raises(ProviderCut):
                await pool.send(post(peer.url, b"second"))
            assert [body for _, body in peer.requests] == [b"first", b"second"]
            await pool.close()

    run(work())


def test_an_answer_that_is_not_http_is_garbage(run: Run) -> None:
    async def work() -> None:
        async with Peer(once(b"SSH-2.0-OpenSSH_9.6\r\n\r\n", "close")) as peer:
            pool = Pool(variables={})
            with pytest.raises(ProviderGarbage, match=r"HTTP/1\.1"):
                await pool.send(post(peer.url))
            await pool.close()

    run(work())


# Giving up


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("said", [b"", SHORT], ids=["before-headers", "in-mid-body"])
def test_cancelling_whoever_waits_closes_the_connection_at_once(
    run: Run, said: bytes, tls: bool, served: ssl.SSLContext, trusted: ssl.SSLContext
) -> None:
    async def work() -> None:
        async with Peer(stalling(said), served if tls else None) as peer:
            pool = Pool(variables={}, trust=trusted)

            async def ask() -> None:
                await whole(await pool.send(post(peer.url)))

            task = asyncio.create_task(ask())
            while not peer.requests:
                await asyncio.sleep(0.005)
            await asyncio.sleep(0.03)
            began = time.monotonic()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            await asyncio.wait_for(peer.gone.wait(), 2)
            assert peer.gone_at - began < 0.1
            await pool.close()

    run(work())


@pytest.mark.parametrize("tls", [False, True])
def test_cancelling_an_upload_sends_no_more_of_it(
    run: Run, tls: bool, served: ssl.SSLContext, trusted: ssl.SSLContext
) -> None:
    async def work() -> None:
        began, cancelled = asyncio.Event(), asyncio.Event()
        received = 0

        async def talk(line: Line) -> None:
            nonlocal received
            await line.reader.readuntil(b"\r\n\r\n")
            began.set()
            await cancelled.wait()
            try:
                while data := await line.reader.read(65536):
                    received += len(data)
            finally:
                line.peer.gone.set()

        async with Peer(talk, served if tls else None) as peer:
            pool = Pool(variables={}, trust=trusted)
            task = asyncio.create_task(pool.send(post(peer.url, bytes(30_000_000))))
            await began.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            cancelled.set()
            await asyncio.wait_for(peer.gone.wait(), 2)
            assert received < 20_000_000
            await pool.close()

    run(work())


def test_a_stalled_body_can_be_abandoned_while_somebody_reads_it(run: Run) -> None:
    async def work() -> None:
        async with Peer(stalling(SHORT)) as peer:
            pool = Pool(variables={})
            answer = await pool.send(post(peer.url))
            reading = asyncio.create_task(whole(answer))
            await asyncio.sleep(0.03)
            began = time.monotonic()
            answer.close()
            answer.close()
            with pytest.raises(ProviderCut, match="closed on this side"):
                await reading
            await asyncio.wait_for(peer.gone.wait(), 2)
            assert peer.gone_at - began < 0.1
            await pool.close()

    run(work())


def test_closing_the_pool_wakes_whoever_reads_or_waits(run: Run) -> None:
    async def work() -> None:
        async with Peer(stalling(SHORT)) as peer, Peer(stalling(b"")) as silent:
            pool = Pool(variables={})
            reading = asyncio.create_task(whole(await pool.send(post(peer.url))))
            waiting = asyncio.create_task(pool.send(post(silent.url)))
            while not silent.requests:
                await asyncio.sleep(0.01)
            await pool.close()
            for task in (reading, waiting):
                with pytest.raises(ProviderCut):
                    await asyncio.wait_for(task, 1)

    run(work())


def test_an_early_refusal_of_a_long_body_does_not_spoil_the_next_request(run: Run) -> None:
    async def work() -> None:
        async def talk(line: Line) -> None:
            if line.number:
                await always(OK)(line)
            await line.reader.readuntil(b"\r\n\r\n")
            await line.say(b"HTTP/1.1 413 Big\r\nContent-Length: 0\r\n\r\n")
            await asyncio.sleep(5)

        async with Peer(talk) as peer:
            pool = Pool(variables={})
            answer = await pool.send(post(peer.url, bytes(20_000_000)))
            assert (answer.status, await whole(answer)) == (413, b"")
            assert await whole(await pool.send(post(peer.url, b"next"))) == b"ok"
            assert peer.requests[-1][1] == b"next"
            await pool.close()

    run(work())
