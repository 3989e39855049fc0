"""What the LiteLLM SDK knows, where it is installed: its providers and its prices, read from the data files it ships.

The SDK itself is not imported: that takes seconds. Files: `provider_endpoints_support_backup.json`,
`llms/openai_like/providers.json`, `model_prices_and_context_window_backup.json` (LiteLLM 1.110.2, 2026-11-27).
"""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import msgspec

from trunkline.catalog.prices import price_from_params
from trunkline.catalog.provider import Endpoint, Provider
from trunkline.errors import ConfigInvalid
from trunkline.model.usage import Price

INSTALL = "pip install 'trunkline[litellm]'"
PLACE = "litellm://"
"""Stands where other deployments have their base URL, when the SDK knows the address by itself."""

_PROVIDERS = "provider_endpoints_support_backup.json"
_COMPATIBLE = "llms/openai_like/providers.json"
_PRICES = "model_prices_and_context_window_backup.json"
_ROUTES = ("converse/", "invoke/")
"""Words between Bedrock's prefix and a model's name that say how it is asked."""


_OURS = Path(__file__).parents[1]

_KEYS = {"text-completion-openai": ("OPENAI_API_KEY",), "aiohttp_openai": ("OPENAI_API_KEY",)}
"""Prefixes whose key is not called after them, and which the SDK cannot find: OpenAI's variables are hidden from it."""


class _Support(msgspec.Struct):
    display_name: str = ""


class _Supported(msgspec.Struct):
    providers: dict[str, _Support] = {}


def installed() -> bool:
    """Whether the SDK can be imported. A folder that is merely called so does not count."""
    return _home() is not None


def known(prefix: str) -> bool:
    """Whether the installed SDK lists that provider. False where there is no SDK."""
    return prefix in _titles()


def row(prefix: str) -> Provider:
    """The row of a provider that is reached through the SDK: one wire, and whatever credentials the SDK finds.

    A key in the file, or in the variable that is called as LiteLLM's usually are, is handed to the SDK; else it looks
    for its own (`AWS_ACCESS_KEY_ID`, `GOOGLE_APPLICATION_CREDENTIALS`, ...).
    """
    title = _titles().get(prefix) or prefix
    return Provider(
        name=prefix,
        title=f"{title} (through LiteLLM)",
        endpoints={"openai_chat": Endpoint(f"{PLACE}{prefix}")},
        key_names=_KEYS.get(prefix, (f"{prefix.replace('-', '_').upper()}_API_KEY",)),
        needs_key=False,
        embedded="litellm",
        source="the installed LiteLLM SDK",
    )


@lru_cache(maxsize=4096)
def price(provider: str, model: str) -> Price | None:
    """What the SDK's own price file says of a model, exactly; None where it says nothing by tokens."""
    table = _prices()
    names = [f"{provider}/{model}", model]
    names += [model.removeprefix(route) for route in _ROUTES if model.startswith(route)]
    for name in names:
        raw = table.get(name)
        entry = msgspec.json.decode(raw) if raw is not None else {}
        if str(entry.get("litellm_provider", "")).startswith(provider):
            try:
                return price_from_params(entry, where=f"LiteLLM's price of {name}", source="LiteLLM's price file")
            except ConfigInvalid:
                # A price with one side missing is no price: the model stays unpriced, and is shown so.
                return None
    return None


def read_prices() -> None:
    """Reads the price file (3.5 MB), so that no request waits for it."""
    _prices()


def _home() -> Path | None:
    found = importlib.util.find_spec("litellm")
    home = Path(found.origin).parent if found is not None and found.origin else None
    # Under `trunkline run` that name means Trunkline's own.
    return None if home is not None and _OURS in home.parents else home


@lru_cache(maxsize=1)
def _titles() -> Mapping[str, str]:
    """Prefix → the name that a person knows; `DeepInfra (`deepinfra`)` in the file."""
    listed = msgspec.json.decode(_read(_PROVIDERS), type=_Supported).providers
    compatible = msgspec.json.decode(_read(_COMPATIBLE), type=dict[str, Any])
    named = {name: each.display_name.partition(" (`")[0] for name, each in listed.items() if "/" not in name}
    return dict.fromkeys(compatible, "") | named


@lru_cache(maxsize=1)
def _prices() -> Mapping[str, msgspec.Raw]:
    return msgspec.json.decode(_read(_PRICES), type=dict[str, msgspec.Raw])


def _read(name: str) -> bytes:
    """One of its data files. A release that has it elsewhere has no such titles and prices: nothing depends on them."""
    home = _home()
    try:
        return (home / name).read_bytes() if home is not None else b"{}"
    except FileNotFoundError:
        return b"{}"
