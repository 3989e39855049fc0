"""Google's official SDK for Python, against the gateway's Gemini door."""

from __future__ import annotations

import asyncio
import base64
import warnings
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conformance.conftest import Door
from tests.fake.others import vector

with warnings.catch_warnings():
    # The SDK subclasses a typing generic that newer Pythons deprecate.
    warnings.simplefilter("ignore")
    from google import genai
    from google.genai import errors, types

pytestmark = pytest.mark.conformance

MODEL = "gemini-3.8-flash"
OTHERS = ["claude-sonnet-5-5", "gpt-5.6-sol", "glm-4.6", "qwen3:8b"]
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
SCHEMA = {
    "type": "object",
    "properties": {"city": {"type": "string"}},
    "required": ["city"],
    "additionalProperties": False,
}


def _weather(**more: Any) -> types.GenerateContentConfig:
    declared = types.FunctionDeclaration(name="get_weather", description="w", parameters_json_schema=SCHEMA)
    return types.GenerateContentConfig(tools=[types.Tool(function_declarations=[declared])], **more)


def _answer(call: types.FunctionCall, text: str) -> types.Part:
    made = types.FunctionResponse(id=call.id, name=call.name, response={"result": text})
    return types.Part(function_response=made)


def _words(answer: types.GenerateContentResponse) -> str:
    return answer.text or ""


@pytest.fixture
def client(door: Door) -> Iterator[genai.Client]:
    options = types.HttpOptions(base_url=door.url, timeout=20_000)
    with genai.Client(api_key=door.key, http_options=options) as made:
        yield made


@pytest.fixture(params=[MODEL, *OTHERS])
def model(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_whole_answer_is_read(client: genai.Client, model: str) -> None:
    answer = client.models.generate_content(model=model, contents="SAY=grüezi✓ IN=120 OUT=9 CACHED=20")
    assert answer.text == "grüezi✓"
    assert answer.candidates is not None
    assert answer.candidates[0].finish_reason == types.FinishReason.STOP
    usage = answer.usage_metadata
    assert usage is not None
    assert (usage.prompt_token_count, usage.candidates_token_count, usage.total_token_count) == (120, 9, 129)


def test_a_stream_is_read_piece_by_piece(client: genai.Client, model: str) -> None:
    chunks = list(client.models.generate_content_stream(model=model, contents="LONG=40 IN=33 OUT=44"))
    pieces = [chunk.text for chunk in chunks if chunk.text]
    assert len(pieces) == 40
    assert "🙂" in "".join(pieces)
    assert chunks[-1].candidates is not None
    assert chunks[-1].candidates[0].finish_reason == types.FinishReason.STOP
    assert chunks[-1].usage_metadata is not None
    assert chunks[-1].usage_metadata.total_token_count == 77


@pytest.mark.parametrize("model", [MODEL, "claude-sonnet-5-5", "glm-4.6", "qwen3:8b"])
def test_thoughts_are_shown_when_asked_for(client: genai.Client, model: str) -> None:
    thinking = types.ThinkingConfig(include_thoughts=True, thinking_level=types.ThinkingLevel.HIGH)
    config = types.GenerateContentConfig(thinking_config=thinking)
    parts = [
        part
        for chunk in client.models.generate_content_stream(model=model, contents="THINK SAY=x", config=config)
        for candidate in chunk.candidates or []
        for part in (candidate.content and candidate.content.parts) or []
    ]
    assert "思考" in "".join(part.text or "" for part in parts if part.thought)
    assert "".join(part.text or "" for part in parts if not part.thought) == "x"


def test_thoughts_that_nobody_asked_for_are_not_shown(client: genai.Client, model: str) -> None:
    answer = client.models.generate_content(model=model, contents="THINK SAY=x")
    assert answer.candidates is not None and answer.candidates[0].content is not None
    assert all(not part.thought for part in answer.candidates[0].content.parts or [])
    assert answer.text == "x"


@pytest.mark.parametrize("streamed", [False, True])
def test_parallel_tool_calls_go_round(client: genai.Client, model: str, streamed: bool) -> None:
    chat = client.chats.create(model=model, config=_weather())
    ask = "THINK TOOL PAR SAY=Bern"
    if streamed:
        told = [chunk for chunk in chat.send_message_stream(ask) if chunk.function_calls]
        calls = [call for chunk in told for call in chunk.function_calls or []]
    else:
        calls = chat.send_message(ask).function_calls or []
    assert [call.args for call in calls] == [{"city": "Bern"}, {"city": "Bern-2"}]
    results: Any = [_answer(call, f"{(call.args or {})['city']}: 21°") for call in calls]
    said = _words(chat.send_message(results))
    assert "Bern: 21°" in said
    assert "Bern-2: 21°" in said


def test_calls_one_after_another_keep_their_signatures(client: genai.Client, model: str) -> None:
    chat = client.chats.create(model=model, config=_weather())
    answer = chat.send_message("THINK TOOL ROUNDS=2 SAY=Bern")
    for degrees in (20, 21):
        (call,) = answer.function_calls or []
        results: Any = [_answer(call, f"{degrees}°")]
        answer = chat.send_message(results)
    assert not answer.function_calls
    assert "21°" in _words(answer)
    assert "SAY" not in _words(chat.send_message("SAY=later"))


def test_a_tool_may_be_demanded(client: genai.Client) -> None:
    mode = types.FunctionCallingConfig(mode=types.FunctionCallingConfigMode.ANY, allowed_function_names=["get_weather"])
    config = _weather(tool_config=types.ToolConfig(function_calling_config=mode))
    answer = client.models.generate_content(model=MODEL, contents="SAY=Bern", config=config)
    assert [call.name for call in answer.function_calls or []] == ["get_weather"]


def test_functions_are_called_by_the_sdk_itself(client: genai.Client, model: str) -> None:
    def get_weather(city: str) -> str:
        """The weather of a city."""
        return f"{city}: 21°"

    config = types.GenerateContentConfig(tools=[get_weather])
    said = _words(client.models.generate_content(model=model, contents="TOOL SAY=Bern", config=config))
    assert "Bern: 21°" in said


@pytest.mark.parametrize("model", [MODEL, "claude-sonnet-5-5", "gpt-5.6-sol", "qwen3:8b"])
def test_answers_fit_a_schema(client: genai.Client, model: str) -> None:
    config = types.GenerateContentConfig(response_mime_type="application/json", response_json_schema=SCHEMA)
    answer = client.models.generate_content(model=model, contents="SAY=Bern", config=config)
    assert answer.parsed == {"city": "Bern"}


def test_pictures_and_a_system_instruction_are_taken(client: genai.Client) -> None:
    config = types.GenerateContentConfig(
        system_instruction="Be brief.", temperature=0.5, top_p=0.9, top_k=40, seed=7, stop_sequences=["END"]
    )
    contents: Any = [types.Part.from_bytes(data=PIXEL, mime_type="image/png"), "SAY=seen"]
    assert client.models.generate_content(model=MODEL, contents=contents, config=config).text == "seen"


def test_the_limit_ends_an_answer(client: genai.Client, model: str) -> None:
    config = types.GenerateContentConfig(max_output_tokens=5)
    answer = client.models.generate_content(model=model, contents="LONG=40", config=config)
    assert answer.candidates is not None
    assert answer.candidates[0].finish_reason == types.FinishReason.MAX_TOKENS


def test_a_refusal_is_told(client: genai.Client) -> None:
    answer = client.models.generate_content(model=MODEL, contents="STOP=refusal SAY=no")
    assert answer.candidates is not None
    assert answer.candidates[0].finish_reason == types.FinishReason.SAFETY


def test_tokens_are_counted(client: genai.Client, model: str) -> None:
    assert (client.models.count_tokens(model=model, contents="one two three").total_tokens or 0) >= 3


@pytest.mark.parametrize("model", [MODEL, "gpt-5.6-sol", "qwen3:8b"])
def test_texts_are_embedded(client: genai.Client, model: str) -> None:
    config = types.EmbedContentConfig(output_dimensionality=4)
    # Of plain strings the SDK makes one content for models that it takes to be multimodal.
    contents: Any = [types.Content(parts=[types.Part(text=text)]) for text in ("ja", "nein")]
    made = client.models.embed_content(model=model, contents=contents, config=config)
    assert [one.values for one in made.embeddings or []] == [vector("ja", 4), vector("nein", 4)]


def test_what_the_vectors_are_for_may_be_said(client: genai.Client) -> None:
    config = types.EmbedContentConfig(task_type="RETRIEVAL_QUERY")
    for model in (MODEL, "gpt-5.6-sol"):
        made = client.models.embed_content(model=model, contents="ja", config=config)
        assert [one.values for one in made.embeddings or []] == [vector("ja", 8)]


def test_models_are_listed(client: genai.Client) -> None:
    assert f"models/{MODEL}" in [one.name for one in client.models.list()]


@pytest.mark.filterwarnings("ignore:Inheritance class AiohttpClientSession:DeprecationWarning")
def test_the_async_client_streams_too(door: Door) -> None:
    async def ask() -> str:
        options = types.HttpOptions(base_url=door.url, timeout=20_000)
        with genai.Client(api_key=door.key, http_options=options) as client:
            async with client.aio as made:
                stream = await made.models.generate_content_stream(model=MODEL, contents="SAY=grüezi✓")
                return "".join([chunk.text or "" async for chunk in stream])

    assert asyncio.run(ask()) == "grüezi✓"


@pytest.mark.parametrize("status", [400, 403, 429, 500, 503])
def test_a_providers_error_is_told(client: genai.Client, status: int) -> None:
    with pytest.raises(errors.APIError) as caught:
        client.models.generate_content(model=MODEL, contents=f"ERR={status} MSG=nope-{status}")
    assert caught.value.code == status
    assert f"nope-{status}" in (caught.value.message or "")


def test_an_error_in_mid_stream_raises(client: genai.Client) -> None:
    with pytest.raises(errors.APIError) as caught:
        for _ in client.models.generate_content_stream(model=MODEL, contents="LONG=20 ERRMID=5 MSG=broken"):
            pass
    assert "broken" in str(caught.value)


def test_a_wrong_key_is_refused(door: Door) -> None:
    options = types.HttpOptions(base_url=door.url, timeout=20_000)
    with genai.Client(api_key=door.bad_key, http_options=options) as client, pytest.raises(errors.ClientError):
        client.models.generate_content(model=MODEL, contents="hi")


def test_an_unknown_model_is_not_found(client: genai.Client) -> None:
    with pytest.raises(errors.ClientError) as caught:
        client.models.generate_content(model="missing-model", contents="hi")
    assert caught.value.code == 404
