"""A request that asks a model for what it cannot do is mended or refused before anything is sent, and it is said so."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway, provider_environment
from tests.wall.asking import ask
from tests.wall.scenes import CHAT, KEY, MESSAGES, RESPONSES, ZAI_CHAT, ZAI_MESSAGES, Scene, config, name_of

PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
WORDS = "[image omitted: this model cannot see]"
LONG = "the quick brown fox jumps over the lazy dog and says so, " * 30_000


def showing(scene: Scene, text: str = "SAY=ok", **more: Any) -> dict[str, Any]:
    """A request whose history holds one screenshot."""
    if scene.path == "/v1/messages":
        source = {"type": "base64", "media_type": "image/png", "data": PNG}
        block: dict[str, Any] = {"type": "image", "source": source}
    elif scene is RESPONSES:
        block = {"type": "input_image", "image_url": f"data:image/png;base64,{PNG}"}
        content = [block, {"type": "input_text", "text": text}]
        return scene.body("", **{"input": [{"role": "user", "content": content}], **more})
    else:
        block = {"type": "image_url", "image_url": {"url": f"data:image/png;base64,{PNG}"}}
    turns = [
        {"role": "user", "content": [block, {"type": "text", "text": "Look"}]},
        {"role": "assistant", "content": "I see."},
        {"role": "user", "content": text},
    ]
    return scene.body("", **{"messages": turns, **more})


@pytest.fixture(scope="module")
def seeing(fake_server: FakeProvider) -> Iterator[Gateway]:
    """`glm-wall` is blind; whoever shows something is sent to `eyes`. `mixed` has one of each; `wide` a large spare."""
    key = "api_key: os.environ/FAKE_KEY"
    more = f"""
  - model_name: eyes
    litellm_params: {{model: zai/glm-4.6v, {key}}}
  - model_name: mixed
    litellm_params: {{model: zai/glm-4.6, {key}, order: 1}}
  - model_name: mixed
    litellm_params: {{model: zai/glm-5v-turbo, {key}, order: 2}}
  - model_name: wide
    litellm_params: {{model: zai/glm-4.6, {key}, order: 1}}
  - model_name: wide
    litellm_params: {{model: zai/glm-5.3, {key}, order: 2}}
"""
    text = config(fake_server.url, rows=more, more="trunkline: {vision_model: eyes}")
    with Gateway(text, env=provider_environment(fake_server.url, GOOD_KEY)) as gateway:
        yield gateway


@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
@pytest.mark.parametrize("scene", [ZAI_MESSAGES, ZAI_CHAT], ids=name_of)
def test_one_screenshot_does_not_end_a_session(
    wall: Gateway, fake_provider: FakeProvider, scene: Scene, stream: bool
) -> None:
    reply = ask(wall.url, scene.path, showing(scene, stream=stream), headers=KEY)
    assert reply.status == 200, reply.body
    assert reply.header("x-trunkline-lost") == "image"
    [seen] = fake_provider.talks
    asked = showing(scene)["messages"]
    note = {"type": "text", "text": WORDS}
    assert seen.json["messages"] == [{**asked[0], "content": [note, asked[0]["content"][1]]}, *asked[1:]]


def test_neither_does_one_that_crosses_to_another_format(wall: Gateway, fake_provider: FakeProvider) -> None:
    reply = ask(wall.url, RESPONSES.path, showing(RESPONSES, model="glm-wall"), headers=KEY)
    assert reply.status == 200, reply.body
    assert reply.header("x-trunkline-lost") == "image"
    [seen] = fake_provider.talks
    assert WORDS.encode() in seen.body
    assert PNG.encode() not in seen.body


@pytest.mark.parametrize("scene", [MESSAGES, CHAT], ids=name_of)
def test_a_model_that_sees_or_may_see_is_shown_it(wall: Gateway, fake_provider: FakeProvider, scene: Scene) -> None:
    reply = ask(wall.url, scene.path, showing(scene), headers=KEY)
    assert reply.status == 200, reply.body
    assert reply.header("x-trunkline-lost") is None
    assert fake_provider.talks[0].json["messages"] == showing(scene)["messages"]


@pytest.mark.parametrize("scene", [ZAI_MESSAGES, ZAI_CHAT, RESPONSES], ids=name_of)
def test_a_picture_goes_to_the_vision_model(seeing: Gateway, fake_provider: FakeProvider, scene: Scene) -> None:
    reply = ask(seeing.url, scene.path, showing(scene, model="glm-wall"), headers=KEY)
    assert reply.status == 200, reply.body
    assert reply.header("x-trunkline-route") == "zai/glm-4.6v"
    assert reply.header("x-litellm-model-group") == "eyes"
    assert reply.header("x-trunkline-lost") is None
    assert PNG.encode() in fake_provider.talks[0].body
    text = ask(seeing.url, scene.path, scene.body("SAY=ok", model="glm-wall"), headers=KEY)
    assert text.header("x-trunkline-route") == "zai/glm-4.6"


def test_a_tool_that_is_called_image_is_no_picture(seeing: Gateway, fake_provider: FakeProvider) -> None:
    schema = {"type": "object", "properties": {"image": {"type": "string"}, "source": {"type": "string"}}}
    said = [{"type": "text", "text": 'SAY=ok {"type":"image","source":1}'}]
    turns = [{"role": "user", "content": said}]
    body = ZAI_MESSAGES.body("", messages=turns, tools=[{"name": "image", "input_schema": schema}])
    reply = ask(seeing.url, ZAI_MESSAGES.path, body, headers=KEY)
    assert reply.header("x-trunkline-route") == "zai/glm-4.6"
    assert reply.header("x-trunkline-lost") is None


def test_the_one_of_a_group_that_sees_is_asked_first(seeing: Gateway, fake_provider: FakeProvider) -> None:
    reply = ask(seeing.url, MESSAGES.path, showing(MESSAGES, model="mixed"), headers=KEY)
    assert reply.header("x-trunkline-route") == "zai/glm-5v-turbo"
    text = ask(seeing.url, MESSAGES.path, MESSAGES.body("SAY=ok", model="mixed"), headers=KEY)
    assert text.header("x-trunkline-route") == "zai/glm-4.6"


def test_words_are_told_to_the_blind_when_the_vision_model_fails(seeing: Gateway, fake_provider: FakeProvider) -> None:
    fake_provider.program({"status": 500})
    reply = ask(seeing.url, ZAI_MESSAGES.path, showing(ZAI_MESSAGES), headers=KEY)
    assert reply.status == 200, reply.body
    assert (reply.header("x-trunkline-route") or "").endswith(" > zai/glm-4.6")
    assert reply.header("x-trunkline-lost") == "image"


def test_a_key_that_the_caller_brought_is_not_taken_to_another_provider(
    fake_server: FakeProvider, fake_provider: FakeProvider
) -> None:
    text = config(fake_server.url, more="trunkline: {vision_model: gpt-wall, client_keys: allow}")
    with Gateway(text, env=provider_environment(fake_server.url, GOOD_KEY)) as gateway:
        own = ask(gateway.url, ZAI_MESSAGES.path, showing(ZAI_MESSAGES), headers={**KEY, "x-api-key": GOOD_KEY})
        shared = ask(gateway.url, ZAI_MESSAGES.path, showing(ZAI_MESSAGES), headers=KEY)
    assert (own.header("x-trunkline-route"), own.header("x-trunkline-lost")) == ("zai/glm-4.6", "image")
    assert shared.header("x-trunkline-route") == "openai/wall-1"


@pytest.mark.parametrize("scene", [ZAI_MESSAGES, ZAI_CHAT], ids=name_of)
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "streamed"])
def test_a_context_that_cannot_fit_is_refused_before_anything_is_sent(
    seeing: Gateway, fake_provider: FakeProvider, scene: Scene, stream: bool
) -> None:
    reply = ask(seeing.url, scene.path, scene.body(LONG, stream=stream), headers=KEY)
    assert reply.status == 400
    assert scene.is_error(reply.json)
    assert reply.json["error"]["code"] == "context_length_exceeded"
    if scene is ZAI_MESSAGES:
        assert reply.message.startswith("prompt is too long: ")
        assert " tokens > 200000 maximum" in reply.message
    assert not fake_provider.requests


def test_a_context_that_is_too_long_goes_to_the_larger_window(seeing: Gateway, fake_provider: FakeProvider) -> None:
    reply = ask(seeing.url, MESSAGES.path, MESSAGES.body(f"{LONG} SAY=ok", model="wide"), headers=KEY)
    assert reply.status == 200, reply.body
    assert reply.header("x-trunkline-route") == "zai/glm-5.3"


def test_a_server_tool_that_the_provider_does_not_run_is_left_out_and_named(
    wall: Gateway, fake_provider: FakeProvider
) -> None:
    search = {"type": "web_search_20250305", "name": "web_search", "max_uses": 8}
    choice = {"type": "tool", "name": "web_search"}
    body = ZAI_MESSAGES.body("SAY=ok", tools=[search], tool_choice=choice)
    reply = ask(wall.url, ZAI_MESSAGES.path, body, headers=KEY)
    assert reply.status == 200, reply.body
    assert reply.header("x-trunkline-lost") == "web_search"
    assert not {"tools", "tool_choice"} & fake_provider.talks[0].json.keys()


def test_an_output_limit_is_lowered_to_what_the_model_writes(wall: Gateway, fake_provider: FakeProvider) -> None:
    reply = ask(wall.url, ZAI_MESSAGES.path, ZAI_MESSAGES.body("SAY=ok", max_tokens=200_000), headers=KEY)
    assert reply.status == 200, reply.body
    assert fake_provider.talks[0].json["max_tokens"] == 131_072
    assert reply.header("x-trunkline-lost") is None
