"""Answers as a connection would give them: a status, headers, and a body that is read piece by piece."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Iterable
from typing import Any

import msgspec

Headers = list[tuple[str, str]]

_ENCODER = msgspec.json.Encoder()


class Said:
    """An answer of the demo model. `delay` is the seconds of rest before each piece but the first."""

    lost: tuple[str, ...] = ()

    def __init__(self, status: int, headers: Headers, pieces: Iterable[bytes], delay: float = 0.0) -> None:
        self.status = status
        self.headers = headers
        self._pieces = deque(pieces)
        self._delay = delay
        self._begun = False

    async def read(self) -> bytes:
        """The next piece; b"" at the end, and after `close`."""
        if self._begun and self._delay > 0 and self._pieces:
            await asyncio.sleep(self._delay)
        self._begun = True
        return self._pieces.popleft() if self._pieces else b""

    def close(self) -> None:
        """Lets go of what was not read."""
        self._pieces.clear()


class Pieces:
    """Gathers a stream's frames into pieces: a frame that carries words ends one, what is mere frame joins the next."""

    def __init__(self) -> None:
        self._done: list[bytes] = []
        self._held = b""

    def add(self, frame: bytes) -> None:
        self._held += frame

    def word(self, frame: bytes) -> None:
        self._done.append(self._held + frame)
        self._held = b""

    def all(self) -> list[bytes]:
        return [*self._done, self._held] if self._held else self._done


def dump(value: Any) -> bytes:
    """A value as JSON bytes."""
    return _ENCODER.encode(value)


def event(value: dict[str, Any]) -> bytes:
    """A server-sent event that is named by its own `type`."""
    return b"event: %s\ndata: %s\n\n" % (value["type"].encode(), dump(value))


def data(value: Any) -> bytes:
    """A server-sent event without a name."""
    return b"data: %s\n\n" % dump(value)


def line(value: Any) -> bytes:
    """One line of NDJSON."""
    return dump(value) + b"\n"


def whole(value: Any, *, status: int = 200, headers: Headers | None = None) -> Said:
    """A JSON answer in one piece."""
    body = dump(value)
    head = [("content-type", "application/json"), ("content-length", str(len(body))), *(headers or [])]
    return Said(status, head, [body])


def sse(pieces: Pieces, delay: float, headers: Headers | None = None) -> Said:
    """A stream of server-sent events."""
    head = [("content-type", "text/event-stream; charset=utf-8"), ("cache-control", "no-cache"), *(headers or [])]
    return Said(200, head, pieces.all(), delay)


def ndjson(pieces: Pieces, delay: float) -> Said:
    """A stream of JSON lines."""
    return Said(200, [("content-type", "application/x-ndjson")], pieces.all(), delay)
