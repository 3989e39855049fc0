"""Puts what comes interleaved into one block after another: for wires whose deltas name a call by its index.

One block is open at a time. Of tool calls the first unfinished one is live; fragments of others wait until it is
finished, which is known when its arguments are whole JSON and something else follows, or at the end. Words that come in
the middle of a call wait, too: not one fragment is lost. Vendors send one after another, so nothing waits in practice.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import msgspec

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
from trunkline.model.wires import Wire
from trunkline.wire.ids import Ids


@dataclass(slots=True)
class _Call:
    """A call that has begun to arrive."""

    start: ToolStart | None = None
    waiting: list[str] = field(default_factory=list)
    text: str = ""

    @property
    def is_whole(self) -> bool:
        """Whether its arguments are a whole JSON value: nothing more can belong to them."""
        try:
            msgspec.json.decode(self.text, type=msgspec.Raw)
        except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
            return False
        return True


class Sequence:
    """Takes pieces in the order of arrival, gives events in the order of the grammar. `ids` makes ids unique."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self._open = ""
        self._calls: dict[object, _Call] = {}
        self._live: object | None = None
        self._late: list[tuple[str, str, Wire | None]] = []
        self.called = False
        """Whether any call was opened."""

    def text(self, text: str) -> list[Event]:
        """Words."""
        return self._words("text", text)

    def refusal(self, text: str) -> list[Event]:
        """Words of a refusal."""
        return self._words("refusal", text)

    def thinking(self, text: str) -> list[Event]:
        """Thinking."""
        return self._words("thinking", text)

    def _words(self, kind: str, text: str) -> list[Event]:
        if not text:
            return []
        if self._calls and not all(call.is_whole for call in self._calls.values()):
            self._late.append((kind, text, None))
            return []
        out = self._close(kind)
        if self._open != kind:
            out.append(_STARTS[kind]())
            self._open = kind
        out.append(ThinkingDelta(text) if kind == "thinking" else TextDelta(text))
        return out

    def signature(self, signature: str, origin: Wire) -> list[Event]:
        """The proof of the thinking that is open, or of none: then of an empty block. It closes the block."""
        if not signature:
            return []
        if self._calls and not all(call.is_whole for call in self._calls.values()):
            self._late.append(("signature", signature, origin))
            return []
        out = self._close("thinking")
        if self._open != "thinking":
            out.append(ThinkingStart())
        out += [SignatureDelta(signature, origin), BlockStop()]
        self._open = ""
        return out

    def call(self, key: object, start: ToolStart | None = None, fragment: str = "") -> list[Event]:
        """A piece of the call that the wire knows as `key`. A call opens once its `start` is known."""
        call = self._calls.setdefault(key, _Call())
        if start is not None and call.start is None:
            call.start = start
        if fragment:
            call.waiting.append(fragment)
            call.text += fragment
        out = self._advance()
        if self._late and all(each.is_whole for each in self._calls.values()):
            out += self._close("")
            out += self._said_late()
        return out

    def _advance(self, *, all_of_them: bool = False) -> list[Event]:
        """Gives of the live call what waits, and goes on to the next when it is finished."""
        out: list[Event] = []
        while self._calls:
            key, call = next(iter(self._calls.items()))
            if call.start is None:
                if not all_of_them:
                    break
                del self._calls[key]
                continue
            if self._live != key:
                out += self._close("tool")
                out.append(self._opened(call.start))
                self._live, self._open = key, "tool"
            out += [ArgumentsDelta(fragment) for fragment in call.waiting]
            call.waiting.clear()
            if not all_of_them and (len(self._calls) == 1 or not call.is_whole):
                break
            out.append(BlockStop())
            del self._calls[key]
            self._live, self._open = None, ""
        return out

    def _opened(self, start: ToolStart) -> ToolStart:
        self.called = True
        return replace(start, id=self._ids.call(start.id, start.name))

    def _close(self, kind: str) -> list[Event]:
        """Closes what is open, unless it is of that kind already."""
        if not self._open or (self._open == kind and kind != "tool"):
            return []
        if self._open == "tool":
            return self._advance(all_of_them=True)
        self._open = ""
        return [BlockStop()]

    def _said_late(self) -> list[Event]:
        late, self._late = self._late, []
        out: list[Event] = []
        for kind, text, origin in late:
            out += self._words(kind, text) if origin is None else self.signature(text, origin)
        return out

    def end(self) -> list[Event]:
        """Closes what is open and gives what waited. Calls that never got a name are left out."""
        out = self._advance(all_of_them=True) if self._calls else []
        out += self._said_late()
        return out + self._close("")


_STARTS: dict[str, Callable[[], Event]] = {"text": TextStart, "refusal": RefusalStart, "thinking": ThinkingStart}
