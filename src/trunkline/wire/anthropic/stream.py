"""Reads an Anthropic Messages stream as it passes: usage, stop reason, errors, the commit point.

Facts: platform.claude.com/docs/en/build-with-claude/streaming and the `anthropic` SDK 2.11.0 (2026-11).
"""

from __future__ import annotations

import msgspec

from trunkline.errors import ProviderRefused, RefusedAnswer
from trunkline.wire.anthropic.error import STATUS_OF
from trunkline.wire.anthropic.usage import Counts, take
from trunkline.wire.ends import unreasoned
from trunkline.wire.framing import SseFramer, events
from trunkline.wire.raw import UNREADABLE
from trunkline.wire.watch import Watch


class _Start(msgspec.Struct, gc=False):
    model: str | None = None
    usage: Counts | None = None


class _Delta(msgspec.Struct, gc=False):
    type: str | None = None
    text: str | None = None
    thinking: str | None = None
    signature: str | None = None
    partial_json: str | None = None
    stop_reason: str | None = None


class _Block(msgspec.Struct, gc=False):
    type: str | None = None
    text: str | None = None
    thinking: str | None = None


class _Error(msgspec.Struct, gc=False):
    type: str | None = None
    message: str | None = None
    code: str | int | None = None


class _Event(msgspec.Struct, gc=False):
    type: str | None = None
    message: msgspec.Raw = msgspec.Raw(b"null")
    delta: _Delta | None = None
    content_block: _Block | None = None
    usage: Counts | None = None
    error: _Error | None = None


_event = msgspec.json.Decoder(_Event)
_start = msgspec.json.Decoder(_Start | None)

QUIET = frozenset({"text", "thinking"})
"""Blocks that say nothing when they start; every other kind (a tool call, a server tool's result) does."""


class MessagesWatch(Watch):
    """`estimate` is the input in tokens, counted locally.

    It stands in for a `message_start` that reports zeros, as Z.AI's does (GLM-5#139, 2026-09): clients read from it how
    full the context is. 0: nothing is mended.
    """

    __slots__ = ("_estimate",)

    def __init__(self, estimate: int = 0) -> None:
        super().__init__(SseFramer())
        self._estimate = estimate

    def read(self, block: bytes) -> bytes:
        if self.committed and b"message_" not in block and b"error" not in block:
            return block
        kept: list[bytes] = []
        changed = False
        for raw, name, data in events(block):
            new = self._one(raw, name, data) if data and self.failure is None else raw
            changed = changed or new is not raw or self.failure is not None
            self.passing(kept, new)
        return b"".join(kept) if changed else block

    def _one(self, raw: bytes, name: bytes, data: bytes) -> bytes:
        try:
            event = _event.decode(data)
        except UNREADABLE:
            # Not ours to judge on the way through: an event nobody can read is passed on and says nothing.
            if name == b"error":
                self._failed(data, None)
            return raw
        match event.type or name.decode(errors="replace"):
            case "message_start":
                return self._start(raw, data, event)
            case "content_block_start":
                block = event.content_block
                if block is not None and (block.type not in QUIET or block.text or block.thinking):
                    self.committed = True
            case "content_block_delta":
                delta = event.delta
                # A kind of delta that this file does not know is something said, too.
                if delta is not None and (
                    delta.text
                    or delta.thinking
                    or delta.signature
                    or delta.partial_json
                    or (delta.type or "") not in _KNOWN_DELTAS
                ):
                    self.committed = True
            case "message_delta":
                if event.usage is not None:
                    take(event.usage, self.usage)
                if event.delta is not None and event.delta.stop_reason:
                    self.stop = event.delta.stop_reason
                    self.committed = self.finished = True
            case "message_stop":
                self.over = True
                if not self.finished:
                    self.failure = unreasoned(spoke=self.committed)
            case "error":
                self._failed(data, event.error)
            case _ if event.error is not None:
                self._failed(data, event.error)
        return raw

    def last(self) -> bytes:
        return b'event: message_stop\ndata: {"type":"message_stop"}\n\n'

    def _start(self, raw: bytes, data: bytes, event: _Event) -> bytes:
        try:
            message = _start.decode(event.message)
        except UNREADABLE:
            return raw
        if message is None:
            return raw
        self.model = message.model or ""
        if message.usage is None:
            return raw
        take(message.usage, self.usage)
        self.usage.output = None
        if self.usage.prompt or not self._estimate:
            return raw
        self.usage.input = None
        return self._mended(raw, data)

    def _mended(self, raw: bytes, data: bytes) -> bytes:
        """The same event with the estimate as `input_tokens`: clients show it as how full the context is.

        One that holds stray bytes goes on as it came: they are not ours to mend.
        """
        try:
            document = msgspec.json.decode(data)
        except UNREADABLE:
            return raw
        document["message"]["usage"]["input_tokens"] = self._estimate
        return raw.replace(data, msgspec.json.encode(document), 1)

    def _failed(self, data: bytes, error: _Error | None) -> None:
        kind = (error and error.type) or "api_error"
        said = (error and error.message) or "no message"
        status = STATUS_OF.get(kind, 500)
        self.over = True
        self.failure = ProviderRefused(
            f"The provider ended the stream with {kind}: {said}",
            answer=RefusedAnswer(status, (("content-type", "application/json"),), data),
            code=str(error.code) if error is not None and error.code is not None else kind,
        )


_KNOWN_DELTAS = frozenset({"text_delta", "thinking_delta", "signature_delta", "input_json_delta"})
