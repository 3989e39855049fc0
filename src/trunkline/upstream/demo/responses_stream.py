"""A finished response as the Responses wire's events, numbered from 0. Pure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from trunkline.upstream.demo.said import Pieces, event
from trunkline.upstream.demo.text import fragments, words

Emit = Callable[..., bytes]
Item = dict[str, Any]


def stream(done: dict[str, Any]) -> Pieces:
    """Every event from `response.created` to `response.completed` (or `.incomplete`)."""
    pieces = Pieces()
    count = iter(range(1_000_000))

    def emit(kind: str, **members: Any) -> bytes:
        return event({"type": kind, "sequence_number": next(count), **members})

    opening = {
        **done,
        "status": "in_progress",
        "incomplete_details": None,
        "output": [],
        "usage": None,
        "completed_at": None,
    }
    pieces.add(emit("response.created", response=opening))
    pieces.add(emit("response.in_progress", response=opening))
    for index, item in enumerate(done["output"]):
        _item(pieces, emit, index, item)
    pieces.add(emit(f"response.{done['status']}", response=done))
    return pieces


def _item(pieces: Pieces, emit: Emit, index: int, item: Item) -> None:
    where = {"item_id": item["id"], "output_index": index}
    begun, inside = _KINDS[item["type"]]
    pieces.add(emit("response.output_item.added", output_index=index, item={**item, **begun}))
    inside(pieces, emit, item, where)
    pieces.add(emit("response.output_item.done", output_index=index, item=item))


def _reasoning(pieces: Pieces, emit: Emit, item: Item, where: Item) -> None:
    part = item["summary"][0]
    here = {**where, "summary_index": 0}
    pieces.add(emit("response.reasoning_summary_part.added", **here, part={**part, "text": ""}))
    for word in words(part["text"]):
        pieces.word(emit("response.reasoning_summary_text.delta", **here, delta=word))
    pieces.add(emit("response.reasoning_summary_text.done", **here, text=part["text"]))
    pieces.add(emit("response.reasoning_summary_part.done", **here, part=part))


def _message(pieces: Pieces, emit: Emit, item: Item, where: Item) -> None:
    part = item["content"][0]
    here = {**where, "content_index": 0}
    pieces.add(emit("response.content_part.added", **here, part={**part, "text": ""}))
    for word in words(part["text"]):
        pieces.word(emit("response.output_text.delta", **here, delta=word, logprobs=[]))
    pieces.add(emit("response.output_text.done", **here, text=part["text"], logprobs=[]))
    pieces.add(emit("response.content_part.done", **here, part=part))


def _function(pieces: Pieces, emit: Emit, item: Item, where: Item) -> None:
    for fragment in fragments(item["arguments"]):
        pieces.word(emit("response.function_call_arguments.delta", **where, delta=fragment))
    whole = {"name": item["name"], "arguments": item["arguments"]}
    pieces.add(emit("response.function_call_arguments.done", **where, **whole))


def _custom(pieces: Pieces, emit: Emit, item: Item, where: Item) -> None:
    for fragment in fragments(item["input"]):
        pieces.word(emit("response.custom_tool_call_input.delta", **where, delta=fragment))
    pieces.add(emit("response.custom_tool_call_input.done", **where, input=item["input"]))


_KINDS: dict[str, tuple[Item, Callable[[Pieces, Emit, Item, Item], None]]] = {
    "reasoning": ({"summary": []}, _reasoning),
    "message": ({"content": [], "status": "in_progress"}, _message),
    "function_call": ({"arguments": "", "status": "in_progress"}, _function),
    "custom_tool_call": ({"input": "", "status": "in_progress"}, _custom),
}
"""For each kind of item: what differs while it is being said, and how its inside is said."""
