"""What the automata share: events out of bytes, counted, and members that must be there. Knows no wire."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, NoReturn

from trunkline.model.grammar import Ungrammatical

Json = dict[str, Any]


class Automaton:
    """Follows one stream. Every `take` gets whole events; what is wrong is raised as `Ungrammatical`."""

    wire = ""

    def __init__(self) -> None:
        self.ended = False
        self._nth = 0

    def take(self, data: bytes) -> None:
        """The next events, glued together as they are sent."""
        for name, payload in self._events(data):
            if self.ended:
                self.fail(f"{name or payload!r} after the end")
            self.event(name, payload)
            self._nth += 1

    def event(self, name: str, payload: str) -> None:
        """One event: its name (empty where it has none) and its data."""
        raise NotImplementedError

    def _events(self, data: bytes) -> Iterator[tuple[str, str]]:
        """Server-sent events as we write them: `event:` (maybe), `data:`, a blank line. Comments say nothing."""
        text = self.text(data)
        if text and not text.endswith("\n\n"):
            self.fail("the bytes end inside an event")
        for block in text.split("\n\n")[:-1]:
            lines = block.split("\n")
            if all(line.startswith(":") for line in lines):
                continue
            name = lines.pop(0).removeprefix("event: ") if lines[0].startswith("event: ") else ""
            if len(lines) != 1 or not lines[0].startswith("data: "):
                self.fail(f"an event is not one name and one line of data: {block!r}")
            yield name, lines[0].removeprefix("data: ")

    def text(self, data: bytes) -> str:
        """Bytes as text. Raises `Ungrammatical` where they are not UTF-8."""
        try:
            return data.decode()
        except UnicodeDecodeError as wrong:
            raise Ungrammatical(f"{self.wire}, event {self._nth}: not UTF-8: {wrong}") from None

    def fail(self, why: str) -> NoReturn:
        """Raises."""
        raise Ungrammatical(f"{self.wire}, event {self._nth}: {why}")

    def must(self, holds: object, why: str) -> None:
        """Raises unless it holds."""
        if not holds:
            self.fail(why)

    def document(self, payload: str) -> Json:
        """The data as a JSON object."""
        try:
            value = json.loads(payload, parse_constant=self._no_number)
        except ValueError as wrong:
            raise Ungrammatical(f"{self.wire}, event {self._nth}: not JSON ({wrong}): {payload[:200]!r}") from None
        self.must(isinstance(value, dict), f"not an object: {payload[:200]!r}")
        made: Json = value
        return made

    def _no_number(self, name: str) -> NoReturn:
        self.fail(f"{name} is no JSON")

    def member(self, value: Json, name: str, kind: type) -> Any:
        """A member of a type; a bool is no int here."""
        got = value.get(name)
        self.must(
            isinstance(got, kind) and not (kind is int and isinstance(got, bool)),
            f"`{name}` is {got!r}, not {kind.__name__}, in {str(value)[:300]}",
        )
        return got

    def said(self, value: Json, name: str) -> str:
        """A member that is a string with something in it."""
        got: str = self.member(value, name, str)
        self.must(got, f"`{name}` is empty in {str(value)[:300]}")
        return got

    def counts(self, usage: Json, *names: str) -> None:
        """Members that are numbers of tokens."""
        for name in names:
            self.must(self.member(usage, name, int) >= 0, f"`{name}` is negative")
