"""What another pace or place costs than the common one, in percent of the list price. Data, and one question to it.

A request asks for it (`service_tier`, `speed`, `inference_geo`), and the answer says how it was served; factors
multiply. Sources: openai.com/api-fast-mode, developers.openai.com/api/docs/pricing and platform.claude.com (pricing,
fast mode), read 2026-11. Where a model's own is not known the vendor's usual one stands, which is never the cheaper.
"""

from __future__ import annotations

from trunkline.catalog.names import unmarked

FAST, ULTRAFAST, FLEX, US = "fast", "ultrafast", "flex", "us"

_OPENAI = {FAST: 200, ULTRAFAST: 600, FLEX: 50}
_ANTHROPIC = {FAST: 200, US: 110}
_OWN: dict[str, tuple[tuple[str, dict[str, int]], ...]] = {
    "openai": (
        ("gpt-5.5", {**_OPENAI, FAST: 250}),
        ("gpt-5-mini", {**_OPENAI, FAST: 180}),
        ("gpt-4.1-nano", _OPENAI),
        ("gpt-4.1", {**_OPENAI, FAST: 175}),
        ("", _OPENAI),
    ),
    "anthropic": (
        ("claude-opus-4-6", {**_ANTHROPIC, FAST: 600}),
        ("claude-opus-4-7", {**_ANTHROPIC, FAST: 600}),
        ("", _ANTHROPIC),
    ),
}
"""Vendor → beginnings of its models' names, the first that fits."""
_LIKE = {"azure": "openai"}


def factors(vendor: str, model: str) -> tuple[tuple[str, int], ...]:
    """Pace or place → percent; empty for a vendor that has one price for all."""
    name = unmarked(model).lower().replace(".", "-") if vendor == "anthropic" else unmarked(model).lower()
    rows = _OWN.get(_LIKE.get(vendor, vendor), ())
    return next((tuple(row.items()) for begins, row in rows if name.startswith(begins)), ())
