"""Takes blocks that carry our own mark out of a request: they are another provider's, and this one would refuse them.

A conversation that began at a provider whose thinking nobody signs, or whose signature only it understands, may go on
at one that checks signatures. Only then is `messages` or `input` written anew, and only the marked blocks go.
"""

from __future__ import annotations

from typing import Any

from trunkline.model.wires import Operation
from trunkline.wire.body import Body
from trunkline.wire.marks import PREFIX, is_mark

_MARK = PREFIX.encode()


def unmarked(body: Body, operation: Operation) -> tuple[str, Any] | None:
    """(member, its value without marked blocks); None where there is nothing to take out."""
    if _MARK not in body.raw:
        return None
    if operation == "messages":
        messages = body.get("messages")
        if isinstance(messages, list):
            kept = [_turn(turn) for turn in messages]
            return ("messages", kept) if any(a is not b for a, b in zip(kept, messages, strict=True)) else None
    if operation == "responses":
        items = body.get("input")
        if isinstance(items, list):
            kept = [item for item in items if not _is_marked(item, "encrypted_content")]
            return ("input", kept) if len(kept) < len(items) else None
    return None


def _turn(turn: Any) -> Any:
    """A message without its marked thinking. One that would be empty keeps a blank of text: turns must alternate."""
    if not isinstance(turn, dict) or not isinstance(turn.get("content"), list):
        return turn
    kept = [block for block in turn["content"] if not _is_marked(block, "signature")]
    if len(kept) == len(turn["content"]):
        return turn
    return {**turn, "content": kept or [{"type": "text", "text": "(thinking)"}]}


def _is_marked(block: Any, member: str) -> bool:
    if not isinstance(block, dict) or block.get("type") not in ("thinking", "reasoning"):
        return False
    mark = block.get(member)
    return isinstance(mark, str) and is_mark(mark)
