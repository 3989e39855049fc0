"""The official clients in front of a gateway that tells the cost beside the usage of every stream: none may mind."""

from __future__ import annotations

import warnings
from collections.abc import Iterator

import anthropic
import ollama
import openai
import pytest

from tests.conformance import test_claude_code, test_codex, test_javascript
from tests.conformance.conftest import DIRECT, Door
from tests.fake import GOOD_KEY, FakeProvider
from tests.harness import MASTER_KEY, Gateway, config_for, provider_environment

with warnings.catch_warnings():
    # The SDK subclasses a typing generic that newer Pythons deprecate.
    warnings.simplefilter("ignore")
    from google import genai

pytestmark = [pytest.mark.conformance, pytest.mark.skipif(DIRECT, reason="no provider tells it")]

SAY = "SAY=grüezi✓ IN=1000 OUT=9"


@pytest.fixture(scope="module")
def _telling(fake_server: FakeProvider) -> Iterator[Gateway]:
    text = config_for(fake_server.url, more="trunkline: {cost_in_usage: on}")
    with Gateway(text, env=provider_environment(fake_server.url, GOOD_KEY)) as gateway:
        yield gateway


@pytest.fixture
def door(_telling: Gateway, fake_provider: FakeProvider) -> Door:
    return Door(_telling.url, MASTER_KEY)


def test_anthropics_sdk_reads_it(door: Door) -> None:
    with anthropic.Anthropic(base_url=door.url, api_key=door.key, max_retries=0) as client:
        ask = {"role": "user", "content": SAY}
        with client.messages.stream(model="claude-sonnet-5-5", max_tokens=100, messages=[ask]) as stream:  # type: ignore[list-item]
            deltas = [event for event in stream if event.type == "message_delta"]
            final = stream.get_final_message()
    assert deltas[-1].usage.to_dict()["cost"] == 0.00209
    assert (final.usage.input_tokens, final.usage.output_tokens) == (1000, 9)


def test_openais_sdk_reads_it(door: Door) -> None:
    with openai.OpenAI(base_url=door.v1, api_key=door.key, max_retries=0) as client:
        for model, cost in (("gpt-5.6-sol", 0.00418), ("claude-sonnet-5-5", 0.00209)):
            chunks = list(
                client.chat.completions.create(
                    model=model,
                    messages=[{"role": "user", "content": SAY}],
                    stream=True,
                    stream_options={"include_usage": True},
                )
            )
            assert chunks[-1].usage is not None
            assert chunks[-1].usage.to_dict()["cost"] == cost
            with client.responses.stream(model=model, input=SAY) as stream:
                final = stream.get_final_response()
            assert final.usage is not None
            assert final.usage.to_dict()["cost"] == cost


def test_ollamas_client_reads_it(door: Door) -> None:
    client = ollama.Client(host=door.url, headers={"authorization": f"Bearer {door.key}"}, timeout=20)
    for model in ("qwen3:8b", "claude-sonnet-5-5"):
        lines = list(client.chat(model=model, messages=[{"role": "user", "content": SAY}], stream=True))
        assert (lines[-1].done, lines[-1].eval_count) == (True, 9)
    client._client.close()


def test_googles_sdk_reads_it(door: Door) -> None:
    with genai.Client(api_key=door.key, http_options={"base_url": door.url, "timeout": 20_000}) as client:
        for model in ("gemini-3.8-flash", "claude-sonnet-5-5"):
            chunks = list(client.models.generate_content_stream(model=model, contents=SAY))
            assert chunks[-1].usage_metadata is not None
            assert chunks[-1].usage_metadata.total_token_count == 1009


@pytest.mark.parametrize("client", ["anthropic", "openai", "langchain"])
def test_javascript_reads_it(door: Door, client: str) -> None:
    test_javascript.test_every_check_of_a_javascript_client_passes(door, client)


@pytest.mark.parametrize("model", ["claude-sonnet-5-5", "gpt-5.6-sol"])
def test_claude_code_works_on(door: Door, fake_provider: FakeProvider, model: str) -> None:
    test_claude_code.test_its_tool_loop_writes_a_file(door, fake_provider, model)


@pytest.mark.parametrize("model", ["gpt-5.6-sol", "claude-sonnet-5-5"])
def test_codex_works_on(door: Door, model: str) -> None:
    test_codex.test_it_answers_a_prompt(door, model)
