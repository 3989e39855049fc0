"""Writes an answer for a client of the Messages API: each event as it comes, or all of them folded into one message.

Facts: platform.claude.com/docs/en/build-with-claude/streaming; the SDKs take a block's last `signature_delta` for the
whole signature, so it is sent once, just before the block stops (`anthropic` 2.11.0, 2026-11). A block opens with its
first content: an empty text block could not be sent back.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any

import msgspec

from trunkline.model.estimate import tokens
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
from trunkline.model.usage import Usage
from trunkline.wire.anthropic.fold import Message
from trunkline.wire.anthropic.partial import Input
from trunkline.wire.anthropic.signature import of_call, shown
from trunkline.wire.codec import Answering

Json = dict[str, Any]

STOP = {
    "end": "end_turn",
    "limit": "max_tokens",
    "stop": "stop_sequence",
    "tool": "tool_use",
    "refusal": "refusal",
    "window": "model_context_window_exceeded",
    "pause": "pause_turn",
}
_UNFIT = re.compile(r"[^A-Za-z0-9_-]")


class MessagesEncoder:
    """One answer. `answering.estimate` stands in for input tokens that nobody told."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._index = 0
        self._open = ""
        self._call: ToolStart | None = None
        self._input = Input()
        self._free: list[str] = []
        self._thinking = ThinkingStart()
        self._signature = ""
        self._origin: str = ""
        self._said = 0

    def take(self, event: Event) -> bytes:
        """The events of this wire for one of ours, whole and in order; possibly none."""
        return b"".join(map(_framed, self.told(event)))

    def adopt(self, index: int, opened: str) -> None:
        """The client was sent other bytes: which block comes next, or is open (`signed`: all but its end)."""
        self._index, self._open = index, opened
        self._signature = ""

    def whole(self, events: Iterable[Event]) -> bytes:
        """The message that the stream folds to."""
        message = Message()
        for event in events:
            for told in self.told(event):
                message.take(told)
        return encoded(message.document)

    def told(self, event: Event) -> list[Json]:
        """What `take` writes, before it is written."""
        match event:
            case TextDelta(text=text):
                return [*self._opened("text", {"type": "text", "text": ""}), self._delta("text", text)]
            case ThinkingDelta(text=text):
                return [*self._opened("thinking", _THINKING), self._delta("thinking", text)]
            case ArgumentsDelta(text=text):
                return self._argument(text)
            case SignatureDelta(signature=signature, origin=origin):
                self._signature += signature
                self._origin = origin
            case ThinkingStart():
                self._thinking, self._signature, self._origin = event, "", ""
            case ToolStart():
                return self._called(event)
            case BlockStop():
                return self._stopped()
            case Other(wire="anthropic", raw=raw):
                return self._other(raw)
            case Start():
                return [self._start(event)]
            case Stop():
                return self._end(event)
            case TextStart() | RefusalStart() | Other():
                pass
        return []

    def _start(self, start: Start) -> Json:
        usage = start.usage if start.usage is not None and start.usage.prompt else Usage()
        asked = self._answering
        name = asked.id if asked.id.startswith("msg_") else f"msg_{asked.id}"
        return {
            "type": "message_start",
            "message": {
                "id": _UNFIT.sub("_", name),
                "type": "message",
                "role": "assistant",
                "model": asked.model,
                "content": [],
                "stop_reason": None,
                "stop_sequence": None,
                "usage": {**self._input_counts(usage), "cache_creation": _by_age(usage), "output_tokens": 1},
            },
        }

    def _input_counts(self, usage: Usage) -> Json:
        read = max(1, self._answering.estimate - usage.cache_read) if usage.input is None else usage.input
        return {
            "input_tokens": read,
            "cache_creation_input_tokens": usage.cache_write + usage.cache_write_1h,
            "cache_read_input_tokens": usage.cache_read,
        }

    def _end(self, stop: Stop) -> list[Json]:
        usage = stop.usage
        reason = "end_turn" if stop.reason == "stop" and not stop.sequence else STOP[stop.reason]
        delta: Json = {"stop_reason": reason, "stop_sequence": stop.sequence or None}
        if stop.reason == "refusal" and stop.explanation:
            delta["stop_details"] = {"type": "refusal", "category": None, "explanation": stop.explanation}
        counts = self._input_counts(usage)
        if usage.cache_write_1h:
            counts["cache_creation"] = _by_age(usage)
        counts["output_tokens"] = tokens(self._said) if usage.output is None else usage.output
        if usage.reasoning:
            counts["output_tokens_details"] = {"thinking_tokens": usage.reasoning}
        return [{"type": "message_delta", "delta": delta, "usage": counts}, {"type": "message_stop"}]

    def _opened(self, kind: str, block: Json) -> list[Json]:
        if self._open == kind:
            return []
        self._open = kind
        return [{"type": "content_block_start", "index": self._index, "content_block": block}]

    def _delta(self, kind: str, text: str) -> Json:
        self._said += len(text)
        name, member = _DELTAS[kind]
        return {"type": "content_block_delta", "index": self._index, "delta": {"type": name, member: text}}

    def _stop_block(self) -> Json:
        self._open = ""
        self._index += 1
        return {"type": "content_block_stop", "index": self._index - 1}

    def _called(self, call: ToolStart) -> list[Json]:
        out: list[Json] = []
        if call.signature:
            out = [*self._opened("thinking", _THINKING), self._signed(of_call(call.signature)), self._stop_block()]
        self._call, self._input, self._free = call, Input(), []
        block = {"type": "tool_use", "id": call.id, "name": call.name, "input": {}}
        return [*out, *self._opened("input", block)]

    def _argument(self, text: str) -> list[Json]:
        if self._call is not None and self._call.custom:
            self._free.append(text)
            return []
        fit = self._input.feed(text)
        return [self._delta("input", fit)] if fit else []

    def _stopped(self) -> list[Json]:
        out: list[Json] = []
        if self._open == "input":
            rest = self._input.end()
            if self._call is not None and self._call.custom:
                rest = encoded({"input": "".join(self._free)}).decode()
            out = [self._delta("input", rest)] if rest else []
            self._call = None
        elif self._open == "thinking" or self._signature:
            out = self._proved()
        return [*out, self._stop_block()] if self._open else out

    def _proved(self) -> list[Json]:
        """The end of thinking: always with a signature, which clients demand."""
        signature, origin = self._signature, self._origin
        self._signature = ""
        if self._thinking.redacted and origin == "anthropic":
            return self._opened("redacted", {"type": "redacted_thinking", "data": signature})
        opened = self._opened("thinking", _THINKING)
        return [*opened, self._signed(shown(origin, signature, self._thinking.id))]

    def _signed(self, signature: str) -> Json:
        return {
            "type": "content_block_delta",
            "index": self._index,
            "delta": {"type": "signature_delta", "signature": signature},
        }

    def _other(self, raw: Json) -> list[Json]:
        """A block of the vendor's own; what a tool of its is asked comes as a delta, as the vendor sends it."""
        asked = raw.get("input") if str(raw.get("type")).endswith("tool_use") else None
        if not isinstance(asked, dict) or not asked:
            return [*self._opened("other", raw), self._stop_block()]
        text = encoded(asked).decode()
        return [*self._opened("other", {**raw, "input": {}}), self._delta("input", text), self._stop_block()]


_THINKING: Json = {"type": "thinking", "thinking": "", "signature": ""}
_DELTAS = {
    "text": ("text_delta", "text"),
    "thinking": ("thinking_delta", "thinking"),
    "input": ("input_json_delta", "partial_json"),
}


def _by_age(usage: Usage) -> Json:
    return {"ephemeral_5m_input_tokens": usage.cache_write, "ephemeral_1h_input_tokens": usage.cache_write_1h}


def _framed(event: Json) -> bytes:
    return b"event: %b\ndata: %b\n\n" % (event["type"].encode(), encoded(event))


def encoded(value: Any) -> bytes:
    """JSON as UTF-8. Half a surrogate pair, which UTF-8 cannot spell, becomes the sign for what is not known."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return msgspec.json.encode(_whole_characters(value))


def _whole_characters(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_whole_characters(key): _whole_characters(inner) for key, inner in value.items()}
    return [_whole_characters(inner) for inner in value] if isinstance(value, list) else value
