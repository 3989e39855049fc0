"""Which deployments answer a name, and in which order."""

from collections.abc import Callable
from dataclasses import replace
from itertools import cycle

import pytest

from tests.unit.making import deployment, snapshot
from trunkline.config.schema import Snapshot
from trunkline.errors import InvalidRequest, UnknownModel, WireNotOffered
from trunkline.model.wires import Operation
from trunkline.route.plan import matches, plan, resolve


def chance(*values: float) -> Callable[[], float]:
    found = cycle(values or (0.5,))
    return lambda: next(found)


def test_an_exact_name_wins_over_a_wildcard() -> None:
    shot = snapshot(deployment("claude-sonnet", model="exact"), deployment("claude-*", model="wild-*"))
    assert plan(shot, "claude-sonnet", "messages", chance()).candidates[0].model == "exact"
    assert plan(shot, "claude-other", "messages", chance()).candidates[0].model == "wild-other"


def test_what_a_star_stood_for_goes_into_the_models_star() -> None:
    shot = snapshot(deployment("zai/*", model="*", provider="zai"))
    assert plan(shot, "zai/glm-5.3", "chat", chance()).candidates[0].model == "glm-5.3"


def test_a_clients_own_mark_never_goes_upstream() -> None:
    shot = snapshot(deployment("glm-5.3", model="glm-5.3"), deployment("zai/*", model="*", provider="zai"))
    assert plan(shot, "glm-5.3[1m]", "messages", chance()).candidates[0].model == "glm-5.3"
    assert plan(shot, "zai/glm-4.6[1m]", "messages", chance()).candidates[0].model == "glm-4.6"


def test_an_alias_means_its_group() -> None:
    shot = replace(snapshot(deployment("gpt-4o", model="gpt-4o", provider="openai")), aliases={"gpt-4": "gpt-4o"})
    assert plan(shot, "gpt-4", "chat", chance()).group == "gpt-4o"


def test_an_id_that_discovery_offered_is_understood() -> None:
    shot = snapshot(deployment("glm-5.3", model="glm-5.3"), deployment("claude-*", model="elsewhere"))
    assert resolve(shot, "claude-glm-5.3")[0] == "glm-5.3"
    assert resolve(shot, "claude-opus-5-5")[0] == "claude-*"


def test_an_unknown_model_is_refused_with_the_nearest() -> None:
    shot = snapshot(deployment("claude-sonnet-5-5", model="m"))
    with pytest.raises(UnknownModel) as caught:
        plan(shot, "claude-sonet-5-5", "messages", chance())
    assert "claude-sonnet-5-5" in caught.value.remedy


def test_no_model_is_refused_unless_there_is_a_default() -> None:
    shot = snapshot(deployment("m", model="m"))
    with pytest.raises(InvalidRequest, match="names no model"):
        plan(shot, "", "chat", chance())
    assert plan(replace(shot, default_model="m"), "", "messages", chance()).asked == "m"


def test_what_cannot_be_carried_is_refused_with_the_formats_that_can() -> None:
    shot = snapshot(deployment("claude", model="claude"))
    with pytest.raises(WireNotOffered) as caught:
        plan(shot, "claude", "completions", chance())
    assert "Anthropic Messages" in caught.value.remedy


def spoken(provider: str, model: str, operation: Operation, base: str = "http://127.0.0.1:9") -> str:
    shot = snapshot(deployment("m", model=model, provider=provider, base=base))
    return plan(shot, "m", operation, chance()).candidates[0].operation


def test_a_provider_is_asked_in_the_clients_wire_where_it_speaks_it() -> None:
    assert spoken("zai", "glm-5.3", "messages") == "messages"
    assert spoken("zai", "glm-5.3", "chat") == "chat"
    assert spoken("openai", "gpt-6-sol", "responses") == "responses"


def test_another_wire_is_carried_to_the_providers_own() -> None:
    assert spoken("openai", "my-model", "messages") == "chat"
    assert spoken("anthropic", "claude-opus-5", "responses") == "messages"
    assert spoken("mistral", "mistral-large", "ollama_chat") == "chat"


def test_openais_thinking_models_are_asked_by_responses_since_chat_refuses_their_tools() -> None:
    assert spoken("openai", "gpt-5.6-sol", "messages", "https://api.openai.com/v1") == "responses"
    assert spoken("openai", "gpt-5.6-sol", "messages", "http://127.0.0.1:9/v1") == "chat"


def test_ollama_and_gemini_are_asked_in_their_own_words_whatever_copies_they_offer() -> None:
    assert spoken("ollama", "qwen3:8b", "chat") == "ollama_chat"
    assert spoken("ollama", "qwen3:8b", "ollama_generate") == "ollama_generate"
    assert spoken("gemini", "gemini-3.8-flash", "chat") == "generate"


@pytest.mark.parametrize("asked", ["count_tokens", "responses_count", "gemini_count"])
def test_tokens_are_counted_where_the_conversation_would_go(asked: Operation) -> None:
    assert spoken("anthropic", "claude-opus-5", asked) == "count_tokens"
    assert spoken("gemini", "gemini-3.8-flash", asked) == "gemini_count"
    assert spoken("openai", "gpt-5.6-sol", asked, "https://api.openai.com/v1") == "responses_count"
    assert spoken("openai", "my-model", asked) == "responses_count"
    for provider, model in (("ollama", "qwen3:8b"), ("mistral", "mistral-large")):
        with pytest.raises(WireNotOffered):
            spoken(provider, model, asked)


def test_a_counter_of_the_clients_own_wire_comes_first() -> None:
    assert spoken("deepseek", "deepseek-chat", "count_tokens") == "count_tokens"
    assert spoken("openrouter", "x/y", "count_tokens") == "count_tokens"
    assert spoken("openrouter", "x/y", "responses_count") == "responses_count"


@pytest.mark.parametrize("asked", ["embeddings", "ollama_embed", "gemini_embed"])
def test_vectors_are_asked_for_in_the_vendors_own_words(asked: Operation) -> None:
    assert spoken("ollama", "nomic-embed-text", asked) == "ollama_embed"
    assert spoken("gemini", "gemini-embedding-001", asked) == "gemini_embed"
    assert spoken("openai", "text-embedding-3-small", asked) == "embeddings"
    with pytest.raises(WireNotOffered):
        spoken("anthropic", "claude-opus-5", asked)


def test_a_deployment_without_a_key_is_skipped_where_another_is_there() -> None:
    dead = deployment("m", model="dead", key_missing="ZAI_API_KEY is not set.")
    alive = deployment("m", model="alive")
    planned = plan(snapshot(dead, alive), "m", "messages", chance())
    assert [each.model for each in planned.candidates] == ["alive"]
    assert any("no key" in reason for reason in planned.skipped)
    alone = plan(snapshot(dead), "m", "messages", chance())
    assert [each.model for each in alone.candidates] == ["dead"]


def test_a_keyless_group_is_skipped_for_its_fallback() -> None:
    dead = deployment("first", model="dead", key_missing="no key")
    shot = replace(snapshot(dead, deployment("second", model="alive")), fallbacks={"first": ("second",)})
    planned = plan(shot, "first", "messages", chance())
    assert [(each.group, each.model) for each in planned.candidates] == [("second", "alive")]


def test_order_comes_before_chance_and_weight_before_luck() -> None:
    early = deployment("m", model="early", order=1)
    late = deployment("m", model="late", order=2)
    assert [c.model for c in plan(snapshot(late, early), "m", "messages", chance(0.9, 0.1)).candidates] == [
        "early",
        "late",
    ]
    heavy, light = deployment("m", model="heavy", weight=9.0), deployment("m", model="light", weight=1.0)
    seed = __import__("random").Random(7)
    first = [plan(snapshot(light, heavy), "m", "messages", seed.random).candidates[0].model for _ in range(500)]
    assert 420 < first.count("heavy") < 480


def test_a_pattern_is_taken_literally_but_for_its_stars() -> None:
    assert matches("claude-*", "claude-3.5")
    assert not matches("claude-3.5*", "claude-3x5")
    assert matches("*", "any/thing")
    assert matches("a*c*e", "abcde")


def _priced() -> Snapshot:
    """Three groups from dear to free, and `auto` over them."""
    rows = (
        deployment("claude", model="claude-opus-4-5"),
        deployment("gpt", model="gpt-4o-mini", provider="openai"),
        deployment("local", model="mistral", provider="ollama"),
    )
    return snapshot(*rows, cheapest={"auto": ("claude", "gpt", "local")})


def test_of_several_under_one_name_the_cheapest_comes_first_as_itself() -> None:
    planned = plan(_priced(), "auto", "chat", chance())
    assert [each.group for each in planned.candidates] == ["local", "gpt", "claude"]
    assert planned.group == "auto"


def test_the_cheapest_that_has_a_key() -> None:
    shot = _priced()
    lost = {
        name: (replace(row, key=None, key_missing="no key"),)
        for name, (row,) in shot.groups.items()
        if name != "claude"
    }
    planned = plan(replace(shot, groups={**shot.groups, **lost}), "auto", "chat", chance())
    assert [each.group for each in planned.candidates] == ["claude"]


def test_what_nobody_knows_the_price_of_is_the_dearest() -> None:
    shot = _priced()
    strange = deployment("strange", model="of-my-own", provider="openai")
    shot = replace(
        shot, groups={"strange": (strange,), **shot.groups}, cheapest={"auto": ("strange", *shot.cheapest["auto"])}
    )
    assert plan(shot, "auto", "chat", chance()).candidates[-1].group == "strange"


def test_a_fallback_may_be_such_a_name() -> None:
    shot = replace(_priced(), fallbacks={"claude": ("auto",)})
    planned = plan(shot, "claude", "chat", chance())
    assert [each.group for each in planned.candidates] == ["claude", "local", "gpt"]


def test_such_a_name_means_all_of_its_deployments() -> None:
    assert [each.group for each in resolve(_priced(), "auto")[1]] == ["claude", "gpt", "local"]
