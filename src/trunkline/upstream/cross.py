"""Carries a conversation to a provider of another wire, and its answer back: decode, restore, encode.

The same relay as on one wire, with the same commit point: events instead of bytes. A whole answer takes the same way as
a stream; it is the stream, folded.
"""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import msgspec

from trunkline.errors import Failure, InvalidRequest, ProviderCut
from trunkline.model.conversation import Conversation
from trunkline.model.dialect import Dialect, Written
from trunkline.model.events import (
    ArgumentsDelta,
    BlockStop,
    Event,
    Start,
    Stop,
    TextDelta,
    ThinkingDelta,
    says_something,
)
from trunkline.model.usage import Usage
from trunkline.model.wires import COUNTING
from trunkline.route.plan import Candidate
from trunkline.state.types import Progress
from trunkline.upstream import trailer
from trunkline.upstream.answer_head import answer_head
from trunkline.upstream.books import Record
from trunkline.upstream.call import Call, Client
from trunkline.upstream.engine import Engine
from trunkline.upstream.params import with_params
from trunkline.upstream.relay import NOTE_EVERY, Relay
from trunkline.upstream.seam import Seam
from trunkline.upstream.watchdog import idle
from trunkline.wire.absent import replayed
from trunkline.wire.anthropic.claude import is_claude
from trunkline.wire.body import Body
from trunkline.wire.codec import Answering, Decoder, Encoder
from trunkline.wire.codecs import codec
from trunkline.wire.counting import asked as asked_to_count
from trunkline.wire.openai_responses.stored import refuse
from trunkline.wire.restore import Restore

_JSON = b"application/json"
_encode = msgspec.json.Encoder().encode


def conversation_of(call: Call) -> Conversation:
    """The request as a conversation; read once, for all attempts. Raises `InvalidRequest`."""
    if call.conversation is None:
        if not isinstance(call.body, Body):
            raise InvalidRequest("A form cannot be carried to another format.", remedy="Send JSON.")
        body = call.body.document()
        if call.operation in COUNTING:
            body = asked_to_count(call.wire, body)
        reader = codec(call.wire)
        read = getattr(reader, "read_generate", reader.read) if call.operation == "ollama_generate" else reader.read
        asked: Conversation = read(body, model=call.asked, streamed=call.streamed)
        asked.session = asked.session or call.session
        if call.operation == "generate" and call.streamed and "alt=sse" not in call.query:
            # Gemini's own default: a stream is one JSON array, delivered in pieces.
            asked.own["array"] = True
        call.conversation = asked
    return call.conversation


def written_for(asked: Conversation, candidate: Candidate, dialect: Dialect, limit: int | None = None) -> Written:
    """The request as this candidate is sent it, with the deployment's own parameters. Raises `InvalidRequest`.

    `limit`: output tokens that a budget pays for.
    """
    deployment = candidate.deployment
    left = refuse(asked, dialect)
    if candidate.wire != "anthropic" or not is_claude(dialect):
        asked = replayed(asked)
    asked, others = with_params(asked, deployment.params)
    if limit is not None:
        asked = replace(asked, limit=limit)
    written = codec(candidate.wire).write(asked, dialect)
    written.lost += [name for name in left if name not in written.lost]
    body = written.body
    for name, value in others.items():
        body.setdefault(name, value)
    body.update(deployment.extra_body)
    for name in deployment.drop:
        body.pop(name, None)
    return written


def encoded(body: dict[str, object]) -> bytes:
    """A body as bytes: members in their order, no blanks, so that equal beginnings stay equal."""
    try:
        return _encode(body)
    except UnicodeEncodeError:
        # Half of a surrogate pair, which JSON can spell and UTF-8 cannot.
        return json.dumps(body, separators=(",", ":")).encode()


class Crossing(Relay):
    """The way back of one attempt whose provider speaks another wire than the client, or goes on with its stream."""

    def __init__(
        self,
        engine: Engine,
        call: Call,
        candidate: Candidate,
        client: Client,
        record: Record,
        key: str,
        dialect: Dialect,
        written: Written,
        seam: Seam | None = None,
    ) -> None:
        super().__init__(engine, call, candidate, client, record, hide_usage=False, key=key)
        self._repaired = record.repairs = written.repairs
        asked = conversation_of(call)
        self._restore = Restore(asked, written)
        self._decoder: Decoder = codec(candidate.wire).decoder(dialect, written.offered)
        self._seam = seam
        known = call.line.encoder if seam is not None and call.line is not None else None
        self._encoder: Encoder = known or codec(call.wire).encoder(
            Answering(call.id, candidate.model, int(call.started), record.estimate, asked)
        )
        if known is not None:
            self._line = call.line
        elif self._line is not None:
            self._line.encoder = self._encoder
        self._held: list[bytes] = []
        self._said = 0
        self._deltas = 0
        self._spoke = self._stopped = False

    async def _stream(self, piece: bytes) -> None:
        while piece:
            await self._pass(self._decoder.feed(piece))
            if self._stopped:
                break
            try:
                piece = await self._read()
            except ProviderCut:
                if not await self._ended():
                    raise
                break
            except asyncio.CancelledError:
                if self._dog.expired is None or not await self._ended():
                    raise
                self._dog.forgive()
                break
        if not self._stopped:
            await self._pass(self._decoder.end())
        self._dog.stop()
        await self._client.finish()

    async def _ended(self) -> bool:
        """Whether a stream that broke off had ended all the same, but for its wire's last word; then it is ended."""
        try:
            events = self._decoder.end()
        except Failure:
            return False
        await self._pass(events)
        return self._stopped

    async def _pass(self, events: list[Event]) -> None:
        """Writes events for the client: held back until the first that says something to it, then as they come."""
        out, says = self._encoded(events)
        if self._spoke:
            self._dog.touch()
            if self._said - self._noted > NOTE_EVERY:
                self._note_progress()
        elif any(says_something(event) for event in events):
            # It may be a call that this client is given whole: long before that, the provider is not silent.
            self._spoke = True
            self._record.first_token = self._engine.loop.time() - self._call.began
            self._dog.watch(self._idle(), idle)
            self._note_progress()
        if self._client.committed:
            if out:
                await self._client.send(out)
            return
        self._held.append(out)
        if says:
            held, self._held = b"".join(self._held), []
            await self._commit(held)

    def _encoded(self, events: list[Event]) -> tuple[bytes, bool]:
        """(what a client reads for these events, whether that says anything)."""
        out: list[bytes] = []
        says = False
        for event in self._restore.events(events):
            self._see(event)
            for each in (event,) if self._seam is None else self._seam.take(event):
                calls = self._line is not None and self._line.open == "call"
                piece = self._encoder.take(each)
                if self._tells and isinstance(each, Stop):
                    piece = trailer.told(piece, self._record)
                if self._line is not None:
                    self._line.take(each, sent=bool(piece))
                if piece:
                    out.append(piece)
                    says = says or says_something(each) or (calls and isinstance(each, BlockStop))
        if out and self._line is not None and self._line.bridge:
            out.insert(0, self._line.bridge)
            self._line.bridge = b""
        return b"".join(out), says

    async def _send(self, piece: bytes) -> None:
        await self._client.send(piece)

    def _see(self, event: Event) -> None:
        """Keeps what the ledger must know."""
        match event:
            case Start(model=model, usage=usage):
                self._record.model = model
                if usage is not None:
                    # What it says of the output so early is no count: Anthropic's starts with one.
                    self._record.usage = replace(usage, output=None)
            case TextDelta(text=text) | ThinkingDelta(text=text) | ArgumentsDelta(text=text):
                self._deltas += 1
                self._said += len(text)
            case Stop(reason=reason, usage=usage):
                self._stopped = True
                self._record.stop = reason
                self._record.usage = usage

    async def _whole(self, piece: bytes, kind: str) -> None:
        body = await self._all(piece)
        call, client, record = self._call, self._client, self._record
        events = self._decoder.whole(body)
        record.first_token = self._engine.loop.time() - call.began
        if call.streamed:
            out, _ = self._encoded(events)
            record.price(self.output_at_least())
            await (client.send(out) if client.committed else self._commit(out))
            await client.finish()
            return
        events = self._restore.events(events)
        for event in events:
            self._see(event)
        record.price(self.output_at_least())
        answer = self._encoder.whole(events)
        head = answer_head(call, self._candidate, self._answer.headers, _JSON, record, repairs=self.repairs())
        client.committed = True
        await client.start(200, [*head, (b"content-length", b"%d" % len(answer))])
        await client.finish(answer)

    def _note_progress(self) -> None:
        self._noted = self._said
        usage: Usage = self._record.usage
        known = self._record.estimate if usage.input is None else usage.input
        self.note(Progress(known, self.output_at_least(), usage.cache_read, usage.cache_write))

    def read_usage(self) -> None:
        """What the stream told is in the record already; what had to be mended in it is not."""
        self._record.repairs = self.repairs()
        self._record.dropped = self._decoder.junk.dropped

    def repairs(self) -> list[str]:
        """What was mended in the request, and in the answer as far as it has come."""
        return [*self._repaired, *getattr(self._decoder, "repairs", ()), *self._restore.repairs]

    def output_at_least(self) -> int:
        """Output tokens, when the provider never told: one a delta at least, one in three characters."""
        return max(self._deltas, self._said // 3)
