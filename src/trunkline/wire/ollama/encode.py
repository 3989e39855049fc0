"""Writes an answer for a client of `/api/chat` or `/api/generate`: lines, or one object.

Shapes: ollama/ollama api/types.go (2026-08) and what its Python library 0.6.3 reads. Calls are said whole, since
arguments are an object here; signatures and blocks of other wires have no place.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import msgspec

from trunkline.model.events import (
    ArgumentsDelta,
    BlockStop,
    Event,
    RefusalStart,
    Stop,
    TextDelta,
    TextStart,
    ThinkingDelta,
    ThinkingStart,
    ToolStart,
    size,
)
from trunkline.wire.arguments import as_object
from trunkline.wire.codec import Answering
from trunkline.wire.ollama import usage
from trunkline.wire.ollama.read import GENERATE


class OllamaEncoder:
    """One answer."""

    def __init__(self, answering: Answering) -> None:
        self._head = {"model": answering.model, "created_at": moment(answering.created)}
        self._estimate = answering.estimate
        self._generate = GENERATE in answering.asked.own
        self._call: ToolStart | None = None
        self._arguments: list[str] = []
        self._calls = 0
        self._said = 0
        self._spoke = False

    def adopt(self, model: object) -> None:
        """The client was sent other lines than these, which named the model so."""
        if isinstance(model, str) and model:
            self._head["model"] = model

    def take(self, event: Event) -> bytes:
        """The line of an event; nothing for one that says nothing to this wire."""
        self._hear(event)
        match event:
            case TextStart() | ThinkingStart() | RefusalStart():
                # A call that is open now was given up: another provider goes on.
                self._call = None
            case TextDelta(text=text):
                return self._line({"content": text})
            case ThinkingDelta(text=text):
                return self._line({"thinking": text})
            case ToolStart() | ArgumentsDelta() | BlockStop():
                call = self._called(event)
                return self._line({"tool_calls": [call]}) if call is not None else b""
            case Stop():
                why = self._why(event)
                return (self._line({"content": why}) if why else b"") + self._line({}, self._end(event))
        return b""

    def whole(self, events: Iterable[Event]) -> bytes:
        """The same, folded into one object."""
        said: dict[str, list[Any]] = {"content": [], "thinking": [], "tool_calls": []}
        end: dict[str, Any] = {}
        for event in events:
            self._hear(event)
            match event:
                case TextDelta(text=text):
                    said["content"].append(text)
                case ThinkingDelta(text=text):
                    said["thinking"].append(text)
                case ToolStart() | ArgumentsDelta() | BlockStop():
                    call = self._called(event)
                    said["tool_calls"] += [call] if call is not None else []
                case Stop():
                    said["content"].append(self._why(event))
                    end = self._end(event)
        message: dict[str, Any] = {"content": "".join(said["content"]), "thinking": "".join(said["thinking"])}
        return self._line({**message, "tool_calls": said["tool_calls"]}, end)

    def _hear(self, event: Event) -> None:
        self._said += size(event)
        self._spoke = self._spoke or isinstance(event, TextDelta)

    def _line(self, said: dict[str, Any], end: dict[str, Any] | None = None) -> bytes:
        words = said.pop("content", "")
        said = {name: value for name, value in said.items() if value}
        line: dict[str, Any] = dict(self._head)
        if self._generate:
            line |= {"response": words, **said}
        else:
            line["message"] = {"role": "assistant", "content": words, **said}
        line["done"] = end is not None
        return _json({**line, **(end or {})}) + b"\n"

    def _called(self, event: ToolStart | ArgumentsDelta | BlockStop) -> dict[str, Any] | None:
        """The call that an event completes."""
        if isinstance(event, ToolStart):
            self._call, self._arguments = event, []
        elif isinstance(event, ArgumentsDelta):
            self._arguments.append(event.text)
        elif self._call is not None:
            call, self._call = self._call, None
            text = "".join(self._arguments)
            arguments = {"input": text} if call.custom else _object(text)
            function = {"index": self._calls, "name": call.name, "arguments": arguments}
            self._calls += 1
            return {"id": call.id, "function": function}
        return None

    def _why(self, stop: Stop) -> str:
        """Why it was refused, where nothing was said: this wire knows an end only, which looks like an answer."""
        return stop.explanation if stop.reason == "refusal" and not self._spoke else ""

    def _end(self, stop: Stop) -> dict[str, Any]:
        reason = "length" if stop.reason in ("limit", "window") else "stop"
        return {"done_reason": reason, **usage.counts(stop.usage, self._estimate, self._said)}


def moment(created: int) -> str:
    """Unix seconds as RFC 3339."""
    return datetime.fromtimestamp(created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _object(text: str) -> Any:
    """Arguments as an object on one line, in the model's own spelling; what is none is wrapped as `arguments` does."""
    if not text.strip():
        return {}
    try:
        compact = msgspec.json.format(_sound(text).encode(), indent=-1)
        msgspec.json.decode(compact, type=msgspec.Raw)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return _mended(text)
    return msgspec.Raw(compact if compact.startswith(b"{") else b'{"value":' + compact + b"}")


def _mended(text: str) -> Any:
    """Arguments that strict JSON is not: Python reads `NaN` and escaped halves of pairs, which are replaced."""
    try:
        return msgspec.Raw(msgspec.json.encode(_sound(as_object(text))))
    except (OverflowError, RecursionError):
        return {"_raw": text}


def _json(line: Any) -> bytes:
    try:
        return _unbroken(msgspec.json.encode(line))
    except UnicodeEncodeError:
        return _unbroken(msgspec.json.encode(_sound(line)))


def _sound(value: Any) -> Any:
    """The same without halves of surrogate pairs, which are no UTF-8: joined where both are there, else replaced."""
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case dict():
            return {_sound(name): _sound(one) for name, one in value.items()}
        case list():
            return [_sound(one) for one in value]
    return value


def _unbroken(line: bytes) -> bytes:
    """The official Python client reads lines with httpx, which breaks them at every line end that Unicode knows."""
    for sign, spelled in _LINE_ENDS:
        if sign in line:
            line = line.replace(sign, spelled)
    return line


_LINE_ENDS = tuple((sign.encode(), b"\\u%04x" % ord(sign)) for sign in "\x85\u2028\u2029")
