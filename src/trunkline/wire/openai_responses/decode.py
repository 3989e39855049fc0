"""Reads the answer of a provider that speaks Responses: its stream, or the whole response, as events.

Facts: `openai` SDK 3.52.0 and developers.openai.com (2026-11). The stream ends with one of `response.completed`,
`response.incomplete`, `response.failed` or a top-level `error`; there is no `[DONE]`, though some servers add it.
"""

from __future__ import annotations

from typing import Any

import msgspec

from trunkline.errors import Failure, ProviderGarbage
from trunkline.model.events import Event, Start, Stop, StopReason
from trunkline.model.usage import Usage
from trunkline.wire.ends import cancelled, closed
from trunkline.wire.framing import SseFramer, events
from trunkline.wire.ids import Ids
from trunkline.wire.junk import Junk
from trunkline.wire.openai_chat.usage import served
from trunkline.wire.openai_responses.entries import Entries
from trunkline.wire.openai_responses.failed import refused
from trunkline.wire.openai_responses.members import objects, text
from trunkline.wire.openai_responses.usage import Counts, take
from trunkline.wire.words import no_answer

Json = dict[str, Any]

_ENDS = {"completed", "incomplete", "failed", "cancelled"}
_BEGINNING = 2000
"""Bytes of a stream that are kept until it is known to be one, to say what it was instead."""


class ResponsesDecoder:
    """One answer."""

    def __init__(self) -> None:
        self._framer = SseFramer()
        self.junk = Junk()
        self._entries: Entries | None = None
        self._ended = False
        self._failure: Failure | None = None
        self._began = b""

    def feed(self, piece: bytes) -> list[Event]:
        """The events that a piece completes. A failure behind events is kept for the next call: they were said."""
        if self._failure is not None:
            raise self._failure
        if self._entries is None and len(self._began) < _BEGINNING:
            self._began += piece[:_BEGINNING]
        return self._read(self._framer.push(piece))

    def end(self) -> list[Event]:
        """The stream was closed. Raises when the answer had not ended."""
        if self._failure is not None:
            raise self._failure
        rest = self._framer.rest()
        out: list[Event] = []
        if not self._ended and rest.strip():
            try:
                out = self._read(rest + b"\n\n")
            except ProviderGarbage:
                # Half an event: the stream was cut.
                out = []
        if self._failure is not None:
            raise self._failure
        if not self._ended:
            if self._entries is None:
                raise no_answer(self._began, "a stream of Responses events")
            raise closed()
        return out

    def whole(self, body: bytes) -> list[Event]:
        """A whole response as the stream that it would have been."""
        try:
            response = msgspec.json.decode(body)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
            raise no_answer(body, "a response", wrong) from None
        if not isinstance(response, dict) or not (response.get("object") == "response" or text(response, "status")):
            raise no_answer(body, "a response")
        status = text(response, "status") or ("completed" if response.get("output") else "")
        if not status:
            raise no_answer(body, "a response", "it says nothing, nor why it ends")
        if status not in _ENDS:
            raise ProviderGarbage(f"The provider answered with a response that is {status}, not with an answer.")
        return [*self._start(response), *self._stop(status, response)]

    def _read(self, block: bytes) -> list[Event]:
        out: list[Event] = []
        try:
            for _raw, _name, data in events(block):
                if data and not self._ended:
                    out += self._one(data)
        except Failure as failure:
            if not out:
                raise
            self._failure = failure
        return out

    def _one(self, data: bytes) -> list[Event]:
        if data.strip() == b"[DONE]":
            return []
        try:
            event = msgspec.json.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as wrong:
            if self._entries is None or self._entries.called:
                raise ProviderGarbage(f"The provider sent an event that is no JSON: {wrong}.") from None
            self.junk.take(data)
            return []
        self.junk.fine()
        if not isinstance(event, dict):
            raise ProviderGarbage("The provider sent an event that is no JSON object.")
        kind = text(event, "type")
        if kind == "error" or (not kind and event.get("error")):
            raise _error(event)
        if not kind.startswith("response."):
            return []
        kind = kind.removeprefix("response.")
        response = event.get("response")
        about: Json = response if isinstance(response, dict) else {}
        out = self._start(about)
        if kind in _ENDS:
            status = text(about, "status")
            return out + self._stop(status if status in _ENDS else kind, about)
        assert self._entries is not None
        return out + self._entries.take(kind, event)

    def _start(self, response: Json) -> list[Event]:
        if self._entries is not None:
            return []
        ident = text(response, "id")
        self._entries, self._began = Entries(Ids(ident)), b""
        return [Start(ident, text(response, "model"))]

    def _stop(self, status: str, response: Json) -> list[Event]:
        assert self._entries is not None
        if status == "failed":
            raise _error(response)
        if status == "cancelled":
            raise cancelled()
        out = self._entries.end(objects(response, "output"))
        self._ended = True
        return [*out, Stop(self._reason(status, response), usage=_usage(response))]

    def _reason(self, status: str, response: Json) -> StopReason:
        assert self._entries is not None
        details = response.get("incomplete_details")
        why = text(details, "reason") if isinstance(details, dict) else ""
        if status == "incomplete" and why not in ("content_filter", "steered"):
            return "limit"
        if self._entries.called:
            return "tool"
        return "refusal" if self._entries.refused or why == "content_filter" else "end"


def _error(event: Json) -> Failure:
    """An `error` event, or a response that failed."""
    inner = event.get("error")
    if isinstance(inner, str):
        return refused("", inner)
    about: Json = inner if isinstance(inner, dict) else event
    code = about.get("code") or (about.get("type") if isinstance(inner, dict) else "")
    return refused(str(code or "")[:60], text(about, "message"))


def _usage(response: Json) -> Usage:
    """What was used; unknown where the provider does not say it as the vendor does."""
    usage, told = Usage(), response.get("usage")
    if isinstance(told, dict):
        try:
            searched = msgspec.Raw(msgspec.json.encode(response.get("tool_usage")))
            take(msgspec.convert(told, Counts), usage, searched, _lookups(response.get("output")))
        except msgspec.ValidationError:
            return Usage()
        usage.served = served(response.get("service_tier"))
    return usage


def _lookups(output: object) -> int:
    items = output if isinstance(output, list) else ()
    return sum(isinstance(each, dict) and each.get("type") == "file_search_call" for each in items)
