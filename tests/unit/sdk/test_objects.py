"""Answers read as LiteLLM's and OpenAI's objects do."""

from __future__ import annotations

import copy
import json
import pickle

import pytest

from trunkline.sdk.build import stream_chunk_builder
from trunkline.sdk.forms import encoded, seconds, strict
from trunkline.sdk.responses import Message, ModelResponse, chunk, vectors, whole

TOLD = {
    "id": "chatcmpl-1",
    "object": "chat.completion",
    "created": 7,
    "model": "glm-4.6",
    "choices": [
        {
            "index": 0,
            "finish_reason": "tool_calls",
            "message": {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"id": "c1", "type": "function", "function": {"name": "f", "arguments": "{}"}}],
            },
        }
    ],
    "usage": {
        "prompt_tokens": 5,
        "completion_tokens": 2,
        "total_tokens": 7,
        "prompt_tokens_details": {"cached_tokens": 3},
    },
    "a_new_member": {"of": "theirs"},
}


def test_by_attribute_by_item_and_as_data() -> None:
    made = whole(TOLD)
    call = made.choices[0].message.tool_calls[0]
    assert (
        call.function.name == call["function"]["name"] == made["choices"][0]["message"]["tool_calls"][0].function.name
    )
    assert (made.usage.total_tokens, made.get("usage")["prompt_tokens"], made.get("nothing", 1)) == (7, 5, 1)
    assert made.usage.prompt_tokens_details.cached_tokens == made.usage.cache_read_input_tokens == 3
    assert "choices" in made and "nothing" not in made
    assert made.a_new_member == {"of": "theirs"}
    assert made.choices[0].message.function_call is None
    dumped = made.model_dump()
    assert dumped == made.json() == made.dict() == made.to_dict() == json.loads(made.model_dump_json())
    assert dumped["choices"][0]["message"]["tool_calls"][0]["function"] == {"name": "f", "arguments": "{}"}
    assert "system_fingerprint" not in dumped and "_hidden_params" not in dumped
    assert "function_call" not in made.model_dump(exclude_none=True)["choices"][0]["message"]
    message = made.choices[0].message
    assert message.model_dump(include={"role", "content"}) == {"role": "assistant", "content": None}
    assert "role" not in message.model_dump(exclude={"role"}) and "content" in message.model_dump(exclude=None)
    assert dict(made)["model"] == {**made}["model"] == "glm-4.6"
    made.choices[0].message.content = "changed"
    made["model"] = "other"
    assert (made.choices[0]["message"].content, made.model) == ("changed", "other")


def test_what_is_not_there_says_so() -> None:
    made = whole(TOLD)
    with pytest.raises(AttributeError):
        _ = made.nothing
    with pytest.raises(KeyError):
        _ = made["nothing"]


def test_copies_compare_and_travel() -> None:
    made = whole(TOLD)
    made._hidden_params["response_cost"] = 0.5
    for other in (copy.deepcopy(made), pickle.loads(pickle.dumps(made)), made.model_copy()):
        assert other == made and other._hidden_params["response_cost"] == 0.5
    assert ModelResponse.model_validate(made.model_dump()) == made
    assert made.model_copy(update={"model": "x"}) != made
    assert repr(made).startswith("ModelResponse(id='chatcmpl-1', created=7, model='glm-4.6'")


def test_records_share_no_defaults() -> None:
    one, other = ModelResponse(), ModelResponse()
    one.choices.append(1)
    assert other.choices == []


def test_a_message_goes_back_as_it_came() -> None:
    message = whole(TOLD).choices[0].message
    sent = json.loads(encoded({"messages": [message, Message(content="x")]}, "m"))["messages"]
    assert sent[0]["tool_calls"][0]["id"] == "c1" and "function_call" not in sent[0]
    assert sent[1] == {"role": "assistant", "content": "x"}


def test_a_chunk_always_has_a_choice() -> None:
    last = chunk({"id": "x", "choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1, "total_tokens": 2}})
    assert (last.choices[0].delta.content, last.choices[0].finish_reason, last.usage.total_tokens) == (None, None, 2)
    assert "usage" not in chunk({"id": "x", "choices": [{"index": 0, "delta": {"content": "a"}}], "usage": None})


def test_chunks_are_put_together() -> None:
    def piece(delta: dict[str, object], reason: str | None = None, index: int = 0) -> object:
        return chunk({"id": "x", "model": "m", "choices": [{"index": index, "delta": delta, "finish_reason": reason}]})

    def call(index: int, **more: object) -> dict[str, object]:
        return {"tool_calls": [{"index": index, **more}]}

    made = stream_chunk_builder(
        [
            piece({"role": "assistant", "content": "a"}),
            piece({"reasoning_content": "hm"}),
            piece({"content": "b"}, index=1),
            piece({"content": "c"}),
            piece(call(0, id="1", function={"name": "f", "arguments": ""})),
            piece(call(1, id="2", function={"name": "g", "arguments": "{"})),
            piece(call(0, function={"arguments": "[]"})),
            piece(call(1, function={"arguments": "}"})),
            piece({}, "tool_calls"),
            chunk({"id": "x", "choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 2, "total_tokens": 3}}),
        ]
    )
    assert made is not None
    first, second = made.choices
    assert (first.message.content, first.message.reasoning_content, first.finish_reason) == ("ac", "hm", "tool_calls")
    assert [(each.id, each.function.name, each.function.arguments) for each in first.message.tool_calls] == [
        ("1", "f", "[]"),
        ("2", "g", "{}"),
    ]
    assert (second.message.content, made.usage.total_tokens) == ("b", 3)
    assert stream_chunk_builder([]) is None


def test_vectors_read_both_ways() -> None:
    made = vectors({"model": "e", "data": [{"embedding": [1.0], "index": 0}], "usage": {"prompt_tokens": 1}})
    assert made.data[0].embedding == made["data"][0]["embedding"] == [1.0]


def test_time_outs_as_people_write_them() -> None:
    class Limits:
        read = 4.0

    assert [seconds(each) for each in (None, 2, "3.5", Limits())] == [None, 2, 3.5, 4.0]


def test_a_schema_is_made_strict() -> None:
    made = strict(
        {
            "type": "object",
            "properties": {"default": {"type": "string", "default": None}, "b": {"$ref": "#/$defs/B"}},
            "$defs": {"B": {"type": "object", "properties": {"c": {"type": "integer"}}}},
            "required": ["b"],
        }
    )
    assert made["required"] == ["default", "b"] and made["additionalProperties"] is False
    assert made["properties"]["default"] == {"type": "string"}
    assert made["$defs"]["B"]["required"] == ["c"]
