"""What clients of this wire ask, as a conversation."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from trunkline.errors import Failure, InvalidRequest
from trunkline.model.conversation import (
    Audio,
    Conversation,
    Document,
    Image,
    Opaque,
    Refusal,
    Shape,
    Text,
    Thinking,
    Thought,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
    Turn,
)
from trunkline.wire.openai_chat.read import read as read_body

ASK: dict[str, Any] = {"role": "user", "content": "hi"}


def read(*messages: Any, **more: Any) -> Conversation:
    return read_body({"model": "m", "messages": list(messages) or [ASK], **more}, model="m", streamed=False)


def call(told: str, name: str = "f", arguments: str = "{}") -> dict[str, Any]:
    return {"id": told, "type": "function", "function": {"name": name, "arguments": arguments}}


def test_leading_system_and_developer_words_are_the_system() -> None:
    got = read(
        {"role": "developer", "content": "a"}, {"role": "system", "content": [{"type": "text", "text": "b"}]}, ASK
    )
    assert got.system == [Text("a"), Text("b")]
    assert got.turns == [Turn("user", [Text("hi")])]


def test_a_system_message_in_the_middle_stays_there() -> None:
    got = read(ASK, {"role": "developer", "content": "now"}, ASK)
    assert got.turns[1] == Turn("system", [Text("now")], developer=True)


def test_results_that_follow_one_another_are_one_turn_with_the_users_words_behind_them() -> None:
    got = read(
        ASK, {"role": "assistant", "content": None, "tool_calls": [call("a"), call("b", "g", '{"x":1}')]},
        {"role": "tool", "tool_call_id": "a", "content": "one"}, {"role": "tool", "tool_call_id": "b", "content": [{"type": "text", "text": "two"}]},
        {"role": "user", "content": "and?"},
    )  # fmt: skip
    assert got.turns[1:] == [
        Turn("assistant", [ToolCall("a", "f", "{}"), ToolCall("b", "g", '{"x":1}')]),
        Turn("user", [ToolResult("a", [Text("one")]), ToolResult("b", [Text("two")]), Text("and?")]),
    ]


def test_legacy_functions_are_tools_and_their_results_find_their_calls() -> None:
    got = read(
        ASK, {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "function", "name": "f", "content": "one"},
        functions=[{"name": "f", "parameters": {"type": "object"}}], function_call={"name": "f"},
    )  # fmt: skip
    made, result = got.turns[1].parts[0], got.turns[2].parts[0]
    assert isinstance(made, ToolCall) and isinstance(result, ToolResult) and made.id == result.id != ""
    assert got.tools == [Tool("f", schema={"type": "object"})]
    assert got.choice == ToolChoice("one", "f", parallel=False)


def test_parts_of_every_kind() -> None:
    parts: list[dict[str, Any]] = [
        {"type": "text", "text": "see"},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png", "detail": "low"}},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
        {"type": "image_url", "image_url": {"url": "iVBORw0KGgo="}},
        {"type": "input_audio", "input_audio": {"data": "BBBB", "format": "mp3"}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,CCCC"}},
        {"type": "file", "file": {"file_id": "file-1"}},
        {"type": "video_url", "video_url": {"url": "https://example.com"}},
    ]
    assert read({"role": "user", "content": parts, "name": "eve"}).turns == [
        Turn(
            "user",
            [
                Text("see"),
                Image(url="https://example.com/a.png", detail="low"),
                Image(data="AAAA", media_type="image/png"),
                Image(data="iVBORw0KGgo=", media_type="image/png"),
                Audio("BBBB", "mp3"),
                Document(data="CCCC", media_type="application/pdf", title="a.pdf"),
                Opaque("openai_chat", parts[6], "[a file that only its vendor holds: file-1]"),
                Opaque("openai_chat", parts[7]),
            ],
            "eve",
        )
    ]


def test_what_an_assistant_said_in_every_form() -> None:
    got = read(
        ASK,
        {
            "role": "assistant", "reasoning_content": "hm", "content": [{"type": "text", "text": "a"}, {"type": "refusal", "refusal": "no"}],
            "refusal": "never", "tool_calls": [{"id": "p", "type": "custom", "custom": {"name": "patch", "input": "*** x"}}],
        },
    )  # fmt: skip
    assert got.turns[1].parts == [
        Thinking("hm"), Text("a"), Refusal("no"), Refusal("never"), ToolCall("p", "patch", "*** x", custom=True),
    ]  # fmt: skip


def test_an_assistant_may_say_nothing_beside_its_calls() -> None:
    assert read(ASK, {"role": "assistant", "tool_calls": [call("a")]}).turns[1].parts == [ToolCall("a", "f", "{}")]
    assert read(ASK, {"role": "assistant", "content": ""}).turns[1].parts == []


def test_tools_of_every_kind() -> None:
    search = {"type": "web_search", "web_search": {"enable": True}}
    got = read(
        tools=[
            {
                "type": "function",
                "function": {"name": "f", "description": "d", "parameters": {"type": "object"}, "strict": True},
            },
            {
                "type": "custom",
                "custom": {
                    "name": "p",
                    "format": {"type": "grammar", "grammar": {"syntax": "lark", "definition": "x"}},
                },
            },
            search,
        ],
        web_search_options={"search_context_size": "low"},
    )
    assert got.tools == [
        Tool("f", "d", {"type": "object"}, True),
        Tool("p", custom=True, grammar={"type": "grammar", "syntax": "lark", "definition": "x"}),
        Tool("web_search", server=True, kind="web_search", raw=search, origin="openai_chat"),
        Tool(
            "web_search",
            server=True,
            kind="web_search",
            raw={"web_search_options": {"search_context_size": "low"}},
            origin="openai_chat",
        ),
    ]


@pytest.mark.parametrize(
    ("said", "choice"),
    [
        ({}, None),
        ({"tool_choice": "auto"}, ToolChoice()),
        ({"tool_choice": "none"}, ToolChoice("none")),
        ({"tool_choice": "required", "parallel_tool_calls": False}, ToolChoice("any", parallel=False)),
        ({"parallel_tool_calls": True}, ToolChoice(parallel=True)),
        ({"tool_choice": {"type": "function", "function": {"name": "f"}}}, ToolChoice("one", "f")),
        ({"tool_choice": {"type": "custom", "custom": {"name": "p"}}}, ToolChoice("one", "p")),
        (
            {
                "tool_choice": {
                    "type": "allowed_tools",
                    "allowed_tools": {"mode": "required", "tools": [{"type": "function", "function": {"name": "f"}}]},
                }
            },
            ToolChoice("any", allowed=("f",)),
        ),
        ({"function_call": "none"}, ToolChoice("none")),
    ],
)
def test_choices(said: dict[str, Any], choice: ToolChoice | None) -> None:
    assert read(**said).choice == choice


@pytest.mark.parametrize(
    ("said", "shape"),
    [
        ({"type": "text"}, None),
        ({"type": "json_object"}, Shape("json")),
        (
            {"type": "json_schema", "json_schema": {"name": "n", "schema": {"type": "object"}, "strict": True}},
            Shape("schema", "n", {"type": "object"}, True),
        ),
    ],
)
def test_shapes(said: dict[str, Any], shape: Shape | None) -> None:
    assert read(response_format=said).shape == shape


@pytest.mark.parametrize(
    ("said", "thought"),
    [
        ({}, Thought()),
        ({"reasoning_effort": "high"}, Thought("on", effort="high")),
        ({"reasoning_effort": "none"}, Thought("off", effort="none")),
        ({"reasoning": {"max_tokens": 2000, "exclude": True}}, Thought("on", budget=2000, shown=False)),
        ({"reasoning": {"enabled": False}}, Thought("off")),
        ({"thinking": {"type": "disabled"}}, Thought("off")),
        ({"thinking": {"type": "enabled"}, "reasoning_effort": "max"}, Thought("on", effort="max")),
    ],
)
def test_thinking(said: dict[str, Any], thought: Thought) -> None:
    assert read(**said).thought == thought


def test_the_rest_of_the_settings() -> None:
    got = read(
        max_tokens=5, max_completion_tokens=9.0, stop="x", temperature=0, top_p=1, top_k=4, seed=7, presence_penalty=1, frequency_penalty=2,
        logit_bias={"1": 2}, n=2, logprobs=True, top_logprobs=3, user="u", prompt_cache_key="s", verbosity="low",
        stream_options={"include_usage": True}, store=False, metadata={"a": "b"}, service_tier=None, brand_new=1,
    )  # fmt: skip
    assert (got.limit, got.stop, got.count, got.logprobs, got.user, got.session, got.verbosity) == (
        9,
        ["x"],
        2,
        3,
        "u",
        "s",
        "low",
    )
    sampling = got.sampling
    assert (sampling.temperature, sampling.top_p, sampling.top_k, sampling.seed) == (0, 1, 4, 7)
    assert (sampling.presence, sampling.frequency, sampling.logit_bias) == (1, 2, {"1": 2})
    assert got.usage_asked and got.own == {"store": False, "metadata": {"a": "b"}, "brand_new": 1}
    assert read(logprobs=True).logprobs == 0 and read(logprobs=False).logprobs is None
    assert read(stop=["a", "", "b"]).stop == ["a", "b"]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "messages"),
        ({"messages": []}, "messages"),
        ({"messages": [3]}, "messages[0]"),
        ({"messages": [{"content": "a"}]}, "messages[0].role"),
        ({"messages": [{"role": "user"}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": 3}]}, "messages[0].content"),
        ({"messages": [{"role": "user", "content": [{"text": "a"}]}]}, "messages[0].content[0].type"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "file:///etc"}}]}]},
            "messages[0].content[0].image_url.url",
        ),
        ({"messages": [{"role": "tool", "content": "a"}]}, "messages[0].tool_call_id"),
        ({"messages": [{"role": "assistant", "tool_calls": [{"type": "function"}]}]}, "messages[0].tool_calls[0].id"),
        ({"messages": [{"role": "assistant", "tool_calls": [{"id": "a"}]}]}, "messages[0].tool_calls[0].function.name"),
        ({"messages": [ASK], "max_tokens": 0}, "max_tokens"),
        ({"messages": [ASK], "max_tokens": "9"}, "max_tokens"),
        ({"messages": [ASK], "temperature": "hot"}, "temperature"),
        ({"messages": [ASK], "stop": [1]}, "stop"),
        ({"messages": [ASK], "tools": {}}, "tools"),
        ({"messages": [ASK], "tools": [{"type": "function"}]}, "tools[0].function"),
        ({"messages": [ASK], "tools": [{"type": "function", "function": {}}]}, "tools[0].function.name"),
        ({"messages": [ASK], "tool_choice": "maybe"}, "tool_choice"),
        ({"messages": [ASK], "response_format": {"type": "yaml"}}, "response_format.type"),
        ({"messages": [ASK], "reasoning_effort": "enormous"}, "reasoning_effort"),
    ],
)
def test_what_means_nothing_is_refused_by_name(body: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        read_body(body, model="m", streamed=False)
    assert caught.value.param == param
    assert param in caught.value.message


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 2) | st.sampled_from(["", "user", "tool", "text", "function", "a"]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.sampled_from(["role", "content", "type", "text", "id", "function", "name", "tool_calls"]), inner, max_size=4),
    max_leaves=8,
)  # fmt: skip


@settings(max_examples=60, deadline=None)
@given(
    st.fixed_dictionaries(
        {"messages": JSON | st.lists(JSON, max_size=3)},
        optional=dict.fromkeys(["tools", "tool_choice", "stop", "response_format", "reasoning", "thinking", "n", "functions", "function_call", "stream_options"], JSON),
    )
)  # fmt: skip
def test_whatever_a_client_sends_is_read_or_refused(body: dict[str, Any]) -> None:
    try:
        read_body(body, model="m", streamed=False)
    except Failure as failure:
        assert failure.status == 400
