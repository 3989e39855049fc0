"""Writes an answer for a client that speaks Responses: the whole sequence of events, or the response at its end.

An item is done when the next event shows that it is: words in a row make one message, and a call that the output
limit cut short can be told to be incomplete.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any

from trunkline.model.events import (
    ArgumentsDelta,
    BlockStop,
    Event,
    Other,
    RefusalStart,
    SignatureDelta,
    Start,
    Stop,
    TextDelta,
    TextStart,
    ThinkingDelta,
    ThinkingStart,
    ToolStart,
)
from trunkline.wire.codec import Answering
from trunkline.wire.openai_responses.frames import Frames, dump
from trunkline.wire.openai_responses.members import text
from trunkline.wire.openai_responses.offer import bare
from trunkline.wire.openai_responses.output import Call, Item, Message, Reasoning
from trunkline.wire.openai_responses.proof import OURS, WIRE
from trunkline.wire.openai_responses.response import Response, state

Json = dict[str, Any]


class ResponsesEncoder:
    """One answer."""

    def __init__(self, answering: Answering) -> None:
        self._response = Response(answering)
        self._frames = Frames()
        self._tools = {tool.name: tool for tool in answering.asked.tools}
        self._item: Item | None = None
        self._output: list[Json] = []
        self._refused = False
        self._said = 0
        self._final: Json = {}

    def adopt(self, response: Json, frames: Frames, output: list[Json], message: Message | None, said: int) -> None:
        """The client was sent another response than this: what it is, its items, its open message, characters said."""
        self._response.adopt(response)
        self._frames, self._output, self._item, self._said = frames, output, message, said

    def take(self, event: Event) -> bytes:
        """What goes to the client for this event."""
        match event:
            case TextDelta(text=text) | ThinkingDelta(text=text) | ArgumentsDelta(text=text):
                self._said += len(text)
                item = self._item
                return item.delta(text) if isinstance(item, Message | Reasoning | Call) else b""
            case BlockStop():
                return self._filled()
            case TextStart() | RefusalStart():
                return self._words(refuses=isinstance(event, RefusalStart))
            case ThinkingStart():
                return self._thinks(event)
            case SignatureDelta(signature=signature, origin=origin):
                if isinstance(self._item, Reasoning):
                    self._item.sign(signature, origin)
                return b""
            case ToolStart():
                return self._calls(event)
            case Other():
                return self._other(event)
            case Start():
                begun = self._response.object("in_progress", [])
                return self._frames.event("created", response=begun) + self._frames.event("in_progress", response=begun)
            case Stop():
                return self._stop(event)

    def whole(self, events: Iterable[Event]) -> bytes:
        """The response that a stream ends with."""
        for event in events:
            self.take(event)
        return dump(self._final)

    def _ident(self, prefix: str) -> str:
        seed = f"{self._response.id}:{len(self._output)}"
        return prefix + hashlib.sha256(seed.encode(errors="surrogatepass")).hexdigest()[:32]

    def _open(self, item: Item) -> bytes:
        self._item = item
        return item.added()

    def _done(self, status: str = "completed") -> bytes:
        """The item before this event is done."""
        item, self._item = self._item, None
        if item is None:
            return b""
        out = item.close(status)
        self._output.append(item.item)
        return out

    def _filled(self) -> bytes:
        item = self._item
        if isinstance(item, Message):
            return item.part_done()
        return item.filled() if isinstance(item, Reasoning | Call) else b""

    def _words(self, *, refuses: bool) -> bytes:
        self._refused = self._refused or refuses
        out = b""
        if not isinstance(self._item, Message):
            out = self._done()
            message = Message(self._frames, len(self._output), self._ident("msg_"))
            out += self._open(message)
            return out + message.part(refuses=refuses)
        return out + self._item.part(refuses=refuses)

    def _thinks(self, start: ThinkingStart) -> bytes:
        out = self._done()
        ident = start.id if start.id.startswith("rs_") else self._ident(OURS)
        return out + self._open(Reasoning(self._frames, len(self._output), ident, redacted=start.redacted))

    def _calls(self, start: ToolStart) -> bytes:
        out = self._done()
        prefix = "ctc_" if start.custom else "fc_"
        ident = start.item if start.item.startswith(prefix) else self._ident(prefix)
        tool = self._tools.get(start.name)
        known = tool is not None and tool.namespace == start.namespace
        name = bare(tool) if tool is not None and known else start.name
        return out + self._open(Call(self._frames, len(self._output), ident, start, name))

    def _other(self, event: Other) -> bytes:
        if event.wire != WIRE:
            return b""
        out = self._done()
        ident = text(event.raw, "id") or self._ident("item_")
        raw = {**event.raw, "id": ident}
        index = len(self._output)
        out += self._frames.event("output_item.added", output_index=index, item=_begun(raw))
        out += self._frames.event("output_item.done", output_index=index, item=raw)
        self._output.append(raw)
        return out

    def _explained(self, stop: Stop) -> bytes:
        """Why it was refused, where no words of the model say so."""
        if stop.reason != "refusal" or not stop.explanation or self._refused:
            return b""
        return self._words(refuses=True) + self.take(TextDelta(stop.explanation)) + self._filled()

    def _stop(self, stop: Stop) -> bytes:
        status, reason = state(stop, refused=self._refused)
        out = self._explained(stop) + self._done(status)
        usage = self._response.usage(stop.usage, self._said)
        details = {"reason": reason} if reason else None
        self._final = self._response.object(status, self._output, usage=usage, incomplete_details=details)
        return out + self._frames.event(status, response=self._final)


def _begun(raw: Json) -> Json:
    return {**raw, "status": "in_progress"} if "status" in raw else raw
