"""Origins of pages, as browsers name them and as a configuration lists them. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache

from trunkline.config.section import Section

_ORIGIN = re.compile(r"[a-z][a-z0-9+.-]*://(\*\.)?[^\s/*?#@]+|null|\*", re.IGNORECASE)
"""Scheme, host, port (RFC 6454); `*.` may stand for the names below one. Other schemes are apps' and extensions'."""


def read_origins(section: Section) -> tuple[str, ...]:
    """`cors_origins`. One that is no origin is a warning, since no page will ever match it."""
    found = tuple(word.rstrip("/") for word in section.words("cors_origins"))
    for origin in found:
        if _ORIGIN.fullmatch(origin) is None:
            message = f"`{origin}` of `cors_origins` is no origin, so it allows nobody."
            remedy = "Write scheme and host, for example `https://app.example.com`, or `*`."
            section.reading.warn(section.line("cors_origins"), message, remedy)
    return found


@lru_cache(maxsize=64)
def allow_list(origins: tuple[str, ...]) -> Callable[[str], bool]:
    """Whether an origin is on a list. `*` is everybody, `https://*.example.com` every name below that one."""
    exact = frozenset(origin.lower() for origin in origins if "*" not in origin)
    below = tuple(origin.lower().split("*", 1) for origin in origins if "://*." in origin)
    everybody = "*" in origins

    def listed(origin: str) -> bool:
        name = origin.lower()
        return everybody or name in exact or any(_below(name, scheme, domain) for scheme, domain in below)

    return listed


def _below(name: str, scheme: str, domain: str) -> bool:
    return name.startswith(scheme) and name.endswith(domain) and len(name) > len(scheme) + len(domain)
