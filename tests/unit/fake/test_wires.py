"""Each wire of the fake says the same things in its own way, and refuses what its vendor refuses."""

from __future__ import annotations

import base64
import json
import struct
from typing import Any

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.unit.fake.caller import ANTHROPIC, BEARER, WEATHER, call, chat, messages, ollama, responses

TOOL = {"name": "get_weather", "input_schema": WEATHER}
CHAT_TOOL = {"type": "function", "function": {"name": "get_weather", "parameters": WEATHER}}


def test_anthropic_speaks_whole_and_streamed_alike(fake_provider: FakeProvider) -> None:
    whole = messages(fake_provider, "THINK SAY=grüezi✓").json
    events = messages(fake_provider, "THINK SAY=grüezi✓", stream=True).events
    kinds = [event["type"] for event in events]
    assert kinds[0] == "message_start"
    assert kinds[-2:] == ["message_delta", "message_stop"]
    said = "".join(event["delta"].get("text", "") for event in events if event["type"] == "content_block_delta")
    assert said == whole["content"][1]["text"] == "grüezi✓"
    assert events[-2]["usage"]["output_tokens"] == whole["usage"]["output_tokens"]


def test_anthropic_blocks_are_numbered_without_gaps(fake_provider: FakeProvider) -> None:
    events = messages(fake_provider, "THINK TOOL PAR SAY=x", stream=True, tools=[TOOL]).events
    starts = [
        (event["index"], event["content_block"]["type"]) for event in events if event["type"] == "content_block_start"
    ]
    assert starts == [(0, "thinking"), (1, "text"), (2, "tool_use"), (3, "tool_use")]


def test_input_is_what_is_left_after_the_cache(fake_provider: FakeProvider) -> None:
    usage = messages(fake_provider, "IN=100 CACHED=60 WRITTEN=30 OUT=5").json["usage"]
    assert usage["input_tokens"] == 10
    assert usage["cache_read_input_tokens"] == 60
    assert usage["cache_creation_input_tokens"] == 30
    assert chat(fake_provider, "IN=100 CACHED=60 OUT=5").json["usage"]["prompt_tokens"] == 100


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"temperature": 0.5}, "`temperature` is deprecated for this model."),
        ({"context_management": {}}, "context_management: Extra inputs are not permitted"),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": ""}]}]}, "must be non-empty"),
        ({"messages": [{"role": "user", "content": "x"}, {"role": "assistant", "content": "y"}]}, "prefill"),
        ({"thinking": {"type": "enabled", "budget_tokens": 500}}, "not supported for this model"),
        ({"tool_choice": {"type": "any"}, "tools": [TOOL]}, "forced tool use"),
    ],
)
def test_anthropic_refuses(fake_provider: FakeProvider, change: dict[str, Any], sentence: str) -> None:
    reply = messages(fake_provider, "hi", **change)
    assert reply.status == 400
    assert reply.json["error"]["type"] == "invalid_request_error"
    assert sentence in reply.json["error"]["message"]


def test_anthropic_refuses_a_foreign_signature(fake_provider: FakeProvider) -> None:
    block = {"type": "thinking", "thinking": "x", "signature": "Zm9yZWlnbg=="}
    talk = [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": [block]},
        {"role": "user", "content": "b"},
    ]
    assert "Invalid `signature`" in messages(fake_provider, "", messages=talk).json["error"]["message"]


def test_anthropic_refuses_a_call_without_its_result(fake_provider: FakeProvider) -> None:
    used = {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {}}
    talk = [
        {"role": "user", "content": "a"},
        {"role": "assistant", "content": [used]},
        {"role": "user", "content": "b"},
    ]
    assert "toolu_1" in messages(fake_provider, "", messages=talk).json["error"]["message"]


def test_zai_s_anthropic_starts_with_zeros_and_calls_with_call_ids(fake_provider: FakeProvider) -> None:
    body = {"model": "glm-4.6", "max_tokens": 99, "stream": True, "tools": [TOOL]}
    body["messages"] = [{"role": "user", "content": "TOOL SAY=x"}]
    events = call(fake_provider, "/api/anthropic/v1/messages", body).events
    assert events[0]["message"]["usage"] == {"input_tokens": 0, "output_tokens": 0}
    started = [event["content_block"] for event in events if event["type"] == "content_block_start"]
    assert started[-1]["id"].startswith("call_")
    assert events[-2]["usage"]["input_tokens"] > 0


def test_zai_s_errors_are_its_own(fake_provider: FakeProvider) -> None:
    reply = call(fake_provider, "/api/anthropic/v1/messages", {"model": "x"}, headers={"authorization": "Bearer no"})
    assert reply.status == 401
    assert reply.json["error"]["code"] == "1000"
    assert reply.json["error"]["message"].startswith("[1000][")
    busy = chat(fake_provider, "CODE=1305", path="/api/paas/v4/chat/completions")
    assert (busy.status, busy.json["error"]["code"]) == (429, "1305")


def test_a_zai_key_has_one_purse() -> None:
    with FakeProvider(pots={GOOD_KEY: "coding"}) as fake:
        wrong = chat(fake, "SAY=x", path="/api/paas/v4/chat/completions")
        assert (wrong.status, wrong.json["error"]["code"]) == (429, "1113")
        assert chat(fake, "SAY=x", path="/api/coding/paas/v4/chat/completions").status == 200


def test_zai_s_chat_has_no_object_and_usage_in_the_last_chunk(fake_provider: FakeProvider) -> None:
    events = chat(fake_provider, "THINK SAY=x", path="/api/coding/paas/v4/chat/completions", stream=True).events
    assert all("object" not in event for event in events)
    assert events[0]["choices"][0]["delta"]["reasoning_content"]
    assert events[-1]["choices"][0]["finish_reason"] == "stop"
    assert events[-1]["usage"]["total_tokens"] > 0


def test_chat_tells_usage_only_when_asked(fake_provider: FakeProvider) -> None:
    plain = chat(fake_provider, "SAY=x", stream=True).events
    assert all("usage" not in event for event in plain)
    asked = chat(fake_provider, "SAY=x", stream=True, stream_options={"include_usage": True}).events
    assert asked[-1]["choices"] == []
    assert all(event["usage"] is None for event in asked[:-1])


def test_chat_fragments_can_interleave(fake_provider: FakeProvider) -> None:
    events = chat(fake_provider, "TOOL PAR QUIRK=interleave SAY=x", stream=True, tools=[CHAT_TOOL]).events
    deltas = [event["choices"][0]["delta"] for event in events if event["choices"]]
    order = [fragment["index"] for delta in deltas for fragment in delta.get("tool_calls", [])]
    assert order[:4] == [0, 1, 0, 1]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"max_tokens": 5}, "max_completion_tokens"),
        ({"temperature": 0.2}, "temperature"),
        ({"messages": [{"role": "tool", "tool_call_id": "x", "content": "y"}]}, "preceeding message"),
        ({"stream_options": {}}, "stream_options"),
    ],
)
def test_chat_refuses(fake_provider: FakeProvider, change: dict[str, Any], sentence: str) -> None:
    reply = chat(fake_provider, "hi", **change)
    assert reply.status == 400
    assert sentence in reply.json["error"]["message"]


def test_responses_number_their_events(fake_provider: FakeProvider) -> None:
    tools = [{"type": "custom", "name": "apply_patch"}]
    events = responses(fake_provider, "THINK TOOL FILE=/x SAY=y", stream=True, tools=tools).events
    assert [event["sequence_number"] for event in events] == list(range(len(events)))
    done = [event["item"]["type"] for event in events if event["type"] == "response.output_item.done"]
    assert done == ["reasoning", "message", "custom_tool_call"]
    assert events[-1]["type"] == "response.completed"
    assert events[-1]["response"]["usage"]["total_tokens"] > 0


def test_tools_inside_the_input_are_offered_too(fake_provider: FakeProvider) -> None:
    space = {"type": "namespace", "name": "functions", "tools": [{"type": "custom", "name": "exec"}]}
    given = [
        {"type": "additional_tools", "role": "developer", "tools": [space]},
        {"role": "user", "content": "TOOL FILE=/x"},
    ]
    made = call(fake_provider, "/v1/responses", {"model": "gpt-5.6-sol", "input": given}).json["output"][-1]
    assert (made["type"], made["name"], made["namespace"]) == ("custom_tool_call", "exec", "functions")
    assert "tools.exec_command" in made["input"]


def test_ollama_streams_unless_told_otherwise(fake_provider: FakeProvider) -> None:
    lines = ollama(fake_provider, "THINK SAY=grüezi").lines
    assert "".join(line["message"]["content"] for line in lines) == "grüezi"
    assert lines[-1]["done_reason"] == "stop"
    whole = ollama(fake_provider, "TOOL SAY=x", stream=False, tools=[CHAT_TOOL]).json
    assert whole["message"]["tool_calls"][0]["function"]["arguments"] == {"city": "x"}


def test_ollama_wants_strings_and_objects(fake_provider: FakeProvider) -> None:
    parts = [{"role": "user", "content": [{"type": "text", "text": "x"}]}]
    assert ollama(fake_provider, "", messages=parts).status == 400
    called = [{"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "f", "arguments": "{}"}}]}]
    assert ollama(fake_provider, "", messages=called).status == 400


def test_ollama_needs_no_key_and_knows_its_models(fake_provider: FakeProvider) -> None:
    assert call(fake_provider, "/", headers={}).body == b"Ollama is running"
    assert call(fake_provider, "/api/version", headers={}).json == {"version": "0.33.0"}
    assert "qwen3:8b" in [model["name"] for model in call(fake_provider, "/api/tags", headers={}).json["models"]]
    assert call(fake_provider, "/api/show", {"model": "none"}, headers={}).status == 404


def test_ollama_pulls_a_model() -> None:
    with FakeProvider() as fake:
        lines = call(fake, "/api/pull", {"model": "plain:1b"}, headers={}).lines
        assert lines[-1] == {"status": "success"}
        assert [line["completed"] for line in lines if "completed" in line][-1] == lines[1]["total"]
        assert ollama(fake, "SAY=x", model="plain:1b", stream=False).json["message"]["content"] == "x"
        assert "does not support tools" in ollama(fake, "x", model="plain:1b", tools=[CHAT_TOOL]).json["error"]


def test_azure_takes_the_model_from_the_path(fake_provider: FakeProvider) -> None:
    body = {"messages": [{"role": "user", "content": "SAY=x"}], "stream": True}
    path = "/openai/deployments/my-gpt/chat/completions?api-version=2026-10-21"
    reply = call(fake_provider, path, body, headers={"api-key": GOOD_KEY})
    assert reply.events[0]["choices"] == []
    assert fake_provider.talks[-1].model == "my-gpt"


def test_embeddings_come_in_both_encodings(fake_provider: FakeProvider) -> None:
    body = {"model": "e", "input": ["a b", "c"], "dimensions": 4}
    plain = call(fake_provider, "/v1/embeddings", body).json["data"][1]["embedding"]
    packed = call(fake_provider, "/v1/embeddings", {**body, "encoding_format": "base64"}).json["data"][1]["embedding"]
    assert list(struct.unpack("<4f", base64.b64decode(packed))) == plain


def test_the_calls_without_conversation_answer(fake_provider: FakeProvider) -> None:
    assert call(fake_provider, "/v1/images/generations", {"model": "i", "prompt": "cat"}).json["data"][0]["b64_json"]
    assert call(fake_provider, "/v1/moderations", {"input": "FLAG"}).json["results"][0]["flagged"]
    ranked = call(fake_provider, "/v1/rerank", {"model": "r", "query": "q", "documents": ["a", "b"], "top_n": 1})
    assert ranked.json["results"] == [{"index": 1, "relevance_score": 1.0}]
    spoken = call(fake_provider, "/v1/audio/speech", {"model": "s", "input": "hi"})
    assert spoken.headers["content-type"] == "audio/mpeg"
    form = (
        b'--B\r\nContent-Disposition: form-data; name="model"\r\n\r\nwhisper\r\n--B\r\nContent-Disposition: form-data; '
        b'name="file"; filename="a.wav"\r\nContent-Type: audio/wav\r\n\r\n12345\r\n--B--\r\n'
    )
    heard = call(
        fake_provider,
        "/v1/audio/transcriptions",
        form,
        headers={**BEARER, "content-type": "multipart/form-data; boundary=B"},
    )
    assert heard.json["text"] == "heard 5 bytes ✓"
    assert fake_provider.talks[-1].model == "whisper"


@pytest.mark.parametrize(
    "path", ["/v1/messages", "/v1/chat/completions", "/v1/responses", "/api/paas/v4/chat/completions"]
)
def test_a_wrong_key_is_refused_on_every_wire(fake_provider: FakeProvider, path: str) -> None:
    headers = {"authorization": "Bearer sk-fake-wrong", "anthropic-version": "2023-06-01"}
    reply = call(fake_provider, path, {"model": "m", "messages": []}, headers=headers)
    assert reply.status == 401
    assert "sk-fake-wrong" not in json.dumps(reply.json)


def test_anthropic_s_version_is_demanded(fake_provider: FakeProvider) -> None:
    headers = {"x-api-key": ANTHROPIC["x-api-key"]}
    assert call(fake_provider, "/v1/messages", {"model": "m"}, headers=headers).status == 400
