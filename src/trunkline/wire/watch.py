"""What every reader of a streamed answer has in common. Touches bytes only: no I/O, no clock.

A `Watch` sees a stream pass by. It keeps what the ledger and the router must know (usage, stop reason, model,
whether anything was said yet, whether the end was an end), and gives back the bytes that go on to the client, which
are the provider's own but for the few events that its wire may mend or hide. Events that nobody can read are left out
while the rest makes sense, and an error is kept back: whether it ends the client's stream, the router decides.
"""

from __future__ import annotations

from typing import Protocol

from trunkline.errors import Failure
from trunkline.model.usage import Usage
from trunkline.wire.ends import closed
from trunkline.wire.junk import Junk, sound_events


class Framer(Protocol):
    """Cuts bytes into whole events."""

    def push(self, piece: bytes) -> bytes: ...
    def rest(self) -> bytes: ...


class Watch:
    """The reader of one streamed answer. One per attempt."""

    __slots__ = (
        "_framer",
        "_junk",
        "committed",
        "error",
        "events",
        "failure",
        "finished",
        "model",
        "over",
        "passed",
        "stop",
        "stored",
        "usage",
    )

    def __init__(self, framer: Framer) -> None:
        self._framer = framer
        self._junk = Junk()
        self.usage = Usage()
        self.stop = ""
        self.model = ""
        self.stored = ""
        """The id by which the provider's copy of the answer can be asked for again; empty where it keeps none."""
        self.committed = False
        """True once the provider said something: text, thinking, a signature, a tool call or a stop reason."""
        self.finished = False
        """True once the answer ended, be it without the wire's last event: an end of the stream is then no break."""
        self.failure: Failure | None = None
        """An error that came as an event."""
        self.error = b""
        """That event as it came, and what followed it."""
        self.over = False
        """True once nothing can follow any more, whether or not the provider hangs up."""
        self.passed = 0
        self.events = 0

    def feed(self, piece: bytes) -> bytes:
        """Takes a piece as it came, gives the whole events that may go on; possibly none."""
        block = self._framer.push(piece)
        if not block or self._junk.failure is not None:
            return b""
        self.passed += len(block)
        self.events += block.count(b"\n\n") or 1
        return self._looked_at(block)

    def _looked_at(self, block: bytes) -> bytes:
        """What goes on of a block. Where junk spoils the stream, what stood before it goes on still."""
        block = self.read(self.readable(block))
        if self._junk.failure is not None and self.failure is None:
            self.failure = self._junk.failure
        return block

    @property
    def dropped(self) -> int:
        """How many events were left out, since nobody can read them."""
        return self._junk.dropped

    def readable(self, block: bytes) -> bytes:
        """The block without what is no JSON."""
        if not self._junk.row and sound_events(block):
            return block
        return self._junk.events(block)

    def last(self) -> bytes:
        """The wire's last event, for an answer that ended without it."""
        return b""

    def read(self, block: bytes) -> bytes:
        """Looks at whole events and gives what goes on of them. Each wire has its own."""
        raise NotImplementedError

    def end(self) -> bytes:
        """The provider closed the stream: gives what is left to pass on, and the end that an ended answer lacks.

        Raises `ProviderCut` when the answer had not ended: a truncated answer must never look whole.
        """
        rest = self._framer.rest()
        if self._junk.failure is not None:
            return b""
        if rest:
            self.passed += len(rest)
            rest = self._looked_at(rest)
        if not self.finished and self.failure is None:
            raise closed()
        if self.over or self.failure is not None or not (last := self.last()):
            return rest
        return b"%b%b%b" % (rest, b"\n\n" if rest.strip() else b"", last)

    def passing(self, kept: list[bytes], raw: bytes) -> None:
        """One event goes on, unless it is the error that ended the stream, or stands behind it."""
        if self.failure is None:
            kept.append(raw)
        else:
            self.error += raw

    def output_at_least(self) -> int:
        """Output tokens, when the provider never told: an upward estimate from what passed by.

        An event's frame is about 130 bytes on every wire; at most one token in three bytes of the rest.
        """
        return max(self.events, (self.passed - 130 * self.events) // 3)
