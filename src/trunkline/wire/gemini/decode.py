"""Reads a Gemini provider's answer, streamed or whole. A chunk is an answer in small, so both take the same way."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from typing import Any

import msgspec

from trunkline.errors import ProviderGarbage, ProviderRefused, RefusedAnswer
from trunkline.model.events import Event, Other, Start, Stop, ToolStart
from trunkline.model.usage import Usage
from trunkline.wire.arguments import as_text
from trunkline.wire.ends import closed
from trunkline.wire.gemini import stops
from trunkline.wire.gemini.chunks import ChunkFramer
from trunkline.wire.gemini.error import status_of
from trunkline.wire.gemini.spelling import Json, sound
from trunkline.wire.gemini.usage import Counts, searches, take
from trunkline.wire.ids import Ids
from trunkline.wire.junk import Junk
from trunkline.wire.sequence import Sequence
from trunkline.wire.words import no_answer, words

_KEPT = ("inlineData", "fileData", "executableCode", "codeExecutionResult")
"""Parts that only Gemini's own clients understand. Of any newer kind nobody here could say what it is."""


class GeminiDecoder:
    """One answer: of the first candidate, which is the only one that is asked for."""

    def __init__(self) -> None:
        self._framer = ChunkFramer()
        self.junk = Junk()
        self._sequence: Sequence | None = None
        self._usage = Usage()
        self._calls = 0
        self._said = False
        self._reason = ""
        self._message = ""
        self._blocked = False
        self._ended = False

    def feed(self, piece: bytes) -> list[Event]:
        """The events that a piece of a stream completes."""
        block = self._framer.push(piece)
        return self._read(block) if block else []

    def end(self) -> list[Event]:
        """The stream was closed cleanly. Raises where the answer was not whole."""
        out = self._read(self._framer.rest())
        if self._ended:
            return out
        if not self._reason:
            if not self._said:
                raise ProviderGarbage("The provider answered 200 and said nothing.")
            raise closed()
        return [*out, *self._stop()]

    def whole(self, body: bytes) -> list[Event]:
        """A whole answer as the stream that it would have been. Some servers answer with a list of chunks."""
        try:
            told = loaded(body)
        except ValueError as error:
            raise no_answer(body, "generated content", error) from None
        chunks = told if isinstance(told, list) else [told]
        if not chunks or any(not isinstance(one, dict) or one.get("error") for one in chunks):
            raise no_answer(body, "generated content")
        out: list[Event] = []
        for chunk in chunks:
            if not self._ended:
                out += self._chunk(chunk, body)
        if not self._ended:
            if not self._reason:
                raise no_answer(body, "generated content", "it has no candidate that came to an end")
            out += self._stop()
        return out

    def _read(self, block: bytes) -> list[Event]:
        out: list[Event] = []
        for data in self._framer.documents(block):
            if self._ended:
                break
            try:
                chunk = loaded(data)
            except ValueError as error:
                if self._sequence is None:
                    raise ProviderGarbage(f"The provider sent a chunk that is no JSON: {str(error)[:200]}.") from None
                # A call comes in one chunk: none can be left without its middle.
                self.junk.take(data)
                continue
            self.junk.fine()
            if not isinstance(chunk, dict):
                raise ProviderGarbage("The provider sent a chunk that is no object.")
            if chunk.get("error"):
                raise _refused(data)
            out += self._chunk(chunk, data)
        return out

    def _chunk(self, chunk: Json, data: bytes) -> list[Event]:
        out: list[Event] = []
        counts = _counts(chunk.get("usageMetadata"))
        if counts is not None:
            take(counts, self._usage)
        grounding = (_dict(one).get("groundingMetadata") for one in _list(chunk.get("candidates")))
        self._usage.searches = max(self._usage.searches, searches(grounding))
        if self._sequence is None:
            told = _text(chunk.get("responseId"))
            # Calls get the same ids whenever the same answer is read, and others in another answer.
            self._sequence = Sequence(Ids(told or hashlib.sha256(data).hexdigest()))
            known = self._usage if self._usage.input is not None else None
            start = Usage(known.input, known.cache_read) if known else None
            out.append(Start(told, _text(chunk.get("modelVersion")), start))
        candidate = next(
            (one for one in _list(chunk.get("candidates")) if isinstance(one, dict) and not one.get("index")), None
        )
        if candidate is not None:
            for part in _list(_dict(candidate.get("content")).get("parts")):
                out += self._part(_dict(part), self._sequence)
            self._reason = _text(candidate.get("finishReason")) or self._reason
            self._message = _text(candidate.get("finishMessage")) or self._message
        feedback = _dict(chunk.get("promptFeedback"))
        if blocked := _text(feedback.get("blockReason")):
            self._reason, self._blocked = blocked, True
            self._message = _text(feedback.get("blockReasonMessage")) or f"The prompt was blocked: {blocked}"
        if self._reason and counts is not None:
            out += self._stop()
        return out

    def _part(self, part: Json, sequence: Sequence) -> Iterator[Event]:
        signature = _text(part.get("thoughtSignature"))
        call = part.get("functionCall")
        if isinstance(call, dict):
            name = _text(call.get("name"))
            if not name:
                raise ProviderGarbage("The provider sent a function call without a name.")
            self._said = True
            self._calls += 1
            start = ToolStart(_text(call.get("id")), name, signature=signature)
            yield from sequence.call(self._calls, start, as_text(_dict(call.get("args"))))
        elif part.get("thought") is True:
            events = [*sequence.thinking(_text(part.get("text"))), *sequence.signature(signature, "gemini")]
            self._said = self._said or bool(events)
            yield from events
        elif isinstance(part.get("text"), str) or not part.keys() - {"thoughtSignature", "thought"}:
            # The signature of words is not asked for again; a call's is, and stands on the call.
            events = sequence.text(_text(part.get("text")))
            self._said = self._said or bool(events)
            yield from events
        else:
            self._said = True
            if sum(kind in part for kind in _KEPT) == 1 and "text" not in part:
                yield from sequence.end()
                yield Other("gemini", part)

    def _stop(self) -> list[Event]:
        sequence = self._sequence
        if sequence is None:
            raise ProviderGarbage("The provider answered 200 and said nothing.")
        reason = "refusal" if self._blocked else stops.reason(self._reason, self._message)
        why = (self._message or self._reason) if reason == "refusal" else ""
        out = sequence.end()
        if sequence.called and reason == "end":
            reason = "tool"
        self._ended = True
        return [*out, Stop(reason, usage=self._usage, explanation=why)]


def _refused(data: bytes) -> ProviderRefused:
    message, code = words(data)
    return ProviderRefused(
        f"The provider ended the stream with an error: {message or 'no message'}",
        answer=RefusedAnswer(status_of(code), (("content-type", "application/json"),), data),
        code=code or None,
    )


def loaded(data: bytes) -> Any:
    """JSON. Raises `ValueError`."""
    try:
        return json.loads(data.decode(errors="replace").removeprefix("\ufeff"))
    except RecursionError:
        raise ValueError("it is nested too deeply") from None


def _counts(value: Any) -> Counts | None:
    if not isinstance(value, dict):
        return None
    try:
        return msgspec.convert(value, Counts)
    except (msgspec.ValidationError, UnicodeEncodeError):
        return None


def _dict(value: Any) -> Json:
    return value if isinstance(value, dict) else {}


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else []


def _text(value: Any) -> str:
    return sound(value) if isinstance(value, str) else ""
