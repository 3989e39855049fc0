"""Reasoning in an answer: `reasoning_content`, `reasoning` or `reasoning_details`, and the signatures of the last.

The first member of the three that ever holds words is the one that is read: servers mirror them. A detail that is
signed or encrypted closes its block; what it holds besides the words travels as the block's signature, since only the
server that made it (OpenRouter, or another Trunkline) understands it. Source: openrouter.ai/docs (reasoning tokens,
2026-11).
"""

from __future__ import annotations

import json
from typing import Any

import msgspec

from trunkline.model.events import BlockStop, Event, SignatureDelta, ThinkingStart
from trunkline.model.wires import Wire
from trunkline.wire import marks
from trunkline.wire.openai_chat.chunk import Delta
from trunkline.wire.sequence import Sequence

WORDS = ("text", "summary")


class Reasoning:
    """The reasoning of one answer."""

    def __init__(self, sequence: Sequence) -> None:
        self._sequence = sequence
        self._from = ""
        self._late: list[tuple[Wire, str]] = []

    @staticmethod
    def comes(delta: Delta) -> bool:
        """Whether a delta has any."""
        return bool(delta.reasoning_content or delta.reasoning or delta.reasoning_details)

    def take(self, delta: Delta) -> list[Event]:
        """The thinking of a delta that has some."""
        details = [each for each in as_list(delta.reasoning_details) if isinstance(each, dict)]
        self._from = self._from or _first(delta, details)
        out: list[Event] = []
        if self._from != "reasoning_details":
            out += self._sequence.thinking(_string(getattr(delta, self._from, None)))
        for detail in details:
            if self._from == "reasoning_details":
                out += self._sequence.thinking(words(detail))
            origin, signature = proof(detail)
            if signature and self._sequence.called:
                # A block of its own may not stand inside a call that is still arriving.
                self._late.append((origin, signature))
            else:
                out += _opened(self._sequence.signature(signature, origin), detail)
        return out

    def late(self) -> list[Event]:
        """Signatures that came among calls."""
        out: list[Event] = []
        for origin, signature in self._late:
            out += [ThinkingStart(), SignatureDelta(signature, origin), BlockStop()]
        return out


def _opened(events: list[Event], detail: dict[str, Any]) -> list[Event]:
    """A block that a detail alone made, as what it was: redacted where it holds no words, with its item's id."""
    told = detail.get("id")
    start = ThinkingStart(
        redacted=detail.get("type") == "reasoning.encrypted", id=told if isinstance(told, str) else ""
    )
    return [start if isinstance(event, ThinkingStart) else event for event in events]


def _first(delta: Delta, details: list[dict[str, Any]]) -> str:
    """The member to read from now on; empty while none says anything. Details that prove their words come first."""
    if any(words(each) and proof(each)[1] for each in details):
        return "reasoning_details"
    for name in ("reasoning_content", "reasoning"):
        if _string(getattr(delta, name)):
            return name
    return "reasoning_details" if any(words(each) for each in details) else ""


def words(detail: dict[str, Any]) -> str:
    """What a detail says in words."""
    return "".join(_string(detail.get(name)) for name in WORDS)


def proof(detail: dict[str, Any]) -> tuple[Wire, str]:
    """(origin, signature) of a detail; an empty signature where it has none."""
    sealed = detail.get("signature") or detail.get("data")
    if not isinstance(sealed, str) or not sealed:
        return "openai_chat", ""
    if marks.is_mark(sealed):
        origin, signature = marks.unseal(sealed)
        return origin or "openai_chat", signature
    kept = {name: value for name, value in detail.items() if name not in WORDS}
    return "openai_chat", json.dumps(kept, separators=(",", ":"))


def detail_of(text: str, signature: str, origin: Wire | str, index: int, *, redacted: bool = False) -> dict[str, Any]:
    """A block of thinking as the detail that stands for it: as it came from this wire, sealed from any other."""
    if origin == "openai_chat":
        kept = _kept(signature)
        if kept is not None:
            kept.setdefault("index", index)
            if text:
                kept["summary" if kept.get("type") == "reasoning.summary" else "text"] = text
            return kept
    mark = marks.seal(origin, signature)
    if redacted:
        return {"type": "reasoning.encrypted", "data": mark, "index": index}
    return {"type": "reasoning.text", "text": text, "signature": mark, "index": index}


def _kept(signature: str) -> dict[str, Any] | None:
    """What `proof` kept of a detail; None when it is anything else."""
    try:
        kept = msgspec.json.decode(signature)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return None
    return kept if isinstance(kept, dict) else None


def as_list(value: Any) -> list[Any]:
    """A member that should be a list."""
    return value if isinstance(value, list) else []


def _string(value: Any) -> str:
    return value if isinstance(value, str) else ""
