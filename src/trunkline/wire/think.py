"""Thinking that a server left inside the words, between `<think>` and `</think>`: told apart while it streams.

A tag counts only where thinking begins: at the very start of what is said, or right behind other thinking. A model that
writes about the tag further on keeps its words. Pieces may be cut anywhere, inside a tag as well.
"""

from __future__ import annotations

from typing import Literal

OPEN = "<think>"
CLOSE = "</think>"

Said = tuple[Literal["text", "thinking"], str]


class ThinkSplitter:
    """One answer's words. Line breaks that only set a tag apart from what it encloses belong to neither."""

    __slots__ = ("_behind", "_held", "_state", "_trim")

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._state: Literal["start", "thinking", "text"] = "start"
        self._held = ""
        self._behind = False
        """Whether thinking has just closed: white space before what follows is then no part of it."""
        self._trim = False

    def feed(self, text: str) -> list[Said]:
        """What is certain of the words so far; never an empty string."""
        if self._state == "text":
            return [("text", text)] if text else []
        out: list[Said] = []
        self._held += text
        while self._held and self._step(out):
            pass
        return out

    def _step(self, out: list[Said]) -> bool:
        """Goes over one tag, or gives what cannot be part of one. False: more has to come first."""
        if self._state == "start":
            return self._at_start(out)
        if self._state == "text":
            return self._give(out, "text", len(self._held))
        if self._trim:
            self._held = self._held.lstrip("\r\n")
            self._trim = not self._held
        at = self._held.find(CLOSE)
        if at < 0:
            return self._give(out, "thinking", len(self._held) - _partial(self._held, CLOSE)) and False
        self._give(out, "thinking", at)
        self._held = self._held[len(CLOSE) :]
        self._state, self._behind = "start", True
        return True

    def _at_start(self, out: list[Said]) -> bool:
        words = self._held.lstrip()
        if words.startswith(OPEN):
            self._held = words[len(OPEN) :]
            self._state, self._trim = "thinking", True
            return True
        if OPEN.startswith(words):
            return False
        if self._behind:
            self._held = words
        self._state = "text"
        return True

    def _give(self, out: list[Said], kind: Literal["text", "thinking"], size: int) -> bool:
        if size:
            out.append((kind, self._held[:size]))
        self._held = self._held[size:]
        return bool(self._held)

    def end(self) -> list[Said]:
        """What was held back, since nothing more comes. What is fed afterwards starts anew."""
        held, state, behind = self._held, self._state, self._behind
        self._begin()
        if not held or (behind and not held.strip()):
            return []
        return [("thinking" if state == "thinking" else "text", held)]


def _partial(text: str, tag: str) -> int:
    """How many characters at the end of `text` may be the beginning of `tag`."""
    for size in range(min(len(tag) - 1, len(text)), 0, -1):
        if text.endswith(tag[:size]):
            return size
    return 0
