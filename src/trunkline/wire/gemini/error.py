"""Errors as Google words them. Source: ai.google.dev/gemini-api/docs/troubleshooting, google.rpc.Code (2026-11)."""

from __future__ import annotations

from typing import Any

import msgspec

from trunkline.errors import Failure
from trunkline.wire.raw import UNREADABLE
from trunkline.wire.words import one_line

_STATUS_OF = {
    "INVALID_ARGUMENT": 400,
    "FAILED_PRECONDITION": 400,
    "OUT_OF_RANGE": 400,
    "UNAUTHENTICATED": 401,
    "PERMISSION_DENIED": 403,
    "NOT_FOUND": 404,
    "ABORTED": 409,
    "ALREADY_EXISTS": 409,
    "RESOURCE_EXHAUSTED": 429,
    "CANCELLED": 499,
    "INTERNAL": 500,
    "UNKNOWN": 500,
    "DATA_LOSS": 500,
    "UNIMPLEMENTED": 501,
    "UNAVAILABLE": 503,
    "DEADLINE_EXCEEDED": 504,
}

_NAME_OF = {
    400: "INVALID_ARGUMENT",
    401: "UNAUTHENTICATED",
    402: "RESOURCE_EXHAUSTED",
    403: "PERMISSION_DENIED",
    404: "NOT_FOUND",
    409: "ABORTED",
    429: "RESOURCE_EXHAUSTED",
    501: "UNIMPLEMENTED",
    502: "UNAVAILABLE",
    503: "UNAVAILABLE",
    504: "DEADLINE_EXCEEDED",
    529: "UNAVAILABLE",
}


class _Inner(msgspec.Struct):
    code: int
    message: str
    status: str = ""


class _Shape(msgspec.Struct):
    error: _Inner


_shape = msgspec.json.Decoder(_Shape)
_shapes = msgspec.json.Decoder(list[_Shape])


def status_of(code: str) -> int:
    """The HTTP status that belongs to an error's `code` or `status`."""
    if code.isdecimal() and 400 <= int(code) < 600:
        return int(code)
    return _STATUS_OF.get(code, 500)


def render(failure: Failure, request_id: str, when: str, code: str) -> bytes:
    """A whole error body. `when` is an RFC 3339 time; what Google has no member for stands in its `ErrorInfo`."""
    details: list[dict[str, Any]] = [
        {
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": failure.code.upper(),
            "domain": "trunkline",
            "metadata": {"code": code, "request_id": request_id, "timestamp": when},
        }
    ]
    if failure.param:
        details[0]["metadata"]["param"] = failure.param
    if failure.retry_after is not None:
        delay = f"{max(0.0, failure.retry_after):g}s"
        details.append({"@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": delay})
    fallback = "INVALID_ARGUMENT" if failure.status < 500 else "INTERNAL"
    return msgspec.json.encode(
        {
            "error": {
                "code": failure.status,
                "message": failure.sentence,
                "status": _NAME_OF.get(failure.status, fallback),
                "details": details,
            }
        }
    )


def event(body: bytes, before: bytes = b"") -> bytes:
    """An error body as the end of a stream whose last piece was `before`: an event, or the last element of an array."""
    if before.lstrip()[:1] in (b"[", b","):
        return element(body)
    return b"data: " + one_line(body) + b"\n\n"


def element(body: bytes) -> bytes:
    """An error body as the element that ends a stream in the form of one JSON array, of which something was sent."""
    return b",\r\n" + body + b"]"


def is_own(body: bytes) -> bool:
    """Whether an upstream's error body has this wire's shape. A stream without `alt=sse` has it in a list."""
    try:
        _shape.decode(body)
    except UNREADABLE:
        try:
            return len(_shapes.decode(body)) == 1
        except UNREADABLE:
            return False
    return True
