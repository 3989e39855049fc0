"""Reads an answer of `/api/chat`, streamed by lines or whole. Source: ollama/ollama api/types.go (2026-08)."""

from __future__ import annotations

import re
from collections.abc import Container

import msgspec

from trunkline.errors import ProviderCut, ProviderGarbage, ProviderRefused, RefusedAnswer
from trunkline.model.dialect import Dialect
from trunkline.model.events import Event, Start, Stop, StopReason, ToolStart
from trunkline.wire.ends import closed, unreasoned
from trunkline.wire.framing import LineFramer
from trunkline.wire.ids import Ids
from trunkline.wire.junk import Junk
from trunkline.wire.leak import finder
from trunkline.wire.mixed import Words
from trunkline.wire.ollama import usage
from trunkline.wire.raw import ABSENT, there
from trunkline.wire.sequence import Sequence
from trunkline.wire.words import no_answer, words


class _Function(msgspec.Struct, gc=False):
    name: str | None = None
    arguments: msgspec.Raw = ABSENT


class _Call(msgspec.Struct, gc=False):
    id: str | None = None
    function: _Function | None = None


class _Message(msgspec.Struct, gc=False):
    content: str | None = None
    thinking: str | None = None
    tool_calls: list[_Call] | None = None


class _Line(msgspec.Struct, gc=False):
    """A line of `/api/chat`, or one of `/api/generate`, which says it beside the rest."""

    model: str | None = None
    created_at: str | None = None
    message: _Message | None = None
    response: str | None = None
    thinking: str | None = None
    done: bool | None = None
    done_reason: str | None = None
    prompt_eval_count: int | None = None
    eval_count: int | None = None
    error: msgspec.Raw = ABSENT


_lines = msgspec.json.Decoder(_Line)
_UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


class OllamaDecoder:
    """One answer. Calls come whole; thinking comes beside the words, or between tags inside them."""

    def __init__(self, dialect: Dialect, offered: Container[str] | None = None) -> None:
        self.repairs: list[str] = []
        """What was mended."""
        self._leaks = finder(dialect, offered)
        self._framer = LineFramer()
        self.junk = Junk()
        self._sequence = Sequence(Ids(""))
        self._words = Words(self._sequence, self.repairs, tags=True, leaks=self._leaks)
        self._calls = 0
        self._begun = self._spoke = False
        self._ended = False

    def feed(self, piece: bytes) -> list[Event]:
        """The events of the lines that a piece completes."""
        return self._block(self._framer.push(piece))

    def end(self) -> list[Event]:
        """The stream was closed: a last line without a line break still counts."""
        out = self._block(self._framer.rest())
        if self._ended:
            return out
        if not self._begun:
            raise ProviderGarbage("The provider closed the stream without a line in it.")
        raise closed()

    def whole(self, body: bytes) -> list[Event]:
        """An answer to `stream: false`: one object, which is its own last line."""
        try:
            line = _lines.decode(body)
        except _UNREADABLE as error:
            raise no_answer(body, "an Ollama answer", error) from None
        if there(line.error) or line.message is None:
            raise no_answer(body, "an Ollama answer")
        if not line.done:
            raise ProviderCut("The provider's answer is not done.", remedy="Send the request again.")
        return self._line(line)

    def _block(self, block: bytes) -> list[Event]:
        out: list[Event] = []
        # Not splitlines: it would cut at other characters as well.
        for data in block.split(b"\n"):
            if self._ended:
                break
            if not data.strip():
                continue
            try:
                line = _lines.decode(data)
            except _UNREADABLE as error:
                if not self._begun:
                    raise no_answer(data, "a line of an Ollama answer", error) from None
                # A call comes in one line: none can be left without its middle.
                self.junk.take(data)
                continue
            self.junk.fine()
            if there(line.error):
                raise _refused(data)
            out += self._line(line)
        return out

    def _line(self, line: _Line) -> list[Event]:
        out: list[Event] = []
        if not self._begun:
            self._begun = True
            # It names no answer: the time is told to the nanosecond.
            self._sequence = Sequence(Ids(f"{line.model}\0{line.created_at}"))
            self._words = Words(self._sequence, self.repairs, tags=True, leaks=self._leaks)
            out.append(Start(model=line.model or ""))
        message = line.message
        if message is None and (line.response or line.thinking):
            message = _Message(line.response, line.thinking)
        if message is not None:
            self._spoke = self._spoke or bool(message.content or message.thinking or message.tool_calls)
            if message.thinking:
                out += self._thought(message.thinking)
            if message.content:
                out += self._words.take(message.content)
            for call in message.tool_calls or ():
                out += self._called(call)
        if line.done:
            if not (line.done_reason or self._spoke):
                raise unreasoned(spoke=False)
            out += self._words.flush()
            out += self._sequence.end()
            out.append(Stop(self._reason(line), usage=usage.take(line.prompt_eval_count, line.eval_count)))
            self._ended = True
        return out

    def _thought(self, text: str) -> list[Event]:
        """A server that tells thinking apart leaves no tags in the words: what looks like one is meant."""
        out = self._words.flush()
        self._words.no_tags()
        return out + self._sequence.thinking(text)

    def _called(self, call: _Call) -> list[Event]:
        """A call without a name cannot be made by anybody, and is left out."""
        function = call.function
        if function is None or not function.name:
            return []
        out = self._words.flush()
        self._calls += 1
        arguments = _arguments(function.arguments)
        # Without an id the arguments are what tells calls of one name apart, in this answer and the next.
        start = ToolStart(call.id or f"\0{arguments}", function.name)
        return out + self._sequence.call(self._calls, start, arguments)

    def _reason(self, line: _Line) -> StopReason:
        """Ollama says `stop` for a natural end, a stop sequence and calls alike."""
        if line.done_reason == "length":
            return "limit"
        return "tool" if self._sequence.called else "end"


def _arguments(raw: msgspec.Raw) -> str:
    """Arguments as JSON text, never empty. Some servers that imitate Ollama give that text in a string."""
    if not there(raw):
        return "{}"
    text = bytes(raw).decode(errors="replace").strip()
    if text.startswith('"'):
        try:
            text = msgspec.json.decode(text, type=str)
        except _UNREADABLE:
            return text
    else:
        # Ollama spells these three as escapes, for clients that would break a line at them: no part of what was said.
        text = _LINE_ENDS.sub(lambda found: found[1] + chr(int(found[2], 16)), text)
    return text if text.strip() else "{}"


_LINE_ENDS = re.compile(r"(?<!\\)((?:\\\\)*)\\u(0085|2028|2029)")


def _refused(data: bytes) -> ProviderRefused:
    said, _ = words(data)
    return ProviderRefused(
        f"The provider ended the stream with an error: {said or 'it does not say which'}",
        answer=RefusedAnswer(500, (("content-type", "application/json"),), data),
    )
