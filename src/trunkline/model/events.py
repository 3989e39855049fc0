"""What a model answers, as it comes: one stream of events that every wire decodes to and encodes from.

The order is what `grammar` accepts: a start, then blocks one after another, each opened, filled and closed, then one
end. Blocks never overlap: a decoder whose wire lets tool calls interleave puts them in order first. A whole answer is
the same stream, folded.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from trunkline.model.usage import Usage
from trunkline.model.wires import Wire

StopReason = Literal["end", "limit", "stop", "tool", "refusal", "window", "pause"]
"""`end`: said all. `limit`: the output limit. `stop`: a stop sequence. `tool`: it called tools. `refusal`: it or a
filter refused. `window`: the context is full. `pause`: a server tool's loop paused (Anthropic)."""


@dataclass(slots=True)
class Start:
    """The answer begins. `id` and `model` are the provider's; `input` is the prompt's tokens if already told."""

    id: str = ""
    model: str = ""
    usage: Usage | None = None


@dataclass(slots=True)
class TextStart:
    """A block of words opens."""


@dataclass(slots=True)
class TextDelta:
    """More words; never empty."""

    text: str


@dataclass(slots=True)
class ThinkingStart:
    """A block of thinking opens. `redacted`: it will have a signature only."""

    redacted: bool = False
    id: str = ""


@dataclass(slots=True)
class ThinkingDelta:
    """More thinking; never empty."""

    text: str


@dataclass(slots=True)
class SignatureDelta:
    """The proof of a thinking block, whole or in pieces; never empty. `origin` is the wire that understands it."""

    signature: str
    origin: Wire | Literal[""] = ""


@dataclass(slots=True)
class ToolStart:
    """A call opens. Its id and name are known and final."""

    id: str
    name: str
    custom: bool = False
    namespace: str = ""
    signature: str = ""
    item: str = ""


@dataclass(slots=True)
class ArgumentsDelta:
    """More of a call's arguments: JSON text, or of a custom call any text; never empty."""

    text: str


@dataclass(slots=True)
class RefusalStart:
    """A block of refusing words opens; filled by `TextDelta`."""


@dataclass(slots=True)
class Other:
    """A whole block that only its own wire understands: passed to a client of that wire, named as lost elsewhere."""

    wire: Wire
    raw: dict[str, Any]


@dataclass(slots=True)
class BlockStop:
    """The open block closes."""


@dataclass(slots=True)
class Stop:
    """The answer ends: why, by which stop sequence (if told), and what was used."""

    reason: StopReason
    sequence: str = ""
    usage: Usage = field(default_factory=Usage)
    explanation: str = ""
    """Why it was refused, where the provider says so."""


Event = (
    Start
    | TextStart
    | TextDelta
    | ThinkingStart
    | ThinkingDelta
    | SignatureDelta
    | ToolStart
    | ArgumentsDelta
    | RefusalStart
    | Other
    | BlockStop
    | Stop
)
"""Errors are no events: a decoder raises the `Failure`."""


def says_something(event: Event) -> bool:
    """Whether an event is past the commit point: something was said, so that nothing can be taken back."""
    return isinstance(event, TextDelta | ThinkingDelta | SignatureDelta | ToolStart | ArgumentsDelta | Other | Stop)


def size(event: Event) -> int:
    """Characters that an event says: what an answer's tokens are guessed from, where nobody counted them."""
    return len(event.text) if isinstance(event, TextDelta | ThinkingDelta | ArgumentsDelta) else 0
