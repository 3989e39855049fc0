"""A list of providers as a configuration."""

from __future__ import annotations

from tests.unit.config.conftest import Loaded
from trunkline.config.schema import Snapshot

ZAI = """\
chat:
  zai:
    name: Z.AI
    litellm_provider: anthropic
    kwargs:
      api_base: https://api.z.ai/api/anthropic
"""
KEY = "k" * 24


def doubts(snapshot: Snapshot) -> list[tuple[str, str]]:
    return [(each.where, each.kind) for each in snapshot.warnings]


def test_every_model_is_offered_behind_the_providers_id(loaded: Loaded) -> None:
    snapshot = loaded(ZAI, ZAI_API_KEY=KEY)
    assert snapshot.dialect == "providers"
    [named] = snapshot.groups["zai/glm-4.6"]
    [any_other] = dict(snapshot.wildcards)["zai/*"]
    assert (named.model, named.provider.name, any_other.model) == ("glm-4.6", "zai", "*")
    assert named.doors["anthropic"].base == "https://api.z.ai/api/anthropic"
    assert named.key is not None and (named.key.value, named.key.source) == (KEY, "ZAI_API_KEY")
    assert named.where == "config.yaml:3"
    assert doubts(snapshot) == []


def test_a_key_that_is_missing_is_told(loaded: Loaded) -> None:
    snapshot = loaded(ZAI)
    [named] = snapshot.groups["zai/glm-4.6"]
    assert "ZAI_API_KEY" in named.key_missing
    assert ("config.yaml:3", "key") in doubts(snapshot)


def test_of_many_providers_those_with_keys_are_offered(loaded: Loaded) -> None:
    others = "  openai: {name: OpenAI, litellm_provider: openai}\n  no-such: {name: X, litellm_provider: no_such}\n"
    snapshot = loaded(ZAI + others, ZAI_API_KEY=KEY)
    assert "openai/*" not in dict(snapshot.wildcards)
    assert doubts(snapshot) == [("config.yaml:8", "note"), ("config.yaml:7", "note")]


def test_keys_by_their_other_names_and_servers_that_need_none(loaded: Loaded) -> None:
    text = (
        "chat:\n"
        "  venice: {name: Venice, litellm_provider: openai, kwargs: {api_base: https://api.venice.example/v1}}\n"
        "  box: {name: Box, litellm_provider: openai, kwargs: {api_base: http://192.168.1.4:8080/v1}}\n"
        "embedding:\n"
        "  box: {name: Box, litellm_provider: openai, kwargs: {api_base: http://192.168.1.4:8080/v1}}\n"
    )
    snapshot = loaded(text, API_KEY_VENICE=KEY)
    wild = dict(snapshot.wildcards)
    [venice], [box] = wild["venice/*"], wild["box/*"]
    assert venice.key is not None and venice.key.source == "API_KEY_VENICE"
    assert (box.key, box.key_missing) == (None, "")


def test_a_model_of_the_environment_is_the_default(loaded: Loaded) -> None:
    assert loaded(ZAI, ZAI_API_KEY=KEY, GLM_MODEL="glm-4.6").default_model == "zai/glm-4.6"


def test_native_sections_stand_beside_it_and_odd_words_are_told(loaded: Loaded) -> None:
    text = ZAI + "      api_bsae: x\n    nmae: y\nlitellm_settings: {drop_params: true}\nchta: {}\n"
    snapshot = loaded(text, ZAI_API_KEY=KEY)
    assert snapshot.drop_params
    assert sorted(doubts(snapshot)) == [
        ("config.yaml:10", "unknown"),
        ("config.yaml:7", "unknown"),
        ("config.yaml:8", "unsupported"),
    ]


def test_what_has_models_is_litellms_own(loaded: Loaded) -> None:
    text = ZAI + "model_list: [{model_name: a, litellm_params: {model: zai/glm-4.6}}]\n"
    assert loaded(text, ZAI_API_KEY=KEY).dialect == "litellm"
