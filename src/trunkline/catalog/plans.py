"""Subscriptions that the same traffic could have gone to: dated rows, with their sources. Data, and what they meter."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from trunkline.model.usage import NANO


@dataclass(frozen=True, slots=True)
class Meter:
    """How a plan counts tokens: credits per ten thousand tokens of each kind."""

    input: float
    cache_read: float
    output: float


@dataclass(frozen=True, slots=True)
class Plan:
    """One subscription of one person."""

    name: str
    vendor: str
    month: int
    """Nano-dollars for a month, paid monthly, before taxes and first-month offers."""
    source: str
    """Where its price was read, and what it meters."""
    date: str
    """When its price was read."""
    reported: bool = True
    """The price was not read on a page of its vendor's, but is what others report."""
    five_hours: int = 0
    """Credits of any five hours; 0: not told in tokens."""
    week: int = 0
    meters: Mapping[str, Meter] = field(default_factory=dict)
    """Model → what it meters; the first is what is reckoned with."""
    note: str = ""


ZAI_METERS = {
    "glm-5.3": Meter(6.9, 1.7, 24),
    "glm-5-turbo": Meter(5.7, 1.5, 21),
    "glm-4.7": Meter(4.6, 1.2, 16),
}
"""Source: docs.z.ai/devpack/faq, read 2026-08. Outside of Monday to Friday, 14:00 to 18:00 China time, half of it."""

_ZAI = "users' reports, since Z.AI shows prices only to who subscribes; limits: docs.z.ai/devpack, 2026-08"
_CLAUDE = "users' guides to claude.com/pricing"
_NO_TOKENS = "Anthropic tells its limits in no number of tokens, so whether the traffic fits cannot be said."

PLANS = (
    Plan("GLM Coding Plan Lite", "zai", 18 * NANO, _ZAI, "2026-09", True, 2_000, 10_000, ZAI_METERS),
    Plan("GLM Coding Plan Pro", "zai", 72 * NANO, _ZAI, "2026-09", True, 12_000, 60_000, ZAI_METERS),
    Plan("GLM Coding Plan Max", "zai", 160 * NANO, _ZAI, "2026-09", True, 28_000, 140_000, ZAI_METERS),
    Plan("Claude Pro", "anthropic", 20 * NANO, _CLAUDE, "2026-11", note=_NO_TOKENS),
    Plan("Claude Max (was Max 5x)", "anthropic", 100 * NANO, _CLAUDE, "2026-11", note=_NO_TOKENS),
    Plan("Claude Ultra (was Max 20x)", "anthropic", 200 * NANO, _CLAUDE, "2026-11", note=_NO_TOKENS),
)
"""Max 20x has been Ultra, and Max 5x Max, since 2026-10-30 (github.com/FlorianBruniaux/claude-code-ultimate-guide,
release v3.45.0 of 2026-10-31)."""


def off_peak(hour: int) -> bool:
    """Whether Z.AI meters half in that hour (since 1970, UTC)."""
    china = hour + 8
    weekday = (china // 24 + 3) % 7  # 1970-01-01 was a Thursday; 0 is Monday
    return weekday >= 5 or not 14 <= china % 24 < 18
