"""The items of an answer as they are read: each turns its own events into whole blocks, whatever is missing or doubled.

An item's events come in their order; `Order` (in `order.py`) sees to it that one item's stand behind another's.
"""

from __future__ import annotations

from trunkline.model.events import (
    ArgumentsDelta,
    BlockStop,
    Event,
    RefusalStart,
    SignatureDelta,
    TextDelta,
    TextStart,
    ThinkingDelta,
    ThinkingStart,
    ToolStart,
)
from trunkline.wire.ids import Ids
from trunkline.wire.openai_responses import proof


class Item:
    """One item. `out` is what it has to say and has not said; `done`: nothing more is expected of it."""

    def __init__(self) -> None:
        self.out: list[Event] = []
        self.done = False
        self._told: dict[object, list[str]] = {}

    def _new(self, place: object, text: str) -> str:
        """Keeps a fragment of a place and gives it back."""
        self._told.setdefault(place, []).append(text)
        return text

    def _rest(self, place: object, whole: str) -> str:
        """What of a whole text was not told in fragments; nothing when it is another text than they made."""
        before = "".join(self._told.get(place, ()))
        return self._new(place, whole[len(before) :]) if whole.startswith(before) else ""

    def finish(self) -> None:
        """Nothing more comes: closes what is open."""
        self.done = True

    @property
    def refuses(self) -> bool:
        """Whether it holds words of a refusal."""
        return False


class Message(Item):
    """What the model says, part after part."""

    def __init__(self) -> None:
        super().__init__()
        self._open: tuple[int, bool] | None = None
        self._began: set[int] = set()
        self._refused = False

    @property
    def refuses(self) -> bool:
        return self._refused

    def part(self, at: int, *, refuses: bool) -> None:
        """A part is open from now on."""
        if self._open == (at, refuses):
            return
        self._close()
        self.done = False
        self.out.append(RefusalStart() if refuses else TextStart())
        self._open = (at, refuses)
        self._began.add(at)
        self._refused = self._refused or refuses

    def delta(self, at: int, text: str, *, refuses: bool = False) -> None:
        """More of a part."""
        if text:
            self.part(at, refuses=refuses)
            self.out.append(TextDelta(self._new(at, text)))

    def whole(self, at: int, text: str, *, refuses: bool = False) -> None:
        """All of a part, at its end."""
        rest = self._rest(at, text)
        if rest or at not in self._began:
            self.part(at, refuses=refuses)
        if rest:
            self.out.append(TextDelta(rest))

    def _close(self) -> None:
        if self._open is not None:
            self.out.append(BlockStop())
            self._open = None

    def finish(self) -> None:
        self._close()
        super().finish()


class Reasoning(Item):
    """What the model thinks: parts of a summary, or its own words, as one block; and what proves it."""

    def __init__(self, ident: str) -> None:
        super().__init__()
        self.ident = ident
        self._kind = ""
        self._last: object = None
        self._open = self._signed = False

    def delta(self, kind: str, at: int, text: str) -> None:
        """More of a part. `kind` is `summary` or `content`: where an item has both, the first one counts."""
        self._say(kind, at, text and self._new((kind, at), text))

    def whole(self, kind: str, at: int, text: str) -> None:
        """All of a part, at its end."""
        self._say(kind, at, self._rest((kind, at), text))

    def _say(self, kind: str, at: int, text: str) -> None:
        if not text or self._kind not in ("", kind) or self._signed:
            return
        if not self._open:
            self.out.append(ThinkingStart(id=self.ident))
            self._open, self.done = True, False
        elif self._last != at:
            self.out.append(ThinkingDelta("\n\n"))
        self._kind, self._last = kind, at
        self.out.append(ThinkingDelta(text))

    def sign(self, encrypted: str) -> None:
        """What proves it. Thinking that has no words is redacted."""
        if not encrypted or self._signed:
            return
        if not self._open:
            self.out.append(ThinkingStart(redacted=True, id=self.ident))
            self._open, self.done = True, False
        self._signed = True
        self.out.append(SignatureDelta(proof.join(self.ident, encrypted), proof.WIRE))

    def finish(self) -> None:
        if self._open:
            self.out.append(BlockStop())
            self._open = False
        super().finish()


class Call(Item):
    """A call. It begins once its name is known, and not before."""

    def __init__(self, ids: Ids, *, custom: bool) -> None:
        super().__init__()
        self._ids = ids
        self._custom = custom
        self._waiting: list[str] = []
        self.began = False
        self.told_id = ""
        """The call's id as the provider told it."""

    def start(self, told: str, name: str, namespace: str, item: str) -> None:
        """Who is called. Told twice, the first counts."""
        if self.began or not name:
            return
        # It may have been given up as one that has no name.
        self.began, self.told_id, self.done = True, told, False
        ident = self._ids.call(told or item, name)
        self.out.append(ToolStart(ident, name, self._custom, namespace, item=item))
        self.out += [ArgumentsDelta(text) for text in self._waiting]
        self._waiting.clear()

    def delta(self, text: str) -> None:
        """More of its arguments."""
        self._give(self._new("", text) if text else "")

    def whole(self, text: str) -> None:
        """All of its arguments, at their end."""
        self._give(self._rest("", text))

    def _give(self, text: str) -> None:
        if not text or self.done:
            return
        if self.began:
            self.out.append(ArgumentsDelta(text))
        else:
            self._waiting.append(text)

    def finish(self) -> None:
        if self.began and not self.done:
            self.out.append(BlockStop())
        super().finish()


class Plain(Item):
    """An item that is one event, or none: it has no words of its own that could be told in fragments."""

    def tell(self, event: Event) -> None:
        """The event."""
        if not self.done:
            self.out.append(event)
            self.finish()
