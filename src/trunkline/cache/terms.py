"""What one request asks of the cache: the member `cache` of its body, and the header `Cache-Control`. Pure.

`no-cache`: the answer is to be fresh. `no-store`: it is not to be kept. `ttl`: how long it is kept. `s-maxage`: how
old it may be. `namespace`: whose answers. `use-cache`: with `mode: default_off`, that the cache is wanted at all. The
header's `no-cache`, `no-store`, `max-age` and `s-maxage` mean the same.

Source: LiteLLM's caching_controls page, read 2026-11; RFC 9111, 5.2.1.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from trunkline.config.schema import Caching
from trunkline.errors import InvalidRequest


@dataclass(frozen=True, slots=True)
class Terms:
    """`read`: a kept answer will do. `store`: the answer may be kept. Seconds."""

    read: bool
    store: bool
    ttl: float
    age: float
    """How old a kept answer may be."""
    namespace: str


def terms_of(caching: Caching, asked: Any, header: bytes) -> Terms | None:
    """The terms; None for a request that the cache is to have nothing to do with. Raises `InvalidRequest`."""
    said: Mapping[str, Any] = {} if asked is None else asked
    if not isinstance(said, Mapping):
        raise InvalidRequest(
            "cache must be an object.", param="cache", remedy='Send, for example, "cache": {"no-cache": true}.'
        )
    if caching.asked_for and said.get("use-cache") is not True:
        return None
    directives = _directives(header) if header else {}
    namespace = said.get("namespace")
    if namespace is not None and not isinstance(namespace, str):
        raise InvalidRequest("cache.namespace must be a string.", param="cache.namespace")
    ages = [_seconds(said, "s-maxage"), directives.get("max-age"), directives.get("s-maxage")]
    ttl = _seconds(said, "ttl")
    return Terms(
        read="no-cache" not in directives and said.get("no-cache") is not True,
        store="no-store" not in directives and said.get("no-store") is not True and ttl != 0,
        ttl=caching.ttl if ttl is None else ttl,
        age=min((age for age in ages if age is not None), default=math.inf),
        namespace=caching.namespace if namespace is None else namespace,
    )


def _directives(header: bytes) -> dict[str, float]:
    """The header's words; a number where one belongs to the word. What has no sense is left out, as HTTP has it."""
    found: dict[str, float] = {}
    for part in header.decode("latin-1").lower().split(","):
        name, _, value = part.strip().partition("=")
        value = value.strip().strip('"')
        if name in ("no-cache", "no-store"):
            found[name] = 0.0
        elif name in ("max-age", "s-maxage") and value.isascii() and value.isdigit():
            found[name] = float(value[:12])
    return found


def _seconds(said: Mapping[str, Any], name: str) -> float | None:
    value = said.get(name)
    if value is None:
        return None
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError, OverflowError):
        number = math.nan
    if not math.isfinite(number) or number < 0:
        raise InvalidRequest(f"cache.{name} must be a number of seconds that is not negative.", param=f"cache.{name}")
    return number
