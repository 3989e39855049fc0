"""Events that nobody can read: found in one pass over the bytes, and left out while the rest makes sense."""

from __future__ import annotations

import msgspec

from trunkline.errors import ProviderGarbage
from trunkline.wire.framing import events

MOST = 5
"""Unreadable events in a row: then it is no stream of answers any more."""

MOST_IN_ALL = 50
"""The same of one whole stream."""

_read = msgspec.json.Decoder(msgspec.Raw).decode
"""Whether bytes are one JSON value; builds nothing."""

_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


def readable(data: bytes) -> bool:
    """Whether the data of one event is JSON (stray bytes in its words are fine), or the `[DONE]` of some streams."""
    try:
        _read(data)
    except _UNREADABLE:
        return data.strip() == b"[DONE]"
    return True


def sound_events(block: bytes) -> bool:
    """Whether all events of a block are readable; False where that is not certain at a glance."""
    if b"\r" in block:
        return False
    try:
        if block.find(b"\n\n") == len(block) - 2:
            # One event alone, as most blocks are.
            at = block.find(b"data:")
            if at >= 0:
                _read(block[at + 5 :])
            return True
        for event in block.split(b"\n\n"):
            at = event.find(b"data:")
            if at >= 0:
                _read(event[at + 5 :])
    except _UNREADABLE:
        return False
    return True


def sound_lines(block: bytes) -> bool:
    """The same of lines."""
    try:
        for line in block.split(b"\n"):
            if line and not line.isspace():
                _read(line)
    except _UNREADABLE:
        return False
    return True


class Junk:
    """Counts unreadable events of one stream. `dropped`: all of them."""

    __slots__ = ("dropped", "failure", "row")

    def __init__(self) -> None:
        self.row = 0
        self.dropped = 0
        self.failure: ProviderGarbage | None = None
        """Set by `events` and `lines` once it was one too many: what stood before it in its block goes on."""

    def fine(self) -> None:
        """A readable one."""
        self.row = 0

    def take(self, what: bytes) -> None:
        """One that is not. Raises `ProviderGarbage` when it was one too many."""
        self.row += 1
        self.dropped += 1
        if self.row >= MOST or self.dropped >= MOST_IN_ALL:
            told = what[:80].decode(errors="replace")
            much = f"{MOST} events in a row" if self.row >= MOST else f"{MOST_IN_ALL} events"
            raise ProviderGarbage(
                f"The provider sent {much} that are no JSON; the last begins {told!r}.",
                remedy="Send the request again.",
            )

    def _spoils(self, what: bytes) -> bool:
        """Takes one; whether it was one too many."""
        try:
            self.take(what)
        except ProviderGarbage as failure:
            self.failure = failure
        return self.failure is not None

    def events(self, block: bytes) -> bytes:
        """A block of server-sent events without those that cannot be read. Errors keep their place: they end it."""
        kept: list[bytes] = []
        for raw, name, data in events(block):
            if data and name != b"error" and not readable(data):
                if self._spoils(data):
                    break
                continue
            if data:
                self.fine()
            kept.append(raw)
        return b"".join(kept)

    def lines(self, block: bytes) -> bytes:
        """The same for lines."""
        kept: list[bytes] = []
        for line in block.split(b"\n"):
            if not line.strip():
                continue
            if not readable(line):
                if self._spoils(line):
                    break
                continue
            self.fine()
            kept.append(line + b"\n")
        return b"".join(kept)
