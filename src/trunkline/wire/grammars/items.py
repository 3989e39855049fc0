"""One item of a Responses stream: what fills it, and that what is done is the sum of what was said."""

from __future__ import annotations

from trunkline.wire.grammars.frames import Automaton, Json

CALLS = {
    "function_call": ("response.function_call_arguments", "arguments"),
    "custom_tool_call": ("response.custom_tool_call_input", "input"),
}
"""Kind of item → how its events begin, and the member that they fill."""

_PARTS = {
    "response.output_text": ("message", "output_text", "text", "content"),
    "response.refusal": ("message", "refusal", "refusal", "content"),
    "response.reasoning_text": ("reasoning", "reasoning_text", "text", "content"),
    "response.reasoning_summary_text": ("reasoning", "summary_text", "text", "summary"),
}
"""How events begin → kind of item, kind of part, the member that they fill, and the list that the part stands in."""


class Item:
    """An item that was added and is not yet done."""

    def __init__(self, machine: Automaton, item: Json) -> None:
        self._machine = machine
        self._kind = machine.said(item, "type")
        self._added = item
        self._told: str | None = None
        self._text = ""
        self._parts: dict[str, list[Json]] = {"content": [], "summary": []}
        self._open: Json | None = None
        self._list = ""
        self._unwrapped = False
        machine.said(item, "id")
        if self._kind in CALLS:
            machine.said(item, "call_id")
            machine.said(item, "name")
            machine.must(item.get(CALLS[self._kind][1]) == "", "a call is added with arguments already")
        if self._kind in ("message", "reasoning"):
            # Of kinds that are newer than this file nobody here knows how they grow.
            for name in ("content", "summary"):
                machine.must(not item.get(name), f"an item is added with {name} already")

    def take(self, kind: str, event: Json) -> None:
        """An event between added and done."""
        must = self._machine.must
        must(event.get("item_id") == self._added["id"], f"{kind} names item {event.get('item_id')!r}")
        start, _, what = kind.rpartition(".")
        if self._kind in CALLS:
            prefix, member = CALLS[self._kind]
            must(start == prefix, f"{kind} inside a {self._kind}")
            self._fill(kind, what, event, member)
        elif start in ("response.content_part", "response.reasoning_summary_part"):
            self._part(kind, what, event, "content" if start == "response.content_part" else "summary")
        elif start in _PARTS:
            holder, part, member, place = _PARTS[start]
            must(self._kind == holder, f"{kind} inside a {self._kind}")
            if self._open is None and start == "response.reasoning_text":
                self._begin({"type": "reasoning_text", "text": ""}, "content")
                self._unwrapped = True
            must(self._open is not None and self._list == place, f"{kind} without a part")
            must((self._open or {}).get("type") == part, f"{kind} in a part of another kind")
            self._at(kind, event, place)
            self._fill(kind, what, event, member)
            if what == "done" and self._unwrapped:
                self._close({"type": part, member: self._text})
        else:
            must(self._kind not in ("message", "reasoning"), f"{kind} inside a {self._kind}")

    def _at(self, kind: str, event: Json, place: str) -> None:
        index = self._machine.member(event, f"{place}_index", int)
        expected = len(self._parts[place])
        self._machine.must(index == expected, f"{kind} of part {index} where {expected} comes next")

    def _fill(self, kind: str, what: str, event: Json, member: str) -> None:
        if what == "delta":
            self._machine.must(self._told is None, f"{kind} after its end was told")
            self._text += self._machine.said(event, "delta")
        elif what == "done":
            self._machine.must(self._told is None, f"{kind} twice")
            self._told = self._machine.member(event, member, str)
            self._machine.must(self._told == self._text, f"{kind}: {self._told!r} is not what was said: {self._text!r}")

    def _part(self, kind: str, what: str, event: Json, place: str) -> None:
        self._at(kind, event, place)
        part = self._machine.member(event, "part", dict)
        if what == "added":
            self._machine.must(self._open is None, f"{kind} inside another part")
            self._begin(part, place)
        else:
            self._machine.must(self._open is not None, f"{kind} without a part")
            self._machine.must(self._told is not None, f"{kind} before its text is done")
            self._close(part)

    def _begin(self, part: Json, place: str) -> None:
        self._open, self._list, self._told, self._text = part, place, None, ""
        self._unwrapped = False

    def _close(self, part: Json) -> None:
        member = "refusal" if part.get("type") == "refusal" else "text"
        same = part.get("type") == (self._open or {}).get("type") and part.get(member) == self._text
        self._machine.must(same, f"the part that is done is not what was said: {part!r}")
        self._parts[self._list].append(part)
        self._open = None

    def done(self, item: Json) -> None:
        """The whole item: the same one, with all that was said."""
        must = self._machine.must
        must(self._open is None, "an item is done while a part is open")
        for name in ("id", "type", "call_id", "name", "namespace"):
            must(item.get(name) == self._added.get(name), f"`{name}` of an item changed between added and done")
        if self._kind in CALLS:
            must(self._told is not None, f"a {self._kind} is done before its arguments are")
            must(item.get(CALLS[self._kind][1]) == self._told, "a call's arguments changed")
        if self._kind in ("message", "reasoning"):
            for name in ("content", "summary"):
                got = [(part.get("type"), part.get("text", part.get("refusal"))) for part in item.get(name) or []]
                said = [(part.get("type"), part.get("text", part.get("refusal"))) for part in self._parts[name]]
                must(got == said, f"`{name}` of the item is not what was said: {got!r}, {said!r}")
        if self._kind == "message":
            must(item.get("role") == "assistant", f"a message of {item.get('role')!r}")
        if self._kind == "message" or self._kind in CALLS:
            # Server tools have ends of their own: a search may have failed.
            must(item.get("status", "completed") in ("completed", "incomplete"), "an item without an end")
