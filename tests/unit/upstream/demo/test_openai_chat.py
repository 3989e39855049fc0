"""The OpenAI SDK talks to the demo: chat, completions, embeddings."""

from __future__ import annotations

import base64
import math
import struct
from typing import Any

import openai
import pytest

from tests.unit.upstream.demo.serving import CLOCK, ask, events, raw

BASH: Any = {
    "type": "function",
    "function": {
        "name": "bash",
        "parameters": {"type": "object", "properties": {"command": {"type": "string"}}, "required": ["command"]},
    },
}
PATCH: Any = {"type": "custom", "custom": {"name": "apply_patch"}}


def hello(text: Any, **more: Any) -> dict[str, Any]:
    return {"model": "echo", "messages": [{"role": "user", "content": text}], **more}


def test_the_first_hello_is_answered(gpt: openai.OpenAI) -> None:
    answer = gpt.chat.completions.create(**hello("hi there"))
    choice = answer.choices[0]
    assert "“hi there”" in (choice.message.content or "")
    assert (choice.finish_reason, answer.created) == ("stop", int(CLOCK))
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens > 20


def test_a_stream_adds_up_to_the_whole_answer(gpt: openai.OpenAI) -> None:
    request = hello('call bash {"command": "ls ✓"}, call bash pwd', tools=[BASH], reasoning_effort="high")
    whole = gpt.chat.completions.create(**request)
    with gpt.chat.completions.stream(**request, stream_options={"include_usage": True}) as stream:
        folded = stream.get_final_completion()
    message: Any = folded.choices[0].message
    assert message.content == whole.choices[0].message.content
    assert [one.function.arguments for one in message.tool_calls] == ['{"command":"ls ✓"}', '{"command":"pwd"}']
    assert len({one.id for one in message.tool_calls}) == 2
    assert folded.choices[0].finish_reason == "tool_calls"
    assert folded.usage is not None and whole.usage is not None
    assert folded.usage.completion_tokens == whole.usage.completion_tokens
    assert whole.choices[0].message.to_dict()["reasoning_content"]


def test_a_stream_ends_with_done_and_tells_usage_only_when_asked() -> None:
    plain = raw("/chat/completions", hello("hi", stream=True))
    asked = raw("/chat/completions", hello("hi", stream=True, stream_options={"include_usage": True}))
    assert plain.endswith(b"data: [DONE]\n\n") and asked.endswith(b"data: [DONE]\n\n")
    assert not any("usage" in one for one in events(plain))
    assert [bool(one["usage"]) for one in events(asked)].count(True) == 1
    assert events(asked)[-1]["choices"] == []


def test_a_free_text_tool_gets_the_text_that_follows() -> None:
    patch = "*** Begin Patch\n*** Add File: a.txt\n+call me\n*** End Patch"
    _, answer = ask("/chat/completions", hello(f"call apply_patch {patch}", tools=[PATCH, BASH]))
    assert answer["choices"][0]["message"]["tool_calls"][0]["custom"] == {"name": "apply_patch", "input": patch}
    _, answer = ask("/chat/completions", hello(f"call apply_patch {patch}\ncall bash ls", tools=[PATCH, BASH]))
    assert [one["type"] for one in answer["choices"][0]["message"]["tool_calls"]] == ["custom", "function"]


def test_a_tool_s_answer_is_quoted(gpt: openai.OpenAI) -> None:
    call = {"id": "call_1", "type": "function", "function": {"name": "bash", "arguments": "{}"}}
    request = hello("call bash ls", tools=[BASH])
    request["messages"] += [
        {"role": "assistant", "content": None, "tool_calls": [call, {**call, "id": "call_2"}]},
        {"role": "tool", "tool_call_id": "call_1", "content": "one"},
        {"role": "tool", "tool_call_id": "call_2", "content": "two"},
    ]
    said = gpt.chat.completions.create(**request).choices[0].message.content
    assert said == "bash answered: “one”\nbash answered: “two”"


@pytest.mark.parametrize(
    "choice",
    [
        "required",
        {"type": "function", "function": {"name": "bash"}},
        {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [BASH]}},
    ],
)
def test_a_demanded_call_is_made(choice: Any) -> None:
    _, answer = ask("/chat/completions", hello("hi", tools=[BASH, PATCH], tool_choice=choice))
    message = answer["choices"][0]["message"]
    assert message["content"] is None
    assert message["tool_calls"][0]["function"] == {"name": "bash", "arguments": '{"command":"demo"}'}


def test_a_mistake_in_an_instruction_is_told() -> None:
    _, answer = ask("/chat/completions", hello('call bash {"command": ls}', tools=[BASH]))
    assert "what follows its name is not a JSON object" in answer["choices"][0]["message"]["content"]
    _, answer = ask("/chat/completions", hello('call zsh {"command": "ls"}', tools=[BASH]))
    assert "zsh: it is not among the tools" in answer["choices"][0]["message"]["content"]
    _, answer = ask("/chat/completions", hello("call apply_patch *** Begin Patch", tools=[BASH]))
    assert "apply_patch: it is not among the tools" in answer["choices"][0]["message"]["content"]
    _, answer = ask("/chat/completions", hello("call me when you are done", tools=[BASH]))
    assert "could not" not in answer["choices"][0]["message"]["content"]


def test_structured_output_is_json_of_its_schema() -> None:
    schema = {
        "type": "object",
        "properties": {"when": {"type": "string", "format": "date"}, "ok": {"$ref": "#/$defs/Ok"}},
        "required": ["when", "ok"],
        "$defs": {"Ok": {"anyOf": [{"type": "boolean"}, {"type": "null"}]}},
    }
    form = {"type": "json_schema", "json_schema": {"name": "x", "schema": schema}}
    _, answer = ask("/chat/completions", hello("hi", response_format=form))
    assert answer["choices"][0]["message"]["content"] == '{"when":"2026-01-01","ok":false}'
    _, answer = ask("/chat/completions", hello("json?", response_format={"type": "json_object"}))
    assert answer["choices"][0]["message"]["content"].startswith('{"model":')


def test_the_limit_and_the_stop_are_honoured() -> None:
    _, answer = ask("/chat/completions", hello("hi", max_completion_tokens=1))
    assert (answer["choices"][0]["message"]["content"], answer["choices"][0]["finish_reason"]) == ("Hell", "length")
    _, answer = ask("/chat/completions", hello("hi", stop="!"))
    assert (answer["choices"][0]["message"]["content"], answer["choices"][0]["finish_reason"]) == ("Hello", "stop")


def test_two_choices_are_refused(gpt: openai.OpenAI) -> None:
    with pytest.raises(openai.BadRequestError) as caught:
        gpt.chat.completions.create(**hello("hi", n=2))
    assert caught.value.param == "n"
    assert "one answer at a time" in caught.value.message


def test_old_completions_answer_too(gpt: openai.OpenAI) -> None:
    whole = gpt.completions.create(model="echo", prompt="Once upon a time")
    streamed = gpt.completions.create(model="echo", prompt="Once upon a time", stream=True)
    assert "".join(one.choices[0].text for one in streamed) == whole.choices[0].text
    assert "“Once upon a time”" in whole.choices[0].text


def test_embeddings_are_unit_vectors_and_the_same_in_both_codings(gpt: openai.OpenAI) -> None:
    by_default = gpt.embeddings.create(model="echo", input=["a red fox", "a red box", "tax law"])
    as_floats = gpt.embeddings.create(model="echo", input="a red fox", encoding_format="float")
    fox, box, law = (one.embedding for one in by_default.data)
    assert fox == pytest.approx(as_floats.data[0].embedding)
    assert math.hypot(*fox) == pytest.approx(1, abs=1e-6)
    assert sum(map(float.__mul__, fox, box)) > 0.5 > abs(sum(map(float.__mul__, fox, law)))
    assert len(gpt.embeddings.create(model="echo", input=[1, 2, 3], dimensions=7).data[0].embedding) == 7


def test_base64_embeddings_are_little_endian_floats() -> None:
    _, answer = ask("/embeddings", {"model": "echo", "input": "x", "dimensions": 2, "encoding_format": "base64"})
    values = struct.unpack("<2f", base64.b64decode(answer["data"][0]["embedding"]))
    assert math.hypot(*values) == pytest.approx(1, abs=1e-6)


def test_more_numbers_than_a_demo_should_give_are_refused() -> None:
    status, answer = ask("/embeddings", {"model": "echo", "input": ["x"] * 129, "dimensions": 4096})
    assert (status, answer["error"]["param"]) == (400, "input")


def test_what_the_demo_cannot_do_is_said() -> None:
    status, answer = ask("/images/generations", {"model": "echo"})
    assert status == 400
    assert "does not answer POST /images/generations" in answer["error"]["message"]
    assert "ZAI_API_KEY" in answer["error"]["message"]
