"""What sound costs."""

from __future__ import annotations

import pytest

from trunkline.catalog.sound import sound


@pytest.mark.parametrize(
    ("vendor", "model", "read", "said"),
    [
        ("openai", "gpt-audio", 32, 64),
        ("openai", "gpt-audio-mini-2025-10-06", 10, 20),
        ("azure", "gpt-4o-audio-preview-2024-12-17", 40, 80),
        ("openai", "gpt-4o-mini-audio-preview", 10, 20),
        ("gemini", "models/gemini-2.5-flash-lite", 0.3, 0),
        ("gemini", "gemini-2.5-flash-preview-09-2025", 1, 0),
        ("gemini", "gemini-2.5-pro", 0, 0),
        ("openai", "gpt-5.5", 0, 0),
        ("zai", "glm-5.3", 0, 0),
    ],
)
def test_models_that_hear_or_speak_have_rates_for_it(vendor: str, model: str, read: float, said: float) -> None:
    assert sound(vendor, model) == (round(read * 10**9), round(said * 10**9))
