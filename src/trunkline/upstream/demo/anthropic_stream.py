"""A finished Anthropic message as the Messages wire's events. Pure."""

from __future__ import annotations

from typing import Any

from trunkline.upstream.demo.said import Pieces, dump, event
from trunkline.upstream.demo.text import fragments, words

_EMPTY: dict[str, dict[str, Any]] = {
    "text": {"text": ""},
    "thinking": {"thinking": "", "signature": ""},
    "tool_use": {"input": {}},
}
"""What a block's start holds in place of what its deltas bring."""


def stream(message: dict[str, Any]) -> Pieces:
    """The message as its events. Tool input is sent in fragments, as the real wire does."""
    pieces = Pieces()
    begun = {**message["usage"], "output_tokens": min(1, message["usage"]["output_tokens"])}
    opening = {**message, "content": [], "stop_reason": None, "stop_sequence": None, "usage": begun}
    pieces.add(event({"type": "message_start", "message": opening}))
    for index, block in enumerate(message["content"]):
        _block(pieces, index, block)
    ending = {"stop_reason": message["stop_reason"], "stop_sequence": message["stop_sequence"]}
    pieces.add(event({"type": "message_delta", "delta": ending, "usage": message["usage"]}))
    pieces.add(event({"type": "message_stop"}))
    return pieces


def _block(pieces: Pieces, index: int, block: dict[str, Any]) -> None:
    def delta(kind: str, name: str, value: str) -> bytes:
        return event({"type": "content_block_delta", "index": index, "delta": {"type": kind, name: value}})

    kind = block["type"]
    pieces.add(event({"type": "content_block_start", "index": index, "content_block": {**block, **_EMPTY[kind]}}))
    if kind == "tool_use":
        for fragment in fragments(dump(block["input"]).decode()):
            pieces.word(delta("input_json_delta", "partial_json", fragment))
    else:
        for word in words(block[kind]):
            pieces.word(delta(f"{kind}_delta", kind, word))
    if kind == "thinking":
        pieces.add(delta("signature_delta", "signature", block["signature"]))
    pieces.add(event({"type": "content_block_stop", "index": index}))
