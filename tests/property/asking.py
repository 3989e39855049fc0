"""What a conversation says, folded so that two can be compared, whatever order their wires allow."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from trunkline.model.conversation import Conversation, Document, Image, Part, Refusal, Text, ToolCall, ToolResult, Turn
from trunkline.wire.arguments import as_object

PLACES = {
    "anthropic": "messages",
    "openai_chat": "messages",
    "openai_responses": "input",
    "ollama": "messages",
    "gemini": "contents",
}
"""Wire → the member of its request that grows by each turn."""


@dataclass(slots=True)
class Side:
    """All that one side said until the other spoke. `fragments` are its texts, one by one; `results` go by the call's id."""

    role: str
    fragments: list[str] = field(default_factory=list)
    calls: list[tuple[str, Any]] = field(default_factory=list)
    results: dict[str, list[str]] = field(default_factory=dict)
    pictures: int = 0

    @property
    def text(self) -> str:
        """Everything, without white space: how parts are joined is each wire's own."""
        return squeezed("".join(self.fragments) + "".join("".join(result) for result in self.results.values()))


def squeezed(text: str) -> str:
    return "".join(text.split())


def sides(talk: Conversation, names: dict[str, str] | None = None) -> list[Side]:
    """The conversation by sides; system turns are told apart, results belong to the user. `names` maps names back."""
    out: list[Side] = []
    for turn in talk.turns:
        if turn.role == "system":
            continue
        if not out or out[-1].role != turn.role:
            out.append(Side(turn.role))
        _take(out[-1], turn, names or {})
    return [side for side in out if side.fragments or side.calls or side.results or side.pictures]


def _take(side: Side, turn: Turn, names: dict[str, str]) -> None:
    for part in turn.parts:
        match part:
            case Text(text=text) | Refusal(text=text):
                side.fragments.append(text)
            case Document(text=text) if text:
                side.fragments.append(text)
            case Image():
                side.pictures += 1
            case ToolCall(name=name, arguments=arguments, custom=custom):
                value = {"input": arguments} if custom else as_object(arguments)
                side.calls.append((names.get(name, name), json.loads(json.dumps(value))))
            case ToolResult(id=told, content=content):
                side.results[told] = [one.text for one in content if isinstance(one, Text)]
                side.pictures += sum(isinstance(one, Image) for one in content)


def in_order(fragments: Iterable[str], text: str) -> bool:
    """Whether the fragments stand in the text, one behind the other."""
    at = 0
    for fragment in fragments:
        found = text.find(squeezed(fragment), at)
        if found < 0:
            return False
        at = found + len(squeezed(fragment))
    return True


def unpaired(talk: Conversation) -> list[str]:
    """Calls without a result in what the user says next, and results without a call just before: providers refuse."""
    wrong: list[str] = []
    open_: set[str] = set()
    for turn in talk.turns:
        parts: list[Part] = turn.parts
        answered = {part.id for part in parts if isinstance(part, ToolResult)}
        wrong += [f"result {name} without a call" for name in answered - open_]
        open_ -= answered
        if turn.role == "assistant":
            wrong += [f"call {name} without a result" for name in open_]
            open_ = {part.id for part in parts if isinstance(part, ToolCall)}
    return wrong + [f"call {name} without a result" for name in open_]
