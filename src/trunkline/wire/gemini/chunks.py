"""Where a chunk of a Gemini stream ends, in either of its two forms: server-sent events, or one JSON array in pieces.

The array comes when the client did not ask for `alt=sse`. Which form it is, the first byte tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from trunkline.wire.framing import Keeper, SseFramer, events
from trunkline.wire.watch import Framer

_OUTSIDE = re.compile(rb'["{}\[\]]')
_INSIDE = re.compile(rb'["\\]')
_BETWEEN = b"[, \t\r\n"


class _Scanner:
    """Knows strings from braces, over bytes that are cut anywhere."""

    __slots__ = ("_escaped", "_string", "depth")

    def __init__(self, depth: int = 0) -> None:
        self.depth = depth
        self._string = self._escaped = False

    def ends(self, piece: bytes) -> Iterator[int]:
        """Just behind each element of the outermost array, and behind the array itself."""
        at = 0
        while at < len(piece):
            if self._escaped:
                self._escaped = False
                at += 1
                continue
            found = (_INSIDE if self._string else _OUTSIDE).search(piece, at)
            if found is None:
                return
            at = found.end()
            match found[0]:
                case b"\\":
                    self._escaped = True
                case b'"':
                    self._string = not self._string
                case b"{" | b"[":
                    self.depth += 1
                case _:
                    self.depth = max(0, self.depth - 1)
                    if self.depth < 2:
                        yield at


class ArrayFramer(Keeper):
    """One JSON array that arrives in pieces: an event is an element, with what stands before it."""

    __slots__ = ("_scanner",)

    def __init__(self) -> None:
        super().__init__()
        self._scanner = _Scanner()

    def push(self, piece: bytes) -> bytes:
        """The elements that `piece` completes, with what was kept before them; empty when none is complete yet."""
        return self._cut(piece, max(self._scanner.ends(piece), default=0) or None, "an element")


class ChunkFramer:
    """Either form. Not one byte is changed."""

    __slots__ = ("_before", "_depth", "_inner")

    def __init__(self) -> None:
        self._inner: Framer | None = None
        self._before = b""
        self._depth = 0

    def push(self, piece: bytes) -> bytes:
        """Whole chunks; empty when none is complete yet."""
        if self._inner is None:
            piece = self._before + piece
            self._before = piece
            start = piece.lstrip()
            if not start:
                return b""
            self._inner = ArrayFramer() if start[:1] == b"[" else SseFramer()
            self._before = b""
        return self._inner.push(piece)

    def rest(self) -> bytes:
        """What is left without an end; forgotten afterwards."""
        if self._inner is None:
            rest, self._before = self._before, b""
            return rest
        return self._inner.rest()

    def documents(self, block: bytes) -> Iterator[bytes]:
        """The JSON texts in the next block of whole chunks."""
        return (data for _, data in self.chunks(block) if data)

    def chunks(self, block: bytes) -> Iterator[tuple[bytes, bytes]]:
        """(its bytes, its JSON text or nothing) of each chunk of the next block.

        An error may stand bare between the events of a stream.
        """
        if self.is_array:
            depth, self._depth = self._depth, 1
            yield from elements(block, depth)
            return
        for raw, _name, data in events(block):
            yield raw, data or (raw if raw.lstrip()[:1] == b"{" else b"")

    @property
    def is_array(self) -> bool:
        """Whether the stream is of the array form."""
        return isinstance(self._inner, ArrayFramer)


def elements(block: bytes, depth: int) -> Iterator[tuple[bytes, bytes]]:
    at = 0
    for end in _Scanner(depth).ends(block):
        raw = block[at:end]
        at = end
        text = raw.lstrip(_BETWEEN)
        yield raw, text if text[:1] == b"{" else b""
    if at < len(block):
        yield block[at:], b""
