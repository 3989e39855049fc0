"""What a client asks of a model, in no vendor's words: one conversation that every wire decodes to and encodes from.

A superset, closest to Anthropic's blocks since those keep the order of what was said. Values are plain data; nothing
here knows a format. What a wire has and no other could understand travels as `Opaque` and is written back by its own
wire only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from trunkline.model.wires import Wire


@dataclass(slots=True)
class Text:
    """Words. `cached`: the client marked a prefix that ends here as worth caching (`5m`, `1h`, or empty)."""

    text: str
    cached: str = ""


@dataclass(slots=True)
class Image:
    """A picture: base64 `data` with its media type, or a `url`. `detail` is OpenAI's word for its resolution."""

    data: str = ""
    media_type: str = ""
    url: str = ""
    detail: str = ""
    cached: str = ""


@dataclass(slots=True)
class Document:
    """A file: base64 `data` with its media type (`application/pdf`), plain `text`, or a `url`."""

    data: str = ""
    media_type: str = ""
    text: str = ""
    url: str = ""
    title: str = ""
    cached: str = ""


@dataclass(slots=True)
class Audio:
    """Sound: base64 `data` and its format (`wav`, `mp3`)."""

    data: str
    format: str


@dataclass(slots=True)
class Thinking:
    """What a model thought. `signature` proves it to the wire that made it (`origin`) and means nothing to any other.

    `redacted` thinking has no text, only `signature`. `id` is the item's, where the wire has items (Responses).
    """

    text: str = ""
    signature: str = ""
    origin: Wire | Literal[""] = ""
    redacted: bool = False
    id: str = ""


@dataclass(slots=True)
class ToolCall:
    """A call. `arguments` is JSON text as the model wrote it, possibly empty or broken; of a `custom` call, any text.

    `signature` is Gemini's thought signature of the call. `namespace` is of Responses.
    """

    id: str
    name: str
    arguments: str = ""
    custom: bool = False
    namespace: str = ""
    signature: str = ""
    item: str = ""
    """The item's own id in Responses (`fc_…`), which is not the call's."""


@dataclass(slots=True)
class ToolResult:
    """What a call came to. `name` is the tool's where the wire tells it (Ollama, Gemini), else empty."""

    id: str
    content: list[Text | Image | Document]
    failed: bool = False
    name: str = ""
    custom: bool = False
    cached: str = ""


@dataclass(slots=True)
class Refusal:
    """The model said that it will not (OpenAI's `refusal` parts)."""

    text: str


@dataclass(slots=True)
class Opaque:
    """A block or item that only its own wire understands (server tools and their results, references, compactions)."""

    wire: Wire
    raw: dict[str, Any]
    summary: str = ""
    """A few words that stand for it in another wire, or empty: then it is left out there, and named as lost."""


Part = Text | Image | Document | Audio | Thinking | ToolCall | ToolResult | Refusal | Opaque

Role = Literal["system", "user", "assistant"]


@dataclass(slots=True)
class Turn:
    """What one side said at once. `developer` is OpenAI's other word for system."""

    role: Role
    parts: list[Part]
    name: str = ""
    developer: bool = False


@dataclass(slots=True)
class Tool:
    """A tool that is offered. `schema` is JSON Schema of an object.

    `server`: the provider runs it itself; `raw` is then its own words, and `kind` what it is (`web_search`, …).
    `custom`: it takes free text, bounded by `grammar` where that is given (OpenAI's `format`).
    """

    name: str
    description: str = ""
    schema: dict[str, Any] = field(default_factory=dict)
    strict: bool | None = None
    custom: bool = False
    grammar: dict[str, Any] | None = None
    server: bool = False
    kind: str = ""
    namespace: str = ""
    raw: dict[str, Any] = field(default_factory=dict)
    origin: Wire | Literal[""] = ""
    cached: str = ""


@dataclass(slots=True)
class ToolChoice:
    """`auto`, `any` (some tool must be called), `none`, or `one` that is named. `parallel` None: nothing was said."""

    mode: Literal["auto", "any", "none", "one"] = "auto"
    name: str = ""
    parallel: bool | None = None
    allowed: tuple[str, ...] = ()


Effort = Literal["", "none", "minimal", "low", "medium", "high", "xhigh", "max"]


@dataclass(slots=True)
class Thought:
    """How much thinking is asked for. `mode` empty: nothing was said.

    `budget` is in tokens. `shown`: whether the client wants to read it (`summarized` and the like); None: not said.
    `between_tools`: Anthropic's word for thinking only there.
    """

    mode: Literal["", "off", "on", "adaptive", "between_tools"] = ""
    budget: int | None = None
    effort: Effort = ""
    shown: bool | None = None
    summary: str = ""


@dataclass(slots=True)
class Shape:
    """The form the answer must have: any JSON object, or one that fits a schema."""

    kind: Literal["json", "schema"]
    name: str = ""
    schema: dict[str, Any] = field(default_factory=dict)
    strict: bool | None = None
    description: str = ""


@dataclass(slots=True)
class Sampling:
    """How words are chosen. None: not said."""

    temperature: float | None = None
    top_p: float | None = None
    top_k: int | None = None
    min_p: float | None = None
    seed: int | None = None
    presence: float | None = None
    frequency: float | None = None
    repeat: float | None = None
    logit_bias: dict[str, Any] | None = None


@dataclass(slots=True)
class Conversation:
    """A whole request. `system` stands before the turns; a system turn among them stays where it is.

    `own` holds members that only `wire` understands, undecoded by anybody else; they are named as lost elsewhere.
    """

    wire: Wire
    model: str
    turns: list[Turn]
    system: list[Text] = field(default_factory=list)
    tools: list[Tool] = field(default_factory=list)
    choice: ToolChoice | None = None
    thought: Thought = field(default_factory=Thought)
    limit: int | None = None
    """Output tokens at most, thinking included."""
    stop: list[str] = field(default_factory=list)
    sampling: Sampling = field(default_factory=Sampling)
    shape: Shape | None = None
    streamed: bool = False
    usage_asked: bool = False
    """OpenAI chat: the client wants the usage chunk."""
    count: int = 1
    """Answers asked for (`n`)."""
    logprobs: int | None = None
    """0: of the chosen tokens only; n: of n alternatives each."""
    user: str = ""
    session: str = ""
    """What the client calls this conversation (`prompt_cache_key`, a session header), for caches."""
    verbosity: str = ""
    own: dict[str, Any] = field(default_factory=dict)
