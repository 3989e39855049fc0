"""What the model that is asked understands: read from catalog and configuration, handed to whoever writes the request.

`None` means that nobody said: then it is taken to be understood, and a refusal is the provider's to speak.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from trunkline.model.conversation import Effort


@dataclass(frozen=True, slots=True)
class Dialect:
    """One model at one provider, as far as a request to it must know. `provider` is the row's name (`zai`)."""

    provider: str
    model: str
    sampling: bool | None = None
    """temperature, top_p, top_k are accepted."""
    limit_name: str = "max_tokens"
    """What the chat wire calls the output limit there: `max_completion_tokens` for OpenAI's reasoning models."""
    max_output: int = 0
    """Tokens; 0: not known."""
    vision: bool | None = None
    documents: bool | None = None
    tools: bool | None = None
    forced_tool: bool | None = None
    prefill: bool | None = None
    system_in_middle: bool | None = None
    json_schema: bool | None = None
    reasoning: bool | None = None
    """It can think when asked to."""
    always_thinks: bool | None = None
    efforts: tuple[Effort, ...] | None = None
    """The words that it takes for how hard to think, least first; empty: none. `none`: it can be told not to."""
    asks_usage: bool = True
    """`stream_options.include_usage` may be sent."""
    drop: bool = False
    """`drop_params`: what would change the meaning when left out is left out all the same, instead of refused."""
    leaks: bool = False
    """Its servers let tool calls through as words."""
    developer: bool = False
    """The role `developer` is known; elsewhere it is `system`."""


@dataclass(slots=True)
class Written:
    """A request as it is sent. `lost` names, in the client's own words, what could not be carried.

    `names`: tool names that had to be changed, sent name → the client's. `customs`: names (as sent) of tools that take
    free text and were offered as functions with one string `input`.
    """

    body: dict[str, object]
    lost: list[str] = field(default_factory=list)
    names: dict[str, str] = field(default_factory=dict)
    customs: frozenset[str] = frozenset()
    offered: frozenset[str] = frozenset()
    """Names, as sent, of the functions that may be called."""
    absent: dict[str, str] = field(default_factory=dict)
    """Tools that the provider was to run and lacks: the client's name → its kind. The model was told."""
    repairs: list[str] = field(default_factory=list)
    """What had to be mended for the provider to accept it: `orphan_result`, `interrupted_call`, …"""


EFFORTS: tuple[Effort, ...] = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
"""From least to most."""


def clamped(effort: Effort, taken: tuple[Effort, ...] | None) -> Effort:
    """The effort as a model takes it: what was asked for, else the next less, else the least; empty: say nothing.

    Whoever asks for none gets the least that there is; whoever asks for any gets some. Where it is not known what
    is taken, it is asked for as it is.
    """
    if not effort or taken is None or effort in taken:
        return effort
    thinking = [each for each in taken if each != "none"]
    below = [each for each in thinking if EFFORTS.index(each) < EFFORTS.index(effort)]
    return below[-1] if below else thinking[0] if thinking else ""
