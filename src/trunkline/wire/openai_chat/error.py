"""Errors as OpenAI words them; Chat Completions, Responses, embeddings and the rest of `/v1` share them.

Source: platform.openai.com/docs/guides/error-codes and `openai` SDK 3.52.0 (2026-11).
"""

from __future__ import annotations

import msgspec

from trunkline.errors import Failure
from trunkline.wire.raw import UNREADABLE
from trunkline.wire.told import told
from trunkline.wire.words import one_line

_TYPE_OF = {
    400: "invalid_request_error",
    401: "authentication_error",
    402: "insufficient_quota",
    403: "permission_error",
    404: "invalid_request_error",
    429: "rate_limit_error",
}

_STATUS_OF = {
    "invalid_request_error": 400,
    "context_length_exceeded": 400,
    "content_filter": 400,
    "authentication_error": 401,
    "invalid_api_key": 401,
    "permission_error": 403,
    "model_not_found": 404,
    "rate_limit_error": 429,
    "rate_limit_exceeded": 429,
    "insufficient_quota": 429,
    "overloaded": 503,
    "overloaded_error": 503,
    "slow_down": 503,
    "server_is_overloaded": 503,
}


class _Shape(msgspec.Struct):
    class Inner(msgspec.Struct):
        message: str

    error: Inner


_shape = msgspec.json.Decoder(_Shape)


def status_of(code: str) -> int:
    """The status that belongs to a code or type of an error that came without one."""
    if code.isdecimal() and 400 <= int(code) < 600:
        return int(code)
    return _STATUS_OF.get(code, 500)


def render(failure: Failure, request_id: str, when: str, code: str) -> bytes:
    """A whole error body. `when` is an RFC 3339 time, `code` the failure's or another word for it."""
    fallback = "invalid_request_error" if failure.status < 500 else "server_error"
    return msgspec.json.encode(
        {
            "error": {
                "message": failure.sentence,
                "type": _TYPE_OF.get(failure.status, fallback),
                "param": failure.param,
                "code": code,
                **told(failure, request_id, when),
            }
        }
    )


def event(body: bytes, before: bytes = b"") -> bytes:
    """An error body as the events that end a stream."""
    return b"data: " + one_line(body) + b"\n\ndata: [DONE]\n\n"


def is_own(body: bytes) -> bool:
    """Whether an upstream's error body has this wire's shape, so that it may be relayed as it is."""
    try:
        _shape.decode(body)
    except UNREADABLE:
        return False
    return True
