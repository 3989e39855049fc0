"""The names that one model goes by. Pure text: no table is read here.

Names arrive with client-side marks (`[1m]`), dates, dots where the vendor has hyphens, upper case, and prefixes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

_MARK = re.compile(r"\[\w+\]$")
"""Claude Code's own mark for the long window, `[1m]`; Z.AI answers 400 (1211) to it (wire seen 2026-11)."""

_DATE = re.compile(r"([-@]20\d{6}|-20\d{2}-\d{2}-\d{2}|-\d{6}|-latest|:latest)$")
"""Dates as Anthropic, OpenAI, Vertex and Z.AI write them. Not four digits: `mistral-large-2411` is another model."""

_DOTTED = re.compile(r"(?<=\d)\.(?=\d)")
_ROUTES = re.compile(r":(nitro|floor|online|exacto|thinking|extended|beta)$")
"""OpenRouter's suffixes that choose a host and not a price; `:free` and `:batch` are other prices."""


def unmarked(model: str) -> str:
    """The name without spaces around it and without a client-side mark: `glm-5.3[1m]` → `glm-5.3`."""
    return _MARK.sub("", model.strip())


def hyphened(model: str) -> str:
    """`claude-opus-4.5` → `claude-opus-4-5`. Only Claude's names: the vendor's ids hold no dot, others' do."""
    return _DOTTED.sub("-", model) if model.lower().startswith("claude-") else model


def undated(model: str) -> str:
    """`claude-haiku-4-5-20251001`, `glm-4-flash-250414`, `grok-4.3-latest`: each without its end."""
    return _DATE.sub("", model)


def candidates(provider: str, model: str) -> Iterator[str]:
    """The lower-case names to look for, the most exact first."""
    name = unmarked(model).lower()
    if provider == "gemini":
        name = name.removeprefix("models/")
    if name.startswith("ft:"):  # ft:gpt-4.1-mini-2025-04-14:organisation::id
        name = ":".join(name.split(":")[:2])
    if provider == "openrouter":
        name = _ROUTES.sub("", name)
    seen: list[str] = []
    for spelt in (name, hyphened(name) if provider != "openrouter" else name):
        plain = undated(spelt)
        seen += [spelt, plain, f"{plain}-latest"]
    yield from dict.fromkeys(seen)
