"""What travels inside a `thoughtSignature`: Gemini's own proof, another wire's, or whole thoughts that are not shown.

A client that did not ask for thoughts is shown none, as at Google's, and still plays them back: they ride on the next
part, as Google's own do. Official SDKs spell base64 anew in its URL-safe alphabet: both are read.
"""

from __future__ import annotations

import json
from typing import get_args

from trunkline.model.conversation import Thinking
from trunkline.model.wires import Wire
from trunkline.wire import marks

_THOUGHTS = "thoughts:"
_REDACTED = "redacted:"
_WIRES = get_args(Wire)
_STANDARD = str.maketrans("-_", "+/")

SKIP = "skip_thought_signature_validator"
"""What a call is sent with that has no signature, since another model made it. Source: ai.google.dev/gemini-api/docs/
thought-signatures (2026-11)."""


def shown(signature: str, origin: Wire | str, redacted: bool) -> str:
    """The signature of a thought part that is shown. Another wire's is sealed; without one there is none."""
    if not signature or marks.is_mark(signature):
        return signature
    if redacted:
        return marks.seal(origin or "gemini", _REDACTED + signature)
    return signature if origin in ("gemini", "") else marks.seal(origin, signature)


def sealed(thoughts: list[Thinking]) -> str:
    """Whole thoughts as a signature of the part that follows them."""
    told = [[one.text, one.signature, one.origin, one.redacted, one.id] for one in thoughts]
    return marks.seal("gemini", _THOUGHTS + json.dumps(told, ensure_ascii=True, separators=(",", ":")))


def opened(signature: str) -> tuple[list[Thinking], str]:
    """(thoughts that were sealed into it, what is left as Gemini's own) of the signature that a client sent back."""
    if not _is_ours(signature):
        return [], signature
    origin, inner = marks.unseal(signature.translate(_STANDARD))
    if inner.startswith(_THOUGHTS):
        return _told(inner.removeprefix(_THOUGHTS)), ""
    if origin is None:
        return [], ""
    redacted = inner.startswith(_REDACTED)
    return [Thinking("", inner.removeprefix(_REDACTED), origin, redacted)], ""


def _is_ours(signature: str) -> bool:
    return marks.is_mark(signature.translate(_STANDARD))


def _told(text: str) -> list[Thinking]:
    try:
        told = json.loads(text)
        return [
            Thinking(str(text), str(signature), origin if origin in _WIRES else "", bool(redacted), str(id_))
            for text, signature, origin, redacted, id_ in told
        ]
    except (ValueError, TypeError, RecursionError):
        # A client may send anything back; thoughts that cannot be read are thoughts that are not there.
        return []
