"""Signatures of thinking as this wire's clients keep them: Claude's own, or a mark around what is not Claude's.

A client of this wire sends thinking back only with a signature, and it has no place for the signature of a call
(Gemini's): that one travels in a block of empty thinking just before the call.
"""

from __future__ import annotations

from trunkline.model.conversation import Part, Thinking, ToolCall
from trunkline.model.wires import Wire
from trunkline.wire import marks

_CALL = "call:"
_ITEM = "\x1f"
"""Between an item's id and its signature: Responses joins its reasoning by both."""


def shown(origin: Wire | str, signature: str, item: str = "") -> str:
    """What stands in `signature` for a client: never empty."""
    if origin == "anthropic" and signature:
        return signature
    if not signature:
        return marks.seal("")
    return marks.seal(origin, f"{item}{_ITEM}{signature}" if item else signature)


def of_call(signature: str, origin: Wire = "gemini") -> str:
    """The mark that stands before a call which is signed itself."""
    return marks.seal(origin, _CALL + signature)


def thinking(text: str, signature: str) -> Thinking:
    """Thinking as a client sends it back."""
    if not signature:
        return Thinking(text)
    if not marks.is_mark(signature):
        return Thinking(text, signature, "anthropic")
    origin, inner = marks.unseal(signature)
    if origin is None:
        return Thinking(text)
    item, found, rest = inner.partition(_ITEM)
    return Thinking(text, rest, origin, id=item) if found else Thinking(text, inner, origin)


def give_calls_theirs(parts: list[Part]) -> list[Part]:
    """Signatures of calls out of the thinking before them, back into the calls."""
    out: list[Part] = []
    waiting = ""
    for part in parts:
        if isinstance(part, Thinking) and not part.text and part.signature.startswith(_CALL):
            waiting = part.signature.removeprefix(_CALL)
            continue
        if waiting and isinstance(part, ToolCall):
            part.signature, waiting = waiting, ""
        out.append(part)
    return out
