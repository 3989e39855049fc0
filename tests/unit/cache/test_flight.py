"""A flight tells everybody everything, in order, and goes on as long as somebody rides."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import cast

from trunkline.cache.flight import Flight, Rider
from trunkline.errors import Draining
from trunkline.upstream.books import Record

_NOTHING = cast("Record", None)


async def _heard(flight: Flight, rider: Rider) -> bytes:
    got = b""
    while True:
        piece, at = flight.rest(rider)
        got += piece
        flight.got(rider, piece, at)
        if flight.over:
            await flight.leave(rider, gone=False)
            return got
        rider.news.clear()
        await rider.news.wait()


def _says(*pieces: bytes) -> Callable[[Flight], Awaitable[Record]]:
    async def work(flight: Flight) -> Record:
        await flight.start(200, [])
        for piece in pieces:
            await flight.send(piece)
            await asyncio.sleep(0)
        await flight.finish(b".")
        return _NOTHING

    return work


def test_all_are_told_the_same_whenever_they_get_on() -> None:
    async def run() -> None:
        flight, landed = Flight(1000, 1000), list[bytes]()
        first = flight.take_off(_says(b"a", b"b", b"c"), lambda flight: landed.append(flight.body))
        early = asyncio.create_task(_heard(flight, first))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert flight.open
        late = asyncio.create_task(_heard(flight, flight.board()))
        assert await early == await late == b"abc."
        assert landed == [b"abc."]
        assert not flight.open

    asyncio.run(run())


def test_a_long_answer_is_let_go_as_it_is_told() -> None:
    async def run() -> None:
        flight = Flight(100, 10_000)
        pieces = [b"%05d" % number for number in range(1000)]
        rider = flight.take_off(_says(*pieces), lambda _: None)
        assert await _heard(flight, rider) == b"".join(pieces) + b"."
        assert not flight.whole
        assert len(flight.rest(rider)[0]) == 0
        assert sum(map(len, flight._pieces)) < 1000

    asyncio.run(run())


def test_it_waits_for_the_quickest_and_no_one_falls_behind_for_ever() -> None:
    async def run() -> None:
        flight = Flight(10**6, 150_000)
        slow = flight.take_off(_says(*[b"x" * 10_000] * 30), lambda _: None)
        quick = asyncio.create_task(_heard(flight, flight.board()))
        await asyncio.sleep(0.02)
        assert not flight.over, "the slow one is too far behind"
        assert 150_000 < len(flight.rest(slow)[0]) <= 170_000
        assert len(await _heard(flight, slow)) == len(await quick) == 300_001

    asyncio.run(run())


def test_nobody_rides_so_it_ends() -> None:
    async def run() -> None:
        started = asyncio.Event()

        async def work(flight: Flight) -> Record:
            started.set()
            await asyncio.sleep(60)
            return _NOTHING

        flight = Flight(1000, 1000)
        first = flight.take_off(work, lambda _: None)
        second = flight.board()
        await started.wait()
        await flight.leave(first, gone=True)
        assert flight.open
        await flight.leave(second, gone=True)
        assert flight.over
        assert flight.gone
        assert isinstance(flight.failure, Draining)

    asyncio.run(run())


def test_a_failure_is_kept_for_whoever_leads() -> None:
    async def run() -> None:
        async def work(flight: Flight) -> Record:
            raise ValueError("no")

        flight = Flight(1000, 1000)
        rider = flight.take_off(work, lambda _: None)
        assert await _heard(flight, rider) == b""
        assert isinstance(flight.failure, ValueError)
        assert not flight.started

    asyncio.run(run())
