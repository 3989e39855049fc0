"""Errors as Ollama words them: one string. Source: ollama/ollama at fb30760 (2026-08-21)."""

from __future__ import annotations

import msgspec

from trunkline.errors import Failure
from trunkline.wire.raw import UNREADABLE
from trunkline.wire.words import one_line


class _Shape(msgspec.Struct):
    error: str


_shape = msgspec.json.Decoder(_Shape)


def render(failure: Failure, request_id: str, when: str, code: str) -> bytes:
    """A whole error body; the wire has room for the sentence only, so the request id closes it."""
    return msgspec.json.encode({"error": failure.sentence, "code": code, "request_id": request_id})


def event(body: bytes, before: bytes = b"") -> bytes:
    """An error body as the line that ends a stream."""
    return one_line(body) + b"\n"


def is_own(body: bytes) -> bool:
    """Whether an upstream's error body has this wire's shape, so that it may be relayed as it is."""
    try:
        _shape.decode(body)
    except UNREADABLE:
        return False
    return True
