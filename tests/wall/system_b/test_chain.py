"""Claude, then GPT-4, then Ollama: who answers, and when the next does."""

from __future__ import annotations

import re
from decimal import Decimal

import pytest

from tests.harness import Gateway
from tests.wall.asking import until
from tests.wall.system_b.service import Providers, said, service, talk


def test_a_call_goes_to_claude_by_its_vendors_name_at_its_price(whole: Gateway, fakes: Providers) -> None:
    reply = talk(whole, "SAY=first IN=1000 OUT=100", "claude-opus-4.5")
    assert said(reply) == "first"
    assert fakes.asked == ["claude-opus-4-5"]
    assert Decimal(reply.header("x-litellm-response-cost") or "") == Decimal("0.0075")


def test_without_a_model_the_default_answers(whole: Gateway, fakes: Providers) -> None:
    assert said(talk(whole, "SAY=default")) == "default"
    assert fakes.asked == ["claude-opus-4-5"]


def test_an_error_goes_on_to_gpt_and_another_to_ollama(whole: Gateway, fakes: Providers) -> None:
    fakes.claude.program({"status": 500})
    assert said(talk(whole, "SAY=second")) == "second"
    assert fakes.asked == ["claude-opus-4-5", "gpt-4-turbo"]
    fakes.claude.program({"status": 529})
    fakes.gpt.program({"status": 503})
    reply = talk(whole, "SAY=third")
    assert said(reply) == "third"
    assert fakes.asked[-1] == "neural-chat"
    assert reply.header("x-litellm-attempted-fallbacks") == "2"


def test_gpt_asked_by_name_goes_on_to_ollama_and_never_back(whole: Gateway, fakes: Providers) -> None:
    fakes.gpt.program({"status": 500})
    assert said(talk(whole, "SAY=after", "gpt-4-turbo")) == "after"
    assert fakes.asked == ["gpt-4-turbo", "neural-chat"]


def test_a_timeout_goes_on(fakes: Providers) -> None:
    with service(fakes, litellm={"api_timeout": 3}) as gateway:
        fakes.claude.program({"delay": 15})
        assert said(talk(gateway, "SAY=late")) == "late"
        assert fakes.asked == ["claude-opus-4-5", "gpt-4-turbo"]


@pytest.mark.parametrize("keys", [{}, {"ANTHROPIC_API_KEY": "your-api-key-here"}])
def test_with_no_key_at_all_every_call_lands_on_ollama_free(fakes: Providers, keys: dict[str, str]) -> None:
    with service(fakes, keys) as gateway:
        for model in (None, "claude-opus-4.5", "gpt-4-turbo", "auto", "ollama/neural-chat"):
            reply = talk(gateway, f"SAY=free-{model}", model)
            assert said(reply) == f"free-{model}"
            assert Decimal(reply.header("x-litellm-response-cost") or "") == 0
        assert set(fakes.asked) == {"neural-chat"}
        until(lambda: "ANTHROPIC_API_KEY" in gateway.stderr, what="for the log to say which key is missing")


def test_at_80_percent_of_a_models_month_its_fallback_answers(fakes: Providers) -> None:
    quota = {"claude": {"monthly_limit_usd": 0.1, "fallback_after_80_percent": True}}
    with service(fakes, litellm={"quota_limits": quota}) as gateway:
        assert "claude" in (talk(gateway, "SAY=dear OUT=3300", max_tokens=3300).header("x-trunkline-route") or "")
        reply = talk(gateway, "SAY=cheaper", max_tokens=300)
        assert said(reply) == "cheaper"
        assert fakes.asked == ["claude-opus-4-5", "gpt-4-turbo"]
        assert "fallback_at" in (reply.header("x-trunkline-route") or "")


def test_a_month_that_is_spent_goes_on_as_well(fakes: Providers) -> None:
    quota = {"claude": {"monthly_limit_usd": 0.1, "fallback_after_80_percent": False}}
    with service(fakes, litellm={"quota_limits": quota}) as gateway:
        assert "claude" in (talk(gateway, "SAY=dear OUT=3900", max_tokens=3900).header("x-trunkline-route") or "")
        assert said(talk(gateway, "SAY=cheaper", max_tokens=2000)) == "cheaper"
        assert fakes.asked == ["claude-opus-4-5", "gpt-4-turbo"]


def test_at_its_rpm_a_model_makes_way(fakes: Providers) -> None:
    quota = {"claude": {"rpm_limit": 2}, "gpt4": {"rpm_limit": 1}}
    with service(fakes, litellm={"quota_limits": quota}) as gateway:
        for number in range(4):
            assert said(talk(gateway, f"SAY=n{number}")) == f"n{number}"
        assert fakes.asked == ["claude-opus-4-5"] * 2 + ["gpt-4-turbo", "neural-chat"]


def test_a_quota_of_no_model_is_a_warning(fakes: Providers) -> None:
    with service(fakes, litellm={"quota_limits": {"gemini": {"monthly_limit_usd": 5}}}) as gateway:
        until(lambda: re.search(r"litellm-config\.json:\d+: the quota `gemini` limits nothing", gateway.stderr))
