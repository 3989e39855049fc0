"""The line of those who wait against a naive model, and what fairness means."""

from __future__ import annotations

from collections import deque

import msgspec
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from trunkline.state.line import Line, Ticket

SESSIONS = st.sampled_from("abcde")


class Waiting(RuleBasedStateMachine):
    """The model: a ring of sessions, each a queue of numbers."""

    def __init__(self) -> None:
        super().__init__()
        self.line = Line(b"k", [])
        self.ring: deque[tuple[str, deque[int]]] = deque()
        self.number = 0
        self.overtaken: dict[int, dict[str, int]] = {}
        self.session: dict[int, str] = {}

    @rule(session=SESSIONS)
    def join(self, session: str) -> None:
        self.number += 1
        self.line.join(session.encode(), Ticket(bytes([self.number % 3]), self.number, 1e9))
        for name, waiting in self.ring:
            if name == session:
                waiting.append(self.number)
                break
        else:
            self.ring.append((session, deque([self.number])))
        self.session[self.number] = session
        first = next(waiting[0] for name, waiting in self.ring if name == session) == self.number
        if first:
            self.overtaken[self.number] = {}

    @precondition(lambda self: self.ring)
    @rule()
    def serve(self) -> None:
        name, waiting = self.ring.popleft()
        number = waiting.popleft()
        if waiting:
            self.ring.append((name, waiting))
        ticket = next(self.line.order())
        assert ticket.number == number
        assert self.line.serve(ticket.life, number)
        assert not self.line.serve(ticket.life, number)
        self.overtaken.pop(number, None)
        for first, by in self.overtaken.items():
            if self.session[first] != name:
                by[name] = by.get(name, 0) + 1
        if waiting:
            self.overtaken.setdefault(waiting[0], {})

    @precondition(lambda self: self.ring)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(each for _, waiting in self.ring for each in waiting)))
        assert self.line.leave(bytes([number % 3]), number)
        self._gone({number})

    @rule(life=st.integers(0, 2))
    def die(self, life: int) -> None:
        gone = {each for _, waiting in self.ring for each in waiting if each % 3 == life}
        assert self.line.leave(bytes([life])) == bool(gone)
        self._gone(gone)

    def _gone(self, gone: set[int]) -> None:
        left = [(name, deque(each for each in waiting if each not in gone)) for name, waiting in self.ring]
        self.ring = deque((name, waiting) for name, waiting in left if waiting)
        for number in gone:
            self.overtaken.pop(number, None)
        for _, waiting in self.ring:
            self.overtaken.setdefault(waiting[0], {})

    @invariant()
    def the_order_is_the_models(self) -> None:
        ring = deque((name, deque(waiting)) for name, waiting in self.ring)
        expected: list[int] = []
        while ring:
            name, waiting = ring.popleft()
            expected.append(waiting.popleft())
            if waiting:
                ring.append((name, waiting))
        assert [ticket.number for ticket in self.line.order()] == expected
        assert len(self.line) == len(expected)

    @invariant()
    def nobody_is_overtaken_twice_by_the_same_session(self) -> None:
        assert all(times <= 1 for by in self.overtaken.values() for times in by.values())

    @invariant()
    def it_is_stored_as_it_is(self) -> None:
        packed = msgspec.msgpack.encode(self.line)
        assert msgspec.msgpack.decode(packed, type=Line) == self.line


TestWaiting = Waiting.TestCase


@given(st.integers(1, 60), st.integers(1, 5))
def test_a_single_call_stands_behind_one_of_each_session(many: int, sessions: int) -> None:
    line = Line(b"k", [])
    for session in range(sessions):
        for number in range(many):
            line.join(b"s%d" % session, Ticket(b"", session * 100 + number, 1e9))
    line.join(b"one", Ticket(b"", 9999, 1e9))
    assert [ticket.number for ticket in line.order()].index(9999) == sessions


@given(st.lists(st.tuples(SESSIONS, st.floats(0, 100))), st.floats(0, 100))
def test_who_is_past_the_deadline_does_not_stand_in_the_way(waiting: list[tuple[str, float]], now: float) -> None:
    line = Line(b"k", [])
    for number, (session, until) in enumerate(waiting):
        line.join(session.encode(), Ticket(b"", number, until))
    line.expire(now)
    assert {ticket.number for ticket in line.order()} == {n for n, (_, until) in enumerate(waiting) if until >= now}
    assert all(session.tickets for session in line.ring)
