"""What all clients of the matrix have in common: what is asked, what is heard, and the losses that the gateway named."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Protocol

PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
"""A picture, as standard base64 (it has a `+`, which the base64 of URLs spells otherwise)."""

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
TOOL = "get_weather"
ABOUT = "The weather of a city"
SECONDS = 20
"""How long a client waits."""


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call, its arguments decoded. Gemini and Ollama leave ids out, or their SDKs do."""

    id: str
    name: str
    arguments: dict[str, Any]


@dataclass(slots=True)
class Heard:
    """An answer, in words that all wires share. `turn` is what this client sends back as its history.

    `input` counts cached tokens as well; `cached` is None where the wire has no word for it; `stop` is the wire's own.
    """

    text: str = ""
    thinking: str = ""
    calls: list[Call] = field(default_factory=list)
    stop: str = ""
    pieces: int = 0
    input: int | None = None
    output: int | None = None
    cached: int | None = None
    turn: Any = None


@dataclass(frozen=True, slots=True)
class Ask:
    """One request. `first` and `results`: the request goes on after that answer, with these results of its calls.

    `so_far` is the prompt that `first` answered. Without results, `words` are what the user says next.
    """

    model: str
    words: str = ""
    streamed: bool = False
    think: bool = False
    tools: bool = False
    picture: bool = False
    shaped: bool = False
    so_far: str = ""
    first: Heard | None = None
    results: tuple[str, ...] = ()


class Talker(Protocol):
    """An official SDK, pointed at the gateway."""

    errors: ClassVar[Mapping[int, type[Exception]]]
    """What it raises for a status."""
    stops: ClassVar[tuple[str, str]]
    """What it calls a natural end, and an end for tools."""

    def say(self, ask: Ask) -> Heard: ...

    def close(self) -> None: ...


class Losses:
    """Keeps `x-trunkline-lost` of each answer: a hook for httpx, which all these SDKs stand on."""

    def __init__(self) -> None:
        self.named: list[str] = []

    def __call__(self, response: Any) -> None:
        self.named.append(response.headers.get("x-trunkline-lost", ""))

    @property
    def hooks(self) -> dict[str, list[Any]]:
        return {"response": [self]}

    def take(self) -> set[str]:
        """Every name since the last time."""
        found = {name for each in self.named for name in each.split(",") if name}
        self.named.clear()
        return found
