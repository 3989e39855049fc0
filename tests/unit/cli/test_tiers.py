"""Which of the offered models stands for opus, sonnet and haiku."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.cli.tiers import CURRENT, DEMO, Tiers, choose, for_codex


@pytest.mark.parametrize(
    ("offered", "expected"),
    [
        (
            ["claude-3-5-sonnet", "claude-3-5-haiku", "claude-3-opus"],
            Tiers("claude-3-opus", "claude-3-5-sonnet", "claude-3-5-haiku"),
        ),
        (["claude-*", "zai/*", "demo/echo"], Tiers(*CURRENT)),
        (["*"], Tiers(*CURRENT)),
        (
            [
                "claude-opus-4-1-20250805",
                "claude-opus-4.5",
                "claude-opus-4-5",
                "claude-opus-4-5-20251101",
                "claude-haiku-4-5",
            ],
            Tiers("claude-opus-4-5", "claude-opus-4-5", "claude-haiku-4-5"),
        ),
        (["glm-4.6", "glm-4.5-air", "glm-4.7-flash", "glm-4.6v"], Tiers("glm-4.6", "glm-4.6", "glm-4.7-flash")),
        (["glm-5.3", "glm-5.3-flash", "glm-4.7"], Tiers("glm-5.3", "glm-5.3", "glm-5.3-flash")),
        (["text-embedding-3-small", "gpt-4.1", "gpt-5.2", "gpt-5.2-mini"], Tiers("gpt-5.2", "gpt-5.2", "gpt-5.2-mini")),
        (["neural-chat", "demo/echo"], Tiers.all("neural-chat")),
        (["demo/echo"], Tiers.all(DEMO)),
        ([], Tiers.all(DEMO)),
    ],
)
def test_the_best_of_what_is_offered(offered: list[str], expected: Tiers) -> None:
    assert choose(offered) == expected


@given(st.lists(st.text(alphabet="abcglmptude-*/.0123456789", max_size=20)))
def test_every_tier_is_always_a_name_without_a_wildcard(offered: list[str]) -> None:
    tiers = choose(offered)
    for name in (tiers.opus, tiers.sonnet, tiers.haiku):
        assert name
        assert "*" not in name


@pytest.mark.parametrize(
    ("offered", "expected"),
    [
        (["gpt-5.2", "gpt-5.2-codex", "gpt-5.1-codex", "gpt-5.2-codex-mini"], "gpt-5.2-codex"),
        (["claude-opus-5-5", "gpt-5.2", "gpt-5.2-mini"], "gpt-5.2"),
        (["glm-5.3", "glm-5.3-flash"], "glm-5.3"),
        (["demo/echo"], DEMO),
    ],
)
def test_codex_begins_with_a_model_for_code(offered: list[str], expected: str) -> None:
    assert for_codex(offered) == expected
