"""The blocks of an answer as they arrive, put into the order and the form of the grammar.

Anthropic stops a block before it starts the next; clones may not, and what they leave open is put in order.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from trunkline.errors import ProviderGarbage
from trunkline.model.events import BlockStop, Event, Other, SignatureDelta, ThinkingStart, ToolStart
from trunkline.wire.arguments import as_object, as_text
from trunkline.wire.ids import Ids
from trunkline.wire.sequence import Sequence

Json = dict[str, Any]


@dataclass(slots=True)
class _Open:
    """A block that has begun to arrive. `raw` is kept of those that only this wire understands."""

    kind: str
    raw: Json
    signature: str = ""
    input: list[str] = field(default_factory=list)
    told: bool = False


class Blocks:
    """The blocks of one answer. `seed` makes ids where the provider gives none; `signs`: signatures mean something."""

    def __init__(self, seed: str, *, signs: bool) -> None:
        self._sequence = Sequence(Ids(seed))
        self._signs = signs
        self._open: dict[int, _Open] = {}

    @property
    def called(self) -> bool:
        """Whether any tool of the client's was called."""
        return self._sequence.called

    def start(self, index: int, raw: Json, *, whole: bool = False) -> list[Event]:
        """A block begins. `whole`: nothing more of it will come."""
        out = self.stop(index) if index in self._open else []
        kind = _kind(raw)
        block = self._open[index] = _Open(kind, raw)
        match kind:
            case "text":
                out += self._sequence.text(_said(raw, "text"))
            case "thinking":
                block.signature = _said(raw, "signature")
                out += self._sequence.thinking(_said(raw, "thinking"))
            case "redacted_thinking":
                block.signature = _said(raw, "data")
            case "tool_use":
                start = ToolStart(_said(raw, "id"), _said(raw, "name"))
                if not start.name:
                    raise ProviderGarbage("The provider called a tool without saying which.")
                given = raw.get("input")
                block.input = [as_text(given)] if given not in (None, {}, "") else []
                # Kept back while deltas may follow: some clones send the input twice, here and there.
                out += self._sequence.call(index, start, "".join(block.input) if whole else "")
                block.told = whole
        return out

    def delta(self, index: int, delta: Json) -> list[Event]:
        """More of a block; one that never started begins with it."""
        kind = str(delta.get("type"))
        block = self._open.get(index)
        if block is None:
            words = {"text_delta": "text", "thinking_delta": "thinking", "signature_delta": "thinking"}.get(kind)
            if words is None:
                return []
            block = self._open[index] = _Open(words, {})
        match kind:
            case "text_delta":
                return self._sequence.text(_said(delta, "text"))
            case "thinking_delta":
                return self._sequence.thinking(_said(delta, "thinking"))
            case "signature_delta":
                block.signature = _said(delta, "signature") or block.signature
            case "input_json_delta":
                text = _said(delta, "partial_json")
                if block.kind == "tool_use" and text:
                    block.told = True
                    return self._sequence.call(index, None, text)
                block.input.append(text)
        return []

    def stop(self, index: int) -> list[Event]:
        """A block ends, and with the last of the open ones all that waited."""
        block = self._open.pop(index, None)
        if block is None:
            return []
        match block.kind:
            case "text":
                out: list[Event] = []
            case "thinking":
                out = self._sequence.signature(block.signature, "anthropic") if self._signs else []
            case "redacted_thinking":
                out = self._redacted(block.signature)
            case "tool_use":
                whole = not block.told and block.input
                out = self._sequence.call(index, None, "".join(block.input)) if whole else []
            case "":
                # Nobody's clients could place it.
                out = []
            case _:
                out = [*self._sequence.end(), Other("anthropic", _whole(block))]
        return out if self._open else out + self._sequence.end()

    def end(self) -> list[Event]:
        """Nothing more comes."""
        out: list[Event] = []
        for index in sorted(self._open):
            out += self.stop(index)
        return out + self._sequence.end()

    def _redacted(self, data: str) -> list[Event]:
        if not data or not self._signs:
            return []
        return [
            *self._sequence.end(),
            ThinkingStart(redacted=True),
            SignatureDelta(data, "anthropic"),
            BlockStop(),
        ]


def _kind(raw: Json) -> str:
    """A block's type; of one that tells none, what its members say it is, or nothing."""
    kind = raw.get("type")
    if isinstance(kind, str) and kind:
        return kind
    return next((name for name in ("text", "thinking") if isinstance(raw.get(name), str)), "")


def _whole(block: _Open) -> Json:
    """A block of the vendor's own with what its deltas brought."""
    text = "".join(block.input)
    return {**block.raw, "input": as_object(text)} if text else block.raw


def _said(raw: Json, name: str) -> str:
    value = raw.get(name)
    return value if isinstance(value, str) else ""
