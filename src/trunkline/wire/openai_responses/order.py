"""Puts the items of an answer one behind another, whatever the order in which their pieces come.

The first item that is not done is live: what it says goes on at once, and what later ones say waits. Words and
thinking are taken to be done when another item begins; a call is done when its arguments are. Vendors send one item
after another, so nothing waits in practice.
"""

from __future__ import annotations

from collections import deque

from trunkline.model.events import Event
from trunkline.wire.openai_responses.input import Item, Message, Reasoning


class Order:
    """The items that are not yet done, or that wait behind such a one."""

    def __init__(self) -> None:
        self._line: deque[Item] = deque()

    def add(self, item: Item) -> None:
        """A new item, behind all others."""
        for before in self._line:
            if isinstance(before, Message | Reasoning) and not before.done:
                before.finish()
        self._line.append(item)

    def again(self, item: Item) -> None:
        """An item that was done has more to say: it stands behind the others once more."""
        if item not in self._line:
            self.add(item)

    def ready(self) -> list[Event]:
        """What may go on now."""
        out: list[Event] = []
        while self._line:
            item = self._line[0]
            out += item.out
            item.out.clear()
            if not item.done:
                break
            self._line.popleft()
        return out

    def end(self) -> list[Event]:
        """The answer ends: everything that waits."""
        for item in self._line:
            if not item.done:
                item.finish()
        return self.ready()
