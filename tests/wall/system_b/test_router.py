"""`auto`, what is allowed, and fallbacks that are not wanted."""

from __future__ import annotations

from tests.harness import Gateway
from tests.wall.asking import ask
from tests.wall.system_b.service import CHAIN, Providers, said, service, talk


def test_auto_is_the_cheapest_that_is_well(whole: Gateway, fakes: Providers) -> None:
    assert said(talk(whole, "SAY=cheap", "auto")) == "cheap"
    fakes.ollama.program({"status": 500})
    assert said(talk(whole, "SAY=next", "auto")) == "next"
    assert fakes.asked == ["claude-opus-4-5", "neural-chat", "neural-chat"], "$5 and $25 are less than $10 and $30"


def test_auto_passes_over_what_rests(fakes: Providers) -> None:
    with service(fakes, router_settings={"cooldown_time": 60}) as gateway:
        fakes.ollama.program({"status": 500, "times": -1})
        for number in range(6):
            said(talk(gateway, f"SAY=a{number}", "auto"))
        asked = len(fakes.ollama.talks)
        assert said(talk(gateway, "SAY=b", "auto")) == "b"
        assert len(fakes.ollama.talks) == asked < 6


def test_only_what_is_allowed_is_offered(whole: Gateway, fakes: Providers) -> None:
    assert [row["id"] for row in ask(whole.url, "/models").json["data"]] == CHAIN
    for name in ("gpt-5.6-sol", "ollama/mistral", "demo/echo"):
        reply = talk(whole, "hello", name)
        assert reply.status == 404
        assert "is configured here" in reply.message
    assert fakes.asked == []


def test_a_fallback_after_a_timeout_may_be_unwanted(fakes: Providers) -> None:
    with service(fakes, litellm={"api_timeout": 3}, router={"fallback_on_timeout": False}) as gateway:
        fakes.claude.program({"delay": 15})
        assert talk(gateway, "SAY=late").status == 504
        fakes.claude.program({"status": 500})
        assert said(talk(gateway, "SAY=other")) == "other"
        assert fakes.asked == ["claude-opus-4-5"] * 2 + ["gpt-4-turbo"]


def test_a_fallback_after_an_error_of_a_quota_may_be_unwanted(fakes: Providers) -> None:
    with service(fakes, router={"fallback_on_quota_error": False}) as gateway:
        fakes.claude.program({"status": 429, "retry_after": "60", "times": -1})
        assert talk(gateway, "SAY=limited").status == 429
        assert talk(gateway, "SAY=again").status == 429
        assert set(fakes.asked) == {"claude-opus-4-5"}
        assert said(talk(gateway, "SAY=by-name", "gpt-4-turbo")) == "by-name"
