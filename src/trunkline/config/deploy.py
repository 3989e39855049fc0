"""Puts one deployment together: whose model it is, with which key, behind which doors. No I/O."""

from __future__ import annotations

import hashlib
import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from trunkline.catalog import litellm_sdk
from trunkline.catalog.models import look_up, vendor_name
from trunkline.catalog.ollama import elsewhere
from trunkline.catalog.place import place
from trunkline.catalog.provider import Endpoint, Plan, Provider, Region
from trunkline.catalog.providers import at_host, find, nearest, split
from trunkline.config.environment import Environment
from trunkline.config.keys_params import LITELLM_PROVIDERS
from trunkline.config.refuse import refusal
from trunkline.config.schema import Door
from trunkline.config.secrets import Found, from_environment, from_file
from trunkline.errors import ConfigInvalid
from trunkline.model.wires import Wire

FIRST_PARTIES = ("anthropic", "openai", "gemini", "deepseek", "moonshot", "xai", "mistral", "zai")
"""Who is asked, in this order, whose model a bare name is."""

_BEGINNINGS = {
    "claude-": "anthropic", "gpt-": "openai", "chatgpt-": "openai", "o1": "openai", "o3": "openai", "o4": "openai",
    "text-embedding-": "openai", "glm-": "zai", "gemini-": "gemini", "deepseek-": "deepseek", "kimi-": "moonshot",
    "moonshot-": "moonshot", "grok-": "xai", "mistral-": "mistral", "codestral-": "mistral", "devstral-": "mistral",
}  # fmt: skip


def whose(model: str, given: str, api_base: str, where: str) -> tuple[Provider, str]:
    """The provider of a model's name, and the name without the prefix. Raises `ConfigInvalid` with a remedy.

    `given` is `custom_llm_provider`. A bare name belongs to the vendor that made it.
    """
    if given:
        named = find(given) or _through_sdk(given)
        if named is None:
            raise _unknown(given, f"`custom_llm_provider: {given}`", where)
        parts = split(model)
        if named.embedded == "litellm":
            return named, model.removeprefix(f"{given}/")
        return named, parts[1] if parts and parts[0] is named else model
    if parts := split(model):
        return parts
    prefix, slash, rest = model.partition("/")
    owner = _owner(api_base) if api_base else None
    if rest and owner is None and (through := _through_sdk(prefix)):
        return through, rest
    if slash:
        if find(prefix):
            raise refusal(where, f"`{model}` names a provider and no model.", f"Write `{prefix}/` and the model.")
        if not rest or not api_base or (owner is None and prefix in LITELLM_PROVIDERS):
            raise _unknown(prefix, f"`{model}`", where)
    row = owner or (None if slash else vendor_of(model))
    if row is None:
        what = f"nothing says which provider `{model}` is at."
        way = "`openai/` (or `anthropic/`, by the format its `api_base` speaks)" if api_base else "`zai/` or `openai/`"
        raise refusal(where, what, f"Put the provider before the name, for example {way}.")
    return row, model


def _owner(base: str) -> Provider | None:
    """Whose host a base is on; None also for what is no URL, which `place` refuses with a sentence of its own."""
    try:
        return at_host(base)
    except ValueError:
        return None


def vendor_of(model: str) -> Provider | None:
    """Who made the model of a bare name; None when nobody in the catalog did."""
    lowered = model.lower()
    for beginning, name in _BEGINNINGS.items():
        if lowered.startswith(beginning):
            return find(name)
    return next((find(name) for name in FIRST_PARTIES if look_up(name, model) is not None), None)


def begins_a_vendors(text: str) -> bool:
    """Whether a vendor's names begin so: `claude-`, `gpt-`."""
    return text.lower() in _BEGINNINGS


def _through_sdk(prefix: str) -> Provider | None:
    """The row of a provider that only LiteLLM's SDK knows; None where it does not, or where there is no SDK."""
    if not litellm_sdk.installed() or not (prefix in LITELLM_PROVIDERS or litellm_sdk.known(prefix)):
        return None
    return litellm_sdk.row(prefix)


def _unknown(prefix: str, shown: str, where: str) -> ConfigInvalid:
    if prefix in LITELLM_PROVIDERS and not litellm_sdk.installed():
        what = f"{shown}: Trunkline reaches `{prefix}` through LiteLLM's SDK, which is not installed."
        remedy = f"`{litellm_sdk.INSTALL}`, or leave out all of its kind with `--ignore {prefix}`."
        return refusal(where, what, remedy)
    near = nearest(prefix)
    meant = f"Did you mean `{near}/`? " if near else ""
    what = f"{shown}: no provider is called `{prefix}`."
    return refusal(where, what, f"{meant}A server of your own is `openai/<model>` with its `api_base`.")


_COMPATIBLE = frozenset({"openai", "openai_like", "anthropic"})
"""Prefixes that people give to servers of their own, beside the vendor's."""


@dataclass(frozen=True, slots=True)
class Site:
    """Where a deployment is: its provider's row, its doors, its key."""

    provider: Provider
    doors: Mapping[Wire, Door]
    found: Found
    borrowed: str = ""
    """Set when a vendor's own variable serves for a base on another host: `OPENAI_API_KEY`."""
    elsewhere: tuple[str, ...] = ()
    """Other origins where it may be."""


def site(
    provider: Provider,
    model: str,
    environment: Environment,
    *,
    where: str,
    api_base: str = "",
    key: tuple[str, str] | None = None,
    plan: Plan = "",
    region: Region = "intl",
) -> Site:
    """Finds the doors and the key. `key` is the file's own: its value and the variable it referred to, if any."""
    if provider.embedded == "litellm":
        return _sdk_site(provider, environment, api_base, key, where)
    base, from_env = api_base, False
    if not base and not provider.embedded:
        variable = next((name for name in provider.base_names if environment.get(name, "").strip()), "")
        base, from_env = environment.get(variable, "").strip(), bool(variable)
    host = _owner(base) if base else None
    row = host or provider
    try:
        ends = place(row, plan=plan, region=region, api_base=base, from_environment=from_env)
    except ConfigInvalid as invalid:
        raise ConfigInvalid(f"{where}: {invalid.message}", remedy=invalid.remedy, param=invalid.param) from None
    others = elsewhere(base, in_image=environment.get("TRUNKLINE_IN_IMAGE") == "1") if row.name == "ollama" else ()
    return Site(row, _doors(row, model, ends), *_key(provider, row, base, from_env, environment, key, where), others)


def _sdk_site(
    provider: Provider, environment: Environment, api_base: str, given: tuple[str, str] | None, where: str
) -> Site:
    """One door, where the SDK is told to go or goes by itself. A key that nobody wrote down is the SDK's to find."""
    base = api_base or provider.endpoints["openai_chat"].base
    doors: dict[Wire, Door] = {"openai_chat": Door(base.rstrip("/"), "bearer")}
    if given is not None and (given[0].strip() or given[1]):
        found = from_file(*given, where, provider, environment)
    elif any(name in environment for name in provider.key_names):
        found = from_environment(provider, environment)
    else:
        found = Found()
    return Site(provider, doors, found)


def _doors(row: Provider, model: str, ends: Mapping[Wire, Endpoint]) -> Mapping[Wire, Door]:
    """Z.AI answers to Claude's names at its Anthropic endpoint only (Z.AI's page on Claude Code, 2026-11)."""
    only = row.variants and model.lower().startswith("claude-") and "anthropic" in ends
    return {wire: Door(end.base, end.auth) for wire, end in ends.items() if not only or wire == "anthropic"}


def _key(
    asked: Provider,
    row: Provider,
    base: str,
    from_env: bool,
    environment: Environment,
    given: tuple[str, str] | None,
    where: str,
) -> tuple[Found, str]:
    own_server = row is asked and row.name in _COMPATIBLE and bool(base) and not from_env and is_local(base)
    local = not row.needs_key or own_server
    if given is not None and (given[0].strip() or given[1]):
        found = from_file(*given, where, row, environment)
        # A word written for a server that asks for none ("none", "sk-xxx") is no key; a variable that was named and
        # is unset, or a blank that was left to be filled in, is a key that somebody forgot.
        written_for_nobody = local and not given[1] and "<" not in given[0]
        return (Found() if written_for_nobody and not found.key else found), ""
    order = (asked, row) if from_env else (row, asked)
    tried = [from_environment(each, environment) for each in order]
    found = next((each for each in tried if each.key), tried[0])
    if not found.key and local:
        return Found(), ""
    foreign = found.key is not None and bool(base) and not from_env and _owner(base) is None and asked.needs_key
    return found, found.key.source if foreign and found.key else ""


def is_local(base: str) -> bool:
    """Whether a base URL is on this machine or a private network, where servers usually ask for no key."""
    host = urlsplit(base).hostname or ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return "." not in host or host.endswith((".local", ".internal", ".localhost", ".lan"))
    return address.is_private or address.is_loopback


def identity(*parts: object) -> str:
    """A short stable hash: 16 hexadecimal digits."""
    return hashlib.sha256("\0".join(map(str, parts)).encode("utf-8", "surrogatepass")).hexdigest()[:16]


def told(provider: Provider, model: str) -> str:
    """The name the provider is told; a pattern stays one."""
    return model if "*" in model else vendor_name(provider.name, model)
