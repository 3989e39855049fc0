"""Errors inside a Responses stream; whole bodies are OpenAI's common ones (`openai_chat.error`)."""

from __future__ import annotations

import msgspec

from trunkline.wire.openai_chat.error import is_own, render

__all__ = ["event", "is_own", "render"]

_RETRYABLE_NAMES = {502: "server_error", 503: "server_is_overloaded", 504: "server_error"}


def event(body: bytes) -> bytes:
    """An error body as the `response.failed` that ends a stream.

    Codex reads `response.error.code`: `context_length_exceeded` and `insufficient_quota` make it act, anything
    unknown is tried again (source reading of 2026-09).
    """
    error = msgspec.json.decode(body)["error"]
    code = _RETRYABLE_NAMES.get(error.get("status_code", 0), error.get("code") or "server_error")
    failed = {
        "type": "response.failed",
        "sequence_number": 0,
        "response": {
            "id": "resp_" + str(error.get("request_id", "")).replace("-", ""),
            "object": "response",
            "status": "failed",
            "error": {"code": code, "message": error.get("message", "")},
            "incomplete_details": None,
            "output": [],
            "usage": None,
        },
    }
    return b"event: response.failed\ndata: " + msgspec.json.encode(failed) + b"\n\n"
