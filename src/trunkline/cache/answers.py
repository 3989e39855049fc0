"""All that one process has of answers: those that are kept, and those on their way. Made once per process."""

from __future__ import annotations

import re

from trunkline.cache.flight import Flight
from trunkline.cache.head import lasting
from trunkline.cache.shelf import Kept, Shelf
from trunkline.cache.terms import Terms
from trunkline.config.schema import Caching
from trunkline.upstream.call import Call
from trunkline.upstream.trailer import wants
from trunkline.wire.cost import free

_ENDS = frozenset(
    {
        *("end", "limit", "stop", "tool"),
        *("end_turn", "max_tokens", "stop_sequence", "tool_use"),
        *("length", "tool_calls", "function_call"),
        *("completed", "max_output_tokens"),
        *("STOP", "MAX_TOKENS"),
        "embedded",
    }
)
"""Stop reasons of answers that are what their model meant to say, in every wire's words. With others none is kept."""

_REFUSAL = re.compile(rb'"refusal"\s*:\s*"|"type"\s*:\s*"(response\.)?refusal')
"""A refusal where the stop reason tells nothing of it (OpenAI's wires)."""


class Answers:
    """Kept answers and flights, by key."""

    def __init__(self) -> None:
        self.shelf = Shelf()
        self._flights: dict[str, Flight] = {}

    def flight(self, key: str) -> Flight | None:
        """A flight that can be joined."""
        flight = self._flights.get(key)
        return flight if flight is not None and flight.open else None

    def expect(self, key: str, flight: Flight) -> None:
        """A flight has begun. One that is open already stays the one that is joined."""
        if self.flight(key) is None:
            self._flights[key] = flight

    def landed(self, key: str, flight: Flight, call: Call, caching: Caching, terms: Terms, now: float) -> None:
        """A flight is over: its answer is kept, if it is complete and clean."""
        if self._flights.get(key) is flight:
            del self._flights[key]
        if not flight.whole or not flight.finished or flight.failure is not None or flight.status != 200:
            return
        record, body = flight.record, flight.body
        if record is None or record.dropped or not _clean(call, flight):
            return
        if record.stop not in _ENDS or _REFUSAL.search(body):
            return
        kept = Kept(
            head=lasting(flight.head),
            body=free(body, call.wire) if wants(call) else body,
            streamed=call.streamed,
            group=call.asked_group,
            billed=record.billed,
            model=record.model or record.candidate.model,
            stop=record.stop,
            since=now,
            until=now + terms.ttl,
        )
        self.shelf.put(key, kept, caching.bytes)


def _clean(call: Call, flight: Flight) -> bool:
    """Whether it is what the request asks for: not gone on with by another model, not shortened to fit a budget."""
    broken = call.line is not None and call.line.broken is not None
    return not broken and all(name != b"x-trunkline-fit" for name, _ in flight.head)
