"""What one request asks of its own way, in LiteLLM's words: retries, time-outs, fallbacks. Pure: no I/O.

They stand in headers (`x-litellm-timeout`, `x-litellm-stream-timeout`, `x-litellm-num-retries`) or as members of the
body (`timeout`, `stream_timeout`, `num_retries`, `fallbacks`, `context_window_fallbacks`, `content_policy_fallbacks`,
`disable_fallbacks`, `cache`, `mock_testing_fallbacks` and its two kin), and are not sent on. The headers
`x-litellm-model` and `x-litellm-route` choose who is asked. Source: litellm/proxy/litellm_pre_call_utils.py, read
2026-11.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from trunkline.errors import InvalidRequest

MEMBERS = frozenset(
    {
        "timeout",
        "stream_timeout",
        "num_retries",
        "fallbacks",
        "context_window_fallbacks",
        "content_policy_fallbacks",
        "disable_fallbacks",
        "cache",
        "mock_testing_fallbacks",
        "mock_testing_context_fallbacks",
        "mock_testing_content_policy_fallbacks",
    }
)
Pretended = Literal["", "any", "window", "policy"]
_PRETENDED: Mapping[str, Pretended] = {
    "mock_testing_fallbacks": "any",
    "mock_testing_context_fallbacks": "window",
    "mock_testing_content_policy_fallbacks": "policy",
}
_HEADERS = (
    (b"x-litellm-timeout", "timeout"),
    (b"x-litellm-stream-timeout", "stream_timeout"),
    (b"x-litellm-num-retries", "num_retries"),
    (b"x-litellm-model", "x-litellm-model"),
    (b"x-litellm-route", "x-litellm-route"),
)
_MOST_RETRIES = 10
"""What a request may ask for: more would only hammer."""

Chains = Mapping[str, tuple[str, ...]]
"""Group → the groups that stand in for it; the empty name means whatever was asked."""


@dataclass(frozen=True, slots=True)
class Wishes:
    """None: the request says nothing, and the configuration counts."""

    retries: int | None = None
    timeout: float | None = None
    stream_timeout: float | None = None
    fallbacks: Chains | None = None
    window: Chains | None = None
    policy: Chains | None = None
    no_fallbacks: bool = False
    model: str = ""
    """`x-litellm-model`: asked for whatever the body names."""
    provider: str = ""
    """`x-litellm-route`: the provider that answers."""
    pretend: Pretended = ""
    """LiteLLM's `mock_testing_…fallbacks`: it goes as if who is asked first had failed in this way."""
    cache: Any = None
    """What it asks of the cache, as it came (`cache/terms.py` reads it)."""


NO_WISHES = Wishes()


def wishes(headers: Mapping[bytes, bytes], named: frozenset[str], get: Callable[[str], Any]) -> Wishes:
    """The wishes of a request. `named` are the `MEMBERS` its body has, `get` decodes one. Raises `InvalidRequest`.

    A header counts before a member of the same meaning.
    """
    said: dict[str, Any] = {name: get(name) for name in named}
    for header, name in _HEADERS:
        if header in headers:
            said[name] = headers[header].decode("latin-1")
    if not said:
        return NO_WISHES
    retries = _number(said, "num_retries")
    return Wishes(
        retries=None if retries is None else min(_MOST_RETRIES, int(retries)),
        timeout=_seconds(said, "timeout"),
        stream_timeout=_seconds(said, "stream_timeout"),
        fallbacks=_chains(said, "fallbacks"),
        window=_chains(said, "context_window_fallbacks"),
        policy=_chains(said, "content_policy_fallbacks"),
        no_fallbacks=said.get("disable_fallbacks") is True,
        model=_name(said, "x-litellm-model"),
        provider=_name(said, "x-litellm-route"),
        pretend=next((kind for name, kind in _PRETENDED.items() if said.get(name) is True), ""),
        cache=said.get("cache"),
    )


def _name(said: Mapping[str, Any], header: str) -> str:
    return str(said.get(header, "")).strip()[:256]


def _number(said: Mapping[str, Any], name: str) -> float | None:
    value = said.get(name)
    if value is None:
        return None
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError):
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise InvalidRequest(f"{name} must be a number that is not negative.", param=name)
    return number


def _seconds(said: Mapping[str, Any], name: str) -> float | None:
    # 0 is how some clients say that they set none.
    return _number(said, name) or None


def _chains(said: Mapping[str, Any], name: str) -> Chains | None:
    """A list of names, of `{"model": name}`, or of `{group: [names]}`."""
    value = said.get(name)
    if value is None:
        return None
    if not isinstance(value, list):
        raise _wrong(name)
    chains: dict[str, tuple[str, ...]] = {}
    for entry in value:
        if isinstance(entry, str):
            chains[""] = (*chains.get("", ()), entry)
        elif isinstance(entry, dict) and isinstance(entry.get("model"), str):
            if len(entry) > 1:
                raise InvalidRequest(
                    f"{name} may name models, but not change other members of the request for one of them.",
                    param=name,
                    remedy='Send `{"model": "name"}` or the name alone.',
                )
            chains[""] = (*chains.get("", ()), entry["model"])
        elif isinstance(entry, dict):
            for group, names in entry.items():
                if not isinstance(names, list) or not all(isinstance(each, str) for each in names):
                    raise _wrong(name)
                chains["" if group == "*" else group] = tuple(names)
        else:
            raise _wrong(name)
    return chains


def _wrong(name: str) -> InvalidRequest:
    return InvalidRequest(
        f"{name} must be a list of model names, or of {{model: [model names]}}.",
        param=name,
        remedy=f'Send, for example, "{name}": ["gpt-5.5"].',
    )
