"""The providers that Trunkline knows, as rows, and how a name finds its row. Data; reads nothing, opens nothing.

`ANTHROPIC_BASE_URL` and `OPENAI_BASE_URL` are in no row: on a client's machine they point at this gateway.
"""

from __future__ import annotations

from difflib import get_close_matches
from urllib.parse import urlsplit

from trunkline.catalog.provider import Provider
from trunkline.catalog.rows_local import LOCAL
from trunkline.catalog.rows_vendor import VENDORS
from trunkline.catalog.rows_zai import ZAI_ROWS

PROVIDERS: tuple[Provider, ...] = (*ZAI_ROWS, *VENDORS, *LOCAL)
"""Every provider, in the order in which a person should read of them."""

_BY_NAME: dict[str, Provider] = {name: row for row in PROVIDERS for name in (row.name, *row.aliases)}

_BY_HOST: dict[str, Provider] = {
    host: row
    for row in reversed(PROVIDERS)
    if row.key_names and row.needs_key
    for end in row.endpoints.values()
    if (host := urlsplit(end.base).hostname)
}


def find(name: str) -> Provider | None:
    """The provider of that name or alias, upper or lower case; None where there is none."""
    return _BY_NAME.get(name.strip().lower())


def split(model: str) -> tuple[Provider, str] | None:
    """`zai/glm-5.3` → (zai, `glm-5.3`); `openrouter/anthropic/claude-x` keeps what follows the first slash.

    None for a bare name, for an unknown prefix, and where nothing follows the slash.
    """
    prefix, slash, rest = model.partition("/")
    provider = find(prefix) if slash and rest else None
    return (provider, rest) if provider else None


def at_host(base: str) -> Provider | None:
    """Whose host that base URL is on: `https://api.z.ai/api/anthropic` → zai, whatever prefix the model was given.

    Prices and error codes are the host's, so `anthropic/glm-4.6` at Z.AI is asked for here. None for any other host.
    """
    host = urlsplit(base).hostname
    return _BY_HOST.get(host.lower()) if host else None


def serves(provider: Provider, other: Provider) -> bool:
    """Whether what is asked of the one may be asked of the other: `z-ai/…` may live on BigModel's host, too."""
    return other is provider or bool(provider.variants and other.variants and _hosts(provider) >= _hosts(other))


def _hosts(provider: Provider) -> set[str]:
    tables = (provider.endpoints, *provider.variants.values())
    return {urlsplit(end.base).netloc for table in tables for end in table.values()}


def nearest(name: str) -> str:
    """The known prefix that looks most like that one, for the message about an unknown prefix; empty if none does."""
    found = get_close_matches(name.strip().lower(), list(_BY_NAME), n=1, cutoff=0.5)
    return found[0] if found else ""
