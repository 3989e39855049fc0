"""Tokens are counted by the provider where it counts, estimated where it does not, and never billed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway, nobodys_port
from tests.wall.asking import Reply, ask
from tests.wall.scenes import DIRECT, KEY, rows

SAID = "one two three"
CLIENTS = ("anthropic", "openai", "gemini")
COUNTERS = {
    "claude": "/v1/messages/count_tokens",
    "gpt": "/v1/responses/input_tokens",
    "flash": "/v1beta/models/gemini-3.8-flash:countTokens",
}
"""The gateway's model → where its provider counts."""


@pytest.fixture(scope="module")
def counting(fake_server: FakeProvider) -> Iterator[Gateway]:
    url, key = fake_server.url, "api_key: os.environ/FAKE_KEY"
    cost = "input_cost_per_token: 0.001, output_cost_per_token: 0.001"
    text = f"""
model_list:
  - {{model_name: claude, litellm_params: {{model: anthropic/claude-sonnet-5-5, api_base: "{url}", {key}}}}}
  - {{model_name: gpt, litellm_params: {{model: openai/wall-1, api_base: "{url}/v1", {key}, {cost}}}}}
  - {{model_name: flash, litellm_params: {{model: gemini/gemini-3.8-flash, api_base: "{url}/v1beta", {key}}}}}
  - {{model_name: qwen, litellm_params: {{model: "ollama_chat/qwen3:8b", api_base: "{url}"}}}}
  - {{model_name: plain, litellm_params: {{model: openai_like/open-1, api_base: "{url}/v1", {key}}}}}
  - {{model_name: lone, litellm_params: {{model: openai/wall-9, api_base: "{url}/v1", {key}}}}}
  - {{model_name: dead, litellm_params: {{model: openai/wall-1, api_base: "http://127.0.0.1:{nobodys_port()}/v1", {key}}}}}
general_settings: {{master_key: sk-test-master-1234}}
router_settings: {{num_retries: 0}}
"""
    with Gateway(text, env={"FAKE_KEY": GOOD_KEY}) as gateway:
        yield gateway


def count(gateway: Gateway, client: str, model: str, **more: Any) -> Reply:
    match client:
        case "anthropic":
            path = "/v1/messages/count_tokens"
            body: dict[str, Any] = {"model": model, "messages": [{"role": "user", "content": SAID}], **more}
        case "openai":
            path, body = "/v1/responses/input_tokens", {"model": model, "input": SAID, **more}
        case _:
            path, body = f"/v1beta/models/{model}:countTokens", {"contents": [{"parts": [{"text": SAID}]}], **more}
    return ask(gateway.url, path, body, headers=KEY)


def number(client: str, reply: Reply) -> int:
    assert reply.status == 200, reply.body
    if client == "openai":
        assert reply.json["object"] == "response.input_tokens"
    return int(reply.json["totalTokens" if client == "gemini" else "input_tokens"])


@pytest.mark.parametrize("model", COUNTERS)
@pytest.mark.parametrize("client", CLIENTS)
def test_the_providers_own_counter_is_asked(
    counting: Gateway, fake_provider: FakeProvider, client: str, model: str
) -> None:
    reply = count(counting, client, model)
    (seen,) = fake_provider.requests
    assert seen.path == COUNTERS[model]
    told = ask(fake_provider.url, seen.path, seen.body, headers={**DIRECT, "x-goog-api-key": GOOD_KEY}).json
    assert number(client, reply) == (told.get("input_tokens") or told["totalTokens"]) >= 3
    assert not reply.header("x-trunkline-hint")
    (row,) = rows(counting, reply.header("x-litellm-call-id") or "")
    assert (row["billed_nano"], row["input"], row["output"], row["estimated"]) == (0, 0, 0, 0)
    assert row["stop"] == "counted"


def test_all_that_would_be_sent_is_counted(counting: Gateway, fake_provider: FakeProvider) -> None:
    tool = {"name": "f", "description": "four more words here", "input_schema": {"type": "object", "properties": {}}}
    for model in COUNTERS:
        more = number("anthropic", count(counting, "anthropic", model, system="and a system", tools=[tool]))
        assert more >= 3 + 3 + 4


@pytest.mark.parametrize("model", ["qwen", "plain"])
@pytest.mark.parametrize("client", CLIENTS)
def test_where_nobody_counts_an_estimate_is_told_as_one(
    counting: Gateway, fake_provider: FakeProvider, client: str, model: str
) -> None:
    reply = count(counting, client, model)
    assert number(client, reply) > 0
    assert "estimate" in (reply.header("x-trunkline-hint") or "")
    assert not fake_provider.requests


def test_a_provider_that_has_no_counter_is_asked_once(counting: Gateway, fake_provider: FakeProvider) -> None:
    fake_provider.program({"status": 404, "path": "/v1/responses/input_tokens", "times": -1})
    for _ in range(3):
        assert number("anthropic", count(counting, "anthropic", "lone")) > 0
    assert len(fake_provider.requests) == 1


def test_where_nobody_listens_an_estimate_serves(counting: Gateway, fake_provider: FakeProvider) -> None:
    reply = count(counting, "openai", "dead")
    assert number("openai", reply) > 0
    assert "provider_unreachable" in (reply.header("x-trunkline-route") or "")


@pytest.mark.parametrize("client", CLIENTS)
def test_a_refusal_is_told_as_it_is(counting: Gateway, fake_provider: FakeProvider, client: str) -> None:
    fake_provider.program({"status": 429, "path": "/v1/responses/input_tokens"})
    reply = count(counting, client, "gpt")
    assert reply.status == 429
    (row,) = rows(counting, reply.header("x-litellm-call-id") or "")
    assert row["billed_nano"] == 0


def test_a_wrapped_request_names_the_providers_model(counting: Gateway, fake_provider: FakeProvider) -> None:
    inner = {"model": "models/flash", "contents": [{"parts": [{"text": SAID}]}]}
    reply = ask(counting.url, COUNTERS["flash"].replace("gemini-3.8-flash", "flash"), {"generateContentRequest": inner}, headers=KEY)  # fmt: skip
    assert number("gemini", reply) == 3
    assert fake_provider.requests[0].json["generateContentRequest"]["model"] == "models/gemini-3.8-flash"


def test_an_unknown_model_is_not_counted(counting: Gateway, fake_provider: FakeProvider) -> None:
    for client in CLIENTS:
        assert count(counting, client, "nobody").status == 404
