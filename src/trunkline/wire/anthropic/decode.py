"""Reads an answer of the Messages API, streamed or whole, as events.

Facts: platform.claude.com/docs/en/build-with-claude/streaming (2026-11-20). Clones differ: Z.AI tells no input at the
start, some give a call's input whole in `content_block_start`, some forget to stop a block.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from trunkline.errors import Failure, ProviderGarbage, ProviderRefused, RefusedAnswer
from trunkline.model.dialect import Dialect
from trunkline.model.events import Event, Start, Stop, StopReason, says_something
from trunkline.model.usage import Usage
from trunkline.wire.anthropic.blocks import Blocks
from trunkline.wire.anthropic.claude import CLONES
from trunkline.wire.anthropic.error import STATUS_OF
from trunkline.wire.anthropic.usage import Counts, take
from trunkline.wire.ends import closed, unreasoned
from trunkline.wire.framing import SseFramer, events
from trunkline.wire.junk import Junk
from trunkline.wire.words import no_answer

REASONS: dict[str, StopReason] = {
    "end_turn": "end",
    "max_tokens": "limit",
    "stop_sequence": "stop",
    "tool_use": "tool",
    "pause_turn": "pause",
    "refusal": "refusal",
    "model_context_window_exceeded": "window",
    "sensitive": "refusal",
}
_FINAL = frozenset({"limit", "refusal", "window"})
"""What stays the reason when calls were made, too: the last of them may be cut."""


class _Details(msgspec.Struct, gc=False):
    explanation: str | None = None


class _Delta(msgspec.Struct, gc=False):
    stop_reason: str | None = None
    stop_sequence: str | None = None
    stop_details: _Details | None = None


class _Message(msgspec.Struct):
    type: str | None = None
    id: str | None = None
    model: str | None = None
    content: list[dict[str, Any]] | None = None
    stop_reason: str | None = None
    stop_sequence: str | None = None
    stop_details: _Details | None = None
    usage: Counts | None = None


class _Event(msgspec.Struct, gc=False):
    type: str | None = None
    index: int | None = None
    message: msgspec.Raw = msgspec.Raw(b"null")
    content_block: dict[str, Any] | None = None
    delta: dict[str, Any] | None = None
    usage: Counts | None = None
    error: Any = None


_event = msgspec.json.Decoder(_Event)
_start = msgspec.json.Decoder(_Message | None)
_whole = msgspec.json.Decoder(_Message)


class MessagesDecoder:
    """One answer. A failure that comes behind something said is raised by the next call, so that nothing is lost."""

    def __init__(self, dialect: Dialect) -> None:
        self._signs = dialect.provider not in CLONES
        self._framer = SseFramer()
        self.junk = Junk()
        self._blocks = Blocks("", signs=self._signs)
        self._usage = Usage()
        self._delta = _Delta()
        self._started = self._spoke = False
        self._over = False
        self._failure: Failure | None = None
        self._heard = b""

    def feed(self, piece: bytes) -> list[Event]:
        """The events that a piece completes."""
        self._fail()
        if not self._started and len(self._heard) < 1000:
            self._heard += piece[:1000]
        return self._read(self._framer.push(piece))

    def end(self) -> list[Event]:
        """What is left. Raises `ProviderCut` where the answer had not ended, `ProviderGarbage` where there is none."""
        self._fail()
        try:
            out = self._read(self._framer.rest())
        except ProviderGarbage:
            # Half an event: the stream was cut inside it.
            out = []
        if self._over:
            return out
        self._fail()
        if not self._started:
            raise no_answer(self._heard, "a stream of an Anthropic message")
        if self._delta.stop_reason is None:
            raise closed()
        return out + self._stop()

    def _fail(self) -> None:
        if self._failure is not None:
            raise self._failure

    def whole(self, body: bytes) -> list[Event]:
        """A whole message as the stream that it would have been."""
        try:
            return self._all(_whole.decode(body), body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise no_answer(body, "an Anthropic message", error) from None

    def _all(self, message: _Message, body: bytes) -> list[Event]:
        if message.type != "message" or message.content is None:
            raise no_answer(body, "an Anthropic message")
        out = self._begin(message)
        for index, block in enumerate(message.content):
            out += self._blocks.start(index, block, whole=True)
            out += self._blocks.stop(index)
        if not message.stop_reason and not any(map(says_something, out)):
            raise no_answer(body, "an Anthropic message", "it says nothing, nor why it ends")
        self._delta = _Delta(message.stop_reason, message.stop_sequence, message.stop_details)
        return out + self._stop()

    def _read(self, block: bytes) -> list[Event]:
        out: list[Event] = []
        for _, name, data in events(block) if block else ():
            if self._over:
                break
            try:
                out += self._one(name, data)
            except Failure as failure:
                if not out:
                    raise
                self._failure = failure
                break
        return out

    def _one(self, name: bytes, data: bytes) -> list[Event]:
        if not data:
            return []
        try:
            event = _event.decode(data)
            out = self._event(event, name, data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            if data.strip() == b"[DONE]":
                return []
            if name == b"error":
                raise _refused(data, None) from None
            if not self._started or self._blocks.called:
                raise no_answer(data, "an event of an Anthropic stream", error) from None
            self.junk.take(data)
            return []
        self.junk.fine()
        return out

    def _event(self, event: _Event, name: bytes, data: bytes) -> list[Event]:
        match event.type or name.decode(errors="replace"):
            case "message_start":
                message = _start.decode(event.message) or _Message()
                return [] if self._started else self._begin(message)
            case "content_block_start" if event.content_block is not None:
                return self._begun() + self._said(self._blocks.start(event.index or 0, event.content_block))
            case "content_block_delta" if event.delta is not None:
                return self._begun() + self._said(self._blocks.delta(event.index or 0, event.delta))
            case "content_block_stop":
                return self._begun() + self._said(self._blocks.stop(event.index or 0))
            case "message_delta":
                return self._told(event)
            case "message_stop":
                if self._delta.stop_reason is None:
                    raise unreasoned(spoke=self._spoke)
                return self._begun() + self._stop()
            case "error":
                raise _refused(data, event.error)
        if event.error is not None:
            raise _refused(data, event.error)
        return []

    def _said(self, events: list[Event]) -> list[Event]:
        self._spoke = self._spoke or bool(events)
        return events

    def _begun(self) -> list[Event]:
        return [] if self._started else self._begin(_Message())

    def _begin(self, message: _Message) -> list[Event]:
        self._started = True
        self._heard = b""
        self._blocks = Blocks(message.id or message.model or "", signs=self._signs)
        if message.usage is not None:
            take(message.usage, self._usage)
        told: Usage | None = None
        if self._usage.prompt:
            told = replace(self._usage)
        elif message.stop_reason is None:
            # Zeros before the prompt was counted, as Z.AI sends them, are no count.
            self._usage.input = None
        if message.stop_reason is None:
            self._usage.output = None
        return [Start(message.id or "", message.model or "", told)]

    def _told(self, event: _Event) -> list[Event]:
        if event.usage is not None:
            take(event.usage, self._usage)
        if event.delta is not None:
            delta = msgspec.convert(event.delta, _Delta)
            self._delta = delta if delta.stop_reason is not None else self._delta
        return self._begun()

    def _stop(self) -> list[Event]:
        self._over = True
        out = self._blocks.end()
        reason = REASONS.get(self._delta.stop_reason or "", "end")
        if self._blocks.called and reason not in _FINAL:
            reason = "tool"
        elif reason == "tool" and not self._blocks.called:
            reason = "end"
        sequence = (self._delta.stop_sequence or "") if reason == "stop" else ""
        details = self._delta.stop_details
        explanation = (details and details.explanation) or ""
        return [*out, Stop(reason, sequence, self._usage, explanation if reason == "refusal" else "")]


def _refused(data: bytes, error: Any) -> ProviderRefused:
    """An error that came as an event, as the answer that it would have been."""
    told = error if isinstance(error, dict) else {}
    kind = str(told.get("type") or "api_error")
    said = str(told.get("message") or (error if isinstance(error, str) else "") or "no message")[:500]
    return ProviderRefused(
        f"The provider ended the stream with {kind}: {said}",
        answer=RefusedAnswer(STATUS_OF.get(kind, 500), (("content-type", "application/json"),), data),
        code=str(told.get("code") or kind)[:60],
    )
