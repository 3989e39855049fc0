"""What an error body says, in any of the shapes that providers use."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from trunkline.errors import ProviderGarbage
from trunkline.wire.raw import UNREADABLE

_BRACKETED = re.compile(r"^\[(\d{3,4})\]")
"""Z.AI repeats its code at the beginning of the message: `[1310][…]`."""


def document(body: bytes) -> dict[str, Any]:
    """A JSON object, where stray bytes that are no UTF-8 are replaced; empty when it is none."""
    try:
        value: Any = msgspec.json.decode(body)
    except UnicodeDecodeError:
        return document(body.decode(errors="replace").encode())
    except UNREADABLE:
        return {}
    return value if isinstance(value, dict) else {}


def words(body: bytes) -> tuple[str, str]:
    """(message, code) of an error body in any of the shapes that providers use; empty where there is none."""
    told = document(body)
    error = told.get("error", told)
    if isinstance(error, str):
        return error[:500], ""
    if not isinstance(error, dict):
        return "", ""
    message = str(error.get("message") or error.get("detail") or error.get("msg") or "")[:500]
    bracketed = _BRACKETED.match(message)
    if bracketed:
        return message, bracketed[1]
    code = error.get("code")
    if isinstance(code, int) and isinstance(error.get("status"), str):
        # Google's number repeats the status; the word beside it says more.
        code = error["status"]
    return message, str(code or error.get("type") or "")[:60]


def one_line(body: bytes) -> bytes:
    """A JSON body on one line, as it must be inside a stream; spelling and order of members stay."""
    return msgspec.json.format(body, indent=-1) if b"\n" in body or b"\r" in body else body


def no_answer(body: bytes, what: str, why: object = "") -> ProviderGarbage:
    """The failure for a body that came with status 200 and is no answer: with the error inside, where it has one."""
    said, code = words(body)
    if said:
        inner = f"{said} ({code})" if code else said
        garbage = ProviderGarbage(f"The provider answered 200 with an error inside: {inner}")
        garbage.inner = (said, code)
        return garbage
    return ProviderGarbage(f"The provider answered 200, but not with {what}{f': {why}' if why else ''}.")
