"""Writes an answer for a Gemini client: chunks as server-sent events or as the elements of one array, or one answer.

Facts: ai.google.dev/api/generate-content and how `google-genai` 3.4.0 reads them (2026-11).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from trunkline.model.conversation import Thinking
from trunkline.model.events import (
    ArgumentsDelta,
    BlockStop,
    Event,
    Other,
    RefusalStart,
    SignatureDelta,
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
from trunkline.wire.gemini import hidden, stops
from trunkline.wire.gemini.spelling import Json, dumped
from trunkline.wire.gemini.usage import told


class _Parts:
    """Parts out of events. Calls and signatures come whole, words as they come.

    Thoughts that the client did not ask for ride, sealed, on the part that follows them.
    """

    def __init__(self, shown: bool) -> None:
        self._shown = shown
        self._thinking: Thinking | None = None
        self._call: ToolStart | None = None
        self._arguments: list[str] = []
        self._unseen: list[Thinking] = []

    def forget(self) -> None:
        """What is open and was not shown is another's."""
        self._thinking, self._call, self._unseen = None, None, []

    def take(self, event: Event) -> list[Json]:
        """The parts that an event completes."""
        match event:
            case TextStart() | RefusalStart():
                # A call that is open now was given up: another provider goes on.
                self._call = None
            case TextDelta(text=text):
                return [self._signed({"text": text}, "")]
            case ThinkingStart(redacted=redacted, id=id_):
                self._call = None
                self._thinking = Thinking(redacted=redacted, id=id_)
            case ThinkingDelta(text=text) if self._thinking is not None:
                self._thinking.text += text
                return [{"text": text, "thought": True}] if self._shown else []
            case SignatureDelta(signature=signature, origin=origin) if self._thinking is not None:
                self._thinking.signature += signature
                self._thinking.origin = origin
            case ToolStart():
                self._call, self._arguments = event, []
            case ArgumentsDelta(text=text):
                self._arguments.append(text)
            case Other(wire="gemini", raw=raw):
                return [raw]
            case BlockStop():
                return self._closed()
        return []

    def _closed(self) -> list[Json]:
        call, self._call = self._call, None
        thought, self._thinking = self._thinking, None
        if call is not None:
            text = "".join(self._arguments)
            arguments = {"input": text} if call.custom else _finite(text)
            made = {"id": call.id, "name": call.name, "args": arguments}
            return [self._signed({"functionCall": made}, call.signature)]
        if thought is None:
            return []
        if not self._shown:
            self._unseen.append(thought)
            return []
        signature = hidden.shown(thought.signature, thought.origin, thought.redacted)
        return [{"text": "", "thought": True, "thoughtSignature": signature}] if signature else []

    def _signed(self, part: Json, signature: str) -> Json:
        if not signature and self._unseen:
            signature = hidden.sealed(self._unseen)
        self._unseen = []
        if signature:
            part["thoughtSignature"] = signature
        return part


class GeminiEncoder:
    """One answer. `own["array"]` of the request: the client did not ask for server-sent events."""

    def __init__(self, answering: Answering) -> None:
        self._answering = answering
        self._parts = _Parts(answering.asked.thought.shown is not False)
        self._array = bool(answering.asked.own.get("array"))
        self._begun = False
        self._said = 0

    def adopt(self, *, array: bool) -> None:
        """The client was sent other chunks than these, in this form; it was shown what they hold."""
        self._array, self._begun = array, True
        self._parts.forget()

    def take(self, event: Event) -> bytes:
        """What goes to a streaming client for this event; possibly nothing."""
        self._said += size(event)
        if isinstance(event, Stop):
            # Official SDKs keep an answer in their history only if every chunk of it has a part.
            last = self._framed(self._answer([{"text": ""}], event))
            return last + b"]" if self._array else last
        parts = self._parts.take(event)
        return self._framed(self._answer(parts)) if parts else b""

    def whole(self, events: Iterable[Event]) -> bytes:
        """The whole answer that a stream folds to."""
        parts: list[Json] = []
        stop = Stop("end")
        for event in events:
            self._said += size(event)
            if isinstance(event, Stop):
                stop = event
            for part in self._parts.take(event):
                _append(parts, part)
        return dumped(self._answer(parts or [{"text": ""}], stop))

    def _answer(self, parts: list[Json], stop: Stop | None = None) -> Json:
        candidate: Json = {"content": {"parts": parts, "role": "model"}}
        if stop is not None:
            candidate["finishReason"] = stops.word(stop.reason)
            if stop.explanation:
                candidate["finishMessage"] = stop.explanation
        candidate["index"] = 0
        answer: Json = {"candidates": [candidate]}
        if stop is not None:
            answer["usageMetadata"] = told(stop.usage, self._answering.estimate, self._said)
        return {**answer, "modelVersion": self._answering.model, "responseId": self._answering.id}

    def _framed(self, answer: Json) -> bytes:
        data = dumped(answer)
        if not self._array:
            return b"data: " + data + b"\n\n"
        before = b",\r\n" if self._begun else b"["
        self._begun = True
        return before + data


def _append(parts: list[Json], part: Json) -> None:
    """Joins words to words, and a thought's signature to the thought."""
    last = parts[-1] if parts else {}
    thought = part.get("thought")
    same = "text" in part and "text" in last and last.get("thought") == thought and "thoughtSignature" not in last
    if same and (thought or "thoughtSignature" not in part):
        last["text"] += part["text"]
        if "thoughtSignature" in part:
            last["thoughtSignature"] = part["thoughtSignature"]
    else:
        parts.append(dict(part))


def _finite(text: str) -> dict[str, Any]:
    """Arguments as an object that is JSON: numbers that JSON has no word for make them broken ones."""
    value = as_object(text)
    try:
        json.dumps(value, allow_nan=False)
    except (ValueError, RecursionError):
        return {"_raw": text}
    return value
