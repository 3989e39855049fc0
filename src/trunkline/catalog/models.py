"""What a model costs, holds and can do, by provider and name. Reads the data file on the first question, not before."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from trunkline.catalog import table
from trunkline.catalog.names import candidates, hyphened, unmarked
from trunkline.catalog.providers import find
from trunkline.model.conversation import Effort
from trunkline.model.usage import Price, Rates

FREE = Price((Rates(0, 0, 0, 0, 0),), "runs on the operator's own machine")


@dataclass(frozen=True, slots=True)
class Abilities:
    """What a model takes. None: the sources do not say, so nothing may be concluded from it."""

    vision: bool | None = None
    tools: bool | None = None
    reasoning: bool | None = None
    documents: bool | None = None
    json_schema: bool | None = None
    prefill: bool | None = None
    """The last message may be the assistant's own beginning."""
    system_in_middle: bool | None = None
    """`role: system` inside `messages`."""
    sampling: bool | None = None
    """`temperature`, `top_p`, `top_k`. False: it refuses them."""
    forced_tool: bool | None = None
    """A tool choice that names a tool, or asks for any. False: it refuses that."""
    always_thinks: bool | None = None


@dataclass(frozen=True, slots=True)
class Model:
    """One model. `price` is None where no source has one: then its cost is unknown, which is not 0."""

    name: str
    """The vendor's id."""
    provider: str
    price: Price | None = None
    max_input: int = 0
    """Tokens; 0: not known."""
    max_output: int = 0
    abilities: Abilities = Abilities()
    mode: str = "chat"
    """`chat`, `responses`, `completion` or `embedding`."""
    retires: str = ""
    """The day on which its vendor switches it off (`2026-11-30`), or empty."""

    @property
    def output_limit(self) -> str:
        """The member that bounds the output in the chat format: OpenAI's reasoning models refuse `max_tokens`.

        Source: developers.openai.com/api/reference/resources/chat, 2026-11-20.
        """
        newer = self.provider in {"openai", "azure"} and self.abilities.reasoning
        return "max_completion_tokens" if newer else "max_tokens"


_LETTERS = {
    "v": "vision",
    "t": "tools",
    "r": "reasoning",
    "d": "documents",
    "j": "json_schema",
    "p": "prefill",
    "m": "system_in_middle",
    "s": "sampling",
    "f": "forced_tool",
    "a": "always_thinks",
}
_ELSEWHERE = {"azure": "openai", "bigmodel": "zai"}
"""Whose row is taken where a provider has none of its own: the same models at the same list price."""

_NESTED = {"google": "gemini", "mistralai": "mistral"}
"""Vendor names inside OpenRouter's model names that are no alias of a provider."""

_VERSION = re.compile(r"(\d{1,2})(?:[.-](\d{1,2})(?![\dbkm]))?")


@lru_cache(maxsize=1024)
def look_up(provider: str, model: str) -> Model | None:
    """The catalogued model, or None when it is not known under any of its names.

    `provider` is a provider's name or alias. A dated, marked or dotted name finds its model; `zai/claude-*` is the GLM
    that serves it; `openrouter/<vendor>/<model>` is OpenRouter's row, else the vendor's own.
    """
    row = find(provider)
    name = row.name if row else provider
    if row is not None and row.free:
        return Model(unmarked(model), name, FREE)
    served = _served_as(name, model)
    aliases = table.file().aliases.get(name, {})
    rows = table.rows(name).by_name
    for candidate in candidates(name, served):
        found = rows.get(aliases.get(candidate, candidate))
        if found is not None:
            return _with_vendors_abilities(_model(name, *found), served)
    return _beyond(name, served)


@lru_cache(maxsize=1024)
def efforts(provider: str, model: str) -> tuple[Effort, ...] | None:
    """The words that a model takes for how hard it is to think, least first. None: no row tells; empty: it takes none.

    `none` among them: it can be told not to think. Rows go by families of names, so that a model that came out
    yesterday is asked like those before it. A Claude is one wherever it is served.
    """
    row = find(provider)
    name = row.name if row else provider
    known = table.file().efforts
    served = _served_as(name, model).strip().lower().rpartition("/")[2]
    rows = known.get(_ELSEWHERE.get(name, name), [])
    if not rows and served.startswith("claude"):
        rows = known["anthropic"]
    if served.startswith("claude"):
        served = served.replace(".", "-")
    return next((taken for pattern, taken in rows if re.match(pattern, served)), None)


def vendor_name(provider: str, model: str) -> str:
    """The name to tell the vendor: unmarked, Claude's with hyphens, GLM's in lower case, Gemini's without `models/`."""
    row = find(provider)
    name = unmarked(model)
    if row is None or row.name == "openrouter":
        return name
    if row.name == "gemini":
        return name.removeprefix("models/")
    if row.name in {"zai", "bigmodel"} and name.lower().startswith("glm"):
        return name.lower()
    alias = table.file().aliases.get(row.name, {}).get(name.lower())
    return alias or (hyphened(name) if "anthropic" in row.endpoints else name)


def names(provider: str) -> tuple[str, ...]:
    """The vendor's ids of the current chat models of a provider, newest first.

    Left out: dated copies, what its vendor has switched off by the file's day, and rows that one source keeps for old
    bills only (they have no output limit).
    """
    row = find(provider)
    if row is None or row.free:
        return ("echo",) if row is not None and row.embedded else ()
    data = table.file()
    chosen = [
        (name, entry)
        for key, (name, entry) in table.rows(row.name).by_name.items()
        if table.mode_of(entry) in {"chat", "responses"}
        and not key.startswith("ft:")
        and not _dated(key)
        and not "" < table.retires(entry) <= data.date
    ]
    chosen = [(name, entry) for name, entry in chosen if entry[2]] or chosen
    roles = data.roles.get(row.name, ())
    return tuple(name for name, _ in sorted(chosen, key=lambda it: (-_version(it[0]), it[0] not in roles, it[0])))


def flagship(provider: str) -> str:
    """The model for hard work (`glm-5.3`), or empty where none is named."""
    return _role(provider, 0)


def small(provider: str) -> str:
    """The cheap quick one (`glm-5.3-flash`), or empty where none is named."""
    return _role(provider, 1)


def _role(provider: str, place: int) -> str:
    row = find(provider)
    if row is None or row.embedded:
        return "echo" if row is not None else ""
    return table.file().roles.get(row.name, ("", ""))[place]


def _served_as(provider: str, model: str) -> str:
    name = model.strip().lower()
    return next((to for start, to in table.file().claude_as.get(provider, []) if name.startswith(start)), model)


def _beyond(provider: str, model: str) -> Model | None:
    """Another provider's row for a model that this one has no row for."""
    if provider in _ELSEWHERE:
        found = look_up(_ELSEWHERE[provider], model)
        return replace(found, provider=provider) if found else None
    vendor, slash, rest = model.partition("/")
    if provider != "openrouter" or not slash or rest.endswith((":free", ":batch")):
        return None
    row = find(_NESTED.get(vendor.lower(), vendor))
    found = look_up(row.name, rest) if row is not None and not row.free and row.name != "openrouter" else None
    return replace(found, name=unmarked(model), provider=provider) if found else None


def _with_vendors_abilities(model: Model, asked: str) -> Model:
    """OpenRouter's rows have prices only: what the model can do, its vendor's row says."""
    vendors = _beyond(model.provider, asked) if model.provider == "openrouter" else None
    if vendors is None:
        return model
    return replace(model, abilities=vendors.abilities, max_output=model.max_output or vendors.max_output)


def _model(provider: str, name: str, row: table.Row) -> Model:
    known = {_LETTERS[letter.lower()]: letter.islower() for letter in row[3]}
    return Model(
        name=name,
        provider=provider,
        price=table.price_of(row),
        max_input=row[1],
        max_output=row[2],
        abilities=Abilities(**known),
        mode=table.mode_of(row),
        retires=table.retires(row),
    )


def _dated(name: str) -> bool:
    return re.search(r"(-\d{8}|-\d{4}-\d{2}-\d{2}|-\d{4}|-\d{6})$", name) is not None


def _version(name: str) -> Decimal:
    """The version in a name as a number, since `4.20` came before `4.7`; 0 where there is none."""
    found = _VERSION.search(name.rpartition("/")[2])
    return Decimal(f"{found[1]}.{found[2] or 0}") if found else Decimal(0)
