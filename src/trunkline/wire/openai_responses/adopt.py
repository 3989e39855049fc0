"""Takes over a Responses stream that a provider began: its response, its numbers, its items done and open.

Only a message can be gone on with. An open reasoning item is closed by the bridge, as its provider would have.
"""

from __future__ import annotations

from typing import Any

import msgspec

from trunkline.model.events import BlockStop, RefusalStart, TextStart
from trunkline.wire.adopted import Adopted
from trunkline.wire.codec import Answering
from trunkline.wire.framing import events
from trunkline.wire.openai_responses.decode import ResponsesDecoder
from trunkline.wire.openai_responses.encode import ResponsesEncoder
from trunkline.wire.openai_responses.frames import Frames
from trunkline.wire.openai_responses.members import CALLS
from trunkline.wire.openai_responses.output import Message
from trunkline.wire.openai_responses.proof import shown

Json = dict[str, Any]

_PART_OF = {"response.reasoning_summary_text": "summary", "response.reasoning_text": "content"}


class _Sent:
    """What the client has: the response as it began, items that are done, and of the open one its parts."""

    def __init__(self) -> None:
        self.response: Json = {}
        self.next = 0
        self.done: list[Json] = []
        self.item: Json | None = None
        self.parts: dict[str, list[Json]] = {"content": [], "summary": []}
        self.place = ""
        self.text = ""
        self.told = False
        """The open part's text was told whole; what lacks is the end of the part."""
        self.called = False

    def take(self, event: Json) -> None:
        """The next event."""
        kind = str(event.get("type"))
        if isinstance(event.get("sequence_number"), int):
            self.next = event["sequence_number"] + 1
        start, _, what = kind.rpartition(".")
        if kind == "response.created":
            self.response = event["response"]
        elif kind == "response.output_item.added":
            self.item = event["item"]
            self.parts, self.place = {"content": [], "summary": []}, ""
            self.called = self.called or self.item.get("type") in CALLS
        elif kind == "response.output_item.done":
            self.called = self.called or event["item"].get("type") in CALLS
            self.done.append(event["item"])
            self.item = None
        elif start in ("response.content_part", "response.reasoning_summary_part"):
            self._part("content" if start == "response.content_part" else "summary", what, event["part"])
        elif start in ("response.output_text", "response.refusal", *_PART_OF) and what in ("delta", "done"):
            self._words(_PART_OF.get(start, "content"), what, event)

    def _part(self, place: str, what: str, part: Json) -> None:
        if what == "added":
            self.place, self.text, self.told = place, "", False
        elif what == "done":
            self.parts[place].append(part)
            self.place = ""

    def _words(self, place: str, what: str, event: Json) -> None:
        if not self.place:
            self.place, self.text, self.told = place, "", False
        if what == "delta":
            self.text += event.get("delta") or ""
            return
        self.told = True
        if event["type"] == "response.reasoning_text.done":
            # Its part has no events of its own.
            self._part(place, "done", {"type": "reasoning_text", "text": self.text})


def adopt(sent: bytes, answering: Answering) -> Adopted | None:
    """None where an item is open that only its provider could end. Raises a `Failure` for what is no stream."""
    decoded = ResponsesDecoder().feed(sent)
    state = _Sent()
    for _raw, _name, data in events(sent):
        if data:
            state.take(msgspec.json.decode(data))
    frames = Frames(state.next)
    message, bridge = None, b""
    kind = "" if state.item is None else state.item.get("type")
    if kind == "message":
        message, bridge = _message(frames, state)
    elif kind == "reasoning":
        bridge = _reasoned(frames, state)
    elif kind and kind not in CALLS:
        return None
    said = sum(len(text) for event in decoded if (text := getattr(event, "text", "")))
    encoder = ResponsesEncoder(answering)
    encoder.adopt(state.response, frames, state.done, message, said)
    blocks = [event for event in decoded if isinstance(event, TextStart | RefusalStart | BlockStop)]
    if blocks and not isinstance(blocks[-1], BlockStop) and not (message is not None and state.place):
        decoded.append(BlockStop())
    return Adopted(encoder, decoded, bridge, state.called)


def _message(frames: Frames, state: _Sent) -> tuple[Message, bytes]:
    """The open message. A part that was told whole is ended here."""
    assert state.item is not None
    message = Message(frames, len(state.done), str(state.item.get("id")))
    message.item = {**state.item, "content": state.parts["content"]}
    bridge = b""
    if state.place:
        message.resume(state.text)
        if state.told:
            bridge = message.part_end()
            state.place = ""
    return message, bridge


def _reasoned(frames: Frames, state: _Sent) -> bytes:
    """The end of the open reasoning: of its part, where one is open, and of the item."""
    item = state.item
    assert item is not None
    out = b""
    where: Json = {"item_id": item.get("id"), "output_index": len(state.done)}
    if state.place == "summary":
        at = len(state.parts["summary"])
        part = {"type": "summary_text", "text": state.text}
        if not state.told:
            out += frames.event("reasoning_summary_text.done", **where, summary_index=at, text=state.text)
        out += frames.event("reasoning_summary_part.done", **where, summary_index=at, part=part)
        state.parts["summary"].append(part)
    elif state.place:
        at = len(state.parts["content"])
        out += frames.event("reasoning_text.done", **where, content_index=at, text=state.text)
        state.parts["content"].append({"type": "reasoning_text", "text": state.text})
    whole = {**item, "summary": state.parts["summary"], "encrypted_content": shown("", "", redacted=False)}
    if state.parts["content"]:
        whole["content"] = state.parts["content"]
    if "status" in whole:
        whole["status"] = "completed"
    state.done.append(whole)
    return out + frames.event("output_item.done", output_index=where["output_index"], item=whole)
