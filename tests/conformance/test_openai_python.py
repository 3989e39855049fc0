"""The official OpenAI SDK for Python, against the gateway's Chat Completions and Responses doors."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from typing import Any

import openai
import pytest

from tests.conformance.conftest import Door
from tests.fake.others import vector

pytestmark = pytest.mark.conformance

MODEL = "gpt-5.6-sol"
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}
CHAT_TOOL: Any = {"type": "function", "function": {"name": "get_weather", "description": "w", "parameters": SCHEMA}}
RESPONSES_TOOL: Any = {
    "type": "function",
    "name": "get_weather",
    "description": "w",
    "parameters": SCHEMA,
    "strict": True,
}


@pytest.fixture
def client(door: Door) -> Iterator[openai.OpenAI]:
    with openai.OpenAI(base_url=door.v1, api_key=door.key, max_retries=0, timeout=20) as made:
        yield made


def _ask(text: str, **more: Any) -> dict[str, Any]:
    return {"model": MODEL, "messages": [{"role": "user", "content": text}], **more}


def test_a_whole_chat_is_read(client: openai.OpenAI) -> None:
    answer = client.chat.completions.create(**_ask("SAY=grüezi✓ IN=120 OUT=9 CACHED=20"))
    assert answer.choices[0].message.content == "grüezi✓"
    assert answer.choices[0].finish_reason == "stop"
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (120, 9, 129)
    assert answer.usage.prompt_tokens_details is not None
    assert answer.usage.prompt_tokens_details.cached_tokens == 20


def test_a_chat_stream_is_read_piece_by_piece(client: openai.OpenAI) -> None:
    chunks = list(client.chat.completions.create(**_ask("LONG=40"), stream=True))
    pieces = [chunk.choices[0].delta.content for chunk in chunks if chunk.choices and chunk.choices[0].delta.content]
    assert len(pieces) == 40
    assert "🙂" in "".join(pieces)
    assert all(chunk.usage is None and chunk.choices for chunk in chunks), "usage was not asked for"


def test_usage_closes_a_chat_stream_that_asks_for_it(client: openai.OpenAI) -> None:
    ask = _ask("SAY=x IN=33 OUT=4", stream_options={"include_usage": True})
    chunks = list(client.chat.completions.create(**ask, stream=True))
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert (chunks[-1].usage.prompt_tokens, chunks[-1].usage.completion_tokens) == (33, 4)


@pytest.mark.parametrize("streamed", [False, True])
def test_parallel_chat_tool_calls_go_round(client: openai.OpenAI, streamed: bool) -> None:
    ask = _ask("TOOL PAR SAY=Bern", tools=[CHAT_TOOL])
    if streamed:
        with client.chat.completions.stream(**ask) as stream:
            first: Any = stream.get_final_completion()
    else:
        first = client.chat.completions.create(**ask)
    message = first.choices[0].message
    assert first.choices[0].finish_reason == "tool_calls"
    assert [call.function.arguments for call in message.tool_calls] == ['{"city":"Bern"}', '{"city":"Bern-2"}']
    results = [{"role": "tool", "tool_call_id": call.id, "content": f"{call.id}: 21°"} for call in message.tool_calls]
    ask["messages"] += [message.model_dump(exclude_none=True, include={"role", "content", "tool_calls"}), *results]
    second = client.chat.completions.create(**ask)
    assert all(f"{call.id}: 21°" in (second.choices[0].message.content or "") for call in message.tool_calls)


def test_models_are_listed(client: openai.OpenAI) -> None:
    assert MODEL in [model.id for model in client.models.list()]


def test_embeddings_come_as_numbers(client: openai.OpenAI) -> None:
    made = client.embeddings.create(model=MODEL, input=["ja", "nein"], dimensions=4)
    assert [len(one.embedding) for one in made.data] == [4, 4]
    assert all(-1 <= number <= 1 for one in made.data for number in one.embedding)


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("door_name", ["chat", "responses"])
@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, openai.BadRequestError),
        (401, openai.AuthenticationError),
        (404, openai.NotFoundError),
        (429, openai.RateLimitError),
        (500, openai.InternalServerError),
        (503, openai.InternalServerError),
    ],
)
def test_a_providers_error_keeps_its_class(
    client: openai.OpenAI, door_name: str, status: int, kind: type[openai.APIStatusError], streamed: bool
) -> None:
    words = f"ERR={status} MSG=nope-{status}"
    with pytest.raises(kind) as caught:
        if door_name == "chat":
            client.chat.completions.create(**_ask(words), stream=streamed)
        else:
            client.responses.create(model=MODEL, input=words, stream=streamed)
    assert caught.value.status_code == status
    assert f"nope-{status}" in str(caught.value)


def test_a_wrong_key_of_the_caller_is_401(door: Door) -> None:
    stranger = openai.OpenAI(base_url=door.v1, api_key=door.bad_key, max_retries=0, timeout=20)
    with stranger as client, pytest.raises(openai.AuthenticationError):
        client.chat.completions.create(**_ask("SAY=x"))


def test_an_error_in_mid_chat_raises(client: openai.OpenAI) -> None:
    read = []
    with pytest.raises(openai.APIError) as caught:
        for chunk in client.chat.completions.create(**_ask("LONG=20 ERRMID=5 MSG=broken"), stream=True):
            read.append(chunk)
    assert len(read) >= 5
    assert "broken" in str(caught.value)


def test_a_whole_response_is_read(client: openai.OpenAI) -> None:
    answer = client.responses.create(model=MODEL, input="SAY=grüezi✓ IN=120 OUT=9 CACHED=20")
    assert (answer.output_text, answer.status) == ("grüezi✓", "completed")
    assert answer.usage is not None
    assert (answer.usage.input_tokens, answer.usage.output_tokens, answer.usage.total_tokens) == (120, 9, 129)
    assert answer.usage.input_tokens_details.cached_tokens == 20


def test_a_response_stream_has_the_whole_sequence(client: openai.OpenAI) -> None:
    ask: Any = {
        "model": MODEL,
        "input": "THINK SAY=grüezi✓",
        "include": ["reasoning.encrypted_content"],
        "store": False,
    }
    with client.responses.stream(**ask) as stream:
        events = list(stream)
        final = stream.get_final_response()
    kinds = [event.type for event in events]
    assert kinds[0] == "response.created"
    assert kinds[-1] == "response.completed"
    assert "response.reasoning_summary_text.delta" in kinds
    assert final.output_text == "grüezi✓"
    assert [item.type for item in final.output] == ["reasoning", "message"]


@pytest.mark.parametrize("streamed", [False, True])
def test_response_tool_calls_go_round(client: openai.OpenAI, streamed: bool) -> None:
    given: list[Any] = [{"role": "user", "content": "TOOL PAR SAY=Bern"}]
    ask: Any = {"model": MODEL, "tools": [RESPONSES_TOOL], "store": False}
    if streamed:
        with client.responses.stream(input=given, **ask) as stream:
            first: Any = stream.get_final_response()
    else:
        first = client.responses.create(input=given, **ask)
    calls = [item for item in first.output if item.type == "function_call"]
    assert [call.arguments for call in calls] == ['{"city":"Bern"}', '{"city":"Bern-2"}']
    given += [{"type": "function_call", "call_id": c.call_id, "name": c.name, "arguments": c.arguments} for c in calls]
    given += [{"type": "function_call_output", "call_id": c.call_id, "output": f"{c.call_id}: 21°"} for c in calls]
    second = client.responses.create(input=given, **ask)
    assert all(f"{call.call_id}: 21°" in second.output_text for call in calls)


@pytest.mark.parametrize("streamed", [False, True])
def test_a_conversation_goes_on_from_a_stored_response(client: openai.OpenAI, streamed: bool) -> None:
    tools: Any = [RESPONSES_TOOL]
    first = client.responses.create(model=MODEL, tools=tools, input="TOOL SAY=Bern")
    (call,) = [item for item in first.output if item.type == "function_call"]
    ask: Any = {
        "model": MODEL,
        "previous_response_id": first.id,
        "input": [{"type": "function_call_output", "call_id": call.call_id, "output": "21°"}],
    }
    if streamed:
        with client.responses.stream(**ask) as stream:
            list(stream)
            second: Any = stream.get_final_response()
    else:
        second = client.responses.create(**ask)
    assert "21°" in second.output_text
    assert second.previous_response_id == first.id


def test_a_stored_response_is_read_listed_and_deleted(client: openai.OpenAI) -> None:
    made = client.responses.create(model=MODEL, input="SAY=kept")
    assert client.responses.retrieve(made.id).output_text == "kept"
    assert [item.type for item in client.responses.input_items.list(made.id)] == ["message"]
    client.responses.delete(made.id)
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve(made.id)


def test_a_response_that_nobody_made_is_told_so(client: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError, match="not found"):
        client.responses.create(model=MODEL, input="SAY=x", previous_response_id="resp_nobody")
    with pytest.raises(openai.NotFoundError):
        client.responses.retrieve("resp_nobody")


@pytest.mark.parametrize("model", [MODEL, "claude-sonnet-5-5", "gemini-3.8-flash", "glm-4.6", "qwen3:8b"])
def test_input_tokens_are_counted(client: openai.OpenAI, model: str) -> None:
    counted = client.responses.input_tokens.count(model=model, input="one two three", instructions="be brief")
    assert (counted.object, counted.input_tokens >= 3) == ("response.input_tokens", True)


@pytest.mark.parametrize("model", ["gemini-3.8-flash", "qwen3:8b"])
def test_embeddings_of_another_wire_are_the_same_numbers(client: openai.OpenAI, model: str) -> None:
    made = client.embeddings.create(model=model, input=["ja", "nein"], dimensions=4)
    assert [one.embedding for one in made.data] == [vector("ja", 4), vector("nein", 4)]


def test_an_error_in_mid_response_is_the_last_event(client: openai.OpenAI) -> None:
    """The SDK hands this error over as an event; it raises only for errors of another shape."""
    last: Any = None
    for event in client.responses.create(model=MODEL, input="LONG=20 ERRMID=5 MSG=broken", stream=True):
        last = event
    assert last.type in ("error", "response.failed")
    assert "broken" in (last.message if last.type == "error" else last.response.error.message)


def test_twenty_async_streams_at_once(door: Door) -> None:
    async def one(client: openai.AsyncOpenAI, nth: int) -> str:
        said = ""
        stream = await client.chat.completions.create(**_ask(f"SAY=async-{nth}-✓ SLOW=2"), stream=True)
        async for chunk in stream:
            said += (chunk.choices[0].delta.content or "") if chunk.choices else ""
        return said

    async def run() -> list[str]:
        async with openai.AsyncOpenAI(base_url=door.v1, api_key=door.key, max_retries=0, timeout=30) as client:
            return await asyncio.gather(*(one(client, nth) for nth in range(20)))

    assert asyncio.run(run()) == [f"async-{nth}-✓" for nth in range(20)]
