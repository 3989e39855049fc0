"""docs/providers.md: what the catalog's rows say of each provider. The words around them stand in the page itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tools import pages
from trunkline.catalog.models import flagship, names, small
from trunkline.catalog.provider import Provider
from trunkline.catalog.providers import PROVIDERS
from trunkline.config.keys_params import LITELLM_PROVIDERS
from trunkline.model.wires import Wire

PAGE = "providers.md"

WIRES: Mapping[Wire, str] = {
    "anthropic": "Anthropic Messages",
    "openai_chat": "OpenAI Chat",
    "openai_responses": "OpenAI Responses",
    "gemini": "Gemini",
    "ollama": "Ollama",
}
_HEADERS = {"bearer": "`Authorization: Bearer`", "none": "`Authorization: Bearer`, where one is given"}


def parts() -> Mapping[str, str]:
    """The generated parts of the page."""
    return {
        "overview": overview(),
        **{row.name: f"{facts(row)}\n\n{doors(row)}".strip() for row in PROVIDERS},
        "beyond": pages.code(f"{name}/" for name in sorted(LITELLM_PROVIDERS)),
    }


def anchor(row: Provider) -> str:
    """Where a heading with the provider's title is linked to, as GitHub has it."""
    return "".join(mark for mark in row.title.lower().replace(" ", "-") if mark.isalnum() or mark in "-_")


def overview() -> str:
    """One row a provider: which formats are relayed to it as they are."""
    marks = ((f"[{row.title}](#{anchor(row)})", *_marks(row)) for row in PROVIDERS)
    return pages.table(("provider", "prefix", "key", *WIRES.values()), marks)


def _marks(row: Provider) -> Iterator[str]:
    spoken = {*row.endpoints, *(wire for table in row.variants.values() for wire in table)}
    if row.prefers:
        spoken = {row.prefers}
    yield f"`{row.name}/`"
    yield f"`{row.key_names[0]}`" if row.key_names and row.needs_key else "none needed"
    yield from ("✓" if wire in spoken else "" for wire in WIRES)


def facts(row: Provider) -> str:
    """What a person writes, sets and opens."""
    told = {
        "write": f"`{row.name}/MODEL`"
        + (f"; also {pages.code(f'{name}/' for name in row.aliases)}" * bool(row.aliases))
    }
    if row.key_names:
        made = f"; made at <{row.key_page}>" if row.key_page else ""
        needed = "" if row.needs_key else " (needs none)"
        told["key"] = f"{pages.code(row.key_names, ' or ')}{needed}{made}"
    if row.base_names:
        told["address"] = f"{pages.code(row.base_names, ' or ')}, or `api_base` beside the model"
    if known := names(row.name):
        chosen = [f"`{row.name}/{model}` ({what})" for what, model in _roles(row)]
        told["models"] = f"{len(known)} with prices" + (f", among them {' and '.join(chosen)}" if chosen else "")
    if row.free:
        told["price"] = "none: every model costs 0"
    told["read"] = row.source
    return pages.table(("", ""), told.items())


def _roles(row: Provider) -> Iterator[tuple[str, str]]:
    for what, model in (("hard work", flagship(row.name)), ("quick and cheap", small(row.name))):
        if model:
            yield what, model


def doors(row: Provider) -> str:
    """Where each format is spoken."""
    if row.embedded:
        return ""
    if row.variants:
        return pages.table(("`plan`", "`region`", "format", "base URL"), _variants(row))
    head = ("format", "base URL", "the key travels in")
    ends = (
        (WIRES[wire], f"`{end.base}`" if end.base else "must be told", _header(end.auth))
        for wire, end in row.endpoints.items()
    )
    asked = f"\n\nAnswers are asked for in {WIRES[row.prefers]}, whatever the client speaks." if row.prefers else ""
    return pages.table(head, ends) + asked


def _variants(row: Provider) -> Iterator[tuple[str, str, str, str]]:
    """Regions that are one host are told once."""
    told = set()
    one = row.variants["", "intl"] == row.variants["", "cn"]
    for (plan, region), table in sorted(row.variants.items(), key=lambda each: each[0][1], reverse=True):
        for wire, end in table.items():
            line = (plan or "not said", "any" if one else region, WIRES[wire], f"`{end.base}`")
            if line not in told:
                told.add(line)
                yield line


def _header(auth: str) -> str:
    return _HEADERS.get(auth, f"`{auth}`")
