"""Errors as the Anthropic Messages API words them.

Source: platform.claude.com/docs/en/api/errors (2026-11).
"""

from __future__ import annotations

import msgspec

from trunkline.errors import Failure
from trunkline.wire.raw import UNREADABLE
from trunkline.wire.told import told
from trunkline.wire.words import one_line

STATUS_OF = {
    "invalid_request_error": 400,
    "authentication_error": 401,
    "billing_error": 402,
    "permission_error": 403,
    "not_found_error": 404,
    "conflict_error": 409,
    "request_too_large": 413,
    "rate_limit_error": 429,
    "api_error": 500,
    "timeout_error": 504,
    "overloaded_error": 529,
}

_TYPE_OF = {status: kind for kind, status in STATUS_OF.items()} | {503: "overloaded_error"}


class _Shape(msgspec.Struct):
    class Inner(msgspec.Struct):
        type: str
        message: str

    type: str
    error: Inner


_shape = msgspec.json.Decoder(_Shape)


def kind(status: int) -> str:
    """The error type that belongs to a status."""
    return _TYPE_OF.get(status, "invalid_request_error" if 400 <= status < 500 else "api_error")


def render(failure: Failure, request_id: str, when: str, code: str) -> bytes:
    """A whole error body. `when` is an RFC 3339 time, `code` the failure's or another word for it."""
    return msgspec.json.encode(
        {
            "type": "error",
            "error": {
                "type": kind(failure.status),
                "message": failure.sentence,
                "code": code,
                **told(failure, request_id, when),
            },
            "request_id": request_id,
        }
    )


def event(body: bytes, before: bytes = b"") -> bytes:
    """An error body as the event that ends a stream."""
    return b"event: error\ndata: " + one_line(body) + b"\n\n"


def is_own(body: bytes) -> bool:
    """Whether an upstream's error body has this wire's shape, so that it may be relayed as it is."""
    try:
        return _shape.decode(body).type == "error"
    except UNREADABLE:
        return False
