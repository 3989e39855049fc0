"""The OpenAI SDK talks to the demo: responses, and what Codex sends."""

from __future__ import annotations

from typing import Any

import openai
import pytest

from tests.unit.upstream.demo.serving import ask, events, raw, without_ids

EXEC: Any = {
    "type": "function",
    "name": "exec_command",
    "strict": False,
    "parameters": {
        "type": "object",
        "properties": {"cmd": {"type": "string"}, "tty": {"type": "boolean"}},
        "required": ["cmd"],
    },
}
PATCH: Any = {
    "type": "custom",
    "name": "apply_patch",
    "format": {"type": "grammar", "syntax": "lark", "definition": "x"},
}
AGENTS: Any = {
    "type": "namespace",
    "name": "agents_v1",
    "tools": [{"type": "function", "name": "close_agent", "parameters": {"type": "object", "properties": {}}}],
}


def test_the_first_hello_is_answered(gpt: openai.OpenAI) -> None:
    answer = gpt.responses.create(model="echo", input="hi there")
    assert "“hi there”" in answer.output_text
    assert answer.status == "completed"
    assert answer.usage is not None
    assert answer.usage.total_tokens == answer.usage.input_tokens + answer.usage.output_tokens > 20


def test_a_stream_adds_up_to_the_whole_answer(gpt: openai.OpenAI) -> None:
    said = 'call exec_command {"cmd": "ls ✓"}\ncall apply_patch *** Begin Patch\n+x\n*** End Patch\n'
    request: Any = {"model": "echo", "input": said, "tools": [EXEC, PATCH], "reasoning": {"effort": "low"}}
    whole = gpt.responses.create(**request)
    with gpt.responses.stream(**request) as stream:
        folded = stream.get_final_response()
    assert [one.type for one in whole.output] == ["reasoning", "message", "function_call", "custom_tool_call"]
    parsed = ("parsed", "parsed_arguments")
    assert without_ids(folded.to_dict()["output"], *parsed) == without_ids(whole.to_dict()["output"])
    assert whole.output[3].to_dict()["input"] == "*** Begin Patch\n+x\n*** End Patch"


def codex(*items: Any) -> dict[str, Any]:
    def message(role: str, text: str) -> dict[str, Any]:
        return {"type": "message", "role": role, "content": [{"type": "input_text", "text": text}]}

    return {
        "model": "gpt-5.2-codex",
        "stream": True,
        "store": False,
        "instructions": "You are a coding agent.",
        "include": ["reasoning.encrypted_content"],
        "reasoning": {"effort": "medium", "summary": "auto"},
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "prompt_cache_key": "s-1",
        "client_metadata": {"x": "y"},
        "text": {"verbosity": "low"},
        "tools": [EXEC, PATCH, AGENTS, {"type": "web_search"}],
        "input": [
            message("developer", "<permissions instructions>none</permissions instructions>"),
            message("user", "<environment_context>\n  <cwd>/home</cwd>\n</environment_context>"),
            message("user", "call exec_command pwd"),
            *items,
        ],
    }


def test_codex_gets_every_item_done_and_a_completed_end() -> None:
    seen = events(raw("/v1/responses", codex()))
    assert [one["sequence_number"] for one in seen] == list(range(len(seen)))
    done = [one["item"] for one in seen if one["type"] == "response.output_item.done"]
    assert [one["type"] for one in done] == ["reasoning", "message", "function_call"]
    assert done[0]["encrypted_content"]
    assert done[2]["arguments"] == '{"cmd":"pwd"}'
    assert seen[0]["type"] == "response.created"
    last = seen[-1]
    assert (last["type"], last["response"]["output"]) == ("response.completed", done)
    assert {"input_tokens", "output_tokens", "total_tokens"} <= set(last["response"]["usage"])


def test_codex_s_tool_loop_comes_to_an_end() -> None:
    reasoning = {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "x"}
    call = {"type": "function_call", "call_id": "call_1", "name": "exec_command", "arguments": "{}"}
    output = {"type": "function_call_output", "call_id": "call_1", "output": "/home ✓"}
    seen = events(raw("/v1/responses", codex(reasoning, call, output)))
    text = "".join(one["delta"] for one in seen if one["type"] == "response.output_text.delta")
    assert text == "exec_command answered: “/home ✓”"


def test_a_namespaced_tool_keeps_its_namespace() -> None:
    _, answer = ask("/responses", {"model": "echo", "input": "call close_agent {}", "tools": [AGENTS]})
    assert answer["output"][1]["namespace"] == "agents_v1"


def test_a_limit_makes_the_response_incomplete(gpt: openai.OpenAI) -> None:
    answer = gpt.responses.create(model="echo", input="hi", max_output_tokens=1)
    assert (answer.output_text, answer.status) == ("Hell", "incomplete")
    assert answer.incomplete_details is not None
    assert answer.incomplete_details.reason == "max_output_tokens"
    seen = events(raw("/responses", {"model": "echo", "input": "hi", "max_output_tokens": 1, "stream": True}))
    assert seen[-1]["type"] == "response.incomplete"


def test_structured_output_is_json_of_its_schema() -> None:
    form = {"type": "json_schema", "name": "x", "schema": {"type": "object", "properties": {"n": {"type": "integer"}}}}
    form["schema"]["required"] = ["n"]  # type: ignore[index]
    _, answer = ask("/responses", {"model": "echo", "input": "hi", "text": {"format": form}})
    assert answer["output"][0]["content"][0]["text"] == '{"n":0}'


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"input": "hi"}, "model"),
        ({"model": "echo"}, "input"),
        ({"model": "echo", "input": [{"role": "king"}]}, "role"),
    ],
)
def test_a_bad_request_names_what_is_wrong(body: Any, param: str) -> None:
    status, answer = ask("/responses", body)
    assert status == 400
    assert param in answer["error"]["param"]
    assert answer["error"]["type"] == "invalid_request_error"
