"""What every wire of the fake must offer, and the events a stream is made of. No provider is named here."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from tests.fake.behaviour import Behaviour
from tests.fake.turn import Ask, Turn

Json = dict[str, Any]
Kind = Literal["open", "delta", "other", "last"]


class Refused(Exception):
    """The provider refuses the request: `status`, a sentence, the provider's own code and error type if it has them."""

    def __init__(self, status: int, message: str, *, code: str | None = None, type_: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.code = code
        self.type = type_


@dataclass(slots=True)
class Event:
    """One event of a stream. `delta` events are counted by the faults, `last` ones end the stream."""

    kind: Kind
    data: Json | str
    name: str | None = None


class Wire(Protocol):
    """One format of one provider. `ask` raises Refused for what the provider would refuse."""

    call_prefix: str
    stream_type: str

    def ask(self, body: Json, headers: Mapping[str, str]) -> Ask: ...

    def whole(self, ask: Ask, turn: Turn, how: Behaviour) -> Json: ...

    def events(self, ask: Ask, turn: Turn, how: Behaviour) -> Iterator[Event]: ...

    def error(self, status: int, message: str, code: str | None, type_: str | None) -> Json: ...

    def error_event(self, how: Behaviour) -> Event: ...

    def frame(self, event: Event, *, crlf: bool) -> bytes: ...

    def ping(self) -> bytes: ...

    def headers(self, serial: int, ask: Ask) -> list[tuple[str, str]]: ...


def compact(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def sse(event: Event, *, crlf: bool) -> bytes:
    """Frame as server-sent events, with LF or CRLF line ends."""
    end = "\r\n" if crlf else "\n"
    data = event.data if isinstance(event.data, str) else compact(event.data)
    name = f"event: {event.name}{end}" if event.name else ""
    return f"{name}data: {data}{end}{end}".encode()


def texts(content: Any) -> list[str]:
    """The text parts of a message's content, whether a string or a list of parts of any wire."""
    if isinstance(content, str):
        return [content]
    if not isinstance(content, list):
        return []
    return [part["text"] for part in content if isinstance(part, dict) and isinstance(part.get("text"), str)]


_REMINDER = re.compile(r"<(system-reminder|environment_context)>.*?(?:</\1>|\Z)", re.DOTALL)
"""Agents' own words. A gateway may have joined them with the person's into one text."""


def spoken(content: Any) -> str:
    """What a person said in a message: its texts without the reminders that agents put around them."""
    kept = [_REMINDER.sub("", one) for one in texts(content)]
    return "\n".join(one for one in kept if one.strip()).strip()


def as_list(value: Any, name: str) -> list[Json]:
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value):
        raise Refused(400, f"{name}: Input should be a valid list of objects")
    return value
