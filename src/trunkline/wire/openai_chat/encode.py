"""An answer for a client of this wire: chunks of a stream, or the whole that they fold to. Does no I/O, never raises.

What a client of this wire has no member for: the order of words and calls, which stop sequence it was, blocks of other
wires. Signed thinking goes into `reasoning_details`, as OpenRouter has them, so that a client that sends these back
loses nothing. Facts: `openai` SDK 3.52.0, whose accumulator adds the strings of deltas up by `index`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import msgspec

from trunkline.model.events import (
    ArgumentsDelta,
    BlockStop,
    Event,
    Other,
    RefusalStart,
    SignatureDelta,
    Start,
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
from trunkline.wire.codec import Answering
from trunkline.wire.openai_chat.completion import add, counted
from trunkline.wire.openai_chat.read import LEGACY
from trunkline.wire.openai_chat.reasoning import detail_of

Json = dict[str, Any]

_REASONS: dict[StopReason, str] = {
    "end": "stop",
    "stop": "stop",
    "pause": "stop",
    "limit": "length",
    "window": "length",
    "tool": "tool_calls",
    "refusal": "content_filter",
}


class ChatEncoder:
    """One answer."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._head = _json(
            {
                "id": f"chatcmpl-{answering.id}",
                "object": "chat.completion.chunk",
                "created": answering.created,
                "model": answering.model,
            }
        )[:-1]
        self._tail = b',"usage":null}\n\n' if answering.usage_asked else b"}\n\n"
        self._open: TextStart | RefusalStart | ThinkingStart | ToolStart | None = None
        self._thought: list[str] = []
        self._signature = ""
        self._origin: Wire | str = ""
        self._details = 0
        self._waiting: list[Json] = []
        self._signed = False
        self._calls = 0
        self._argued = self._refused = False
        self._size = 0
        self._legacy = LEGACY in answering.asked.own

    def adopt(self, head: Json) -> None:
        """The client was sent other chunks than these: what every chunk repeats is theirs."""
        known = {"id": "", "object": "chat.completion.chunk", "created": self._answering.created, "model": ""}
        known["id"], known["model"] = f"chatcmpl-{self._answering.id}", self._answering.model
        self._head = _json({**known, **head})[:-1]

    def take(self, event: Event) -> bytes:
        """Chunks for one event."""
        if isinstance(event, Stop):
            return self._stop(event)
        return b"".join(self._chunk(delta) for delta in self._deltas(event))

    def whole(self, events: Iterable[Event]) -> bytes:
        """The completion that the deltas of a stream add up to."""
        message: Json = {"role": "assistant", "content": None, "refusal": None}
        finish, usage = "stop", Usage()
        for event in events:
            if isinstance(event, Stop):
                for delta in self._explained(event):
                    add(message, delta)
                finish, usage = self._finish(event), event.usage
            else:
                for delta in self._deltas(event):
                    add(message, delta)
        if not message["content"] and (message["refusal"] or message.keys() & {"tool_calls", "function_call"}):
            message["content"] = None
        return _json(
            {
                "id": f"chatcmpl-{self._answering.id}",
                "object": "chat.completion",
                "created": self._answering.created,
                "model": self._answering.model,
                "choices": [{"index": 0, "message": message, "logprobs": None, "finish_reason": finish}],
                "usage": self._usage(usage),
            }
        )

    def _chunk(self, delta: Json, finish: bytes = b"null") -> bytes:
        choice = b',"choices":[{"index":0,"delta":%b,"logprobs":null,"finish_reason":%b}]' % (_json(delta), finish)
        return b"data: " + self._head + choice + self._tail

    def _deltas(self, event: Event) -> list[Json]:
        """The deltas that an event is, as the client reads them."""
        deltas = self._told(event)
        return [one for delta in deltas for one in _legacy(delta)] if self._legacy else deltas

    def _told(self, event: Event) -> list[Json]:
        """The deltas that an event is; most are one."""
        match event:
            case TextDelta(text=text):
                self._size += len(text)
                return [{"refusal" if isinstance(self._open, RefusalStart) else "content": text}]
            case ArgumentsDelta(text=text):
                self._size += len(text)
                self._argued = True
                return [self._fragment(text)]
            case ThinkingDelta(text=text):
                self._size += len(text)
                self._thought.append(text)
                return [{"reasoning_content": text}]
            case SignatureDelta():
                self._signature += event.signature
                self._origin = event.origin
                return []
            case Start():
                return [{"role": "assistant", "content": ""}]
            case ToolStart():
                self._open, self._argued = event, False
                self._calls += 1
                return [self._call(event)]
            case TextStart() | RefusalStart() | ThinkingStart():
                self._open = event
                self._refused = self._refused or isinstance(event, RefusalStart)
                return []
            case BlockStop():
                return self._close()
            case Other(wire="openai_chat", raw=raw):
                return [raw]
            case _:
                return []

    def _call(self, start: ToolStart) -> Json:
        kind, text = ("custom", "input") if start.custom else ("function", "arguments")
        call = {"index": self._calls - 1, "id": start.id, "type": kind, kind: {"name": start.name, text: ""}}
        if start.signature:
            call["extra_content"] = {"google": {"thought_signature": start.signature}}
        return {"tool_calls": [call]}

    def _fragment(self, text: str) -> Json:
        custom = isinstance(self._open, ToolStart) and self._open.custom
        body = {"custom": {"input": text}} if custom else {"function": {"arguments": text}}
        return {"tool_calls": [{"index": self._calls - 1, **body}]}

    def _close(self) -> list[Json]:
        block, self._open = self._open, None
        if isinstance(block, ToolStart) and not (block.custom or self._argued):
            # Clients parse the arguments as JSON, which nothing is not.
            return [self._fragment("{}")]
        return self._detail(block) if isinstance(block, ThinkingStart) else []

    def _detail(self, block: ThinkingStart) -> list[Json]:
        """The details that a block of thinking is worth: none while nothing was signed, since the words were sent."""
        text, signature = "".join(self._thought), self._signature
        self._thought.clear()
        self._signature = ""
        if signature:
            self._signed = True
            detail = detail_of(text, signature, self._origin, self._details, redacted=block.redacted)
            if block.id:
                detail.setdefault("id", block.id)
        elif text:
            detail = {"type": "reasoning.text", "text": text}
        else:
            return []
        # Clients add details of one index up, and every block is its own.
        detail["index"] = self._details
        self._details += 1
        self._waiting.append(detail)
        if not self._signed:
            return []
        waiting, self._waiting = self._waiting, []
        return [{"reasoning_details": [each]} for each in waiting]

    def _explained(self, stop: Stop) -> list[Json]:
        """Why it was refused, where no words of the model say so."""
        return [{"refusal": stop.explanation}] if stop.explanation and not self._refused else []

    def _finish(self, stop: Stop) -> str:
        """The reason in this wire's words; a refusal in the model's own words is an end like any other."""
        if stop.reason == "tool" and self._legacy:
            return "function_call"
        return "stop" if stop.reason == "refusal" and self._refused else _REASONS[stop.reason]

    def _stop(self, stop: Stop) -> bytes:
        out = [self._chunk(delta) for delta in self._explained(stop)]
        out.append(self._chunk({}, b'"%b"' % self._finish(stop).encode()))
        if self._answering.usage_asked:
            out.append(b"data: " + self._head + b',"choices":[],"usage":' + _json(self._usage(stop.usage)) + b"}\n\n")
        out.append(b"data: [DONE]\n\n")
        return b"".join(out)

    def _usage(self, usage: Usage) -> Json:
        return counted(usage, self._answering.estimate, self._size)


def _legacy(delta: Json) -> list[Json]:
    """A delta for a client that offered `functions`: it knows one call an answer, without an id."""
    if "tool_calls" not in delta:
        return [delta]
    return [{"function_call": call["function"]} for call in delta["tool_calls"] if call["index"] == 0]


def _json(value: Any) -> bytes:
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        # Half of a surrogate pair, which JSON can spell and UTF-8 cannot.
        return json.dumps(value, separators=(",", ":")).encode()
