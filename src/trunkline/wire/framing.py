"""Where one event of a stream ends and the next begins, for bytes that are cut anywhere.

Both framers hand out whole events only, glued together as they came, and keep the unfinished rest: so a ping, an
error or a cut can only ever stand between two events, never inside one. Not one byte is changed.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from trunkline.errors import ProviderGarbage
from trunkline.model.sizes import said

_BLANK = re.compile(rb"(?:\r\n|\n|\r(?!\n))(?:\r\n|\n|\r(?!\n))")
_FIELD = re.compile(rb"^(event|data)(?::[ ]?|$)(.*)$")
_LINE_END = re.compile(rb"\r\n|\n|\r")

MOST = 32 * 1024 * 1024
"""Bytes that one event may have. A provider that sends more without an end is sending no events."""


class Keeper:
    """What all framers share: the unfinished rest, and its bound."""

    __slots__ = ("_kept", "_size")

    def __init__(self) -> None:
        self._kept: list[bytes] = []
        self._size = 0

    def _cut(self, piece: bytes, end: int | None, what: str) -> bytes:
        """What was kept and `piece` up to `end`; the rest is kept. Nothing yet where no end is known."""
        if end is None:
            if piece:
                self._kept.append(piece)
            self._size += len(piece)
            if self._size > MOST:
                raise ProviderGarbage(f"The provider sent more than {said(MOST)} without ending {what}.")
            return b""
        whole = b"".join((*self._kept, piece[:end])) if self._kept else piece[:end]
        self._kept = [piece[end:]] if end < len(piece) else []
        self._size = len(piece) - end
        return whole

    def rest(self) -> bytes:
        """What is left without an end; forgotten afterwards."""
        rest = b"".join(self._kept)
        self._kept, self._size = [], 0
        return rest


class SseFramer(Keeper):
    """Server-sent events: an event ends with a blank line, in any of the three line endings."""

    __slots__ = ()

    def push(self, piece: bytes) -> bytes:
        """The events that `piece` completes, with what was kept before them; empty when none is complete yet."""
        end = self._end(piece)
        if end is None and self._kept:
            end = self._seam(piece)
        return self._cut(piece, end, "an event")

    def _seam(self, piece: bytes) -> int | None:
        """Where in `piece` a blank line ends that began in what was kept; 0: just before its first byte."""
        # Pieces may be a byte each: a blank line of two CRLFs then stands in four of them.
        last = b"".join(kept[-3:] for kept in self._kept[-3:])[-3:]
        end = self._end(last + piece[:3])
        return None if end is None else max(0, end - len(last))

    @staticmethod
    def _end(data: bytes) -> int | None:
        """Just behind the last blank line. A final lone CR waits for the LF that may follow it."""
        end = data.rfind(b"\n\n") + 2
        if b"\r" in data:
            for found in _BLANK.finditer(data):
                if not (found.group().endswith(b"\r") and found.end() == len(data)):
                    end = max(end, found.end())
        return end if end > 1 else None


class LineFramer(Keeper):
    """Newline-delimited JSON: an event is a line."""

    __slots__ = ()

    def push(self, piece: bytes) -> bytes:
        """The lines that `piece` completes; empty when none is complete yet."""
        return self._cut(piece, piece.rfind(b"\n") + 1 or None, "a line")


def events(block: bytes) -> Iterator[tuple[bytes, bytes, bytes]]:
    """The events of a block of whole SSE events: (the event's bytes, its name, its data).

    Name and data are empty when the event has none (a comment). Several data lines are joined by a newline, as the
    standard says (WHATWG HTML, server-sent events, 9.2.6).
    """
    at = 0
    while at < len(block):
        if b"\r" in block:
            found = _BLANK.search(block, at)
            end = found.end() if found else len(block)
        else:
            end = block.find(b"\n\n", at) + 2
            end = end if end > 1 else len(block)
        raw = block[at:end]
        at = end
        name, data = b"", list[bytes]()
        for line in _LINE_END.split(raw.removeprefix(b"\xef\xbb\xbf")):
            field = _FIELD.match(line)
            if field is None:
                continue
            if field[1] == b"data":
                data.append(field[2])
            else:
                name = field[2]
        yield raw, name, b"\n".join(data)
