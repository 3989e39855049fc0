"""From a call's arguments, the module's settings and the environment to the snapshot that the engine works with.

A name that the configuration in use has is asked there, unless the call itself says where to go. Else the call
describes a deployment of its own, in the words of a configuration, and is read by the same code. Snapshots are kept: a
program asks for the same few things over and over.
"""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import replace
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import Any

from trunkline.catalog.providers import at_host, split
from trunkline.config.load import load
from trunkline.config.schema import Deployment, Snapshot
from trunkline.errors import UnknownModel
from trunkline.exceptions import BadRequestError, UnsupportedParamsError
from trunkline.route.plan import resolve
from trunkline.sdk.asked import PLACE, Asked
from trunkline.sdk.cache import Cache
from trunkline.sdk.settings import Settings

SPOKEN = "the call's"
"""How a configuration that a call describes is named in sentences."""
PROVIDERS_FILE = "model_providers.yaml"
_KEPT = 256
_KEYS = {
    "openai_key": "OPENAI_API_KEY",
    "anthropic_key": "ANTHROPIC_API_KEY",
    "zai_key": "ZAI_API_KEY",
    "gemini_key": "GEMINI_API_KEY",
    "groq_key": "GROQ_API_KEY",
    "openrouter_key": "OPENROUTER_API_KEY",
    "deepseek_key": "DEEPSEEK_API_KEY",
}
GATEWAY = "openai_like"
"""The row of whoever speaks OpenAI's format at an address that is told."""
_PROXY = "litellm_proxy/"
_MEANT = frozenset({"unknown", "unsupported", "misplaced", "value"})
"""Warnings about what a call's arguments say without an effect: whoever writes an argument means something by it."""

_snapshots: OrderedDict[str, Snapshot] = OrderedDict()


def snapshot_of(asked: Asked, settings: Settings) -> Snapshot:
    """What the engine works with for that call; the names of its fallbacks are put into `asked.body`.

    Raises `ConfigInvalid`, which says what in the arguments cannot be run.
    """
    environ = _environ(settings)
    proxied = _proxied(asked, settings, environ)
    configured = None if asked.placed or proxied else _configured(settings, environ)
    if configured is not None and _has(configured, asked.model):
        return fitted(configured, asked, settings.cache)
    own = _kept(_overlay(asked, settings, environ, proxied), environ)
    for warning in own.warnings:
        if warning.kind in _MEANT and warning.where.startswith(SPOKEN):
            what = f"{warning.message[:1].upper()}{warning.message[1:]} {warning.remedy}".strip()
            raise UnsupportedParamsError(what, model=asked.model)
    return cached(own, asked, settings.cache)


def router_snapshot(overlay: Mapping[str, Any], settings: Settings) -> Snapshot:
    """What a router works with, from the words of a configuration. Raises `ConfigInvalid`."""
    return _kept(overlay, _environ(settings))


def fitted(snapshot: Snapshot, asked: Asked, cache: Cache | None) -> Snapshot:
    """A configuration's snapshot, with what the call itself says of its deployments.

    Raises `UnsupportedParamsError` for what a configuration's deployments have of their own.
    """
    others = asked.place.keys() - {"extra_headers", "extra_body", "drop_params"}
    if others:
        name = min(others)
        raise UnsupportedParamsError(
            f"`{name}` cannot be given for {asked.model!r}: the configuration says that of its deployments. "
            "Write it there, or call the model as `<provider>/<name>`.",
            model=asked.model,
            param=name,
        )
    if asked.fallbacks:
        # They are names of that configuration.
        asked.body["fallbacks"] = asked.fallbacks
    asked.body.update(asked.place.get("extra_body") or {})
    if headers := tuple((asked.place.get("extra_headers") or {}).items()):

        def told(found: tuple[Deployment, ...]) -> tuple[Deployment, ...]:
            return tuple(replace(each, headers=each.headers + headers) for each in found)

        groups = {name: told(found) for name, found in snapshot.groups.items()}
        wildcards = tuple((name, told(found)) for name, found in snapshot.wildcards)
        snapshot = replace(snapshot, groups=groups, wildcards=wildcards)
    if asked.drop_params and not snapshot.drop_params:
        # Profiles are kept by version.
        snapshot = replace(snapshot, drop_params=True, version=f"{snapshot.version}+drop_params")
    return cached(snapshot, asked, cache)


def cached(snapshot: Snapshot, asked: Asked, cache: Cache | None) -> Snapshot:
    """The snapshot with the cache that the call wants: the module's, or one in memory where only the call asks."""
    if asked.caching is False:
        asked.body["cache"] = {"no-cache": True, "no-store": True}
        return snapshot
    wanted = cache if cache is not None or not asked.caching else Cache()
    if wanted is None or (wanted.mode == "default_off" and not asked.caching):
        return snapshot
    keys = [each.key.value if each.key else "" for each in snapshot.deployments()]
    return replace(snapshot, caching=wanted.terms(sha256(repr(keys).encode()).hexdigest()))


def _kept(overlay: Mapping[str, Any], environ: Mapping[str, str]) -> Snapshot:
    key = repr((overlay, sorted(environ.items()), Path.cwd()))
    found = _snapshots.get(key)
    if found is None:
        found = _snapshots[key] = load(None, environ, overlay=overlay, source=SPOKEN)
        while len(_snapshots) > _KEPT:
            _snapshots.popitem(last=False)
    return found


def _environ(settings: Settings) -> dict[str, str]:
    """The process's environment, with the keys that were set on the module."""
    keys = {name: getattr(settings, attribute) for attribute, name in _KEYS.items()}
    return {**os.environ, **{name: key for name, key in keys.items() if key}}


def _configured(settings: Settings, environ: Mapping[str, str]) -> Snapshot | None:
    """The configuration that is in use, if there is one."""
    named = settings.config or environ.get("CONFIG_FILE_PATH", "").strip() or None
    path = Path(named).expanduser() if named else Path(PROVIDERS_FILE)
    if not named and not path.is_file():
        return None
    try:
        changed = path.stat().st_mtime_ns
    except OSError:
        changed = 0
    return _file(path.absolute(), changed, tuple(sorted(environ.items())))


@lru_cache(maxsize=8)
def _file(path: Path, changed: int, environ: tuple[tuple[str, str], ...]) -> Snapshot:
    return load(path, dict(environ))


def _has(snapshot: Snapshot, model: str) -> bool:
    try:
        group, _ = resolve(snapshot, model)
    except UnknownModel:
        return False
    return not group.startswith("demo/")


def _proxied(asked: Asked, settings: Settings, environ: Mapping[str, str]) -> bool:
    """Whether everything is asked of a gateway, whatever its name says: LiteLLM's `use_litellm_proxy`."""
    said = environ.get("USE_LITELLM_PROXY", "").strip().lower() in ("1", "true", "yes")
    return asked.proxied if asked.proxied is not None else settings.use_litellm_proxy or said


def _overlay(asked: Asked, settings: Settings, environ: Mapping[str, str], proxied: bool) -> dict[str, Any]:
    """The call's own deployments, in the words of a configuration."""
    there = _PROXY if proxied else ""
    own = dict(asked.place)
    if settings.api_key:
        own.setdefault("api_key", settings.api_key)
    if settings.api_base:
        own.setdefault("api_base", settings.api_base)
    main = _params(f"{there}{asked.model}", own, environ)
    if main.get("custom_llm_provider") == GATEWAY:
        _tell_gateway(asked, main)
    entries = [{"model_name": asked.model, "litellm_params": main}]
    names: list[str] = []
    for number, each in enumerate(asked.fallbacks):
        given: dict[str, Any] = {"model": each} if isinstance(each, str) else dict(each)
        model = str(given.pop("model", asked.model))
        place: dict[str, Any] = {name: value for name, value in given.items() if name in PLACE}
        members = {name: value for name, value in given.items() if name not in PLACE}
        if members:
            place["extra_body"] = {**place.get("extra_body", {}), **members}
        name = model if model != asked.model and not given else f"{model}#{number + 1}"
        entries.append({"model_name": name, "litellm_params": _params(f"{there}{model}", place, environ)})
        names.append(name)
    if names:
        asked.body["fallbacks"] = names
    listed = {entry["model_name"] for entry in entries}
    for name in dict.fromkeys(_named(asked.window) + _named(asked.policy)):
        if name not in listed:
            entries.append({"model_name": name, "litellm_params": _params(f"{there}{name}", {}, environ)})
    budget = {"max_budget": settings.max_budget} if settings.max_budget is not None else {}
    return {
        "model_list": entries,
        "litellm_settings": {"drop_params": asked.drop_params, **budget},
        # Each call stands alone, as LiteLLM's do: a key that was refused a moment ago is asked again.
        "router_settings": {"disable_cooldowns": True},
        "trunkline": {"cost_in_usage": "off"},
    }


def _named(chains: Any) -> list[str]:
    """The models that chains of fallbacks lead to: names, `{"model": name}`, or `{group: [names]}`."""
    found: list[str] = []
    for entry in chains or ():
        if isinstance(entry, str):
            found.append(entry)
        elif isinstance(entry, Mapping):
            found += [str(entry["model"])] if "model" in entry else [name for chain in entry.values() for name in chain]
    return found


def _params(model: str, place: Mapping[str, Any], environ: Mapping[str, str]) -> dict[str, Any]:
    """`litellm_params` for a model's name; for one without a provider and an address of nobody's, a gateway's."""
    params = {"model": model, **place}
    base = str(place.get("api_base") or "")
    proxy = environ.get("LITELLM_PROXY_URL", "").strip() or environ.get("LITELLM_PROXY_API_BASE", "").strip()
    if model.startswith(_PROXY):
        while params["model"].startswith(_PROXY):
            params["model"] = params["model"].removeprefix(_PROXY)
        base = base or proxy
        if not base:
            raise BadRequestError(
                f"Nothing says where the gateway is that {params['model']!r} is asked of. Set LITELLM_PROXY_URL, or "
                "give the call an `api_base`.",
                model=params["model"],
                llm_provider="litellm_proxy",
            )
    elif (
        split(model) or "custom_llm_provider" in place or "/" in model or not (base or proxy) or (base and _owned(base))
    ):
        return params
    params["api_base"] = (base or proxy).rstrip("/")
    params["custom_llm_provider"] = GATEWAY
    if not params.get("api_key") and params["api_base"] == proxy.rstrip("/"):
        params["api_key"] = environ.get("LITELLM_PROXY_API_KEY", "")
    # A gateway tries again by itself.
    params.setdefault("max_retries", 0)
    return params


def _tell_gateway(asked: Asked, params: dict[str, Any]) -> None:
    """A gateway has a ledger of its own: it is told whose call it is."""
    if asked.metadata:
        asked.body["metadata"] = dict(asked.metadata)
    said = {"x-litellm-tags": ",".join(asked.tags), "x-litellm-session-id": asked.session}
    if head := {name: value for name, value in said.items() if value}:
        params["extra_headers"] = {**head, **params.get("extra_headers", {})}


def _owned(base: str) -> bool:
    try:
        return at_host(base) is not None
    except ValueError:
        return False
