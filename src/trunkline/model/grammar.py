"""Which event may follow which: the automaton that every decoder's output and every encoder's input is held to.

    answer = Start block* Stop
    block  = TextStart TextDelta* BlockStop
           | RefusalStart TextDelta* BlockStop
           | ThinkingStart ThinkingDelta* SignatureDelta* BlockStop
           | ToolStart ArgumentsDelta* BlockStop
           | Other

An oracle for tests and a debug mode, not a cost on the way of a request.
"""

from __future__ import annotations

from collections.abc import Iterable

from trunkline.model.events import (
    ArgumentsDelta,
    BlockStop,
    Event,
    Other,
    RefusalStart,
    SignatureDelta,
    Start,
    Stop,
    TextDelta,
    TextStart,
    ThinkingDelta,
    ThinkingStart,
    ToolStart,
)

_NEXT: dict[str, dict[type, str]] = {
    "before": {Start: "between"},
    "between": {
        TextStart: "text",
        RefusalStart: "text",
        ThinkingStart: "thinking",
        ToolStart: "tool",
        Other: "between",
        Stop: "ended",
    },
    "text": {TextDelta: "text", BlockStop: "between"},
    "thinking": {ThinkingDelta: "thinking", SignatureDelta: "signed", BlockStop: "between"},
    "signed": {SignatureDelta: "signed", BlockStop: "between"},
    "tool": {ArgumentsDelta: "tool", BlockStop: "between"},
    "ended": {},
}


class Ungrammatical(AssertionError):
    """An event came where it may not: a defect of a decoder, never of a provider."""


class Grammar:
    """Follows one stream. `take` raises `Ungrammatical`; `ended` tells whether it was whole."""

    __slots__ = ("_calls", "_state")

    def __init__(self) -> None:
        self._state = "before"
        self._calls: set[str] = set()

    @property
    def ended(self) -> bool:
        """Whether the answer is whole."""
        return self._state == "ended"

    def take(self, event: Event) -> None:
        """The next event. Also holds: deltas say something, ids and names of calls are there, ids are unique."""
        following = _NEXT[self._state].get(type(event))
        if following is None:
            raise Ungrammatical(f"{type(event).__name__} may not come {self._state!r}")
        match event:
            case TextDelta(text="") | ThinkingDelta(text="") | ArgumentsDelta(text="") | SignatureDelta(signature=""):
                raise Ungrammatical(f"an empty {type(event).__name__}")
            case ToolStart(id=name, name=tool):
                if not name or not tool:
                    raise Ungrammatical("a call without an id or a name")
                if name in self._calls:
                    raise Ungrammatical(f"two calls with the id {name!r}")
                self._calls.add(name)
        self._state = following


def check(events: Iterable[Event]) -> None:
    """A whole stream. Raises `Ungrammatical`."""
    grammar = Grammar()
    for event in events:
        grammar.take(event)
    if not grammar.ended:
        raise Ungrammatical("the stream stops before its end")
