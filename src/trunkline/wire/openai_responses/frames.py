"""Events of a Responses stream as bytes, numbered; and JSON that never fails to be written."""

from __future__ import annotations

import json
from typing import Any

import msgspec

Json = dict[str, Any]


def dump(value: Any) -> bytes:
    """JSON on one line. Half a surrogate pair, which no strict reader takes, becomes a question mark."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode(errors="replace")


class Frames:
    """Numbers the events of one answer."""

    __slots__ = ("_next",)

    def __init__(self, begin: int = 0) -> None:
        self._next = begin

    def event(self, name: str, **members: Any) -> bytes:
        """One event. `name` comes without its `response.`."""
        kind = f"response.{name}"
        data = {"type": kind, "sequence_number": self._next, **members}
        self._next += 1
        return b"event: %s\ndata: %s\n\n" % (kind.encode(), dump(data))
