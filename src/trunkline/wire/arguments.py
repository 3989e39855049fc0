"""The arguments of a tool call: JSON text in some wires, an object in others."""

from __future__ import annotations

import json
from typing import Any

import msgspec

_encode = msgspec.json.Encoder().encode


def as_object(text: str) -> dict[str, Any]:
    """Arguments as an object: nothing is `{}`, another JSON value is `{"value": …}`, broken JSON is `{"_raw": …}`.

    Never raises: a model may write anything, and the turn it stands in must be replayable.
    """
    if not text.strip():
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return {"_raw": text}
    return value if isinstance(value, dict) else {"value": value}


def as_text(value: Any) -> str:
    """Arguments as JSON text: a string that is JSON already stays as it is."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    try:
        return _encode(value).decode()
    except UnicodeEncodeError:
        # Half of a surrogate pair: a string of Python can hold it, and JSON spell it.
        return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
