"""A stream of one wire that breaks at a byte, and goes on from another: what the client has in the end."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from trunkline.model.conversation import Conversation, Thought, Turn
from trunkline.model.dialect import Dialect
from trunkline.model.events import (
    BlockStop,
    Event,
    Start,
    Stop,
    TextDelta,
    TextStart,
    ThinkingDelta,
    ThinkingStart,
)
from trunkline.model.usage import Usage
from trunkline.model.wires import Wire
from trunkline.upstream.line import Line
from trunkline.upstream.overlap import Overlap
from trunkline.upstream.seam import Seam
from trunkline.wire.anthropic.stream import MessagesWatch
from trunkline.wire.codec import Answering
from trunkline.wire.codecs import codec
from trunkline.wire.gemini.stream import GeminiWatch
from trunkline.wire.ollama.stream import OllamaWatch
from trunkline.wire.openai_chat.stream import ChatWatch
from trunkline.wire.openai_responses.stream import ResponsesWatch
from trunkline.wire.watch import Watch

WIRES: tuple[Wire, ...] = ("anthropic", "openai_chat", "openai_responses", "ollama", "gemini")

DIALECT = Dialect("openai_like", "m")


def asked(wire: Wire, **own: Any) -> Conversation:
    return Conversation(wire, "m", [Turn("user", [])], thought=Thought(shown=True), usage_asked=True, own=own)


def answering(wire: Wire, ident: str = "provider-1", **own: Any) -> Answering:
    return Answering(ident, f"model-of-{ident}", 1_700_000_000, 7, asked(wire, **own))


def watch(wire: Wire) -> Watch:
    match wire:
        case "anthropic":
            return MessagesWatch()
        case "openai_chat":
            return ChatWatch()
        case "openai_responses":
            return ResponsesWatch()
        case "ollama":
            return OllamaWatch()
        case "gemini":
            return GeminiWatch()


def said(*blocks: tuple[str, Iterable[str]], usage: Usage | None = None) -> list[Event]:
    """An answer of blocks of words: ("text" or "thinking", its deltas)."""
    out: list[Event] = [Start("id-1", "m-1", Usage(input=7))]
    for kind, deltas in blocks:
        out.append(TextStart() if kind == "text" else ThinkingStart())
        out += [TextDelta(text) if kind == "text" else ThinkingDelta(text) for text in deltas]
        out.append(BlockStop())
    return [*out, Stop("end", usage=usage or Usage(input=7, output=9))]


def stream(wire: Wire, events: Iterable[Event], ident: str = "provider-1", **own: Any) -> bytes:
    encoder = codec(wire).encoder(answering(wire, ident, **own))
    return b"".join(encoder.take(event) for event in events)


def breaks(wire: Wire, whole: bytes) -> Iterator[bytes]:
    """What a client has, for a break at every byte behind the commit point; each state once."""
    one, sent = watch(wire), b""
    for at in range(len(whole)):
        more = one.feed(whole[at : at + 1])
        sent += more
        if more and one.committed and not one.finished:
            yield sent


def line_of(wire: Wire, sent: bytes, **own: Any) -> Line:
    line = Line()
    line.keep(sent)
    line.read(wire, answering(wire, **own))
    return line


def goes_on(wire: Wire, sent: bytes, other: Wire, rest: Iterable[Event], **own: Any) -> tuple[bytes, Line]:
    """The client's whole stream, the rest of which comes from a provider of another wire."""
    line = line_of(wire, sent, **own)
    assert not line.lost, sent[-300:]
    assert line.encoder is not None
    decoder = codec(other).decoder(DIALECT)
    seam = Seam(line, Overlap(line.answer), anew=not line.answer.strip())
    events = decoder.feed(stream(other, rest, "other-2"))
    if not any(isinstance(event, Stop) for event in events):
        events += decoder.end()
    out = [line.bridge]
    for event in events:
        for each in seam.take(event):
            piece = line.encoder.take(each)
            line.take(each, sent=bool(piece))
            out.append(piece)
    return sent + b"".join(out), line
