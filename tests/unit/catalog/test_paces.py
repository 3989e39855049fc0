"""What another pace costs."""

from __future__ import annotations

import pytest

from trunkline.catalog.paces import factors


@pytest.mark.parametrize(
    ("vendor", "model", "fast"),
    [
        ("openai", "gpt-6.1-sol", 200),
        ("openai", "gpt-5.5-2026-04-23", 250),
        ("openai", "gpt-5-mini", 180),
        ("azure", "gpt-4.1", 175),
        ("openai", "gpt-4.1-nano", 200),
        ("anthropic", "claude-opus-4.6", 600),
        ("anthropic", "claude-opus-4-7-20260401", 600),
        ("anthropic", "claude-fable-5-2", 200),
    ],
)
def test_fast_has_a_factor_of_its_own_by_model(vendor: str, model: str, fast: int) -> None:
    assert dict(factors(vendor, model))["fast"] == fast


def test_who_has_one_price_for_all_has_none() -> None:
    assert factors("zai", "glm-5.3") == ()
    assert dict(factors("openai", "gpt-6")) == {"fast": 200, "ultrafast": 600, "flex": 50}
    assert dict(factors("anthropic", "claude-sonnet-5-5")) == {"fast": 200, "us": 110}
