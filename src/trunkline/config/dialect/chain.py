"""A service with a chain of models, in JSON: `litellm.{default_model, fallback_strategy, quota_limits, …}`, `router`.

    {"litellm": {"default_model": "claude-opus-4.5", "fallback_strategy": ["claude-opus-4.5", "gpt-4-turbo", …],
                 "api_timeout": 30, "api_keys": {"ANTHROPIC_API_KEY": "{{ env.ANTHROPIC_API_KEY }}"},
                 "quota_limits": {"claude": {"monthly_limit_usd": 100, "fallback_after_80_percent": true}}},
     "router": {"strategy": "cost-based", "fallback_on_timeout": true}}

Each model becomes a group of one deployment, each has those after it in the chain as its fallbacks, and `auto` is
whichever is cheapest. Sections in LiteLLM's own shape may stand beside these two, and win.
"""

from __future__ import annotations

from collections.abc import Mapping

from trunkline.config.dialect.chain_models import Chain
from trunkline.config.dialect.draft import Draft
from trunkline.config.dialect.templated import expanded
from trunkline.config.keys import TOP
from trunkline.config.levels import doubt, level_of
from trunkline.config.litellm_settings import STRATEGIES
from trunkline.config.refuse import nearest
from trunkline.config.schema import ConfigWarning
from trunkline.config.section import Reading, Section
from trunkline.config.yaml_lines import Mapped

NAME = "chain"
PORT = 8001
API_TIMEOUT = 30.0
"""Seconds, where the file says nothing."""

_LITELLM = (
    "default_model", "fallback_strategy", "log_level", "debug", "api_timeout", "cache_config", "quota_limits",
    "api_keys", "allowed_models",
)  # fmt: skip
_TELLING = frozenset(_LITELLM) - {"log_level", "debug"}
_ROUTER = ("strategy", "fallback_on_quota_error", "fallback_on_timeout")
_CACHE = ("enable_cache", "type", "ttl")
_OF_QUOTA = ("rate", "quota", "billing", "budget")
"""Kinds of failures that are an error of a quota: the provider's, or one that this file sets."""


def matches(top: Mapped) -> bool:
    """Whether it has a section `litellm` with one of this shape's words, and no list of models."""
    section = top.get("litellm")
    return isinstance(section, Mapping) and "model_list" not in top and not _TELLING.isdisjoint(section)


def translate(reading: Reading, top: Mapped) -> Mapped:
    """The same in LiteLLM's shape. Raises `ConfigInvalid` for what cannot be run."""
    whole = Section(reading, expanded(reading, top), "the file")
    litellm = whole.mapping("litellm") or Section(reading, {}, "litellm")
    router = whole.mapping("router") or Section(reading, {}, "router", whole.at)
    for section, known in ((litellm, _LITELLM), (router, _ROUTER)):
        _tell(section, known)
    for key in whole.data:
        if key not in ("litellm", "router", *TOP):
            _unknown(whole, key, ("litellm", "router", *TOP))
    draft = Draft(whole.data)
    chain = Chain(reading, litellm, draft)
    chain.models()
    chain.routes()
    _settings(litellm, draft)
    _routes(router, draft)
    _tell_database(reading)
    draft.put("trunkline", "port", PORT, litellm.at)
    draft.put("trunkline", "demo", False, litellm.at)
    return draft.done()


def _settings(section: Section, draft: Draft) -> None:
    timeout = section.seconds("api_timeout") or API_TIMEOUT
    draft.put("litellm_settings", "request_timeout", timeout, section.line("api_timeout"))
    word = section.text("log_level")
    if word and not level_of(word):
        section.reading.warn(section.line("log_level"), doubt("`log_level`", word), "Correct its value.")
    level = "debug" if section.flag("debug") else level_of(word)
    if level:
        draft.put("trunkline", "log_level", level, section.line("debug" if level == "debug" else "log_level"))
    cache = section.mapping("cache_config")
    if cache is None:
        return
    _tell(cache, _CACHE)
    if cache.flag("enable_cache"):
        draft.put("litellm_settings", "cache", True, cache.line("enable_cache"))
        for key in ("type", "ttl"):
            if cache.data.get(key) is not None:
                value = cache.seconds(key) if key == "ttl" else cache.text(key)
                draft.put_below("litellm_settings", "cache_params", key, value, cache.line(key))


def _routes(section: Section, draft: Draft) -> None:
    if told := section.text("strategy"):
        whole = f"{told.lower()}-routing"
        draft.put(
            "router_settings", "routing_strategy", whole if whole in STRATEGIES else told, section.line("strategy")
        )
    barred: list[str] = []
    if section.flag("fallback_on_quota_error") is False:
        barred += _OF_QUOTA
    if section.flag("fallback_on_timeout") is False:
        barred.append("timeout")
    if barred:
        draft.put("trunkline", "no_fallback_on", barred, section.line("fallback_on_timeout"))


def _tell_database(reading: Reading) -> None:
    kind = reading.environment.get("DATABASE_TYPE", "").strip().lower()
    if kind and not kind.startswith("sqlite"):
        called = reading.environment.called("DATABASE_TYPE")
        message = f"it is {kind!r}, but what is spent is kept in SQLite in this version."
        remedy = "Quotas are exact that way, on one machine. Unset it to be told no more."
        reading.warnings.append(ConfigWarning(called, message, remedy, "unsupported"))


def _tell(section: Section, known: tuple[str, ...]) -> None:
    for key in section.data:
        if key not in known:
            _unknown(section, key, known)


def _unknown(section: Section, key: str, known: tuple[str, ...]) -> None:
    near = nearest(key, known)
    remedy = f"Did you mean `{near}`?" if near else "Remove it."
    section.reading.warn(section.line(key), f"`{key}` of {section.title} is unknown.", remedy, "unknown")
