"""Requests that ask for no answer: without a message (or a prompt) Ollama only loads a model, or unloads it.

`ollama run` and editors do that to warm a model up. Where the model lives elsewhere there is nothing to load, so the
gateway says that it is done. Source: ollama/ollama server/routes.go (2026-08).
"""

from __future__ import annotations

from typing import Any

import msgspec

from trunkline.wire.ollama.encode import moment


def only_loads(body: dict[str, Any], *, generate: bool) -> bool:
    """Whether a request of `/api/chat`, or of `/api/generate`, asks for nothing to be said."""
    if generate:
        return not (body.get("prompt") or body.get("images") or body.get("suffix"))
    return not body.get("messages")


def loaded(body: dict[str, Any], *, generate: bool, model: str, created: int) -> bytes:
    """The answer to that: one JSON object, which is also the only line of a stream."""
    said: dict[str, Any] = {"response": ""} if generate else {"message": {"role": "assistant", "content": ""}}
    unload = body.get("keep_alive") in (0, "0", "0s") and body.get("keep_alive") is not False
    end = {"done": True, "done_reason": "unload" if unload else "load"}
    return msgspec.json.encode({"model": model, "created_at": moment(created), **said, **end}) + b"\n"
