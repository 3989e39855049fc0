"""Joins what another provider says to what the client has: one stream of events that obeys the grammar. Pure."""

from __future__ import annotations

from dataclasses import replace

from trunkline.model.events import (
    BlockStop,
    Event,
    RefusalStart,
    SignatureDelta,
    Start,
    Stop,
    TextDelta,
    TextStart,
    ThinkingDelta,
    ThinkingStart,
)
from trunkline.upstream.line import Line
from trunkline.upstream.overlap import Overlap


class Seam:
    """The events of one continuation. `anew`: the answer was only thought about so far, and now begins.

    Where words were said, further words join their block, and what the next model thinks before it goes on is its own.
    `before` is said first of all.
    """

    def __init__(self, line: Line, overlap: Overlap, *, anew: bool, before: str = "") -> None:
        self._line = line
        self._before = before
        self._overlap = overlap
        self._anew = anew
        self._begun = self._hushed = False
        # A call of which the client has nothing is given up.
        self._open = "" if line.open == "call" else line.open

    def exact(self) -> None:
        """The model was given what was said to the last blank: what it goes on with is meant so."""
        self._overlap.exact = True

    def take(self, event: Event) -> list[Event]:
        """What the client's encoder is given for an event of the continuation."""
        if isinstance(event, Start):
            return []
        if not self._anew and self._thinks(event):
            return []
        out: list[Event] = []
        if not self._begun:
            self._begun = True
            out = self._begin(event)
            if self._open == "text":
                return out
        match event:
            case TextDelta(text=text):
                return [*out, *self._said(self._overlap.feed(text))]
            case TextStart() | RefusalStart() | ThinkingStart():
                self._open = "text"
            case BlockStop():
                return [*out, *self._close()]
            case Stop(usage=usage) if usage.output is not None:
                total = replace(usage, output=usage.output + self._line.output)
                return [*out, replace(event, usage=total)]
        return [*out, event]

    def _begin(self, event: Event) -> list[Event]:
        """What comes before the first event. Leaves words open only where the event opens words: they go on."""
        out: list[Event] = []
        if self._open == "thinking":
            out = self._close()
        if self._before:
            out += [TextDelta(self._before)] if self._open else [TextStart(), TextDelta(self._before)]
            self._open = "text"
        if self._open == "text" and not isinstance(event, TextStart):
            out += self._close()
        return out

    def _thinks(self, event: Event) -> bool:
        """Whether an event is of thinking before or between words: it is not shown."""
        if isinstance(event, ThinkingStart):
            self._hushed = True
        hushed = self._hushed
        if isinstance(event, BlockStop):
            self._hushed = False
        return hushed and isinstance(event, ThinkingStart | ThinkingDelta | SignatureDelta | BlockStop)

    def _close(self) -> list[Event]:
        self._open = ""
        return [*self._said(self._overlap.end()), BlockStop()]

    @staticmethod
    def _said(text: str) -> list[Event]:
        return [TextDelta(text)] if text else []
