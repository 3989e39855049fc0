"""What an answer cost, told to its client: in a header when it is whole, beside the usage when it is a stream."""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import Gateway, provider_environment
from tests.wall.asking import Reply, ask
from tests.wall.scenes import KEY, config, rows

PRICE = "input_cost_per_token: 0.000000001, output_cost_per_token: '2e-9'"
SAY = "SAY=ok IN=1000 OUT=50"
BILLED = "0.0000011"
OPERATIONS = ("messages", "chat", "completions", "responses", "ollama_chat", "ollama_generate", "generate")
UPSTREAMS = ("an", "oa", "zai", "ol", "ge")


@pytest.fixture(scope="module", params=["chat", "on", "off"])
def telling(request: pytest.FixtureRequest, fake_server: FakeProvider) -> Iterator[tuple[Gateway, str]]:
    url, key = fake_server.url, "api_key: os.environ/FAKE_KEY"
    models = {
        "an": f'anthropic/claude-sonnet-5-5, api_base: "{url}"',
        "oa": f'openai/wall-1, api_base: "{url}/v1"',
        "zai": "zai/glm-4.6",
        "ol": f'"ollama_chat/qwen3:8b", api_base: "{url}"',
        "ge": f'gemini/gemini-3.8-flash, api_base: "{url}/v1beta"',
    }
    listed = "".join(
        f"  - {{model_name: {name}, litellm_params: {{model: {model}, {key}, {PRICE}}}}}\n"
        for name, model in models.items()
    )
    text = config(url, rows=listed, more=f"trunkline: {{cost_in_usage: {request.param}}}")
    with Gateway(text, env=provider_environment(url, GOOD_KEY)) as gateway:
        yield gateway, request.param


def asked(gateway: Gateway, operation: str, model: str, *, stream: bool, say: str = SAY, usage: bool = True) -> Reply:
    turns = [{"role": "user", "content": say}]
    sent: dict[str, Any] = {"model": model, "stream": stream}
    match operation:
        case "messages":
            path, sent = "/v1/messages", {**sent, "max_tokens": 100, "messages": turns}
        case "chat":
            path, sent = "/v1/chat/completions", {**sent, "messages": turns}
        case "completions":
            path, sent = "/v1/completions", {**sent, "prompt": say}
        case "responses":
            path, sent = "/v1/responses", {**sent, "input": say}
        case "ollama_chat":
            path, sent = "/api/chat", {**sent, "messages": turns}
        case "ollama_generate":
            path, sent = "/api/generate", {**sent, "prompt": say}
        case _:
            path = f"/v1beta/models/{model}:{'streamGenerateContent' if stream else 'generateContent'}"
            sent = {"contents": [{"role": "user", "parts": [{"text": say}]}]}
    if stream and usage and path.startswith("/v1/c"):
        sent["stream_options"] = {"include_usage": True}
    return ask(gateway.url, path, sent, headers=KEY)


def costs(reply: Reply) -> list[Decimal]:
    """Every `cost` in the answer, to the last digit."""
    found: list[Decimal] = []

    def look(value: dict[str, Any]) -> dict[str, Any]:
        if "cost" in value:
            found.append(value["cost"])
        return value

    text = reply.body.decode()
    if text[:1] in "[":
        json.loads(text, parse_float=Decimal, object_hook=look)
        return found
    for line in text.splitlines():
        data = line.removeprefix("data: ")
        if data[:1] == "{":
            json.loads(data, parse_float=Decimal, object_hook=look)
    return found


@pytest.mark.parametrize(
    ("operation", "model"),
    # Completions does not cross.
    [(each, model) for each in OPERATIONS for model in UPSTREAMS if each != "completions" or model == "oa"],
)
def test_it_is_exact_on_every_operation_and_crossing(
    telling: tuple[Gateway, str], fake_provider: FakeProvider, operation: str, model: str
) -> None:
    gateway, setting = telling
    whole = asked(gateway, operation, model, stream=False)
    assert whole.status == 200, whole.body
    assert whole.header("x-litellm-response-cost") == BILLED
    assert not costs(whole)
    reply = asked(gateway, operation, model, stream=True)
    (row,) = rows(gateway, reply.header("x-litellm-call-id") or "")
    assert row["billed_nano"] == 1100
    in_chat = operation in ("chat", "completions")
    expected = setting == "on" or (setting == "chat" and in_chat)
    assert costs(reply) == ([Decimal(BILLED)] if expected else []), reply.body.decode()


def test_a_chat_that_asks_for_no_usage_is_told_no_cost(
    telling: tuple[Gateway, str], fake_provider: FakeProvider
) -> None:
    for model in UPSTREAMS:
        assert not costs(asked(telling[0], "chat", model, stream=True, usage=False))


def test_geminis_array_passes_as_the_array_that_it_is(
    telling: tuple[Gateway, str], fake_provider: FakeProvider
) -> None:
    reply = asked(telling[0], "generate", "ge", stream=True)
    assert (reply.status, reply.header("content-type")) == (200, "application/json")
    assert [chunk["candidates"][0].get("finishReason") for chunk in reply.json] == [None, "STOP"]


@pytest.fixture(scope="module")
def pair(fake_server: FakeProvider) -> Iterator[Gateway]:
    where = f'api_base: "{fake_server.url}/v1", api_key: os.environ/FAKE_KEY, {PRICE}'
    listed = "".join(
        f"  - {{model_name: pair, litellm_params: {{model: openai/wall-{at}, order: {at}, {where}}}}}\n"
        for at in (1, 2)
    )
    text = config(fake_server.url, rows=listed).replace("num_retries: 0", "num_retries: 2, disable_cooldowns: true")
    with Gateway(text, env=provider_environment(fake_server.url, GOOD_KEY)) as gateway:
        yield gateway


def test_a_fallback_tells_the_cost_of_the_answer_that_was_given(pair: Gateway, fake_provider: FakeProvider) -> None:
    for stream in (False, True):
        fake_provider.program({"model": "wall-1", "status": 500})
        reply = asked(pair, "chat", "pair", stream=stream)
        first, second = rows(pair, reply.header("x-litellm-call-id") or "", count=2)
        assert (first["status"], first["billed_nano"], second["billed_nano"]) == (500, 0, 1100)
        told = costs(reply) if stream else [Decimal(reply.header("x-litellm-response-cost") or "")]
        assert told == [Decimal(BILLED)]


def test_a_stream_that_was_gone_on_with_tells_the_cost_of_all_parts(pair: Gateway, fake_provider: FakeProvider) -> None:
    fake_provider.program({"model": "wall-1", "long": 8, "cut_after": 4})
    fake_provider.program({"model": "wall-2", "say": "the-rest", "output_tokens": 3})
    reply = asked(pair, "chat", "pair", stream=True, say="Hi")
    found = rows(pair, reply.header("x-litellm-call-id") or "", count=2)
    assert all(row["billed_nano"] for row in found)
    assert costs(reply) == [Decimal(sum(row["billed_nano"] for row in found)).scaleb(-9)], reply.body.decode()
