"""Reads an OpenAI Responses stream as it passes.

Facts: `openai` SDK 3.52.0 and what Codex acts on (2026-11): the stream ends with one of `response.completed`,
`response.incomplete`, `response.failed` or a top-level `error`; there is no `[DONE]`.
"""

from __future__ import annotations

from typing import Any

import msgspec

from trunkline.errors import ProviderRefused, RefusedAnswer
from trunkline.wire.ends import cancelled
from trunkline.wire.framing import SseFramer, events
from trunkline.wire.openai_chat.error import status_of
from trunkline.wire.openai_chat.usage import served
from trunkline.wire.openai_responses.usage import Counts, lookups, take
from trunkline.wire.raw import ABSENT, UNREADABLE
from trunkline.wire.watch import Watch


class _Error(msgspec.Struct, gc=False):
    code: str | int | None = None
    message: str | None = None


class _Reason(msgspec.Struct, gc=False):
    reason: str | None = None


class _Response(msgspec.Struct, gc=False):
    id: str | int | None = None
    store: msgspec.Raw = ABSENT
    model: str | None = None
    status: str | None = None
    usage: Counts | None = None
    tool_usage: msgspec.Raw = ABSENT
    output: msgspec.Raw = ABSENT
    service_tier: Any = None
    error: _Error | None = None
    incomplete_details: _Reason | None = None


class _Item(msgspec.Struct, gc=False):
    type: str | None = None


class _Event(msgspec.Struct, gc=False):
    type: str | None = None
    delta: msgspec.Raw = msgspec.Raw(b"null")
    item: _Item | None = None
    response: _Response | None = None
    code: str | int | None = None
    message: str | None = None
    error: _Error | None = None


_event = msgspec.json.Decoder(_Event)

_ENDS = frozenset({"response.completed", "response.incomplete", "response.failed"})
_QUIET = frozenset({"message", "reasoning"})
"""Items that say nothing when they are added; every other kind (a call of any sort) does."""
_EMPTY = frozenset({b"null", b'""', b"{}"})


class ResponsesWatch(Watch):
    """Nothing of this wire is ever mended: what goes on is what came."""

    __slots__ = ()

    def __init__(self) -> None:
        super().__init__(SseFramer())

    def read(self, block: bytes) -> bytes:
        # Once something was said, only the last event matters, and its name is one of four.
        if self.committed and not (
            b"response.completed" in block
            or b"response.incomplete" in block
            or b"response.failed" in block
            or b"error" in block
        ):
            return block
        kept: list[bytes] = []
        for raw, _name, data in events(block):
            if data and self.failure is None:
                self._one(data)
            self.passing(kept, raw)
        return block if self.failure is None else b"".join(kept)

    def _one(self, data: bytes) -> None:
        try:
            event = _event.decode(data)
        except UNREADABLE:
            # `[DONE]`, which some servers add, ends here as well: the end was an event before it.
            return
        kind = event.type or ""
        if event.response is not None:
            self.model = event.response.model or self.model
            if bytes(event.response.store) != b"false":
                self.stored = str(event.response.id or self.stored)
        if kind in _ENDS and event.response is not None:
            self._ended(kind, event.response, data)
        elif kind == "error" or (not kind and event.error is not None):
            inner = event.error
            code = event.code if event.code is not None else inner and inner.code
            self._failed(str(code or ""), event.message or (inner and inner.message) or "no message", data)
        elif kind.endswith(".delta"):
            if bytes(event.delta) not in _EMPTY:
                self.committed = True
        elif kind == "response.output_item.done" or (
            kind == "response.output_item.added" and event.item is not None and event.item.type not in _QUIET
        ):
            self.committed = True

    def _ended(self, kind: str, response: _Response, data: bytes) -> None:
        if response.usage is not None:
            take(response.usage, self.usage, response.tool_usage, lookups(response.output))
            self.usage.served = served(response.service_tier)
        if kind == "response.failed" or response.status == "failed":
            error = response.error
            self._failed(str((error and error.code) or ""), (error and error.message) or "no message", data)
            return
        if response.status == "cancelled":
            self.over = True
            self.failure = cancelled()
            return
        reason = response.incomplete_details and response.incomplete_details.reason
        self.stop = reason or response.status or kind.removeprefix("response.")
        self.committed = self.finished = self.over = True

    def _failed(self, code: str, message: str, data: bytes) -> None:
        # The event is no error body: before the commit point the client is given one, in OpenAI's shape.
        body = msgspec.json.encode(
            {"error": {"message": message, "type": code or "server_error", "param": None, "code": code or None}}
        )
        self.over = True
        self.failure = ProviderRefused(
            f"The provider ended the stream with an error: {message}",
            answer=RefusedAnswer(status_of(code), (("content-type", "application/json"),), body),
            code=code or None,
        )
