"""Reads the events of items: finds the item that an event is about, or makes it where the provider never added it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from trunkline.model.events import Event, Other
from trunkline.wire.ids import Ids
from trunkline.wire.openai_responses import proof
from trunkline.wire.openai_responses.input import Call, Item, Message, Plain, Reasoning
from trunkline.wire.openai_responses.members import CALLS, number, objects, text
from trunkline.wire.openai_responses.order import Order

Json = dict[str, Any]
_Kind = TypeVar("_Kind", bound=Item)


class Entries:
    """The items of one answer by where they stand in it."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._order = Order()
        self._at: dict[object, Item] = {}
        self._all: list[Item] = []

    @property
    def called(self) -> bool:
        """Whether any call began."""
        return any(isinstance(item, Call) and item.began for item in self._all)

    @property
    def refused(self) -> bool:
        """Whether the model refused in words."""
        return any(item.refuses for item in self._all)

    def take(self, kind: str, event: Json) -> list[Event]:
        """What an event of an item says. Events of other kinds say nothing."""
        if reader := _READERS.get(kind):
            reader(self, event)
        return self._order.ready()

    def end(self, output: list[Json]) -> list[Event]:
        """The answer ends. `output` is the whole of it, where it is repeated: what was never told is told now."""
        told = {item.told_id for item in self._all if isinstance(item, Call)}
        spoke = any(isinstance(item, Message) for item in self._all)
        none = not self._all
        for nth, item in enumerate(output):
            kind = text(item, "type")
            missed = (kind in CALLS and text(item, "call_id") not in told) or (kind == "message" and not spoke)
            if none or missed:
                self.done({"output_index": ("end", nth), "item": item})
        return self._order.end()

    def _make(self, event: Json, item: _Kind) -> _Kind:
        self._at[self._place(event)] = item
        self._all.append(item)
        self._order.add(item)
        return item

    @staticmethod
    def _place(event: Json) -> object:
        """Where an item stands. Its id is no help: some servers give another one with every event."""
        index = event.get("output_index")
        return index if isinstance(index, int | tuple) else 0

    def _find(self, event: Json, kind: type[_Kind], make: Callable[[], _Kind]) -> _Kind:
        found = self._at.get(self._place(event))
        if isinstance(found, kind):
            return found
        return self._make(event, make())

    def _message(self, event: Json) -> Message:
        return self._find(event, Message, Message)

    def _reasoning(self, event: Json) -> Reasoning:
        return self._find(event, Reasoning, lambda: Reasoning(text(event, "item_id")))

    def _call(self, event: Json, *, custom: bool) -> Call:
        return self._find(event, Call, lambda: Call(self._ids, custom=custom))

    def _more(self, item: Item) -> None:
        if item.out:
            self._order.again(item)

    def added(self, event: Json) -> None:
        """`response.output_item.added`."""
        item = event.get("item")
        if not isinstance(item, dict):
            return
        kind = text(item, "type")
        if kind == "message":
            self._make(event, Message())
        elif kind == "reasoning":
            self._make(event, Reasoning(text(item, "id")))
        elif kind in CALLS:
            before = self._at.get(self._place(event))
            if isinstance(before, Call) and not before.done and before.told_id == text(item, "call_id") != "":
                return
            call = self._make(event, Call(self._ids, custom=kind == "custom_tool_call"))
            self._start(call, item)

    def _start(self, call: Call, item: Json) -> None:
        call.start(text(item, "call_id"), text(item, "name"), text(item, "namespace"), text(item, "id"))

    def done(self, event: Json) -> None:
        """`response.output_item.done`, with the whole item."""
        item = event.get("item")
        if not isinstance(item, dict):
            return
        kind = text(item, "type")
        if kind == "message":
            self._message_done(self._message(event), item)
        elif kind == "reasoning":
            self._reasoning_done(self._reasoning({**event, "item_id": text(item, "id")}), item)
        elif kind in CALLS:
            self._call_done(event, item, kind)
        elif kind:
            plain = Plain()
            plain.tell(Other(proof.WIRE, item))
            self._make(event, plain)

    def _message_done(self, message: Message, item: Json) -> None:
        for at, part in enumerate(objects(item, "content")):
            self._part_done(message, at, part)
        message.finish()
        self._more(message)

    @staticmethod
    def _part_done(message: Message, at: int, part: Json) -> None:
        kind = text(part, "type")
        if kind == "output_text":
            message.whole(at, text(part, "text"))
        elif kind == "refusal":
            message.whole(at, text(part, "refusal"), refuses=True)

    def _reasoning_done(self, reasoning: Reasoning, item: Json) -> None:
        for kind in ("summary", "content"):
            for at, part in enumerate(objects(item, kind)):
                reasoning.whole(kind, at, text(part, "text"))
        reasoning.sign(text(item, "encrypted_content"))
        reasoning.finish()
        self._more(reasoning)

    def _call_done(self, event: Json, item: Json, kind: str) -> None:
        custom = kind == "custom_tool_call"
        call = self._call(event, custom=custom)
        if call.told_id and call.told_id != text(item, "call_id"):
            call = self._make(event, Call(self._ids, custom=custom))
        self._start(call, item)
        call.whole(text(item, CALLS[kind]))
        call.finish()
        self._more(call)

    def part_added(self, event: Json) -> None:
        """`response.content_part.added`."""
        part = event.get("part")
        kind = text(part, "type") if isinstance(part, dict) else ""
        if kind in ("output_text", "refusal"):
            message = self._message(event)
            message.part(number(event, "content_index"), refuses=kind == "refusal")
            self._more(message)

    def part_done(self, event: Json) -> None:
        """`response.content_part.done`."""
        part = event.get("part")
        if isinstance(part, dict) and text(part, "type") in ("output_text", "refusal"):
            message = self._message(event)
            self._part_done(message, number(event, "content_index"), part)
            self._more(message)

    def words(self, event: Json, member: str, *, refuses: bool, whole: bool) -> None:
        """`output_text` and `refusal`, `.delta` and `.done`."""
        message, at = self._message(event), number(event, "content_index")
        (message.whole if whole else message.delta)(at, text(event, member), refuses=refuses)
        self._more(message)

    def thoughts(self, event: Json, member: str, place: str, *, whole: bool) -> None:
        """`reasoning_summary_text` and `reasoning_text`, `.delta` and `.done`."""
        reasoning, at = self._reasoning(event), number(event, f"{place}_index")
        (reasoning.whole if whole else reasoning.delta)(place, at, text(event, member))
        self._more(reasoning)

    def arguments(self, event: Json, member: str, *, custom: bool, whole: bool) -> None:
        """`function_call_arguments` and `custom_tool_call_input`, `.delta` and `.done`."""
        call = self._call(event, custom=custom)
        if not whole:
            call.delta(text(event, member))
            return
        call.whole(text(event, member))
        if call.began:
            call.finish()


_READERS: dict[str, Callable[[Entries, Json], None]] = {
    "output_item.added": Entries.added,
    "output_item.done": Entries.done,
    "content_part.added": Entries.part_added,
    "content_part.done": Entries.part_done,
    "output_text.delta": lambda to, it: to.words(it, "delta", refuses=False, whole=False),
    "output_text.done": lambda to, it: to.words(it, "text", refuses=False, whole=True),
    "refusal.delta": lambda to, it: to.words(it, "delta", refuses=True, whole=False),
    "refusal.done": lambda to, it: to.words(it, "refusal", refuses=True, whole=True),
    "reasoning_summary_text.delta": lambda to, it: to.thoughts(it, "delta", "summary", whole=False),
    "reasoning_summary_text.done": lambda to, it: to.thoughts(it, "text", "summary", whole=True),
    "reasoning_text.delta": lambda to, it: to.thoughts(it, "delta", "content", whole=False),
    "reasoning_text.done": lambda to, it: to.thoughts(it, "text", "content", whole=True),
    "function_call_arguments.delta": lambda to, it: to.arguments(it, "delta", custom=False, whole=False),
    "function_call_arguments.done": lambda to, it: to.arguments(it, "arguments", custom=False, whole=True),
    "custom_tool_call_input.delta": lambda to, it: to.arguments(it, "delta", custom=True, whole=False),
    "custom_tool_call_input.done": lambda to, it: to.arguments(it, "input", custom=True, whole=True),
}
