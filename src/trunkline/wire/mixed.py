"""The words of an answer, with what a server left among them taken out: thinking between tags, leaked calls."""

from __future__ import annotations

from trunkline.model.events import Event, ToolStart
from trunkline.wire.leak import Leaked, LeakFinder
from trunkline.wire.sequence import Sequence
from trunkline.wire.think import ThinkSplitter

LEAKED = "leaked_tool_call"


class Words:
    """Sends words on to `sequence`. What it mends it names in `repairs`."""

    def __init__(self, sequence: Sequence, repairs: list[str], *, tags: bool, leaks: LeakFinder | None) -> None:
        self._sequence = sequence
        self._repairs = repairs
        self._tags = ThinkSplitter() if tags else None
        self._leaks = leaks
        self._leaked = 0

    def take(self, text: str) -> list[Event]:
        """More of them."""
        if self._tags is None:
            return self._plain(text)
        out: list[Event] = []
        for kind, words in self._tags.feed(text):
            out += self._plain(words) if kind == "text" else self._sequence.thinking(words)
        return out

    def no_tags(self) -> None:
        """Whoever tells thinking apart leaves no tags among the words: from now on they are words."""
        self._tags = None

    def flush(self) -> list[Event]:
        """What was held back for a tag, since something else follows."""
        out: list[Event] = []
        if self._tags is not None:
            for kind, words in self._tags.end():
                out += self._plain(words) if kind == "text" else self._sequence.thinking(words)
        return out + (self._found(self._leaks.end()) if self._leaks is not None else [])

    def _plain(self, text: str) -> list[Event]:
        return self._sequence.text(text) if self._leaks is None else self._found(self._leaks.feed(text))

    def _found(self, said: list[str | Leaked]) -> list[Event]:
        out: list[Event] = []
        for each in said:
            if isinstance(each, Leaked):
                self._leaked += 1
                self._repairs.append(LEAKED)
                out += self._sequence.call(f"leaked {self._leaked}", ToolStart("", each.name), each.arguments)
            else:
                out += self._sequence.text(each)
        return out
