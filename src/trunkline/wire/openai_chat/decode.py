"""A provider's answer in this wire, of whichever server, as events. Reads bytes, does no I/O.

Facts: `openai` SDK 3.52.0 and the deviations of compatible servers, each named where it is tolerated.
"""

from __future__ import annotations

from collections.abc import Container
from dataclasses import replace
from typing import Any

from trunkline.model.dialect import Dialect
from trunkline.model.events import Event, Other, Start, Stop, StopReason, says_something
from trunkline.model.usage import Usage
from trunkline.wire.ends import closed, unreasoned
from trunkline.wire.framing import SseFramer, events
from trunkline.wire.ids import Ids
from trunkline.wire.junk import Junk
from trunkline.wire.leak import finder
from trunkline.wire.mixed import Words
from trunkline.wire.openai_chat import chunk as chunks
from trunkline.wire.openai_chat.calls import Calls
from trunkline.wire.openai_chat.chunk import Choice, Chunk, Delta
from trunkline.wire.openai_chat.reasoning import Reasoning
from trunkline.wire.openai_chat.usage import searched, served
from trunkline.wire.openai_chat.ways import way
from trunkline.wire.raw import there
from trunkline.wire.sequence import Sequence
from trunkline.wire.words import no_answer


class ChatDecoder:
    """One answer. `offered`: the tools' names as they were sent, where known: only these are taken for leaked calls.

    `repairs` names what was mended. The stop comes with `[DONE]` or the end of the stream, since usage may come after
    the finish reason.
    """

    def __init__(self, dialect: Dialect, offered: Container[str] | None = None) -> None:
        row = way(dialect)
        self.repairs: list[str] = []
        self._framer = SseFramer()
        self.junk = Junk()
        self._ids = Ids("")
        self._sequence = Sequence(self._ids)
        self._calls = Calls(self._sequence)
        self._reasoning = Reasoning(self._sequence)
        self._words = Words(self._sequence, self.repairs, tags=row.tags, leaks=finder(dialect, offered))
        self._usage = Usage()
        self._id = self._model = ""
        self._finish: str | None = None
        self._annotations: list[Any] = []
        self._begun = self._spoke = self._refused = self._done = False

    # What comes

    def feed(self, piece: bytes) -> list[Event]:
        """Events of a piece of the stream."""
        if self._done:
            return []
        block = self._framer.push(piece)
        return self._block(block) if block else []

    def _block(self, block: bytes) -> list[Event]:
        out: list[Event] = []
        for _raw, name, data in events(block):
            if not data.strip() or self._done:
                continue
            if data.strip() == b"[DONE]":
                if self._finish is None:
                    raise unreasoned(spoke=self._spoke)
                out += self._stopped()
            else:
                out += self._event(data, name)
        return out

    def _event(self, data: bytes, name: bytes) -> list[Event]:
        chunk = chunks.read(data)
        if chunk is None:
            if not self._begun or self._sequence.called:
                raise no_answer(data, "a chunk of a completion")
            self.junk.take(data)
            return []
        self.junk.fine()
        failure = chunks.error_in(data, chunk, name)
        if failure is not None:
            raise failure
        return self._chunk(chunk, data)

    def end(self) -> list[Event]:
        """The end of the stream."""
        rest = self._framer.rest()
        if self._done:
            return []
        if rest.lstrip()[:1] == b"{" and not self._begun:
            # Asked for a stream, some servers answer whole all the same.
            return self.whole(rest)
        # What the close cut off is no event: it is missing, or it was usage only.
        whole = b"".join(raw for raw, _, data in events(rest) if data.strip() == b"[DONE]" or chunks.read(data))
        out = self._block(whole)
        if self._finish is None and not self._done:
            if not self._begun:
                raise no_answer(rest, "a stream of completion chunks")
            raise closed()
        return out if self._done else out + self._stopped()

    def whole(self, body: bytes) -> list[Event]:
        """A whole answer."""
        chunk = chunks.read(body)
        if chunk is None or not chunk.choices or (chunk.choices[0].message or chunk.choices[0].delta) is None:
            raise no_answer(body, "a completion")
        out = self._chunk(chunk, body) + self._settled()
        if self._finish is None and not any(map(says_something, out)):
            raise no_answer(body, "a completion", "it says nothing, nor why it ends")
        self._finish = self._finish or "stop"
        return out + self._stopped()

    # What it says

    def _chunk(self, chunk: Chunk, data: bytes) -> list[Event]:
        if isinstance(chunk.id, str):
            self._id = self._id or chunk.id
        if isinstance(chunk.model, str):
            self._model = self._model or chunk.model
        out: list[Event] = []
        chunks.counted(chunk.usage, self._usage)
        if chunk.service_tier is not None:
            self._usage.served = served(chunk.service_tier)
        if isinstance(chunk.x_groq, dict):
            self._groq(chunk.x_groq)
        if there(chunk.web_search):
            self._usage.searches = self._usage.searches or searched(chunk.web_search)
        for choice in chunk.choices or ():
            if choice.index in (None, 0):
                if not self._begun:
                    out.append(self._start(chunk))
                out += self._choice(choice, data)
        return out

    def _start(self, chunk: Chunk) -> Start:
        self._begun = True
        # Small servers count their ids anew, so the time keeps ids of calls apart from those of other answers.
        self._ids.seed = f"{self._id}:{chunk.created}"
        told = self._usage.input is not None
        return Start(self._id, self._model, replace(self._usage) if told else None)

    def _groq(self, extra: dict[str, Any]) -> None:
        chunks.counted(chunks.raw(extra.get("usage")), self._usage)

    def _choice(self, choice: Choice, data: bytes) -> list[Event]:
        chunks.counted(choice.usage, self._usage)
        said = choice.delta if choice.delta is not None else choice.message
        if choice.delta is None and self._spoke:
            # A stream that ends with its whole message once more.
            said = None
        out = self._said(said) if said is not None else []
        if out:
            self._spoke = True
        if isinstance(choice.finish_reason, str) and choice.finish_reason:
            failure = chunks.finish_failure(choice.finish_reason)
            if failure is not None:
                raise failure
            self._finish = self._finish or choice.finish_reason
        return out

    def _said(self, delta: Delta) -> list[Event]:
        out: list[Event] = []
        if self._reasoning.comes(delta):
            out += self._settled()
            out += self._reasoning.take(delta)
            self._words.no_tags()
        if delta.content:
            out += self._content(delta.content)
        if isinstance(delta.refusal, str) and delta.refusal:
            out += self._settled()
            out += self._sequence.refusal(delta.refusal)
            self._refused = True
        for fragments in (delta.tool_calls, delta.function_call):
            if fragments:
                out += self._words.flush()
                out += self._calls.take(fragments)
        if isinstance(delta.annotations, list):
            self._annotations += [each for each in delta.annotations if isinstance(each, dict)]
        return out

    def _content(self, content: Any) -> list[Event]:
        """Words: a string, or parts (Mistral's thinking comes as one of them)."""
        if isinstance(content, str):
            return self._calls.settle() + self._words.take(content)
        out: list[Event] = []
        for part in content if isinstance(content, list) else ():
            if not isinstance(part, dict):
                continue
            thought = part.get("thinking")
            if thought is not None:
                inner = thought if isinstance(thought, list) else [{"text": thought}]
                said = "".join(str(each.get("text") or "") for each in inner if isinstance(each, dict))
                out += self._settled() + self._sequence.thinking(said)
            elif isinstance(part.get("text"), str):
                out += self._calls.settle() + self._words.take(part["text"])
        return out

    # What ends

    def _settled(self) -> list[Event]:
        return self._words.flush() + self._calls.settle()

    def _stopped(self) -> list[Event]:
        self._done = True
        out: list[Event] = [] if self._begun else [self._start(Chunk())]
        out += self._settled() + self._sequence.end() + self._reasoning.late()
        if self._annotations:
            out.append(Other("openai_chat", {"annotations": self._annotations}))
        out.append(Stop(self._reason(), usage=self._usage))
        return out

    def _reason(self) -> StopReason:
        """A call that was made is the reason, unless the answer was cut: by the limit, the window or a filter."""
        reason = chunks.REASONS.get(self._finish or "stop", "end")
        if self._sequence.called and reason in ("end", "stop", "tool"):
            return "tool"
        if self._refused and reason == "end":
            return "refusal"
        return "end" if reason == "tool" else reason
