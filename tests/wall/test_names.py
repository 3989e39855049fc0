"""Which model a name means: exact, by alias, by pattern, with a client's marks; and which of Z.AI's doors that opens."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway
from tests.wall.asking import ask
from tests.wall.scenes import CHAT, KEY, MESSAGES, RESPONSES, Scene


@pytest.fixture(scope="module")
def named(fake_server: FakeProvider) -> Iterator[Gateway]:
    url = fake_server.url
    text = f"""
model_list:
  - {{model_name: gpt-wall, litellm_params: {{model: openai/wall-1, api_base: "{url}/v1", api_key: os.environ/FAKE_KEY}}}}
  - {{model_name: org/deep/name, litellm_params: {{model: openai/deep/er, api_base: "{url}/v1", api_key: os.environ/FAKE_KEY}}}}
  - {{model_name: claude-3-5-sonnet, litellm_params: {{model: zai/claude-3-5-sonnet, api_key: os.environ/FAKE_KEY}}}}
  - {{model_name: glm-4.6, litellm_params: {{model: zai/glm-4.6, api_key: os.environ/FAKE_KEY}}}}
  - {{model_name: glm-plan, litellm_params: {{model: zai/glm-4.6, plan: coding, api_key: os.environ/FAKE_KEY}}}}
  - {{model_name: "wild/*", litellm_params: {{model: "openai/*", api_base: "{url}/v1", api_key: os.environ/FAKE_KEY}}}}
  - {{model_name: "wild/special-*", litellm_params: {{model: "openai/s-*", api_base: "{url}/v1", api_key: os.environ/FAKE_KEY}}}}
  - {{model_name: "claude-*", litellm_params: {{model: "anthropic/claude-*", api_base: "{url}", api_key: os.environ/FAKE_KEY}}}}
router_settings:
  num_retries: 0
  model_group_alias: {{nick: gpt-wall, shy: {{model: gpt-wall, hidden: true}}}}
general_settings: {{master_key: sk-test-master-1234}}
"""
    env = {"FAKE_KEY": GOOD_KEY, "ZAI_API_BASE": url}
    with Gateway(text, env=env) as gateway:
        yield gateway


def told(gateway: Gateway, fake: FakeProvider, scene: Scene, asked: str) -> tuple[str, str]:
    """(path, model) as the provider saw them."""
    reply = ask(gateway.url, scene.path, scene.body("SAY=ok", model=asked), headers=KEY)
    assert reply.status == 200, reply.body
    (seen,) = fake.requests
    return seen.path, seen.json["model"]


@pytest.mark.parametrize(
    ("asked", "model"),
    [
        ("gpt-wall", "wall-1"),
        ("nick", "wall-1"),
        ("shy", "wall-1"),
        ("gpt-wall[1m]", "wall-1"),
        ("claude-gpt-wall", "wall-1"),
        ("claude-nick", "wall-1"),
        ("claude-gpt-wall[1m]", "wall-1"),
        ("org/deep/name", "deep/er"),
        ("claude-org/deep/name", "deep/er"),
        ("wild/anything", "anything"),
        ("wild/a/b", "a/b"),
        ("wild/special-7", "s-7"),
        ("wild/x[1m]", "x"),
    ],
)
def test_a_name_means_the_right_model(named: Gateway, fake_provider: FakeProvider, asked: str, model: str) -> None:
    assert told(named, fake_provider, CHAT, asked) == ("/v1/chat/completions", model)


@pytest.mark.parametrize(
    ("asked", "model"),
    [
        ("claude-haiku-4-5", "claude-haiku-4-5"),
        ("claude-opus-5-5[1m]", "claude-opus-5-5"),
        ("claude-opus-4.5", "claude-opus-4-5"),
    ],
)
def test_a_pattern_takes_the_vendors_names(named: Gateway, fake_provider: FakeProvider, asked: str, model: str) -> None:
    assert told(named, fake_provider, MESSAGES, asked) == ("/v1/messages", model)


@pytest.mark.parametrize(
    ("scene", "asked", "path"),
    [
        (MESSAGES, "glm-4.6", "/api/anthropic/v1/messages"),
        (CHAT, "glm-4.6", "/api/paas/v4/chat/completions"),
        (MESSAGES, "claude-3-5-sonnet", "/api/anthropic/v1/messages"),
        (MESSAGES, "glm-plan", "/api/anthropic/v1/messages"),
        (CHAT, "glm-plan", "/api/coding/paas/v4/chat/completions"),
        (MESSAGES, "glm-4.6[1m]", "/api/anthropic/v1/messages"),
        (MESSAGES, "claude-glm-4.6", "/api/anthropic/v1/messages"),
    ],
    ids=lambda part: part.name if isinstance(part, Scene) else str(part),
)
def test_the_clients_format_decides_zais_door(
    named: Gateway, fake_provider: FakeProvider, scene: Scene, asked: str, path: str
) -> None:
    model = "claude-3-5-sonnet" if "sonnet" in asked else "glm-4.6"
    assert told(named, fake_provider, scene, asked) == (path, model)


def test_claudes_names_at_zai_are_asked_for_on_anthropics_wire_only(
    named: Gateway, fake_provider: FakeProvider
) -> None:
    reply = ask(named.url, CHAT.path, CHAT.body("Hi", model="claude-3-5-sonnet"), headers=KEY)
    assert reply.status == 200
    assert [seen.path for seen in fake_provider.requests] == ["/api/anthropic/v1/messages"]


def test_responses_exist_where_the_plan_has_them(named: Gateway, fake_provider: FakeProvider) -> None:
    ask(named.url, RESPONSES.path, RESPONSES.body("Hi", model="glm-plan"), headers=KEY)
    assert fake_provider.requests[0].path == "/api/v1/responses"


@pytest.mark.parametrize("asked", ["", "nobody", "wild", "Gpt-Wall", "gpt-wall ", "claude", "*", "org/deep", "[1m]"])
def test_what_is_nobodys_name_is_refused(named: Gateway, fake_provider: FakeProvider, asked: str) -> None:
    reply = ask(named.url, CHAT.path, CHAT.body("Hi", model=asked), headers=KEY)
    assert reply.status == (404 if asked else 400)
    assert CHAT.is_error(reply.json)
    assert not fake_provider.requests
