"""The Ollama SDK talks to the demo."""

from __future__ import annotations

import json
from typing import Any

import ollama
import pytest

from tests.unit.upstream.demo.serving import ask, raw

BASH: Any = {
    "type": "function",
    "function": {
        "name": "bash",
        "description": "d",
        "parameters": {"type": "object", "properties": {"command": {"type": "string"}}, "required": ["command"]},
    },
}


def said(text: str, **more: Any) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text, **more}]


def test_the_first_hello_is_answered(llama: ollama.Client) -> None:
    answer = llama.chat(model="echo", messages=said("hi there"))
    assert "“hi there”" in (answer.message.content or "")
    assert (answer.done, answer.done_reason) == (True, "stop")
    assert (answer.prompt_eval_count or 0) > 0 and (answer.eval_count or 0) > 20


def test_a_stream_adds_up_to_the_whole_answer(llama: ollama.Client) -> None:
    whole = llama.chat(model="echo", messages=said("call bash ls"), tools=[BASH], think=True)
    parts = list(llama.chat(model="echo", messages=said("call bash ls"), tools=[BASH], think=True, stream=True))
    assert "".join(one.message.content or "" for one in parts) == whole.message.content
    assert "".join(one.message.thinking or "" for one in parts) == whole.message.thinking
    calls = [call for one in parts for call in one.message.tool_calls or []]
    assert [(one.function.name, one.function.arguments) for one in calls] == [("bash", {"command": "ls"})]
    assert calls == whole.message.tool_calls
    assert [one.done for one in parts] == [False] * (len(parts) - 1) + [True]


def test_it_streams_unless_told_not_to() -> None:
    lines = raw("/api/chat", {"model": "echo", "messages": said("hi")}).splitlines()
    assert len(lines) > 5
    assert json.loads(lines[-1])["done"] is True


def test_a_tool_s_answer_is_quoted_and_images_are_counted(llama: ollama.Client) -> None:
    messages = said("call bash ls")
    messages += [
        {"role": "assistant", "content": "", "tool_calls": [{"function": {"name": "bash", "arguments": {}}}]},
        {"role": "tool", "tool_name": "bash", "content": "a.txt"},
    ]
    assert llama.chat(model="echo", messages=messages).message.content == "bash answered: “a.txt”"
    picture = llama.chat(model="echo", messages=said("see", images=["aGVsbG8=", "aGVsbG8="]))
    assert "I was shown 2 images." in (picture.message.content or "")
    later = [*said("call me Ishmael"), {"role": "assistant", "content": "Hello"}, *said("", images=["aGVsbG8="])]
    alone = llama.chat(model="echo", messages=later).message.content or ""
    assert "I was shown 1 image." in alone
    assert "Ishmael" not in alone


def test_generate_answers_in_text_or_json(llama: ollama.Client) -> None:
    whole = llama.generate(model="echo", prompt="hi there")
    assert "“hi there”" in (whole.response or "")
    assert (
        "".join(one.response or "" for one in llama.generate(model="echo", prompt="hi there", stream=True))
        == whole.response
    )
    schema = {"type": "object", "properties": {"age": {"type": "integer", "minimum": 3}}, "required": ["age"]}
    assert llama.generate(model="echo", prompt="hi", format=schema).response == '{"age":3}'
    assert "said" in json.loads(llama.generate(model="echo", prompt="hi", format="json").response or "")


def test_options_hold_the_answer(llama: ollama.Client) -> None:
    short = llama.chat(model="echo", messages=said("hi"), options={"num_predict": 1})
    assert (short.message.content, short.done_reason) == ("Hell", "length")
    stopped = llama.chat(model="echo", messages=said("hi"), options={"stop": ["!"], "num_predict": -1})
    assert (stopped.message.content, stopped.done_reason) == ("Hello", "stop")


def test_an_empty_question_loads_the_model(llama: ollama.Client) -> None:
    assert llama.generate(model="echo", prompt="").done_reason == "load"
    assert llama.chat(model="echo", messages=[], keep_alive=0).done_reason == "unload"


def test_vectors_in_the_new_and_the_old_form(llama: ollama.Client) -> None:
    new = llama.embed(model="echo", input=["red fox", "tax law"], dimensions=16)
    assert [len(one) for one in new.embeddings] == [16, 16]
    old = llama.embeddings(model="echo", prompt="red fox")
    assert list(old.embedding) == pytest.approx(list(llama.embed(model="echo", input="red fox").embeddings[0]))


def test_a_bad_request_gets_the_wire_s_own_error(llama: ollama.Client) -> None:
    with pytest.raises(ollama.ResponseError, match="role must be") as caught:
        llama.chat(model="echo", messages=[{"role": "king", "content": "hi"}])
    assert caught.value.status_code == 400
    assert ask("/api/pull", {"model": "x"})[1]["error"].startswith("The demo model does not answer POST /api/pull")
