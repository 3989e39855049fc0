"""The items of an answer as they are written for a client: each is added, filled and done, and kept whole.

Source: developers.openai.com, streaming events of Responses, and SDK 3.52.0 (2026-11).
"""

from __future__ import annotations

from typing import Any

from trunkline.model.events import ToolStart
from trunkline.wire.openai_responses import proof
from trunkline.wire.openai_responses.frames import Frames

Json = dict[str, Any]


class Item:
    """One item, open. `close` gives its end; `item` is then the whole of it."""

    def __init__(self, frames: Frames, index: int, item: Json) -> None:
        self._frames = frames
        self._index = index
        self.item = item

    def event(self, name: str, **members: Any) -> bytes:
        """An event of this item."""
        return self._frames.event(name, item_id=self.item["id"], output_index=self._index, **members)

    def added(self) -> bytes:
        """Its beginning."""
        return self._frames.event("output_item.added", output_index=self._index, item=self.item)

    def close(self, status: str) -> bytes:
        """Its end."""
        if "status" in self.item:
            self.item["status"] = status
        return self._frames.event("output_item.done", output_index=self._index, item=self.item)


class Message(Item):
    """What the model says: parts of text and of refusal."""

    def __init__(self, frames: Frames, index: int, ident: str) -> None:
        item = {"type": "message", "id": ident, "role": "assistant", "status": "in_progress", "content": []}
        super().__init__(frames, index, item)
        self._said: list[str] = []
        self._refuses = False

    def part(self, *, refuses: bool) -> bytes:
        """A part begins."""
        self._said, self._refuses = [], refuses
        return self.event("content_part.added", content_index=len(self.item["content"]), part=self._part(""))

    def delta(self, text: str) -> bytes:
        """More of the part."""
        self._said.append(text)
        at = len(self.item["content"])
        if self._refuses:
            return self.event("refusal.delta", content_index=at, delta=text)
        return self.event("output_text.delta", content_index=at, delta=text, logprobs=[])

    def part_done(self) -> bytes:
        """The part ends."""
        text, at = "".join(self._said), len(self.item["content"])
        if self._refuses:
            out = self.event("refusal.done", content_index=at, refusal=text)
        else:
            out = self.event("output_text.done", content_index=at, text=text, logprobs=[])
        return out + self.part_end()

    def part_end(self) -> bytes:
        """The end of the part, once its text was told whole."""
        part = self._part("".join(self._said))
        out = self.event("content_part.done", content_index=len(self.item["content"]), part=part)
        self.item["content"].append(part)
        return out

    def resume(self, text: str) -> None:
        """A part is open that holds this already."""
        self._said, self._refuses = [text], False

    def _part(self, text: str) -> Json:
        if self._refuses:
            return {"type": "refusal", "refusal": text}
        return {"type": "output_text", "text": text, "annotations": [], "logprobs": []}


class Reasoning(Item):
    """What the model thinks: one part of summary, and what proves it."""

    def __init__(self, frames: Frames, index: int, ident: str, *, redacted: bool) -> None:
        super().__init__(frames, index, {"type": "reasoning", "id": ident, "summary": []})
        self._redacted = redacted
        self._said: list[str] = []
        self._proof: list[str] = []
        self._origin = ""

    def delta(self, text: str) -> bytes:
        """More thinking."""
        out = b""
        if not self._said:
            out = self.event("reasoning_summary_part.added", summary_index=0, part=_summary(""))
        self._said.append(text)
        return out + self.event("reasoning_summary_text.delta", summary_index=0, delta=text)

    def sign(self, signature: str, origin: str) -> None:
        """A piece of the proof."""
        self._proof.append(signature)
        self._origin = origin

    def filled(self) -> bytes:
        """The thinking ends."""
        shown = proof.shown("".join(self._proof), self._origin, redacted=self._redacted)
        out = b""
        if self._said:
            part = _summary("".join(self._said))
            out += self.event("reasoning_summary_text.done", summary_index=0, text=part["text"])
            out += self.event("reasoning_summary_part.done", summary_index=0, part=part)
            self.item["summary"] = [part]
        self.item["encrypted_content"] = shown
        return out


class Call(Item):
    """A call of a function, or of a tool that takes free text."""

    def __init__(self, frames: Frames, index: int, ident: str, start: ToolStart, name: str) -> None:
        self._custom = start.custom
        self._member = "input" if start.custom else "arguments"
        self._events = "custom_tool_call_input" if start.custom else "function_call_arguments"
        item: Json = {"type": "custom_tool_call" if start.custom else "function_call", "id": ident}
        item |= {"call_id": start.id, "name": name}
        if start.namespace:
            item["namespace"] = start.namespace
        super().__init__(frames, index, {**item, self._member: "", "status": "in_progress"})
        self._said: list[str] = []

    def delta(self, text: str) -> bytes:
        """More of the arguments."""
        self._said.append(text)
        return self.event(f"{self._events}.delta", delta=text)

    def filled(self) -> bytes:
        """The arguments end. A function that got none gets an empty object, since clients parse what they are given."""
        out = b""
        if not self._custom and not "".join(self._said).strip():
            out = self.delta("{}")
        self.item[self._member] = "".join(self._said)
        return out + self.event(f"{self._events}.done", **{self._member: self.item[self._member]})


def _summary(text: str) -> Json:
    return {"type": "summary_text", "text": text}
