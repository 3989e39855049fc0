"""Where each wire of a provider is spoken, given an optional base URL of the operator's. Pure: no I/O, no environment.

The rules, in order:

1. No base: the provider's own endpoints, by plan and region.
2. What names an operation is cut off the base's end (`/chat/completions`, `/v1/messages`, ...), as LiteLLM does.
3. A bare origin gets the provider's own paths. Where the row says `literal_origin` (`openai/...`, Azure) that holds for
   a base from the environment only; one written in a file is the base itself.
4. A base that ends in one of the provider's own paths serves that wire, and the others at their own paths beside it:
   `https://api.z.ai/api/anthropic` tells where Z.AI's chat endpoint is too.
5. Any other path: the first wire's family (both OpenAI formats, or the one format) at exactly that base, and the wires
   that live at the provider's root. Nothing is guessed beyond that.

An Anthropic base never ends in `/v1`: the operation's path brings it. What Ollama and Z.AI have of their own is in
`ollama.py` and `place_zai.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import SplitResult, urlsplit

from trunkline.catalog.ollama import ollama_base
from trunkline.catalog.place_zai import beside_zai, region_of
from trunkline.catalog.provider import Endpoint, Plan, Provider, Region
from trunkline.errors import ConfigInvalid
from trunkline.model.wires import Wire

_OPERATIONS = (
    "/v1/messages/count_tokens",
    "/v1/messages",
    "/chat/completions",
    "/completions",
    "/embeddings",
    "/responses",
    "/api/generate",
    "/api/chat",
    "/api/embed",
    "/api/embeddings",
    "/api/tags",
    "/api/show",
)
_OPENAI: frozenset[Wire] = frozenset({"openai_chat", "openai_responses"})


def place(
    provider: Provider,
    *,
    plan: Plan = "",
    region: Region = "intl",
    api_base: str = "",
    from_environment: bool = False,
) -> Mapping[Wire, Endpoint]:
    """Wire → endpoint, in the provider's order of preference. `from_environment`: the base came from a `*_API_BASE`.

    Raises ConfigInvalid when a base is needed and none was given, or when the base is no http(s) URL.
    """
    if not api_base.strip() or provider.embedded:
        return _own(provider, plan, region)
    parts = _parse(provider, api_base)
    path = _cut(parts.path)
    origin = f"{parts.scheme}://{parts.netloc}"
    if provider.azure:
        return {wire: Endpoint(origin + path, end.auth) for wire, end in provider.endpoints.items()}
    region = region_of(api_base) or region
    if provider.variants and path:
        return beside_zai(provider, plan, region, origin, path)
    table = _table(provider, plan, region)
    own = {wire: _own_path(provider, wire, end) for wire, end in table.items()}
    if provider.name == "ollama" or (not path and (from_environment or not provider.literal_origin)):
        bases = {wire: origin + path + own[wire] for wire in table}
    else:
        bases = _beside(provider, origin, path, own)
    return {wire: Endpoint(_tidy(wire, bases[wire]), end.auth) for wire, end in table.items() if wire in bases}


def _table(provider: Provider, plan: Plan, region: Region) -> Mapping[Wire, Endpoint]:
    return provider.variants.get((plan, region), provider.endpoints)


def _own(provider: Provider, plan: Plan, region: Region) -> Mapping[Wire, Endpoint]:
    table = _table(provider, plan, region)
    if all(end.base for end in table.values()):
        return table
    names = " or ".join(provider.base_names)
    raise ConfigInvalid(
        f"{provider.title} has no address of its own: where it runs must be told.",
        remedy=f"Write `api_base` beside the model, or set {names}.",
        param="api_base",
    )


def _parse(provider: Provider, api_base: str) -> SplitResult:
    text = ollama_base(_cut(api_base)) if provider.name == "ollama" else api_base.strip()
    try:
        parts = urlsplit(text)
        sound = parts.scheme in {"http", "https"} and bool(parts.hostname) and parts.port != 0
    except ValueError:
        sound = False
    if not sound:
        raise ConfigInvalid(
            f"The base URL of {provider.title} is no http or https URL.",
            remedy="Write it whole, for example `http://127.0.0.1:8000/v1`.",
            param="api_base",
        )
    if parts.query and not provider.azure:
        raise ConfigInvalid(
            f"The base URL of {provider.title} has a query (`?...`), after which no path can be added.",
            remedy="Remove it, or send what it says with `extra_headers`.",
            param="api_base",
        )
    return parts


def _cut(path: str) -> str:
    """The path without what names an operation, and without slashes at its end."""
    path = path.rstrip("/")
    for tail in _OPERATIONS:
        if path.endswith(tail):
            return path.removesuffix(tail).rstrip("/")
    return path


def _own_path(provider: Provider, wire: Wire, end: Endpoint) -> str:
    return provider.suffixes.get(wire, urlsplit(end.base).path)


def _beside(provider: Provider, origin: str, path: str, own: Mapping[Wire, str]) -> dict[Wire, str]:
    """Rules 4 and 5: every wire's base beside a base that has a path."""
    first = next(iter(own))
    known = sorted({p for p in own.values() if p} | set(provider.other_paths), key=len, reverse=True)
    for candidate in known:
        if path.endswith(candidate):
            root = origin + path.removesuffix(candidate)
            kept = {first: origin + path} if candidate in provider.other_paths else {}
            return {wire: root + own[wire] for wire in own} | kept
    family = _OPENAI if first in _OPENAI else {first}
    return {wire: origin + path for wire in own if wire in family or not own[wire]}


def _tidy(wire: Wire, base: str) -> str:
    return base.removesuffix("/v1").rstrip("/") if wire == "anthropic" else base
