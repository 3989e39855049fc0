"""A call whose answer may be here already, or on its way to somebody who asked the same."""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Protocol

from trunkline.cache import head
from trunkline.cache.answers import Answers
from trunkline.cache.flight import Flight, Rider
from trunkline.cache.key import key_of
from trunkline.cache.shelf import Head, Kept
from trunkline.cache.terms import Terms, terms_of
from trunkline.config.schema import Caching
from trunkline.errors import Failure, Internal, StoreDown
from trunkline.model.here import CACHE
from trunkline.observe.board import Board
from trunkline.serve.pump import Pump
from trunkline.upstream.books import Record
from trunkline.upstream.call import Call, Client
from trunkline.upstream.drive import Unanswered
from trunkline.upstream.engine import Engine
from trunkline.upstream.trailer import wants
from trunkline.upstream.unasked import book
from trunkline.wire.cost import free

_PATIENCE = 3
"""Flights that failed before they said anything after which a call joins no other: a provider that is down would be
asked by one after another, each waiting for all before it."""

Work = Callable[[Client], Awaitable[Record]]
"""Asks a provider, and answers that client."""


class Room(Protocol):
    """What a cache needs of whoever has one: a gateway's desk, or the engine of an embedded SDK."""

    engine: Engine
    board: Board
    answers: Answers


async def answer_cached(desk: Room, caching: Caching, call: Call, pump: Pump, control: bytes, work: Work) -> None:
    """Answers a call from the cache, else by `work`. `control` is its `Cache-Control`.

    Raises the `Failure` or `Unanswered` that says why not.
    """
    terms = terms_of(caching, call.wishes.cache, control)
    key = key_of(call, caching, terms.namespace) if terms is not None else None
    if terms is None or key is None:
        await work(pump)
        return
    answers = desk.answers
    joined = 0
    while terms.read:
        now = desk.engine.loop.time()
        if (kept := answers.shelf.get(key, now, terms.age)) is not None:
            await _tell(desk, call, pump, key, kept, int(now - kept.since))
            return
        flight = answers.flight(key)
        if flight is None or joined == _PATIENCE:
            break
        joined += 1
        # Where the one that was joined fails before it says anything, this call looks again: the first to do so asks,
        # and the others join it.
        if await _join(desk, call, pump, key, flight):
            return
    desk.board.metrics.looked_up(call.operation, "miss")
    if not terms.store:
        await work(pump)
        return
    flight = Flight(caching.entry, call.snapshot.limits.answer)
    answers.expect(key, flight)
    rider = flight.take_off(work, partial(_landed, desk, answers, key, call, caching, terms))
    await _ride(flight, rider, pump, head.missed)
    if flight.failure is not None:
        raise flight.failure


def _landed(desk: Room, answers: Answers, key: str, call: Call, caching: Caching, terms: Terms, flight: Flight) -> None:
    answers.landed(key, flight, call, caching, terms, desk.engine.loop.time())


async def _tell(desk: Room, call: Call, pump: Pump, key: str, kept: Kept, age: int) -> None:
    """Answers with what is kept."""
    call.asked_group = kept.group
    desk.board.metrics.looked_up(call.operation, "hit", kept.billed)
    _log(desk, call, "hit", ("age", age))
    _book(desk, call, "ok", f"an answer that was kept {age} s ago is told again", kept.model, kept.stop)
    pump.committed = True
    if not pump.started:
        await pump.start(200, head.hit(kept, call, key, age))
    await pump.finish(kept.body)


async def _join(desk: Room, call: Call, pump: Pump, key: str, flight: Flight) -> bool:
    """Answers with what a flight is told; False where it failed and nothing was said."""
    told = partial(free, wire=call.wire) if wants(call) else _as_it_is
    await _ride(flight, flight.board(), pump, partial(head.joined, call=call, key=key), told)
    if flight.failure is not None and not pump.committed:
        return False
    record = flight.record
    if record is not None:
        call.asked_group = record.candidate.group
    desk.board.metrics.looked_up(call.operation, "joined", record.billed if record is not None else 0)
    _log(desk, call, "joined", ("with", record.call.id if record is not None else ""))
    _book_joined(desk, call, flight)
    if isinstance(flight.failure, Unanswered):
        raise Unanswered(flight.failure.failure, flight.failure.candidate)
    if flight.failure is not None:
        raise flight.failure
    return True


def _as_it_is(piece: bytes) -> bytes:
    return piece


async def _ride(
    flight: Flight,
    rider: Rider,
    pump: Pump,
    headed: Callable[[Head], Head],
    told: Callable[[bytes], bytes] = _as_it_is,
) -> None:
    """Tells a client what the flight is told, until that is over or the client is gone."""
    try:
        while True:
            if flight.started and not pump.committed:
                pump.committed = True
                if not pump.started:
                    await pump.start(flight.status, headed(flight.head))
            piece, at = flight.rest(rider)
            if flight.over and flight.finished:
                await pump.finish(told(piece))
                return
            if piece:
                await pump.send(told(piece))
                flight.got(rider, piece, at)
            elif flight.over:
                return
            else:
                rider.news.clear()
                await rider.news.wait()
    finally:
        await flight.leave(rider, gone=pump.gone)


def _book_joined(desk: Room, call: Call, flight: Flight) -> None:
    record, failure = flight.record, flight.failure
    if isinstance(failure, Unanswered):
        failure = failure.failure
    outcome = failure.code if isinstance(failure, Failure) else "ok" if failure is None else Internal.code
    model, stop, other = "", "", "another call"
    if record is not None:
        model, stop, other = record.model or record.candidate.model, record.stop, f"request {record.call.id}"
    _book(desk, call, outcome, f"the answer to {other}, which asked the same, was told as it came", model, stop)


def _book(desk: Room, call: Call, outcome: str, why: str, model: str, stop: str) -> None:
    """A row like an attempt's, that cost nothing. A store that is down has said so in its log: the answer is here."""
    with contextlib.suppress(StoreDown):
        book(
            desk.engine,
            call,
            status=200,
            outcome=outcome,
            why=why,
            deployment=CACHE,
            group=call.asked_group,
            model=model,
            stop=stop,
        )


def _log(desk: Room, call: Call, how: str, more: tuple[str, object]) -> None:
    """A line like an attempt's: nobody was asked, so there is none of those."""
    fields: list[tuple[str, object]] = [("id", call.id), ("asked", call.asked), ("cache", how), more, ("cost", "0")]
    if call.caller.key:
        fields.append(("key", call.caller.key))
    if call.session:
        fields.append(("session", call.session))
    desk.engine.tell("info", "request", fields)
