"""What tokens of sound cost, where that is not what words cost. Data, and one question to it.

Sources: platform.openai.com/docs/pricing and ai.google.dev/gemini-api/docs/pricing, 2026-11, as `genai-prices` has
them; the previews of gpt-4o from LiteLLM's price file.
"""

from __future__ import annotations

from trunkline.catalog.names import unmarked

_DOLLAR = 1_000_000_000

_ROWS: dict[str, tuple[tuple[str, float, float], ...]] = {
    "openai": (
        ("gpt-4o-mini-audio", 10, 20),
        ("gpt-4o-audio", 40, 80),
        ("gpt-audio-mini", 10, 20),
        ("gpt-audio", 32, 64),
    ),
    "gemini": (
        ("gemini-2.0-flash", 0.7, 0),
        ("gemini-2.5-flash-lite", 0.3, 0),
        ("gemini-2.5-flash", 1, 0),
        ("gemini-3-flash", 1, 0),
        ("gemini-3.1-flash-lite", 0.5, 0),
    ),
}
"""Vendor → how its models' names begin, the first that fits; dollars per million tokens that are read and said. 0: as
words cost."""
_LIKE = {"azure": "openai"}


def sound(vendor: str, model: str) -> tuple[int, int]:
    """Nano-dollars per million tokens of sound, read and said; 0: what words cost, or nobody tells."""
    name = unmarked(model).lower().removeprefix("models/")
    rows = _ROWS.get(_LIKE.get(vendor, vendor), ())
    read, said = next(((read, said) for begins, read, said in rows if name.startswith(begins)), (0.0, 0.0))
    return round(read * _DOLLAR), round(said * _DOLLAR)
