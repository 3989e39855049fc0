"""What a provider is: where it lives, which formats it speaks, how it is asked. A row of data, no behaviour."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from trunkline.model.wires import Wire

Auth = Literal["bearer", "x-api-key", "api-key", "x-goog-api-key", "none"]
"""The header a key travels in. `none`: no key is needed; one that is given travels as a bearer."""


Plan = Literal["", "coding", "payg"]
"""Which pot of an account is charged, where the URL decides it (Z.AI). Empty: nobody said."""

Region = Literal["intl", "cn"]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One format at one base URL. An empty `base` means that `api_base` must be given."""

    base: str
    auth: Auth = "bearer"


@dataclass(frozen=True, slots=True)
class Provider:
    """One provider.

    `endpoints` maps a wire to where it is spoken; the order is the order of preference when the client's wire is not
    among them. `variants` replaces `endpoints` for a plan and a region (`("coding", "intl")`), where a provider has
    several doors for one account. `suffixes` are the provider's own paths that are added to an `*_API_BASE` that is
    a bare origin (`https://host`): wire → path. Where a wire is not among them, it is the path of its own base.
    """

    name: str
    title: str
    endpoints: Mapping[Wire, Endpoint]
    key_names: tuple[str, ...] = ()
    """Environment variables that may hold the key, best first. Empty: no key is needed."""
    base_names: tuple[str, ...] = ()
    """Environment variables that may hold the base URL, best first (`ZAI_API_BASE`, ...)."""
    suffixes: Mapping[Wire, str] = field(default_factory=dict)
    aliases: tuple[str, ...] = ()
    """Other prefixes that mean this provider: `z-ai` for `zai`."""
    variants: Mapping[tuple[Plan, Region], Mapping[Wire, Endpoint]] = field(default_factory=dict)
    other_paths: tuple[str, ...] = ()
    """Paths where its first wire is spoken too, and which an `api_base` may therefore end in: `/v1` for DeepSeek."""
    literal_origin: bool = False
    """An `api_base` in a file that is a bare origin is the base itself: no path is added (`openai/...`, Azure)."""
    key_page: str = ""
    """Where a person gets a key."""
    needs_key: bool = True
    prefers: Wire | Literal[""] = ""
    """The wire it is asked in for answers, whatever else it offers: Ollama's copies of other vendors' formats cut long
    prompts silently, and Gemini's leaves its own abilities out."""
    asks_usage: bool = True
    """Whether `stream_options.include_usage` may be sent to its chat endpoint."""
    leaks: bool = False
    """Its servers may let a tool call through as words, where the model's template or their parser lets it slip."""
    headers: tuple[tuple[str, str], ...] = ()
    """Sent with every request to it."""
    search: int = 0
    """Nano-dollars of one search of the web that it runs and reports by number."""
    lookup: int = 0
    """Nano-dollars of one search of files that it keeps for its client."""
    azure: bool = False
    """Deployments in the path and an `api-version` in the query, as Azure has them."""
    free: bool = False
    """Nobody is paid for its answers: every model of it costs 0. What merely has no known price is not free."""
    embedded: Literal["", "demo", "litellm"] = ""
    """Answered inside this process: by the demo, or by LiteLLM's SDK, which asks the provider in its own way."""
    source: str = ""
    """Where these facts were read, and when."""
