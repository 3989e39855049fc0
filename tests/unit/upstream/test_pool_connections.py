"""Which connection a request travels on, and what is said when none can be made."""

from __future__ import annotations

import asyncio
import os
import socket
import ssl
import subprocess
import sys
import time
from pathlib import Path

import pytest
import trustme

from tests.harness import nobodys_port
from tests.unit.upstream.pool_peer import (
    OK,
    SHORT,
    Line,
    Peer,
    Run,
    always,
    post,
    whole,
)
from trunkline.errors import ProviderUnreachable
from trunkline.upstream.pool import Pool


def test_a_finished_connection_is_used_again_and_an_unfinished_one_is_not(run: Run) -> None:
    async def work() -> None:
        async with Peer(always(SHORT + bytes(97))) as peer, Peer(always(SHORT)) as short:
            pool = Pool(variables={})
            for _ in range(3):
                answer = await pool.send(post(peer.url))
                assert len(await whole(answer)) == 100
                answer.close()
                unread = await pool.send(post(short.url))
                unread.close()
            assert (len(peer.lines), len(short.lines)) == (1, 3)
            await pool.close()

    run(work())


@pytest.mark.parametrize("tls", [False, True])
@pytest.mark.parametrize("noticed", [True, False], ids=["long-ago", "just-now"])
def test_a_connection_closed_while_idle_is_replaced_before_anything_is_sent(
    run: Run, noticed: bool, tls: bool, served: ssl.SSLContext, trusted: ssl.SSLContext
) -> None:
    async def work() -> None:
        async def talk(line: Line) -> None:
            if line.number:
                await always(OK)(line)
            await line.request()
            await line.say(OK)

        async with Peer(talk, served if tls else None) as peer:
            pool = Pool(variables={}, trust=trusted)
            await whole(await pool.send(post(peer.url, b"first")))
            await asyncio.sleep(0.02)
            if noticed:
                peer.lines[0].writer.transport.abort()
                await asyncio.sleep(0.05)
            else:  # the end is in our socket's buffer, but the loop has had no turn to see it
                raw = socket.socket(fileno=os.dup(peer.lines[0].writer.get_extra_info("socket").fileno()))
                raw.shutdown(socket.SHUT_RDWR)
                raw.close()
            assert await whole(await pool.send(post(peer.url, b"second"))) == b"ok"
            assert [body for _, body in peer.requests] == [b"first", b"second"]
            assert len(peer.lines) == 2
            await pool.close()

    run(work())


@pytest.mark.parametrize("together", [True, False], ids=["with-the-first", "while-idle"])
def test_an_answer_nobody_asked_for_is_not_given_to_the_next_request(run: Run, together: bool) -> None:
    async def work() -> None:
        stray = b"HTTP/1.1 408 Request Timeout\r\nContent-Length: 5\r\n\r\nstray"

        async def talk(line: Line) -> None:
            if line.number:
                await always(OK)(line)
            await line.request()
            await line.say(OK + stray if together else OK)
            await asyncio.sleep(0.02)
            await line.say(stray)
            await line.gone()

        async with Peer(talk) as peer:
            pool = Pool(variables={})
            await whole(await pool.send(post(peer.url, b"first")))
            await asyncio.sleep(0.06)
            answer = await pool.send(post(peer.url, b"second"))
            assert (answer.status, await whole(answer)) == (200, b"ok")
            assert [body for _, body in peer.requests] == [b"first", b"second"]
            await pool.close()

    run(work())


def test_a_server_that_grants_little_idle_time_is_believed(run: Run) -> None:
    async def work() -> None:
        granted = b"HTTP/1.1 200 OK\r\nKeep-Alive: timeout=1, max=5\r\nContent-Length: 2\r\n\r\nok"
        async with Peer(always(granted)) as peer:
            pool = Pool(variables={})
            for _ in range(2):
                await whole(await pool.send(post(peer.url)))
            assert len(peer.lines) == 2
            await pool.close()

    run(work())


def test_two_hundred_streams_to_one_host_are_open_at_once(run: Run) -> None:
    async def work() -> None:
        all_here = asyncio.Event()

        async def talk(line: Line) -> None:
            await line.request()
            if len(line.peer.requests) == 200:
                all_here.set()
            await all_here.wait()
            await line.say(OK)

        async with Peer(talk) as peer:
            pool = Pool(variables={})

            async def ask() -> bytes:
                return await whole(await pool.send(post(peer.url)))

            assert await asyncio.gather(*[ask() for _ in range(200)]) == [b"ok"] * 200
            await pool.close()

    run(work())


# Connections that are never made


async def refusal(url: str, pool: Pool | None = None, seconds: float = 5.0) -> ProviderUnreachable:
    pool = pool or Pool(variables={})
    with pytest.raises(ProviderUnreachable) as caught:
        await pool.send(post(f"{url}/v1?key=sk-test-1", b"hi", ("authorization", "Bearer sk-test-1"), seconds=seconds))
    await pool.close()
    assert "sk-test-1" not in caught.value.sentence
    assert "/v1" not in caught.value.sentence
    assert caught.value.remedy
    return caught.value


def test_a_refused_connection_says_so(run: Run) -> None:
    async def work() -> None:
        port = nobodys_port()
        assert f"127.0.0.1:{port} refused the connection" in (await refusal(f"http://127.0.0.1:{port}")).message

    run(work())


def test_a_name_that_does_not_exist_says_so(run: Run) -> None:
    async def work() -> None:
        assert "nowhere.invalid was not found" in (await refusal("https://nowhere.invalid")).message

    run(work())


def test_an_unknown_certificate_is_refused_and_the_remedy_names_the_variable(run: Run, served: ssl.SSLContext) -> None:
    async def work() -> None:
        async with Peer(always(OK), served) as peer:
            failure = await refusal(peer.url)
            assert "is not trusted" in failure.message
            assert "SSL_CERT_FILE" in failure.remedy
            assert peer.requests == []

    run(work())


def test_a_certificate_for_another_name_is_refused(run: Run, served: ssl.SSLContext, trusted: ssl.SSLContext) -> None:
    async def work() -> None:
        async with Peer(always(OK), served) as peer:
            failure = await refusal(f"https://localhost:{peer.port}", Pool(variables={}, trust=trusted))
            assert "localhost" in failure.message
            assert "not valid for" in failure.message

    run(work())


def test_plain_http_on_a_tls_address_says_so(run: Run) -> None:
    async def work() -> None:
        async with Peer(lambda line: line.say(b"HTTP/1.1 400 Bad\r\n\r\n")) as peer:
            assert "TLS" in (await refusal(f"https://127.0.0.1:{peer.port}")).message

    run(work())


def test_a_peer_that_never_shakes_hands_ends_with_the_connect_time_out(run: Run) -> None:
    async def work() -> None:
        async with Peer(lambda line: line.gone()) as peer:
            began = time.monotonic()
            failure = await refusal(f"https://127.0.0.1:{peer.port}", seconds=0.2)
            assert "within 0.2 s" in failure.message
            assert time.monotonic() - began < 20, "TLS would wait for a minute"

    run(work())


@pytest.mark.parametrize(
    "url", ["", "provider.test", "ftp://provider.test", "http://", "http://h:port/", "http://[::1"]
)
def test_an_address_that_is_none_says_so(run: Run, url: str) -> None:
    async def work() -> None:
        assert "not a valid" in (await refusal(url)).message

    run(work())


def test_credentials_in_an_address_are_refused_and_not_shown(run: Run) -> None:
    async def work() -> None:
        failure = await refusal("http://me:sk-test-1@provider.test")
        assert "provider.test was not asked" in failure.message

    run(work())


def test_ssl_cert_file_is_honoured(authority: trustme.CA, served: ssl.SSLContext, tmp_path: Path) -> None:
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    script = (
        "import asyncio, sys\n"
        "from trunkline.upstream.pool import Outgoing, Pool\n"
        "async def main():\n"
        "    pool = Pool(variables={})\n"
        "    answer = await pool.send(Outgoing('POST', sys.argv[1], [], b'hi'))\n"
        "    assert await answer.read() == b'ok'\n"
        "    await pool.close()\n"
        "asyncio.run(main())\n"
    )

    async def work() -> None:
        async with Peer(always(OK), served) as peer:
            environment = {**os.environ, "SSL_CERT_FILE": str(tmp_path / "ca.pem")}
            child = await asyncio.create_subprocess_exec(
                sys.executable, "-c", script, peer.url, env=environment, stderr=subprocess.PIPE
            )
            _, said = await child.communicate()
            assert child.returncode == 0, said.decode()

    asyncio.run(work())
