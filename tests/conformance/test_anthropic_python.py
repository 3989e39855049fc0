"""The official Anthropic SDK for Python, against the gateway's Anthropic door."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import anthropic
import pytest

from tests.conformance.conftest import Door
from tests.fake import FakeProvider

pytestmark = pytest.mark.conformance

MODEL = "claude-sonnet-5-5"
WEATHER: Any = {
    "name": "get_weather",
    "description": "The weather of a city",
    "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"]},
}


@pytest.fixture
def client(door: Door) -> Iterator[anthropic.Anthropic]:
    with anthropic.Anthropic(base_url=door.url, api_key=door.key, max_retries=0, timeout=20) as made:
        yield made


def _ask(text: str, **more: Any) -> dict[str, Any]:
    return {"model": MODEL, "max_tokens": 1000, "messages": [{"role": "user", "content": text}], **more}


def test_a_whole_answer_is_read(client: anthropic.Anthropic) -> None:
    answer = client.messages.create(**_ask("SAY=grüezi✓ IN=120 OUT=9 CACHED=20"))
    assert [block.text for block in answer.content if block.type == "text"] == ["grüezi✓"]
    assert (answer.stop_reason, answer.model) == ("end_turn", MODEL)
    assert (answer.usage.input_tokens, answer.usage.cache_read_input_tokens, answer.usage.output_tokens) == (100, 20, 9)


def test_a_stream_is_read_piece_by_piece(client: anthropic.Anthropic) -> None:
    with client.messages.stream(**_ask("LONG=40 OUT=77")) as stream:
        pieces = list(stream.text_stream)
        final = stream.get_final_message()
    assert len(pieces) == 40
    assert "🙂" in "".join(pieces)
    assert final.usage.output_tokens == 77


def test_thinking_arrives_with_its_signature(client: anthropic.Anthropic) -> None:
    with client.messages.stream(**_ask("THINK SAY=done", thinking={"type": "adaptive"})) as stream:
        final = stream.get_final_message()
    assert [block.type for block in final.content] == ["thinking", "text"]
    assert final.content[0].type == "thinking"
    assert final.content[0].thinking and final.content[0].signature
    again = [{"role": "user", "content": "THINK SAY=done"}, {"role": "assistant", "content": final.content}]
    follow = client.messages.create(**{**_ask(""), "messages": [*again, {"role": "user", "content": "SAY=two"}]})
    assert follow.content[0].type == "text"
    assert follow.content[0].text == "two"


@pytest.mark.parametrize("streamed", [False, True])
def test_parallel_tool_calls_go_round(client: anthropic.Anthropic, streamed: bool) -> None:
    ask = _ask("TOOL PAR SAY=Bern", tools=[WEATHER])
    if streamed:
        with client.messages.stream(**ask) as stream:
            first = stream.get_final_message()
    else:
        first = client.messages.create(**ask)
    calls = [block for block in first.content if block.type == "tool_use"]
    assert first.stop_reason == "tool_use"
    assert [call.input for call in calls] == [{"city": "Bern"}, {"city": "Bern-2"}]
    results = [{"type": "tool_result", "tool_use_id": call.id, "content": f"{call.id}: 21°"} for call in calls]
    ask["messages"] += [{"role": "assistant", "content": first.content}, {"role": "user", "content": results}]
    second = client.messages.create(**ask)
    assert second.content[0].type == "text"
    assert second.content[0].text.startswith("Bern ✓ tool said: ")
    assert all(f"{call.id}: 21°" in second.content[0].text for call in calls)


@pytest.mark.parametrize("model", [MODEL, "gemini-3.8-flash", "gpt-5.6-sol", "glm-4.6", "qwen3:8b"])
def test_tokens_are_counted(client: anthropic.Anthropic, model: str) -> None:
    counted = client.messages.count_tokens(
        model=model, system="be brief", tools=[WEATHER], messages=[{"role": "user", "content": "one two three"}]
    )
    assert counted.input_tokens >= 3


@pytest.mark.parametrize(("model", "path"), [("gemini-3.8-flash", ":countTokens"), ("gpt-5.6-sol", "/input_tokens")])
def test_tokens_are_counted_by_whoever_will_answer(
    client: anthropic.Anthropic, fake_provider: FakeProvider, model: str, path: str
) -> None:
    client.messages.count_tokens(model=model, messages=[{"role": "user", "content": "one two three"}])
    assert [seen.path[-len(path) :] for seen in fake_provider.requests] == [path]


def test_models_are_listed(client: anthropic.Anthropic) -> None:
    assert MODEL in [model.id for model in client.models.list(limit=100)]


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, anthropic.BadRequestError),
        (401, anthropic.AuthenticationError),
        (403, anthropic.PermissionDeniedError),
        (404, anthropic.NotFoundError),
        (429, anthropic.RateLimitError),
        (500, anthropic.InternalServerError),
        (529, anthropic.InternalServerError),
    ],
)
def test_a_providers_error_keeps_its_class(
    client: anthropic.Anthropic, status: int, kind: type[anthropic.APIStatusError], streamed: bool
) -> None:
    with pytest.raises(kind) as caught:
        client.messages.create(**_ask(f"ERR={status} MSG=nope-{status}"), stream=streamed)
    assert caught.value.status_code == status
    assert f"nope-{status}" in str(caught.value)


def test_a_wrong_key_of_the_caller_is_401(door: Door) -> None:
    stranger = anthropic.Anthropic(base_url=door.url, api_key=door.bad_key, max_retries=0, timeout=20)
    with stranger as client, pytest.raises(anthropic.AuthenticationError) as caught:
        client.messages.create(**_ask("SAY=x"))
    assert isinstance(caught.value.body, dict)
    assert caught.value.body["error"]["type"] == "authentication_error"


def test_an_error_in_mid_stream_raises(client: anthropic.Anthropic) -> None:
    read = []
    with pytest.raises(anthropic.APIStatusError) as caught:
        for event in client.messages.create(**_ask("LONG=20 ERRMID=5"), stream=True):
            read.append(event)
    assert len(read) >= 5
    assert "overloaded_error" in str(caught.value)


def test_the_sdk_retries_what_passes(door: Door, fake_provider: FakeProvider) -> None:
    with anthropic.Anthropic(base_url=door.url, api_key=door.key, max_retries=2, timeout=20) as client:
        answer = client.messages.create(**_ask("ERR=529 RETRY=ms:20 TIMES=1 SAY=later"))
    assert answer.content[0].type == "text"
    assert answer.content[0].text == "later"
    assert len(fake_provider.talks) == 2


def test_twenty_async_streams_at_once(door: Door) -> None:
    async def one(client: anthropic.AsyncAnthropic, nth: int) -> str:
        async with client.messages.stream(**_ask(f"SAY=async-{nth}-✓ SLOW=2")) as stream:
            return await stream.get_final_text()

    async def run() -> list[str]:
        async with anthropic.AsyncAnthropic(base_url=door.url, api_key=door.key, max_retries=0, timeout=30) as client:
            return await asyncio.gather(*(one(client, nth) for nth in range(20)))

    assert asyncio.run(run()) == [f"async-{nth}-✓" for nth in range(20)]


def test_a_search_that_nobody_runs_has_a_result_that_the_sdk_knows(client: anthropic.Anthropic) -> None:
    """As Claude Code searches: a request of its own with the tool and a demand for it, here at GLM."""
    search: Any = {"type": "web_search_20250305", "name": "web_search", "max_uses": 8}
    asked = {**_ask("SAY=sorry"), "model": "glm-4.6"}
    with client.messages.stream(**asked, tools=[search], tool_choice={"type": "tool", "name": "web_search"}) as stream:
        use, result, text = stream.get_final_message().content
    assert use.type == "server_tool_use" and use.input == {"query": "SAY=sorry"}
    assert result.type == "web_search_tool_result" and result.tool_use_id == use.id
    assert not isinstance(result.content, list) and result.content.error_code == "unavailable"
    assert text.type == "text" and text.text == "sorry"
