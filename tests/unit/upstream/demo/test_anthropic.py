"""The Anthropic SDK talks to the demo."""

from __future__ import annotations

from typing import Any

import anthropic
import pytest

from tests.unit.upstream.demo.serving import ask, events, raw, without_ids

WEATHER: Any = {
    "name": "get_weather",
    "description": "The weather.",
    "input_schema": {
        "type": "object",
        "properties": {"city": {"type": "string"}, "unit": {"enum": ["C", "F"]}, "days": {"type": "integer"}},
        "required": ["city", "unit", "days"],
    },
}
BASH: Any = {
    "name": "Bash",
    "input_schema": {"type": "object", "properties": {"command": {"type": "string"}}, "required": ["command"]},
}


def hello(text: Any, **more: Any) -> dict[str, Any]:
    return {"model": "echo", "max_tokens": 1000, "messages": [{"role": "user", "content": text}], **more}


def test_the_first_hello_is_answered_with_an_echo_and_the_way_to_a_real_model(claude: anthropic.Anthropic) -> None:
    message = claude.messages.create(**hello("hi there"))
    block = message.content[0]
    assert block.type == "text"
    assert "“hi there”" in block.text
    assert "ZAI_API_KEY" in block.text
    assert (message.stop_reason, message.model) == ("end_turn", "echo")
    assert message.usage.input_tokens > 0
    assert message.usage.output_tokens > 20
    assert message.usage.cache_read_input_tokens == 0


def test_a_stream_adds_up_to_the_whole_answer(claude: anthropic.Anthropic) -> None:
    request = hello('call get_weather {"city": "Zürich ✓"} and call Bash ls', tools=[BASH, WEATHER])
    request["thinking"] = {"type": "enabled", "budget_tokens": 1024}
    request["max_tokens"] = 2000
    whole = claude.messages.create(**request)
    with claude.messages.stream(**request) as stream:
        texts = list(stream.text_stream)
        folded = stream.get_final_message()
    assert len(texts) > 3
    assert without_ids(folded.to_dict()["content"]) == without_ids(whole.to_dict()["content"])
    assert folded.usage.output_tokens == whole.usage.output_tokens
    assert folded.stop_reason == "tool_use"
    assert [one.type for one in whole.content] == ["thinking", "text", "tool_use", "tool_use"]


def test_two_lines_of_instruction_are_two_parallel_calls(claude: anthropic.Anthropic) -> None:
    said = 'call get_weather {"city": "Rome"}\nand call Bash echo hi there'
    message = claude.messages.create(**hello(said, tools=[WEATHER, BASH]))
    calls = [one for one in message.content if one.type == "tool_use"]
    assert [(one.name, one.input) for one in calls] == [
        ("get_weather", {"city": "Rome"}),
        ("Bash", {"command": "echo hi there"}),
    ]
    assert len({one.id for one in calls}) == 2


def test_without_parallel_calls_the_second_follows_the_first_result() -> None:
    body = hello("call Bash one\ncall Bash two", tools=[BASH])
    body["tool_choice"] = {"type": "auto", "disable_parallel_tool_use": True}
    seen = []
    for _ in range(3):
        _, message = ask("/v1/messages", body)
        calls = [one for one in message["content"] if one["type"] == "tool_use"]
        seen.append([one["input"]["command"] for one in calls])
        results = [{"type": "tool_result", "tool_use_id": one["id"], "content": "done"} for one in calls]
        body["messages"] += [{"role": "assistant", "content": message["content"]}, {"role": "user", "content": results}]
    assert seen == [["one"], ["two"], []]


def test_a_tool_result_is_quoted_and_the_reminder_beside_it_is_not(claude: anthropic.Anthropic) -> None:
    request = hello("call Bash ls", tools=[BASH])
    request["messages"] += [
        {"role": "assistant", "content": [{"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {}}]},
        {
            "role": "user",
            "content": [
                {"type": "tool_result", "tool_use_id": "toolu_1", "content": [{"type": "text", "text": "a.txt ✓"}]},
                {"type": "text", "text": "<system-reminder>be brief</system-reminder>"},
            ],
        },
        {"role": "system", "content": "<system-reminder>another</system-reminder>"},
    ]
    message = claude.messages.create(**request)
    assert message.content[0].to_dict()["text"] == "Bash answered: “a.txt ✓”"
    assert message.stop_reason == "end_turn"
    request["messages"][2]["content"][0]["is_error"] = True
    assert "reported an error" in claude.messages.create(**request).content[0].to_dict()["text"]


@pytest.mark.parametrize("choice", [{"type": "any"}, {"type": "tool", "name": "get_weather"}])
def test_a_demanded_call_has_the_least_arguments_its_schema_accepts(choice: Any, claude: anthropic.Anthropic) -> None:
    message = claude.messages.create(**hello("hi", tools=[WEATHER, BASH], tool_choice=choice))
    assert [one.to_dict().get("input") for one in message.content] == [{"city": "demo", "unit": "C", "days": 0}]
    assert message.stop_reason == "tool_use"


def test_a_demanded_call_of_a_tool_that_is_not_offered_is_refused(claude: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.BadRequestError, match="get_weather, which was not offered"):
        claude.messages.create(**hello("hi", tools=[BASH], tool_choice={"type": "tool", "name": "get_weather"}))


def test_results_are_quoted_in_the_order_of_their_calls() -> None:
    body = hello("call Bash one\ncall get_weather {}", tools=[BASH, WEATHER])
    _, message = ask("/v1/messages", body)
    first, second = (one["id"] for one in message["content"] if one["type"] == "tool_use")
    results = [
        {"type": "tool_result", "tool_use_id": one, "content": said} for one, said in [(second, "b"), (first, "a")]
    ]
    body["messages"] += [{"role": "assistant", "content": message["content"]}, {"role": "user", "content": results}]
    _, message = ask("/v1/messages", body)
    assert message["content"][0]["text"] == "Bash answered: “a”\nget_weather answered: “b”"


def test_an_agent_s_tool_for_structured_output_is_filled_once() -> None:
    tool = {**WEATHER, "name": "StructuredOutput"}
    body = hello("how is the weather?", tools=[BASH, tool])
    _, message = ask("/v1/messages", body)
    assert [one.get("input") for one in message["content"]] == [{"city": "demo", "unit": "C", "days": 0}]
    result = {"type": "tool_result", "tool_use_id": message["content"][0]["id"], "content": "ok"}
    body["messages"] += [{"role": "assistant", "content": message["content"]}, {"role": "user", "content": [result]}]
    assert ask("/v1/messages", body)[1]["stop_reason"] == "end_turn"


def test_thinking_that_is_to_be_omitted_still_comes_signed(claude: anthropic.Anthropic) -> None:
    request = hello("hi", thinking={"type": "adaptive", "display": "omitted"})
    with claude.messages.stream(**request) as stream:
        block = stream.get_final_message().content[0]
    assert block.type == "thinking"
    assert (block.thinking, bool(block.signature)) == ("", True)


def test_a_title_request_gets_json_of_its_schema() -> None:
    schema = {"type": "object", "properties": {"title": {"type": "string"}}, "required": ["title"]}
    form = {"format": {"type": "json_schema", "schema": schema}}
    _, message = ask("/v1/messages?beta=true", hello("Name this session.", output_config=form))
    assert message["content"][0]["text"] == '{"title":"demo"}'


@pytest.mark.parametrize("stream", [True, False])
def test_one_token_is_one_token(stream: bool, claude: anthropic.Anthropic) -> None:
    request = hello("quota")
    request["max_tokens"] = 1
    if stream:
        with claude.messages.stream(**request) as open_:
            message = open_.get_final_message()
    else:
        message = claude.messages.create(**request)
    assert (message.content[0].to_dict()["text"], message.stop_reason) == ("Hell", "max_tokens")
    assert message.usage.output_tokens == 1


def test_a_stop_sequence_ends_the_text_and_is_named(claude: anthropic.Anthropic) -> None:
    message = claude.messages.create(**hello("hi", stop_sequences=["nowhere", " demo"]))
    assert message.content[0].to_dict()["text"] == "Hello! I am Trunkline's"
    assert (message.stop_reason, message.stop_sequence) == ("stop_sequence", " demo")


def test_images_are_acknowledged(claude: anthropic.Anthropic) -> None:
    image = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBO" * 100_000}}
    message = claude.messages.create(**hello([image, {"type": "text", "text": "what is this?"}]))
    assert "I was shown 1 image." in message.content[0].to_dict()["text"]
    assert message.usage.input_tokens < 2000


def test_the_count_is_what_the_answer_reports(claude: anthropic.Anthropic) -> None:
    request = hello("hello " * 100, system="be brief", tools=[BASH])
    counted = claude.messages.count_tokens(**{k: v for k, v in request.items() if k != "max_tokens"})
    assert counted.input_tokens == claude.messages.create(**request).usage.input_tokens
    assert 150 < counted.input_tokens < 260


def test_an_agent_s_real_request_is_understood() -> None:
    tools = [{**BASH, "name": f"Tool{nth}", "description": "word " * 800} for nth in range(15)]
    body = {
        "model": "claude-opus-5-5",
        "max_tokens": 128000,
        "stream": True,
        "thinking": {"type": "adaptive", "display": "omitted"},
        "output_config": {"effort": "medium"},
        "context_management": {"edits": [{"type": "clear_thinking_20251015"}]},
        "metadata": {"user_id": '{"session": "1"}'},
        "system": [
            {"type": "text", "text": "x-anthropic-billing-header: cc_version=2;"},
            {"type": "text", "text": "You are an agent.", "cache_control": {"type": "ephemeral"}},
        ],
        "messages": [
            {
                "role": "user",
                "content": [
                    {"type": "text", "text": "<system-reminder>\nsecret aside\n</system-reminder>"},
                    {"type": "text", "text": "fix the bug"},
                ],
            },
            {"role": "system", "content": "# Environment", "output_config": {"effort": "medium"}},
        ],
        "tools": [*tools, BASH, {"type": "web_search_20250305", "name": "web_search"}],
    }
    seen = events(raw("/v1/messages", body))
    text = "".join(one["delta"].get("text", "") for one in seen if one["type"] == "content_block_delta")
    assert "“fix the bug”" in text
    assert "aside" not in text
    assert "call Bash echo hello" in text
    assert seen[0]["message"]["usage"]["input_tokens"] > 10_000
    assert [one["type"] for one in seen][-2:] == ["message_delta", "message_stop"]


def test_the_cache_can_be_warmed_with_no_output_at_all() -> None:
    status, message = ask("/v1/messages", {**hello("hi"), "max_tokens": 0})
    assert (status, message["content"], message["stop_reason"]) == (200, [], "max_tokens")


def test_an_old_helper_that_asks_for_a_command_prefix_is_not_misled() -> None:
    _, message = ask("/v1/messages", hello("<policy_spec>\n# Bash command prefix detection …</policy_spec>\nls"))
    assert message["content"][0]["text"] == "none"


def test_a_bad_request_gets_the_wire_s_own_error(claude: anthropic.Anthropic) -> None:
    with pytest.raises(anthropic.BadRequestError) as caught:
        claude.messages.create(model="echo", max_tokens=10, messages=[])
    body: Any = caught.value.body
    assert body["type"] == "error"
    assert body["error"]["type"] == "invalid_request_error"
    assert body["request_id"].startswith("req_")
