"""What the demo model is asked and what it answers, the same for every wire. Plain data: no I/O, no clock, no JSON."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from trunkline.upstream.demo.text import Content, tokens

Stop = Literal["end", "tools", "length", "stop"]
Choice = Literal["auto", "none", "any"]


@dataclass(slots=True, frozen=True)
class Tool:
    """A tool that the client runs. `custom` tools take free text instead of JSON arguments."""

    name: str
    schema: dict[str, Any] = field(default_factory=dict)
    custom: bool = False
    namespace: str | None = None


@dataclass(slots=True, frozen=True)
class Result:
    """What a tool that was called gave back. `tool` is its name, empty where the request does not tell it."""

    id: str
    tool: str
    text: str
    error: bool = False


@dataclass(slots=True, frozen=True)
class Made:
    """A call that the model made earlier, by the id that its result refers to."""

    id: str
    tool: str


@dataclass(slots=True)
class Ask:
    """One request, reduced to what decides the answer.

    `weight` is the prompt in tokens, `limit` the most output tokens. `made` are the calls since the person last spoke,
    `answered` whether the model has spoken since. `forced` names a tool that must be called; with `choice` "any" it may
    be any. `shape` is a JSON schema that the text must match, an empty one standing for any object.
    """

    model: str
    weight: int
    said: str = ""
    images: int = 0
    files: int = 0
    results: list[Result] = field(default_factory=list)
    made: list[Made] = field(default_factory=list)
    answered: bool = False
    tools: list[Tool] = field(default_factory=list)
    choice: Choice = "auto"
    forced: str | None = None
    parallel: bool = True
    thinking: bool = False
    limit: int | None = None
    stops: list[str] = field(default_factory=list)
    shape: dict[str, Any] | None = None

    def hear_user(self, content: Content) -> None:
        """The person spoke; a message of reminders alone says nothing new."""
        self.images += content.images
        self.files += content.files
        shown = content.images or content.files
        if content.text or (shown and self.answered):
            self.said = content.text
            self.made = []
            self.answered = False

    def hear_assistant(self, calls: Sequence[Made] = ()) -> None:
        """The model's own earlier turn: what came before it is answered."""
        self.made = [*self.made, *calls]
        self.results = []
        self.images = self.files = 0
        self.answered = True

    def hear_result(self, identity: str, content: Content, *, error: bool = False) -> None:
        """A tool answered; `identity` is the call's id, or the tool's name where there are no ids."""
        self.images += content.images
        self.files += content.files
        tool = next((one.tool for one in self.made if identity and identity in (one.id, one.tool)), "")
        self.results.append(Result(identity, tool, content.text, error))

    def in_order(self) -> list[Result]:
        """The results in the order of their calls: they may come back in any."""
        order = {one.id: nth for nth, one in enumerate(self.made)}
        return sorted(self.results, key=lambda one: order.get(one.id, len(order)))


@dataclass(slots=True, frozen=True)
class Call:
    """A call the model makes. `text` is the arguments as JSON, or the free text of a custom tool."""

    tool: Tool
    arguments: dict[str, Any]
    text: str

    @property
    def tokens(self) -> int:
        return tokens(self.tool.name) + tokens(self.text)


@dataclass(slots=True, frozen=True)
class Turn:
    """The whole answer. `stopped_by` is the stop sequence that ended it; the three counts are tokens."""

    thinking: str
    text: str
    calls: tuple[Call, ...]
    stop: Stop
    stopped_by: str | None
    input: int
    output: int
    thought: int


class Ids:
    """Identifiers that depend on the request's bytes alone: the same body gets the same ids."""

    def __init__(self, body: bytes) -> None:
        self._seed = hashlib.blake2b(body, digest_size=16).digest()

    def make(self, prefix: str, nth: int = 0) -> str:
        """`prefix` followed by 24 hex digits, different for each `nth`."""
        return prefix + hashlib.blake2b(b"%s %d" % (prefix.encode(), nth), key=self._seed, digest_size=12).hexdigest()
