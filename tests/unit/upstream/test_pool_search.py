"""A server of which nobody said where it is: found by the first request, remembered, looked for again when it left."""

from __future__ import annotations

import socket
from dataclasses import replace

import pytest

from tests.unit.upstream.pool_peer import OK, Peer, Run, always, post, whole
from trunkline.errors import ProviderUnreachable
from trunkline.upstream.pool import Outgoing, Pool


def _nobody() -> str:
    """An origin that takes no connection."""
    with socket.socket() as line:
        line.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{line.getsockname()[1]}"


def _asked(own: str, *others: str) -> Outgoing:
    return replace(post(f"{own}/api/chat"), elsewhere=others)


def test_the_first_that_takes_a_connection_gets_the_request_and_is_remembered(run: Run) -> None:
    async def work() -> None:
        pool, own, second = Pool(variables={}), _nobody(), _nobody()
        async with Peer(always(OK)) as peer:
            for _ in range(2):
                assert await whole(await pool.send(_asked(own, second, peer.url))) == b"ok"
            assert [head.split()[1] for head, _ in peer.requests] == ["/api/chat", "/api/chat"]
            assert pool._found == {own: peer.url}
        await pool.close()

    run(work())


def test_its_own_address_comes_first(run: Run) -> None:
    async def work() -> None:
        pool = Pool(variables={})
        async with Peer(always(OK)) as own, Peer(always(OK)) as other:
            await whole(await pool.send(_asked(own.url, other.url)))
            assert (len(own.requests), len(other.requests)) == (1, 0)
        await pool.close()

    run(work())


def test_it_is_looked_for_again_when_it_left(run: Run) -> None:
    async def work() -> None:
        pool, own = Pool(variables={}), _nobody()
        async with Peer(always(OK)) as second:
            async with Peer(always(OK)) as first:
                await whole(await pool.send(_asked(own, first.url, second.url)))
            await whole(await pool.send(_asked(own, first.url, second.url)))
            assert (len(first.requests), len(second.requests)) == (1, 1)
        await pool.close()

    run(work())


def test_where_it_is_nowhere_all_are_named_with_what_to_do(run: Run) -> None:
    async def work() -> None:
        pool, own, other = Pool(variables={}), _nobody(), _nobody()
        with pytest.raises(ProviderUnreachable) as caught:
            await pool.send(_asked(own, other))
        for origin in (own, other):
            assert origin.removeprefix("http://") in caught.value.message
        assert "OLLAMA_API_BASE" in caught.value.remedy
        await pool.close()

    run(work())


def test_a_request_that_cannot_be_sent_is_not_tried_elsewhere(run: Run) -> None:
    async def work() -> None:
        pool = Pool(variables={})
        broken = replace(_asked(_nobody(), _nobody()), headers=[("x-api-key", "a\nb")])
        with pytest.raises(ProviderUnreachable, match="'x-api-key'") as caught:
            await pool.send(broken)
        assert caught.value.kind == "auth"
        await pool.close()

    run(work())
