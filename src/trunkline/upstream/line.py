"""What the client of one stream has been given: followed as it goes, or read from the bytes once that is asked.

On one wire the bytes are kept as they passed, by reference, and nobody looks at them; only when a stream breaks are
they read, by the client's own wire. Between two wires the events are followed, since the encoder is at hand.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from trunkline.errors import Failure
from trunkline.model.conversation import Conversation
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
)
from trunkline.model.wires import Wire
from trunkline.route.plan import Candidate
from trunkline.wire.codec import Answering, Encoder
from trunkline.wire.codecs import codec
from trunkline.wire.think import CLOSE, OPEN

MOST = 8 * 1024 * 1024
"""Bytes, or characters, that are kept of one answer; a longer one is not gone on with."""

Block = Literal["", "text", "thinking", "call"]

_NO_STREAM = (Failure, msgspec.DecodeError, KeyError, TypeError, AttributeError, ValueError, RecursionError)
"""What reading bytes may raise that no client of the wire could read either."""


class Line:
    """One client's stream. `encoder` goes on with it; None while the provider's own bytes flow."""

    def __init__(self, encoder: Encoder | None = None) -> None:
        self.encoder = encoder
        self.bridge = b""
        """Goes out before what the encoder says next."""
        self.open: Block = ""
        self.last: Literal["", "text", "thinking", "other"] = ""
        self.called = False
        """The client has a call, or a part of one."""
        self.refused = False
        self.stopped = False
        self.lost = False
        """It was too much to keep, or is nothing that could be gone on with."""
        self.output = 0
        """Output tokens of the attempts that broke."""
        self.billed: int | None = 0
        """What they cost, nano-dollars; None: one of them has no known price."""
        self.prefills = True
        """Until a deployment turns down an answer that is begun for it."""
        self.began = 0
        """How often it was gone on with."""
        self.broken: tuple[Failure, Candidate] | None = None
        """The last break, and where: what the client is told if nothing can go on."""
        self._broken_at = -1
        self._text: list[str] = []
        self._sent: list[bytes] = []
        self._size = 0

    @property
    def text(self) -> str:
        """All words that the client has, without thinking."""
        if len(self._text) > 1:
            self._text = ["".join(self._text)]
        return self._text[0] if self._text else ""

    def keep(self, block: bytes) -> None:
        """The provider's own bytes, whole events of them, as they go out."""
        self._size += len(block)
        if self._size <= MOST:
            self._sent.append(block)
        elif self._sent:
            self._sent.clear()
            self.lost = True

    def take(self, event: Event, *, sent: bool) -> None:
        """An event that was encoded; `sent`: into more than nothing."""
        match event:
            case TextDelta(text=text):
                self.last = "text"
                self._size += len(text)
                if self._size <= MOST:
                    self._text.append(text)
                else:
                    self.lost = True
            case ThinkingDelta() | SignatureDelta():
                self.last = "thinking"
            case ArgumentsDelta():
                self.called = self.called or sent
            case TextStart() | RefusalStart():
                self.open = "text"
                self.refused = self.refused or isinstance(event, RefusalStart)
            case ThinkingStart():
                self.open = "thinking"
            case ToolStart():
                self.open = "call"
                self.called = self.called or sent
            case BlockStop():
                self.called = self.called or (sent and self.open == "call")
                self.open = ""
            case Other():
                self.last = "other" if sent else self.last
            case Stop():
                self.stopped = True

    def breaks_off(self, output: int, billed: int | None) -> None:
        """An attempt at it ended: what it used counts with what follows."""
        self.output += output
        self.billed = None if self.billed is None or billed is None else self.billed + billed

    def breaks(self, failure: Failure, candidate: Candidate) -> bool:
        """Whether a failure broke the stream: an attempt that added nothing to it did not."""
        if self._broken_at == self._size:
            return False
        self.broken, self._broken_at = (failure, candidate), self._size
        return True

    def read(self, wire: Wire, answering: Answering) -> None:
        """Reads the bytes that went out, once. `lost` where that cannot be done."""
        if self.encoder is not None or self.lost:
            return
        sent = b"".join(self._sent)
        self._sent.clear()
        try:
            adopted = codec(wire).adopt(sent, answering)
        except _NO_STREAM:
            adopted = None
        if adopted is None:
            self.lost = True
            return
        self._size = 0
        self._follow(adopted.events)
        self._broken_at = self._size
        self.encoder, self.bridge = adopted.encoder, adopted.bridge
        self.called = self.called or adopted.called

    def calling(self, wire: Wire) -> bool:
        """Whether a call has begun, in bytes that go on flowing; True where nobody can tell."""
        nobody = Answering("", "", 0, 0, Conversation(wire, "", []))
        try:
            adopted = codec(wire).adopt(b"".join(self._sent), nobody)
        except _NO_STREAM:
            return True
        return adopted is None or adopted.called

    def _follow(self, events: Iterable[Event]) -> None:
        for event in events:
            self.take(event, sent=True)

    @property
    def answer(self) -> str:
        """The words that are no thinking: those behind its closing tag, where a server leaves it among the words."""
        text = self.text
        if not text.lstrip().startswith(OPEN):
            return text
        return text.partition(CLOSE)[2].lstrip()

    @property
    def thinks_aloud(self) -> bool:
        """The words are thinking between tags, of which the second has not come."""
        return self.text.lstrip().startswith(OPEN) and CLOSE not in self.text
