"""Errors inside a Responses stream; whole bodies are OpenAI's common ones (`openai_chat.error`)."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from trunkline.wire.openai_chat.error import is_own, render
from trunkline.wire.words import document

__all__ = ["event", "is_own", "render"]

_RETRYABLE_NAMES = {502: "server_error", 503: "server_is_overloaded", 504: "server_error"}

_NUMBER = re.compile(rb'"sequence_number"\s*:\s*(\d{1,9})')
"""Inside a text its quotes would be escaped."""


def event(body: bytes, before: bytes = b"") -> bytes:
    """An error body as the `response.failed` that ends a stream: its number is the next behind those in `before`.

    Codex reads `response.error.code`: `context_length_exceeded` and `insufficient_quota` make it act, anything
    unknown is tried again (source reading of 2026-09).
    """
    told = document(body).get("error")
    error: dict[str, Any] = told if isinstance(told, dict) else {}
    status, code = error.get("status_code"), error.get("code")
    named = _RETRYABLE_NAMES.get(status) if isinstance(status, int) else None
    numbers = _NUMBER.findall(before)
    failed = {
        "type": "response.failed",
        "sequence_number": int(numbers[-1]) + 1 if numbers else 0,
        "response": {
            "id": "resp_" + str(error.get("request_id", "")).replace("-", ""),
            "object": "response",
            "status": "failed",
            "error": {"code": named or str(code or "server_error"), "message": str(error.get("message") or "")},
            "incomplete_details": None,
            "output": [],
            "usage": None,
        },
    }
    return b"event: response.failed\ndata: " + msgspec.json.encode(failed) + b"\n\n"
