"""A line of those who wait for a place, fair between sessions. Pure.

Sessions stand in a ring, each with its own tickets behind it: the first ticket of the first session is next, and its
session then goes to the end of the ring. So one session's fifty calls are one session, and nobody is overtaken twice by
the same one.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec


class Ticket(msgspec.Struct, array_like=True, frozen=True):
    """One call that waits. `until`: monotonic seconds after which it counts as gone, should nobody take it out."""

    life: bytes
    number: int
    until: float


class Session(msgspec.Struct, array_like=True):
    """The tickets of one session, first come first."""

    name: bytes
    tickets: list[Ticket]


class Line(msgspec.Struct, array_like=True):
    """Who waits for a place at `name`."""

    name: bytes
    ring: list[Session]

    def __len__(self) -> int:
        return sum(len(session.tickets) for session in self.ring)

    def join(self, session: bytes, ticket: Ticket) -> None:
        """Puts a ticket at its session's end, and a session that did not wait yet at the ring's."""
        for each in self.ring:
            if each.name == session:
                each.tickets.append(ticket)
                return
        self.ring.append(Session(session, [ticket]))

    def order(self) -> Iterator[Ticket]:
        """Tickets in the order in which they are served, if nobody joins."""
        ahead = [session.tickets for session in self.ring]
        turn = 0
        while ahead := [tickets for tickets in ahead if len(tickets) > turn]:
            yield from (tickets[turn] for tickets in ahead)
            turn += 1

    def serve(self, life: bytes, number: int) -> bool:
        """Takes out a ticket that gets a place, and puts its session at the ring's end. False: it is not there."""
        for at, session in enumerate(self.ring):
            for ticket in session.tickets:
                if ticket.life == life and ticket.number == number:
                    session.tickets.remove(ticket)
                    del self.ring[at]
                    if session.tickets:
                        self.ring.append(session)
                    return True
        return False

    def leave(self, life: bytes, number: int | None = None) -> bool:
        """Takes out a ticket, or all of a life, without a turn. Whether one was there."""
        before = len(self)
        for session in self.ring:
            session.tickets = [
                each for each in session.tickets if each.life != life or (number is not None and each.number != number)
            ]
        self.ring = [session for session in self.ring if session.tickets]
        return len(self) < before

    def expire(self, now: float) -> None:
        """Takes out who should have left by now."""
        if any(ticket.until < now for session in self.ring for ticket in session.tickets):
            for session in self.ring:
                session.tickets = [each for each in session.tickets if each.until >= now]
            self.ring = [session for session in self.ring if session.tickets]
