"""Carries one answer from the provider to the client: owns the commit point, counts what passes, changes nothing.

A stream is held back until the provider has said something (the commit point), then flows as it arrives, whole
events at a time. A whole answer is read whole, so that its headers can tell its cost, and goes out unchanged.
What is neither (sound, pictures) flows as bytes.
"""

from __future__ import annotations

import asyncio
import contextlib

from trunkline.errors import Failure, ProviderCut, ProviderGarbage, ProviderRefused, StoreDown
from trunkline.model.sizes import said
from trunkline.model.wires import ANSWERING, Operation
from trunkline.route import patience
from trunkline.route.plan import Candidate
from trunkline.state.store import HoldRef
from trunkline.state.types import Progress
from trunkline.upstream import trailer
from trunkline.upstream.answer_head import answer_head
from trunkline.upstream.books import Record
from trunkline.upstream.call import Call, Client
from trunkline.upstream.coding import Decoder, decoder, undo
from trunkline.upstream.engine import Engine
from trunkline.upstream.line import Line
from trunkline.upstream.pool import Answer
from trunkline.upstream.redact import redacted
from trunkline.upstream.watchdog import Watchdog, idle
from trunkline.wire.anthropic.stream import MessagesWatch
from trunkline.wire.body import Body
from trunkline.wire.formats import FORMATS, READERS
from trunkline.wire.gemini.stream import GeminiWatch
from trunkline.wire.ollama.stream import OllamaWatch
from trunkline.wire.openai_chat.stream import ChatWatch
from trunkline.wire.openai_responses.stream import ResponsesWatch
from trunkline.wire.watch import Watch

_STREAMING: frozenset[Operation] = ANSWERING | {"completions"}

_OPAQUE: frozenset[Operation] = frozenset({"other", "stored"})
"""Operations whose answers may be anything: what is no JSON is not looked at."""

_GRACE = 1.0
"""Seconds that a provider may take to hang up once it has said all."""
_LONG_GRACE = 15.0
"""The same where a usage chunk may follow the stop reason."""
NOTE_EVERY = 8192
"""Bytes of a stream between two notes of how far it came."""


class Relay:
    """The way back of one attempt."""

    def __init__(
        self,
        engine: Engine,
        call: Call,
        candidate: Candidate,
        client: Client,
        record: Record,
        hide_usage: bool,
        key: str,
    ) -> None:
        self._engine, self._call, self._candidate, self._client = engine, call, candidate, client
        self._record = record
        self._hide = hide_usage
        self._key = key
        self.hold: HoldRef | None = None
        self._noted = 0
        self._watch: Watch | None = None
        self._answer: Answer
        self._coder: Decoder | None = None
        self._dog: Watchdog
        self._dropped = 0
        self._tells = trailer.wants(call)
        self._line: Line | None = None
        if call.streamed and call.operation in ANSWERING and call.snapshot.extras.resume != "off":
            self._line = Line()

    async def run(self, answer: Answer, dog: Watchdog) -> None:
        """Relays the answer to its end. Raises the `Failure` that ended it before that."""
        self._answer, self._dog = answer, dog
        headers = dict(answer.headers)
        self._coder = decoder(headers.get("content-encoding", ""))
        kind = headers.get("content-type", "").split(";", 1)[0].strip().lower()
        first = await self._read()
        while first and not (first[:64].strip() or first.strip()) and (more := await self._read()):
            first += more
        if self._call.operation in _STREAMING and self._call.streamed and self._is_stream(kind, first):
            await self._stream(first)
        elif self._call.operation in _OPAQUE and not kind.endswith("json"):
            await self._opaque(first, headers.get("content-type", "application/octet-stream"))
        else:
            await self._whole(first, kind)

    async def _read(self) -> bytes:
        """The next piece, decoded; empty at the clean end."""
        while piece := await self._answer.read():
            if self._coder is not None:
                piece = undo(self._coder, piece)
                if not piece:
                    continue
            return piece
        return b""

    async def _stream(self, piece: bytes) -> None:
        call, client, record = self._call, self._client, self._record
        watch = self._watch = self._new_watch()
        held: list[bytes] = []
        while piece:
            passed = self._told(watch, watch.feed(piece))
            if client.committed:
                self._dog.touch()
                if passed:
                    await self._send(passed)
                if watch.passed - self._noted > NOTE_EVERY:
                    self._note(watch)
            else:
                held.append(passed)
                if watch.failure is not None and not watch.committed:
                    raise watch.failure
                if watch.committed:
                    record.first_token = self._engine.loop.time() - call.began
                    record.model = watch.model
                    self._dog.watch(self._idle(), idle)
                    self._note(watch)
                    self._engine.makers.keep(call, self._candidate, watch.stored)
                    await self._commit(b"".join(held))
            if watch.failure is not None:
                raise self._withheld(watch)
            if watch.dropped > self._dropped:
                self._check(watch)
            piece = await (self._last() if watch.over or watch.finished else self._read())
        tail = self._told(watch, watch.end())
        if not client.committed:
            if not watch.committed:
                raise watch.failure or ProviderGarbage("The provider's stream ended without saying anything.")
            await self._commit(b"".join((*held, tail)))
        elif tail:
            await self._send(tail)
        if watch.failure is not None:
            raise self._withheld(watch)
        self._dog.stop()
        await client.finish()

    def _told(self, watch: Watch, block: bytes) -> bytes:
        """The block, with the cost where it ends the answer and the client is told it."""
        if not self._tells or not block or not watch.stop:
            return block
        self._record.usage = watch.usage
        return trailer.told(block, self._record)

    async def _send(self, piece: bytes) -> None:
        """Whole events to the client, kept as long as it may have to be gone on from them."""
        if self._line is not None:
            self._line.keep(piece)
        await self._client.send(piece)

    def _withheld(self, watch: Watch) -> Failure:
        """The error that ended the stream, with its event: the client gets that if nobody can go on."""
        failure = watch.failure
        assert failure is not None
        if isinstance(failure, ProviderRefused):
            failure.event = redacted(watch.error, self._key)
        return failure

    def _check(self, watch: Watch) -> None:
        """Events were left out. Words may lack a few, but a call whose middle is missing would be another call."""
        self._dropped = watch.dropped
        if self._line is not None and self._client.committed and self._line.calling(self._call.wire):
            raise ProviderGarbage(
                "The provider sent an event that is no JSON in the middle of a tool call.",
                remedy="Send the request again.",
            )

    async def _last(self) -> bytes:
        """The next piece after the answer's end: who does not hang up, or breaks off then, takes nothing away."""
        assert self._watch is not None
        self._dog.watch(_GRACE if self._watch.over else _LONG_GRACE, idle)
        try:
            return await self._read()
        except ProviderCut:
            return b""
        except asyncio.CancelledError:
            if not self._dog.forgive():
                raise
            return b""

    def _idle(self) -> float:
        """Seconds of silence after which a stream that has begun is given up."""
        return patience.idle(self._call.snapshot, self._candidate.deployment, self._call.wishes)

    def _note(self, watch: Watch) -> None:
        """Writes down how far the answer came: should this process be killed, that is what is settled."""
        self._noted = watch.passed
        usage = watch.usage
        progress = Progress(
            input=self._record.estimate if usage.input is None else usage.input,
            output=max(usage.output or 0, watch.output_at_least()),
            cache_read=usage.cache_read,
            cache_write=usage.cache_write + usage.cache_write_1h,
        )
        self.note(progress)

    def note(self, progress: Progress) -> None:
        """Writes it down. A store that takes none has said so in its log and lets no new request out."""
        if self.hold is not None:
            with contextlib.suppress(StoreDown):
                self._engine.books.note(self.hold, progress)

    async def _commit(self, piece: bytes) -> None:
        """The provider has said something: status, headers and what was held go out, and nothing can be taken back."""
        client = self._client
        client.committed = True
        if self._call.spoke is not None:
            self._call.spoke()
        if not client.started:
            head = answer_head(
                self._call, self._candidate, self._answer.headers, self._stream_type(), repairs=self.repairs()
            )
            await client.start(200, head)
        self._call.line = self._line
        await self._send(piece)

    def repairs(self) -> list[str]:
        """What had to be mended so far."""
        return self._record.repairs

    def _stream_type(self) -> bytes:
        if self._call.operation == "generate" and "alt=sse" not in self._call.query:
            # Gemini's own default: a stream is one JSON array, delivered in pieces.
            return b"application/json"
        return FORMATS[self._call.wire].stream_type

    def _is_stream(self, kind: str, first: bytes) -> bool:
        """Whether what comes is a stream: by its type or, where the type is wrong, by its first byte.

        A whole object and a web page begin as no server-sent event does. Ollama's lines are objects themselves, so
        there what was asked for decides; and Gemini's stream may be an array.
        """
        if kind in ("text/event-stream", "application/x-ndjson"):
            return True
        begin = first.lstrip()[:1]
        if self._candidate.wire == "gemini" and begin == b"[":
            return True
        return begin != b"<" if self._candidate.wire == "ollama" else begin not in (b"{", b"[", b"<", b"")

    def _new_watch(self) -> Watch:
        match self._call.operation:
            case "messages":
                return MessagesWatch(self._record.estimate)
            case "responses":
                return ResponsesWatch()
            case "ollama_chat" | "ollama_generate":
                return OllamaWatch()
            case "generate":
                return GeminiWatch()
        body = self._call.body
        several = body.get("n") if isinstance(body, Body) and "n" in body.members else 1
        return ChatWatch(self._hide, several if isinstance(several, int) else 1)

    async def _all(self, piece: bytes) -> bytes:
        """A whole answer, from its first piece on. Raises `ProviderGarbage` for one that is too large."""
        limit = self._call.snapshot.limits.answer
        pieces, size = [piece], len(piece)
        while piece:
            piece = await self._read()
            pieces.append(piece)
            size += len(piece)
            self._dog.touch()
            if size > limit:
                raise ProviderGarbage(f"The provider's answer is larger than {said(limit)}.")
        self._dog.stop()
        body = b"".join(pieces)
        if body.lstrip()[:1] == b"<":
            raise ProviderGarbage(
                "The provider answered 200 with a web page instead of an answer.",
                remedy="Check `api_base`: it may lead to a site, a login page or a proxy instead of the API.",
            )
        return body

    async def _whole(self, piece: bytes, kind: str) -> None:
        call, client, record = self._call, self._client, self._record
        body = await self._all(piece)
        whole = READERS[call.operation](body)
        record.usage, record.stop, record.model = whole.usage, whole.stop, whole.model
        self._engine.makers.keep(call, self._candidate, whole.stored)
        record.first_token = self._engine.loop.time() - call.began
        record.price(0)
        content = b"application/json" if not kind.endswith("json") else b""
        head = answer_head(call, self._candidate, self._answer.headers, content, record)
        client.committed = True
        await client.start(self._answer.status, [*head, (b"content-length", b"%d" % len(body))])
        await client.finish(body)

    async def _opaque(self, piece: bytes, kind: str) -> None:
        """Bytes that nobody here reads. Once begun they cannot be mended: a break ends the client's connection, too."""
        client = self._client
        self._record.stop = "relayed"
        client.committed = True
        self._dog.watch(self._idle(), idle)
        head = answer_head(self._call, self._candidate, self._answer.headers, kind.encode("latin-1", "replace"))
        await client.start(self._answer.status, head)
        client.opaque = True
        while piece:
            await client.send(piece)
            piece = await self._read()
            self._dog.touch()
        await client.finish()

    def read_usage(self) -> None:
        """Takes over what the stream told, as far as it came."""
        if self._watch is not None:
            self._record.usage = self._watch.usage
            self._record.stop = self._watch.stop
            self._record.dropped = self._watch.dropped
            self._record.model = self._watch.model or self._record.model

    def output_at_least(self) -> int:
        """Output tokens, when the provider never told."""
        return self._watch.output_at_least() if self._watch is not None else 0
