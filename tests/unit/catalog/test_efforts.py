"""Which words a model takes for how hard it is to think, by families of names."""

from __future__ import annotations

import pytest

from trunkline.catalog import table
from trunkline.catalog.models import efforts
from trunkline.model.dialect import EFFORTS

LMH = ("low", "medium", "high")


@pytest.mark.parametrize(
    ("provider", "model", "taken"),
    [
        ("openai", "o4-mini", LMH),
        ("openai", "gpt-5-pro-2025-10-06", ("high",)),
        ("openai", "gpt-5-codex", LMH),
        ("openai", "gpt-5-nano", ("minimal", *LMH)),
        ("openai", "gpt-5.1", ("none", *LMH)),
        ("openai", "gpt-5.1-codex-mini", LMH),
        ("openai", "gpt-5.1-codex-max", (*LMH, "xhigh")),
        ("openai", "gpt-5.2-codex", (*LMH, "xhigh")),
        ("openai", "gpt-5.5-pro", ("medium", "high", "xhigh")),
        ("openai", "openai/gpt-5.4-mini", ("none", *LMH, "xhigh")),
        ("openai", "gpt-5.6-sol", ("none", *LMH, "xhigh", "max")),
        ("openai", "gpt-6.1-sol", (*LMH, "xhigh", "max")),
        ("openai", "gpt-6-luna", ("none", *LMH, "xhigh", "max")),
        ("openai", "gpt-4o", None),
        ("azure", "gpt-5.1", ("none", *LMH)),
        ("anthropic", "claude-opus-4-5-20251101", LMH),
        ("anthropic", "claude-sonnet-4.6", (*LMH, "max")),
        ("anthropic", "claude-haiku-4-5", ()),
        ("anthropic", "claude-3-7-sonnet-latest", ()),
        ("anthropic", "claude-opus-4-7", (*LMH, "xhigh", "max")),
        ("anthropic", "claude-haiku-5-5", (*LMH, "xhigh", "max")),
        ("hosted_vllm", "claude-opus-4-5", LMH),
        ("zai", "glm-5.3-flash", ("low", "high", "max")),
        ("bigmodel", "GLM-5.2", ("none", "high", "max")),
        ("zai", "glm-4.6v", ()),
        ("zai", "glm-5-turbo", ()),
        ("gemini", "gemini-3-pro-preview", ("low", "high")),
        ("gemini", "gemini-3.1-pro-preview", LMH),
        ("gemini", "gemini-pro-latest", LMH),
        ("gemini", "gemini-3.5-flash-lite", ("minimal", *LMH)),
        ("gemini", "gemini-3.5-flash", ("minimal", *LMH)),
        ("gemini", "gemini-3.8-flash", LMH),
        ("gemini", "gemini-4-argon", LMH),
        ("groq", "openai/gpt-oss-120b", LMH),
        ("ollama", "gpt-oss:20b", ("none", *LMH, "max")),
        ("deepseek", "deepseek-v4-pro", None),
    ],
)
def test_a_family_takes_what_its_vendor_says(provider: str, model: str, taken: tuple[str, ...] | None) -> None:
    assert efforts(provider, model) == taken


def test_rows_are_words_from_least_to_most() -> None:
    for rows in table.file().efforts.values():
        for _, taken in rows:
            assert list(taken) == sorted(taken, key=EFFORTS.index)


def test_a_claude_name_at_zai_is_asked_as_the_glm_that_serves_it() -> None:
    assert efforts("zai", "claude-sonnet-5-5") == efforts("zai", "glm-5.3")
