"""Which call a fragment belongs to, whatever a server leaves out, repeats or mixes up.

The index is the key where there is one. Tolerated: no index, no id, an id in every fragment, one index for all calls,
one id for all calls, a name in pieces or sent again, arguments as an object, a whole call at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from trunkline.model.events import Event, ToolStart
from trunkline.wire.arguments import as_text
from trunkline.wire.sequence import Sequence


@dataclass(slots=True)
class _Call:
    """A call as far as it has come. `opened`: its name is taken to be whole."""

    key: int
    id: str = ""
    name: str = ""
    custom: bool = False
    signature: str = ""
    opened: bool = False
    parts: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        return "".join(self.parts)


@dataclass(slots=True)
class _Piece:
    """What one fragment says."""

    index: int | None
    id: str
    name: str
    text: str
    custom: bool
    signature: str


class Calls:
    """The calls of one answer. A call opens when its first argument comes, or when something else does."""

    def __init__(self, sequence: Sequence) -> None:
        self._sequence = sequence
        self._calls: list[_Call] = []
        self._at: dict[int, _Call] = {}

    def take(self, fragments: Any) -> list[Event]:
        """The fragments of one delta: its `tool_calls`, whatever that is."""
        out: list[Event] = []
        for fragment in fragments if isinstance(fragments, list) else [fragments]:
            if isinstance(fragment, dict):
                out += self._one(_piece(fragment))
        return out

    def _one(self, piece: _Piece) -> list[Event]:
        call = self._call_of(piece)
        out = [] if call is not None else self.settle()
        if call is None:
            call = _Call(len(self._calls))
            self._calls.append(call)
            if piece.index is not None:
                self._at[piece.index] = call
        call.id = call.id or piece.id
        call.signature = call.signature or piece.signature
        call.custom = call.custom or piece.custom
        if piece.name and not call.opened:
            call.name = _grown(call.name, piece.name)
        if piece.text:
            call.parts.append(piece.text)
            out += self._opened(call, piece.text)
        elif not call.name and len(call.parts) == 0:
            # It keeps its place before calls that are named sooner.
            out += self._sequence.call(call.key)
        return out

    def _opened(self, call: _Call, fragment: str = "") -> list[Event]:
        """Hands a fragment on, and opens the call if its name is known."""
        start = None
        if call.name and not call.opened:
            call.opened = True
            start = ToolStart(call.id, call.name, custom=call.custom, signature=call.signature)
        return self._sequence.call(call.key, start, fragment)

    def settle(self) -> list[Event]:
        """Opens the calls that have a name and no arguments yet: something else begins, or the answer ends."""
        return [event for call in self._calls if call.name and not call.opened for event in self._opened(call)]

    def _call_of(self, piece: _Piece) -> _Call | None:
        """The call that a fragment goes on with; None: it begins one."""
        if piece.index is not None:
            call = self._at.get(piece.index)
        elif piece.id:
            call = next((call for call in reversed(self._calls) if call.id == piece.id), None)
        else:
            call = self._calls[-1] if self._calls else None
            if call is not None and piece.name and call.name:
                return None
        return None if call is None or _begins_another(call, piece) else call


def _begins_another(call: _Call, piece: _Piece) -> bool:
    """Whether a fragment at the same place is nevertheless another call."""
    if not piece.name or not call.name:
        return False
    begins = piece.text.lstrip().startswith("{")
    if not piece.id or not call.id or piece.id == call.id:
        return begins and bool(call.parts) and _whole(piece.text) and _whole(call.text)
    if not call.parts:
        return piece.name != call.name
    return begins or _whole(call.text)


def _whole(text: str) -> bool:
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, UnicodeError, RecursionError):
        return False
    return True


def _grown(name: str, more: str) -> str:
    """A name after another piece of it: some servers send the whole again, some what is new."""
    if more == name:
        return name
    return more if more.startswith(name) else name + more


def _piece(fragment: dict[str, Any]) -> _Piece:
    custom = fragment.get("custom")
    body = custom if isinstance(custom, dict) else fragment.get("function")
    body = body if isinstance(body, dict) else fragment
    index, told, name = fragment.get("index"), fragment.get("id"), body.get("name")
    return _Piece(
        index=index if isinstance(index, int) and not isinstance(index, bool) else None,
        id=told if isinstance(told, str) else "",
        name=name if isinstance(name, str) else "",
        text=as_text(body.get("arguments", body.get("input"))),
        custom=isinstance(custom, dict) or fragment.get("type") == "custom",
        signature=_signature(fragment),
    )


def _signature(fragment: dict[str, Any]) -> str:
    """Gemini's thought signature of a call, as its OpenAI layer sends it."""
    extra = fragment.get("extra_content")
    google = extra.get("google") if isinstance(extra, dict) else None
    signature = google.get("thought_signature") if isinstance(google, dict) else None
    return signature if isinstance(signature, str) else ""
