"""What a stream of events says, folded so that two can be compared; and what of it a wire can carry.

`carried` is applied to both sides of a comparison: it takes away what the wire has no words for and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from trunkline.model.events import (
    ArgumentsDelta,
    Event,
    Other,
    RefusalStart,
    SignatureDelta,
    Stop,
    StopReason,
    TextDelta,
    TextStart,
    ThinkingDelta,
    ThinkingStart,
    ToolStart,
)
from trunkline.model.usage import Usage
from trunkline.model.wires import Wire
from trunkline.wire import marks
from trunkline.wire.arguments import as_object


@dataclass(slots=True)
class Block:
    """One block. `value` is a call's arguments (an object, or the text of a custom call) or another's raw form."""

    kind: str
    text: str = ""
    signature: str = ""
    origin: str = ""
    id: str = ""
    name: str = ""
    custom: bool = False
    value: Any = None


@dataclass(slots=True)
class Folded:
    """A whole answer."""

    blocks: list[Block] = field(default_factory=list)
    reason: StopReason = "end"
    sequence: str = ""
    usage: Usage = field(default_factory=Usage)

    def texts(self, kind: str) -> str:
        """All that was said in blocks of a kind."""
        return "".join(block.text for block in self.blocks if block.kind == kind)

    @property
    def calls(self) -> list[Block]:
        """The calls."""
        return [block for block in self.blocks if block.kind == "call"]


def fold(events: Iterable[Event]) -> Folded:
    """A grammatical stream, folded."""
    out = Folded()
    for event in events:
        match event:
            case TextStart():
                out.blocks.append(Block("text"))
            case RefusalStart():
                out.blocks.append(Block("refusal"))
            case ThinkingStart(redacted=redacted):
                out.blocks.append(Block("redacted" if redacted else "thinking"))
            case ToolStart(id=told, name=name, custom=custom):
                out.blocks.append(Block("call", id=told, name=name, custom=custom))
            case TextDelta(text=text) | ThinkingDelta(text=text) | ArgumentsDelta(text=text):
                out.blocks[-1].text += text
            case SignatureDelta(signature=signature, origin=signer):
                out.blocks[-1].signature += signature
                out.blocks[-1].origin = signer
            case Other(wire=wire, raw=raw):
                out.blocks.append(Block("other", origin=wire, value=raw))
            case Stop(reason=reason, sequence=sequence, usage=usage):
                out.reason, out.sequence, out.usage = reason, sequence, usage
    for block in out.blocks:
        if block.kind == "call":
            block.value = block.text if block.custom else as_object(block.text)
            block.text = ""
        if marks.is_mark(block.signature):
            sealed, block.signature = marks.unseal(block.signature)
            block.origin = sealed or ""
        if not block.signature:
            block.origin = ""
    return out


_SPEAKS_REFUSAL = ("openai_chat", "openai_responses")
_SIGNS = ("anthropic", "openai_responses")
_REASONS: dict[Wire, dict[StopReason, StopReason]] = {
    "anthropic": {},
    "openai_chat": {"stop": "end", "window": "limit", "pause": "end"},
    "openai_responses": {"stop": "end", "window": "limit", "pause": "end"},
    "ollama": {"stop": "end", "window": "limit", "pause": "end", "refusal": "end"},
    "gemini": {"stop": "end", "window": "limit", "pause": "end"},
}


def carried(wire: Wire, told: Folded, *, whole: bool = False) -> Folded:
    """What of an answer a wire can carry. `whole`: in one piece, which has less order than a stream in some wires."""
    blocks = [_block(wire, replace(block)) for block in told.blocks]
    blocks = [block for block in blocks if _there(wire, block)]
    if wire == "openai_chat" or (wire == "ollama" and whole):
        blocks = _in_chat_order(blocks)
    if wire != "anthropic":
        blocks = _merged(blocks)
    reason = _REASONS[wire].get(told.reason, told.reason)
    if any(block.kind == "refusal" for block in blocks) and reason == "end":
        reason = "refusal"
    if wire in ("ollama", "gemini") and any(block.kind == "call" for block in blocks) and reason == "end":
        reason = "tool"
    return Folded(blocks, reason, told.sequence if wire == "anthropic" else "", _usage(wire, told.usage))


def _block(wire: Wire, block: Block) -> Block:
    if block.kind == "refusal" and wire not in _SPEAKS_REFUSAL:
        block.kind = "text"
    if wire == "anthropic" and block.kind == "call" and {"_raw", "_incomplete"} & set(block.value):
        block.value = "broken, and mended in its own way"
    if wire not in _SIGNS:
        block.signature = block.origin = ""
    return block


def _there(wire: Wire, block: Block) -> bool:
    match block.kind:
        case "text" | "refusal":
            return bool(block.text)
        case "thinking":
            return bool(block.text or block.signature)
        case "redacted":
            return wire in _SIGNS and bool(block.signature) and block.origin == wire
        case "other":
            return block.origin == wire
    return True


def _in_chat_order(blocks: list[Block]) -> list[Block]:
    order = {"thinking": 0, "text": 1, "refusal": 2}
    return sorted(blocks, key=lambda block: order.get(block.kind, 3))


def _merged(blocks: list[Block]) -> list[Block]:
    out: list[Block] = []
    for block in blocks:
        last = out[-1] if out else None
        if last and last.kind == block.kind and block.kind in ("text", "refusal", "thinking") and not last.signature:
            last.text += block.text
            last.signature, last.origin = block.signature, block.origin
        else:
            out.append(block)
    return out


def _usage(wire: Wire, usage: Usage) -> Usage:
    match wire:
        case "anthropic":
            return usage
        case "openai_chat" | "openai_responses":
            written = usage.cache_write + usage.cache_write_1h
            return Usage(usage.input, usage.cache_read, written, 0, usage.output, usage.reasoning)
        case "ollama":
            return Usage(usage.prompt, output=usage.output)
        case "gemini":
            rest = usage.prompt - usage.cache_read
            return Usage(rest, usage.cache_read, output=usage.output, reasoning=usage.reasoning)
