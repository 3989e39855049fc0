"""Gives a client its own tools back: names that had to be changed, free-text tools that were offered as functions."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import replace

from trunkline.model.conversation import Conversation, Tool
from trunkline.model.dialect import Written
from trunkline.model.events import ArgumentsDelta, BlockStop, Event, Other, Start, Stop, ToolStart
from trunkline.wire import absent, pictures


class Restore:
    """Stands between a decoder and an encoder. A stream that satisfies the grammar still does behind it."""

    def __init__(self, asked: Conversation, written: Written) -> None:
        self._names = written.names
        self._customs = written.customs
        self._tools: dict[str, Tool] = {tool.name: tool for tool in asked.tools}
        # Two namespaces may have a tool of one name: writers put the namespace before it then.
        self._spaced = {f"{tool.namespace}__{tool.name}": tool for tool in asked.tools if tool.namespace}
        self._wrapped: list[str] | None = None
        own = {tool.name for tool in asked.tools if not tool.server}
        self._wire = asked.wire
        self._absent = {name: kind for name, kind in written.absent.items() if name not in own}
        self._demanded = absent.demanded(asked, self._absent)
        self._asked = asked
        self._failing: tuple[ToolStart, list[str]] | None = None
        """A call of a tool that nobody runs, and its arguments so far."""
        self._failed = self._called = False
        self.repairs: list[str] = []
        """`absent_tool` for each call of a tool that nobody runs."""

    def events(self, events: Iterable[Event]) -> list[Event]:
        """The same events, as the client knows its tools."""
        out: list[Event] = []
        for event in events:
            if self._demanded and not isinstance(event, Start):
                # Not before the provider has said something: until then another may answer.
                name, self._demanded = self._demanded, ""
                out += self._answered(name, absent.query(self._asked), "demanded")
            match event:
                case ToolStart() if event.name in self._absent:
                    self._failing = (event, [])
                case ArgumentsDelta() if self._failing is not None:
                    self._failing[1].append(event.text)
                case BlockStop() if self._failing is not None:
                    start, arguments = self._failing
                    self._failing, self._failed = None, True
                    self.repairs.append("absent_tool")
                    out += self._answered(start.name, "".join(arguments), start.id)
                case Stop() if self._failed and event.reason == "tool" and not self._called:
                    # Anthropic's word for a turn that its client sends back to be gone on with.
                    out.append(replace(event, reason="pause" if self._wire == "anthropic" else "end"))
                case ToolStart():
                    self._called = True
                    out.append(self._start(event))
                case ArgumentsDelta() if self._wrapped is not None:
                    self._wrapped.append(event.text)
                case BlockStop() if self._wrapped is not None:
                    text = _unwrapped("".join(self._wrapped))
                    self._wrapped = None
                    if text:
                        out.append(ArgumentsDelta(text))
                    out.append(event)
                case Other(wire=wire) if wire != self._wire:
                    out += [event, *pictures.told(event)]
                case _:
                    out.append(event)
        return out

    def _answered(self, name: str, arguments: str, seed: str) -> list[Event]:
        return absent.answered(self._wire, name, self._absent[name], arguments, seed)

    def _start(self, start: ToolStart) -> ToolStart:
        if start.name in self._customs:
            # Its text stands inside JSON: it can be taken out only when it is whole.
            self._wrapped = []
        name = self._names.get(start.name, start.name)
        tool = self._spaced.get(start.name) or self._tools.get(name)
        if tool is None:
            return replace(start, name=name)
        return replace(start, name=tool.name, custom=tool.custom, namespace=start.namespace or tool.namespace)


def _unwrapped(text: str) -> str:
    """The free text in `{"input": "…"}`; a model that did not keep to that has its text taken as it is."""
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    if isinstance(value, dict) and isinstance(value.get("input"), str):
        return str(value["input"])
    return value if isinstance(value, str) else text
