"""What a request to a model knows of it comes from the catalog."""

from __future__ import annotations

from dataclasses import replace

from trunkline.config.load import load
from trunkline.model.usage import Price, Rates
from trunkline.upstream.profile import profile_of


def efforts(model: str, base: str) -> object:
    snapshot = load(None, {"ZAI_API_KEY": "k", "OPENAI_API_KEY": "k"})
    found = [each for _, group in snapshot.wildcards for each in group if each.provider.name == model.split("/")[0]]
    return profile_of(found[0], model.partition("/")[2], base, {}).dialect.efforts


def test_efforts_are_those_of_the_host_that_answers() -> None:
    assert efforts("zai/glm-5.3", "https://api.z.ai/api/paas/v4") == ("low", "high", "max")
    assert efforts("openai/gpt-5.1", "https://api.openai.com/v1") == ("none", "low", "medium", "high")
    assert efforts("openai/o9-unknown", "https://api.openai.com/v1") == ("low", "medium", "high")


def test_who_takes_no_tools_is_known_from_the_configuration_alone() -> None:
    """LiteLLM's file leaves the word out for models that take them: an agent is not refused its tools for that."""
    snapshot = load(None, {"DEEPSEEK_API_KEY": "k"})
    found = next(each for _, group in snapshot.wildcards for each in group if each.provider.name == "deepseek")

    def tools(model: str, **info: object) -> object:
        deployment = replace(found, info=info)
        return profile_of(deployment, model, "https://api.deepseek.com/v1", {}).dialect.tools

    assert (tools("deepseek-chat"), tools("deepseek-reasoner"), tools("deepseek-x")) == (True, None, None)
    said = {no: tools("deepseek-chat", supports_function_calling=no) for no in (False, True)}
    assert said == {False: False, True: True}


def test_sound_has_the_catalogs_rates_or_those_of_the_file() -> None:
    snapshot = load(None, {"OPENAI_API_KEY": "k"})
    found = next(each for _, group in snapshot.wildcards for each in group if each.provider.name == "openai")

    def sound(model: str, price: Price | None = None) -> object:
        told = profile_of(replace(found, price=price), model, "https://api.openai.com/v1", {}).price
        assert told is not None
        return told.sound

    own = Price((Rates(1, 2, 1, 1, 1),))
    assert sound("gpt-audio") == (32 * 10**9, 64 * 10**9)
    assert sound("gpt-audio", own) == (32 * 10**9, 64 * 10**9)
    assert sound("gpt-audio", replace(own, sound=(5, 6))) == (5, 6)
    assert sound("gpt-5.1") is None
