"""What providers of this wire are sent, each in its dialect."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.unit.wire.catalogued import catalogued
from tests.unit.wire.openai_chat.making import GLM, OPENAI, VLLM, asked, said, user
from trunkline.errors import InvalidRequest
from trunkline.model.conversation import (
    Audio,
    Conversation,
    Document,
    Image,
    Opaque,
    Refusal,
    Sampling,
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
from trunkline.model.dialect import Dialect, Written
from trunkline.wire.openai_chat.read import read
from trunkline.wire.openai_chat.ways import _ROWS
from trunkline.wire.openai_chat.write import write

PLAIN = Dialect("openai_like", "some-model")
DEEPSEEK = Dialect("deepseek", "deepseek-chat", reasoning=True)
MISTRAL = Dialect("mistral", "mistral-small-latest", reasoning=True)
F = Tool("f", "does f", {"type": "object", "properties": {"x": {"type": "integer"}}})


def messages(conversation: Conversation, dialect: Dialect = PLAIN) -> list[dict[str, Any]]:
    found: Any = write(conversation, dialect).body["messages"]
    return list(found)


def body(conversation: Conversation, dialect: Dialect = PLAIN) -> dict[str, Any]:
    return dict(write(conversation, dialect).body)


def test_a_plain_question() -> None:
    assert body(asked(user("hi"), system=[Text("Be terse.")])) == {
        "model": "some-model",
        "messages": [{"role": "system", "content": "Be terse."}, {"role": "user", "content": "hi"}],
    }


def test_a_stream_asks_for_usage_where_it_may() -> None:
    got = body(asked(streamed=True))
    assert got["stream"] is True and got["stream_options"] == {"include_usage": True}
    assert "stream_options" not in body(asked(streamed=True), replace(PLAIN, asks_usage=False))


def test_system_words_are_joined_and_the_attribution_is_dropped() -> None:
    blocks = [Text("x-anthropic-billing-header: cc_version=1"), Text("a", cached="5m"), Text("b")]
    assert messages(asked(system=blocks))[0] == {"role": "system", "content": "a\n\nb"}
    assert messages(asked(system=blocks), OPENAI)[0] == {"role": "developer", "content": "a\n\nb"}


def test_calls_and_results_and_what_the_user_said_behind_them() -> None:
    talk = asked(
        user("go"), said(Thinking("hm", "sig", "anthropic"), "I will.", ToolCall("toolu_1", "f", '{"x":1}'), ToolCall("toolu_2", "g", "")),
        user(ToolResult("toolu_2", [Text("two")]), ToolResult("toolu_1", [Text("boom")], failed=True), "and now?"),
    )  # fmt: skip
    written = write(talk, PLAIN)
    assert written.body["messages"] == [
        {"role": "user", "content": "go"},
        {"role": "assistant", "content": "I will.", "tool_calls": [
            {"id": "toolu_1", "type": "function", "function": {"name": "f", "arguments": '{"x":1}'}},
            {"id": "toolu_2", "type": "function", "function": {"name": "g", "arguments": "{}"}},
        ]},
        {"role": "tool", "tool_call_id": "toolu_1", "content": "Error: boom"},
        {"role": "tool", "tool_call_id": "toolu_2", "content": "two"},
        {"role": "user", "content": "and now?"},
    ]  # fmt: skip
    assert written.lost == [] and written.repairs == []


def test_pictures_in_results_follow_all_of_them() -> None:
    picture = Image("AAAA", "image/png")
    talk = asked(
        user("go"), said(ToolCall("a", "f"), ToolCall("b", "g")),
        user(ToolResult("a", [Text("see"), picture]), ToolResult("b", [picture])),
    )  # fmt: skip
    got = messages(talk)
    assert [each["role"] for each in got] == ["user", "assistant", "tool", "tool", "user", "user"]
    assert [got[2]["content"], got[3]["content"]] == ["see", "(see the next message)"]
    assert got[4]["content"] == [
        {"type": "text", "text": "[image(s) returned by tool call a]"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}},
    ]


def test_a_model_that_cannot_see_is_told_that_there_was_a_picture() -> None:
    written = write(asked(user("look", Image("AAAA", "image/png"))), GLM)
    assert written.body["messages"] == [{"role": "user", "content": "look\n\n[image omitted: this model cannot see]"}]
    assert written.lost == ["image"]


def test_an_orphan_result_is_the_users_words_and_a_call_without_result_was_interrupted() -> None:
    talk = asked(user(ToolResult("gone", [Text("late")]), "hi"), said(ToolCall("a", "f")), user("never mind"))
    written = write(talk, PLAIN)
    got: Any = written.body["messages"]
    assert got[0]["content"] == "[The result of an earlier tool call gone]\n\nlate\n\nhi"
    assert got[2] == {"role": "tool", "tool_call_id": "a", "content": "[interrupted]"}
    assert got[3] == {"role": "user", "content": "never mind"}
    assert written.repairs == ["orphan_result", "interrupted_call"]


def test_ids_that_are_there_twice_are_told_apart() -> None:
    talk = asked(
        user("go"), said(ToolCall("call_0", "f"), ToolCall("call_0", "g")),
        user(ToolResult("call_0", [Text("one")]), ToolResult("call_0", [Text("two")])),
    )  # fmt: skip
    got = messages(talk)
    told = [each["id"] for each in got[1]["tool_calls"]]
    assert len(set(told)) == 2 and [each["tool_call_id"] for each in got[2:]] == told
    assert [each["content"] for each in got[2:]] == ["one", "two"]


def test_results_without_ids_find_their_calls() -> None:
    talk = asked(
        user("go"), said(ToolCall("a", "f"), ToolCall("b", "g")),
        user(ToolResult("", [Text("of g")], name="g"), ToolResult("", [Text("of f")], name="f")),
    )  # fmt: skip
    assert [(each["tool_call_id"], each["content"]) for each in messages(talk)[2:]] == [("a", "of f"), ("b", "of g")]


def test_long_ids_are_shortened_alike() -> None:
    long = "x" * 60
    got = messages(asked(user("go"), said(ToolCall(long, "f")), user(ToolResult(long, [Text("r")]))))
    assert len(got[1]["tool_calls"][0]["id"]) <= 40 and got[1]["tool_calls"][0]["id"] == got[2]["tool_call_id"]


def test_mistral_wants_nine_letters_and_an_assistant_between_tool_and_user() -> None:
    talk = asked(
        user("go"),
        said(ToolCall("toolu_1", "f"), ToolCall("a1b2c3d4e", "f")),
        user(ToolResult("toolu_1", []), ToolResult("a1b2c3d4e", []), "so?"),
    )
    got = messages(talk, MISTRAL)
    told = [each["id"] for each in got[1]["tool_calls"]]
    assert told[1] == "a1b2c3d4e" and len(told[0]) == 9 and told[0].isalnum()
    assert [each["role"] for each in got] == ["user", "assistant", "tool", "tool", "assistant", "user"]
    assert got[2]["tool_call_id"] == told[0]


def test_empty_turns_are_dropped() -> None:
    talk = asked(user("a"), said(""), said(Thinking("only thought")), user(" "), user("b"))
    assert messages(talk) == [{"role": "user", "content": "a"}, {"role": "user", "content": "b"}]


def test_words_that_stood_apart_stay_apart() -> None:
    talk = asked(user("q"), said("one ", "piece", ToolCall("a", "f"), "two"), user(ToolResult("a", [Text("r")])))
    assert messages(talk)[1]["content"] == "one piece\n\ntwo"


@pytest.mark.parametrize(
    ("dialect", "member", "value"),
    [
        (GLM, "reasoning_content", "hm"),
        (DEEPSEEK, "reasoning_content", "hm"),
        (Dialect("moonshot", "kimi-k2.5"), "reasoning_content", "hm"),
        (Dialect("openrouter", "x"), "reasoning", "hm"),
        (
            MISTRAL,
            "content",
            [
                {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}], "closed": True},
                {"type": "text", "text": "so"},
            ],
        ),
    ],
)
def test_thinking_is_replayed_to_who_goes_on_from_it(dialect: Dialect, member: str, value: Any) -> None:
    assert (
        messages(asked(user("q"), said(Thinking("hm", "s", "anthropic"), "so"), user("go on")), dialect)[1][member]
        == value
    )


@pytest.mark.parametrize("dialect", [OPENAI, PLAIN, Dialect("groq", "x")])
def test_nobody_else_is_shown_old_thinking(dialect: Dialect) -> None:
    assert messages(asked(user("q"), said(Thinking("hm", "s", "anthropic"), "so")), dialect)[1] == {
        "role": "assistant",
        "content": "so",
    }


def test_signed_details_go_back_to_openrouter_as_they_came() -> None:
    detail = {"type": "reasoning.text", "signature": "sig==", "format": "anthropic-claude-v1", "index": 0}
    talk = asked(
        user("q"), said(Thinking("hm", json.dumps(detail), "openai_chat"), Thinking("x", "s", "anthropic"), "so")
    )
    assert messages(talk, Dialect("openrouter", "m"))[1]["reasoning_details"] == [{**detail, "text": "hm"}]


def test_gemini_gets_the_signature_of_its_call_back() -> None:
    talk = asked(user("q"), said(ToolCall("a", "f", signature="sig")), user(ToolResult("a", [Text("r")])))
    extra = {"google": {"thought_signature": "sig"}}
    assert messages(talk, Dialect("gemini", "g"))[1]["tool_calls"][0]["extra_content"] == extra
    assert "extra_content" not in messages(talk)[1]["tool_calls"][0]


def test_system_words_in_the_middle_stay_there() -> None:
    talk = asked(user("a"), said("b"), Turn("system", [Text("now")]), user("c"))
    reminder = {"role": "user", "content": "<system-reminder>\nnow\n</system-reminder>"}
    assert messages(talk, OPENAI)[2] == {"role": "developer", "content": "now"}
    assert messages(talk)[2] == reminder
    assert messages(talk, replace(PLAIN, system_in_middle=True))[2] == {"role": "system", "content": "now"}
    assert messages(talk, replace(OPENAI, system_in_middle=False))[2] == reminder


def test_system_words_between_a_call_and_its_result_wait_for_it() -> None:
    talk = asked(user("a"), said(ToolCall("x", "f")), Turn("system", [Text("now")]), user(ToolResult("x", [Text("r")])))
    assert [each["role"] for each in messages(talk, OPENAI)] == ["user", "assistant", "tool", "developer"]


def test_documents_and_sound_and_files() -> None:
    pdf, text = Document("AAAA", "application/pdf", title="a.pdf"), Document(text="words", title="notes")
    assert messages(asked(user(pdf, text)), OPENAI)[0]["content"] == [
        {"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"}},
        {"type": "text", "text": "notes:\n\nwords"},
    ]
    written = write(asked(user(pdf, Audio("B", "wav"))), PLAIN)
    assert "a.pdf omitted" in str(written.body["messages"]) and written.lost == ["document", "audio"]
    with pytest.raises(InvalidRequest) as caught:
        write(asked(user(Document(url="https://example.com/a.pdf"))), OPENAI)
    assert caught.value.param == "messages"
    assert write(asked(user(Document(url="https://example.com/a.pdf"))), replace(OPENAI, drop=True)).lost == [
        "document"
    ]


def test_what_only_another_wire_understands_is_named_or_stands_in_a_few_words() -> None:
    other = Opaque("anthropic", {"type": "web_search_tool_result"}, "[searched]")
    written = write(
        asked(user("q"), said("a", other), user(Opaque("anthropic", {"type": "search_result"}), "b")), PLAIN
    )
    assert written.lost == ["web_search_tool_result", "search_result"]
    assert "[searched]" in str(written.body["messages"])


def test_a_refusal_goes_back_as_one_or_as_words() -> None:
    talk = asked(user("q"), said(Refusal("no")), user("why"))
    assert messages(talk, OPENAI)[1] == {"role": "assistant", "content": None, "refusal": "no"}
    assert messages(talk)[1] == {"role": "assistant", "content": "no"}


def test_tools_and_their_names() -> None:
    odd = Tool("mcp.server/tool " + "x" * 70, schema={})
    inner = Tool("read", namespace="mcp__files")
    written = write(asked(tools=[F, odd, inner]), PLAIN)
    got: Any = written.body["tools"]
    assert got[0] == {"type": "function", "function": {"name": "f", "description": "does f", "parameters": F.schema}}
    name = got[1]["function"]["name"]
    assert len(name) <= 64 and written.names[name] == odd.name
    assert got[1]["function"]["parameters"] == {"type": "object", "properties": {}}
    assert got[2]["function"]["name"] == "mcp__files__read" and written.names["mcp__files__read"] == "read"
    talk = asked(user("q"), said(ToolCall("a", odd.name)), user(ToolResult("a", [])), tools=[odd])
    assert messages(talk)[1]["tool_calls"][0]["function"]["name"] == name


def test_a_free_text_tool_is_a_function_where_there_is_none() -> None:
    patch = Tool(
        "apply_patch", "Edits.", custom=True, grammar={"type": "grammar", "syntax": "lark", "definition": "start: x"}
    )
    talk = asked(
        user("q"),
        said(ToolCall("a", "apply_patch", "*** Begin", custom=True)),
        user(ToolResult("a", [])),
        tools=[patch],
    )
    written = write(talk, PLAIN)
    got: Any = written.body
    assert written.customs == {"apply_patch"}
    assert got["tools"][0]["function"]["parameters"]["required"] == ["input"]
    assert "start: x" in got["tools"][0]["function"]["description"]
    assert json.loads(got["messages"][1]["tool_calls"][0]["function"]["arguments"]) == {"input": "*** Begin"}
    written = write(talk, OPENAI)
    got = written.body
    assert written.customs == frozenset()
    form = {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: x"}}
    assert got["tools"][0] == {
        "type": "custom",
        "custom": {"name": "apply_patch", "description": "Edits.", "format": form},
    }
    assert got["messages"][1]["tool_calls"][0] == {
        "id": "a",
        "type": "custom",
        "custom": {"name": "apply_patch", "input": "*** Begin"},
    }


def test_a_schema_whose_root_is_no_object_becomes_one() -> None:
    either = {
        "anyOf": [
            {"properties": {"a": {}, "c": {}}, "required": ["a", "c"]},
            {"properties": {"b": {}, "c": {}}, "required": ["b", "c"]},
        ]
    }
    written = write(asked(tools=[Tool("f", schema=either)]), PLAIN)
    got: Any = written.body["tools"]
    assert got[0]["function"]["parameters"] == {
        "type": "object",
        "properties": {"a": {}, "c": {}, "b": {}},
        "required": ["c"],
    }
    assert written.repairs == ["schema_root"]


def test_strict_only_where_the_schema_allows_it() -> None:
    closed = {
        "type": "object",
        "properties": {"x": {"type": "integer"}},
        "required": ["x"],
        "additionalProperties": False,
    }
    written = write(
        asked(tools=[Tool("f", schema=closed, strict=True), Tool("g", schema=F.schema, strict=True)]), OPENAI
    )
    got: Any = written.body["tools"]
    assert got[0]["function"]["strict"] is True and "strict" not in got[1]["function"]
    assert written.lost == ["strict"]
    assert "strict" not in body(asked(tools=[Tool("f", schema=closed, strict=True)]))["tools"][0]["function"]


@pytest.mark.parametrize(
    ("choice", "value"),
    [
        (None, None),
        (ToolChoice(), "auto"),
        (ToolChoice("any"), "required"),
        (ToolChoice("none"), "none"),
        (ToolChoice("one", "f"), {"type": "function", "function": {"name": "f"}}),
    ],
)
def test_choices(choice: ToolChoice | None, value: Any) -> None:
    assert body(asked(tools=[F], choice=choice)).get("tool_choice") == value
    assert "tool_choice" not in body(asked(choice=choice))


def test_a_model_that_cannot_be_forced_is_told_in_words() -> None:
    for dialect in (GLM, replace(PLAIN, forced_tool=False)):
        written = write(asked(tools=[F], choice=ToolChoice("one", "f"), system=[Text("s")]), dialect)
        got: Any = written.body
        assert got["tool_choice"] == "auto" and got["messages"][0] == {"role": "system", "content": "s"}
        reminded = "<system-reminder>\nYou must call the tool f now.\n</system-reminder>"
        assert got["messages"][-1] == {"role": "user", "content": reminded}
        assert "tool_choice" in written.repairs
    assert "tools" not in body(asked(tools=[F], choice=ToolChoice("none")), GLM)


def test_allowed_tools_are_named_or_the_only_ones_offered() -> None:
    g = Tool("g")
    talk = asked(tools=[F, g], choice=ToolChoice("any", allowed=("f",)))
    assert len(body(talk, OPENAI)["tools"]) == 2
    assert body(talk, OPENAI)["tool_choice"]["allowed_tools"] == {
        "mode": "required",
        "tools": [{"type": "function", "function": {"name": "f"}}],
    }
    assert [each["function"]["name"] for each in body(talk)["tools"]] == ["f"] and body(talk)[
        "tool_choice"
    ] == "required"


def test_parallel_calls() -> None:
    talk = asked(tools=[F], choice=ToolChoice(parallel=False))
    assert body(talk)["parallel_tool_calls"] is False
    assert write(talk, GLM).lost == ["disable_parallel_tool_use"]


def test_a_server_tool_is_not_offered_but_zai_searches_the_web() -> None:
    search = Tool("web_search", server=True, kind="web_search_20250305", origin="anthropic")
    written = write(asked(tools=[search, F], choice=ToolChoice("one", "web_search")), PLAIN)
    assert len(body(asked(tools=[search, F]))["tools"]) == 1 and "tool_choice" not in written.body
    assert written.lost == ["web_search", "tool_choice"]
    assert body(asked(tools=[search]), GLM)["tools"][0]["type"] == "web_search"


SCHEMA = {"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"], "additionalProperties": False}


def test_the_form_of_the_answer() -> None:
    talk = asked(shape=Shape("schema", schema=SCHEMA))
    assert body(talk)["response_format"] == {
        "type": "json_schema",
        "json_schema": {"name": "answer", "schema": SCHEMA, "strict": True},
    }
    for dialect in (GLM, DEEPSEEK, replace(PLAIN, json_schema=False)):
        written = write(talk, dialect)
        got: Any = written.body
        assert got["response_format"] == {"type": "json_object"}
        assert json.dumps(SCHEMA, separators=(",", ":")) in got["messages"][0]["content"]
        assert written.repairs == ["schema_in_prompt"]
    got = body(asked(shape=Shape("json")))
    assert got["response_format"] == {"type": "json_object"} and "JSON" in got["messages"][0]["content"]


@pytest.mark.parametrize(
    ("thought", "model", "sent"),
    [
        (Thought(), "glm-4.6", {}),
        (Thought("on", budget=31999), "glm-4.6", {"thinking": {"type": "enabled", "clear_thinking": False}}),
        (Thought("off"), "glm-4.6", {"thinking": {"type": "disabled", "clear_thinking": False}}),
        (Thought("adaptive", effort="high"), "glm-4.7", {"thinking": {"type": "enabled", "clear_thinking": False}}),
        (Thought("adaptive"), "glm-5.2", {"thinking": {"type": "enabled", "clear_thinking": False}}),
        (Thought("on", effort="medium"), "glm-5.2", {"thinking": {"type": "enabled", "clear_thinking": False}, "reasoning_effort": "high"}),
        (Thought("on", effort="low"), "glm-5.2", {"thinking": {"type": "enabled", "clear_thinking": False}, "reasoning_effort": "high"}),
        (Thought("on", effort="minimal"), "glm-5.2", {"thinking": {"type": "disabled", "clear_thinking": False}}),
        (Thought("off"), "glm-5.2", {"thinking": {"type": "disabled", "clear_thinking": False}}),
        (Thought("off"), "glm-5.3", {"thinking": {"type": "enabled", "clear_thinking": False}, "reasoning_effort": "low"}),
        (Thought("on", effort="minimal"), "glm-5.3-flash", {"thinking": {"type": "enabled", "clear_thinking": False}, "reasoning_effort": "low"}),
        (Thought("on", effort="medium"), "glm-5.3", {"thinking": {"type": "enabled", "clear_thinking": False}, "reasoning_effort": "high"}),
        (Thought("on", effort="xhigh"), "glm-5.3", {"thinking": {"type": "enabled", "clear_thinking": False}, "reasoning_effort": "max"}),
        (Thought("on", budget=2000), "glm-5.3", {"thinking": {"type": "enabled", "clear_thinking": False}, "reasoning_effort": "low"}),
        (Thought("on", effort="high"), "glm-4-plus", {}),
    ],
)  # fmt: skip
def test_thinking_at_zai(thought: Thought, model: str, sent: dict[str, Any]) -> None:
    got = body(asked(thought=thought), catalogued(Dialect("zai", model)))
    assert {name: got[name] for name in ("thinking", "reasoning_effort") if name in got} == sent


def test_zai_keeps_earlier_thinking_that_it_is_sent_back() -> None:
    got = body(asked(user("a"), said(Thinking("hm"), "b"), user("c")), GLM)
    assert got["thinking"] == {"type": "enabled", "clear_thinking": False}


def test_the_rest_of_zais_dialect() -> None:
    talk = asked(
        user("a", ""), tools=[F], streamed=True, limit=200_000, stop=["1", "2", "3", "4"], user="someone",
        sampling=Sampling(temperature=0, top_p=1.5, seed=3, presence=1.0, logit_bias={"1": 2}), system=[Text("s")],
    )  # fmt: skip
    written = write(talk, replace(GLM, limit_name="max_completion_tokens", asks_usage=False, developer=False))
    got: Any = written.body
    assert got["do_sample"] is False and got["temperature"] == 0.01 and got["top_p"] == 1 and got["seed"] == 3
    assert got["max_tokens"] == 131072 and got["stop"] == ["1", "2", "3", "4"] and got["tool_stream"] is True
    assert got["messages"][0]["role"] == "system" and "stream_options" not in got
    assert len(got["user_id"]) == 32 and got["user_id"] != "someone"
    assert written.lost == ["presence_penalty", "logit_bias"]
    assert "tool_stream" not in body(talk, replace(GLM, model="glm-4.5"))
    assert body(asked(user(Image("AAAA", "image/png"))), Dialect("zai", "glm-4.6v"))["messages"][0]["content"] == [
        {"type": "image_url", "image_url": {"url": "AAAA"}}
    ]


def test_zai_is_never_asked_without_a_user() -> None:
    written = write(asked(Turn("assistant", [Text("a")]), system=[Text("s")]), GLM)
    got: Any = written.body["messages"]
    assert got[-1]["role"] == "user" and written.repairs == ["no_user"]


def test_more_stops_than_are_taken_are_refused_or_dropped() -> None:
    with pytest.raises(InvalidRequest) as caught:
        write(asked(stop=list("12345")), PLAIN)
    assert caught.value.param == "stop_sequences"
    written = write(asked(stop=list("12345")), replace(PLAIN, drop=True))
    assert written.body["stop"] == list("1234") and written.lost == ["stop_sequences"]


@pytest.mark.parametrize(
    ("dialect", "thought", "sent"),
    [
        (OPENAI, Thought("on", budget=2000), {"reasoning_effort": "low"}),
        (OPENAI, Thought("on", budget=9000), {"reasoning_effort": "medium"}),
        (OPENAI, Thought("on", budget=31999), {"reasoning_effort": "high"}),
        (OPENAI, Thought("adaptive"), {}),
        (OPENAI, Thought("on"), {}),
        (replace(OPENAI, model="gpt-5.2"), Thought("on"), {"reasoning_effort": "medium"}),
        (replace(OPENAI, model="gpt-5.2"), Thought("adaptive"), {}),
        (OPENAI, Thought("adaptive", effort="max"), {"reasoning_effort": "high"}),
        (OPENAI, Thought("off"), {"reasoning_effort": "minimal"}),
        (replace(OPENAI, model="gpt-5.2"), Thought("off"), {"reasoning_effort": "none"}),
        (replace(OPENAI, model="gpt-5.2"), Thought("on", effort="minimal"), {"reasoning_effort": "low"}),
        (replace(OPENAI, model="gpt-5.2"), Thought("on", effort="max"), {"reasoning_effort": "xhigh"}),
        (replace(OPENAI, model="gpt-6.1-sol", always_thinks=True), Thought("between_tools"), {"reasoning_effort": "low"}),
        (replace(OPENAI, model="gpt-4o", reasoning=False), Thought("on", effort="high"), {}),
        (DEEPSEEK, Thought("off"), {"thinking": {"type": "disabled"}}),
        (DEEPSEEK, Thought("on", effort="medium"), {"thinking": {"type": "enabled"}, "reasoning_effort": "high"}),
        (Dialect("moonshot", "kimi-k2.5", reasoning=True), Thought("off"), {"thinking": {"type": "disabled"}}),
        (Dialect("openrouter", "x"), Thought("on", budget=2000), {"reasoning": {"max_tokens": 2000}}),
        (Dialect("openrouter", "x"), Thought("off"), {"reasoning": {"enabled": False}}),
        (Dialect("groq", "openai/gpt-oss-120b"), Thought("on", effort="xhigh"), {"reasoning_effort": "high"}),
        (MISTRAL, Thought("on", effort="medium"), {"reasoning_effort": "high"}),
        (VLLM, Thought("on", effort="high"), {}),
        (replace(VLLM, reasoning=True), Thought("on", effort="max"), {"reasoning_effort": "high"}),
    ],
)  # fmt: skip
def test_thinking_elsewhere(dialect: Dialect, thought: Thought, sent: dict[str, Any]) -> None:
    got = body(asked(thought=thought), catalogued(dialect))
    assert {name: got[name] for name in ("thinking", "reasoning_effort", "reasoning") if name in got} == sent


def test_thinking_that_cannot_be_asked_for_is_named() -> None:
    assert write(asked(thought=Thought("on", effort="high")), VLLM).lost == ["thinking"]
    assert write(asked(thought=Thought("off")), VLLM).lost == []


def test_gpt_5_4_takes_no_functions_together_with_reasoning() -> None:
    written = write(asked(tools=[F], thought=Thought("on", effort="high")), replace(OPENAI, model="gpt-5.4"))
    assert written.body["reasoning_effort"] == "none" and written.lost == ["thinking"]


def test_openais_own_members() -> None:
    got = body(asked(session="s" * 70, user="u", limit=9, verbosity="low", sampling=Sampling(temperature=0.5)), OPENAI)
    assert got["max_completion_tokens"] == 9 and got["verbosity"] == "low" and got["temperature"] == 0.5
    assert len(got["prompt_cache_key"]) == 32 and len(got["safety_identifier"]) == 32
    assert body(asked(session="abc"), OPENAI)["prompt_cache_key"] == "abc"


def test_samplers_are_dropped_and_named_where_they_are_not_taken() -> None:
    sampling = Sampling(temperature=0.5, top_p=0.9, top_k=4)
    written = write(asked(sampling=sampling), replace(OPENAI, sampling=False))
    assert "temperature" not in written.body and written.lost == ["temperature", "top_p", "top_k"]
    assert body(asked(sampling=sampling), VLLM)["top_k"] == 4


def test_several_answers_cannot_be_carried() -> None:
    with pytest.raises(InvalidRequest):
        write(asked(wire="openai_chat", count=2), PLAIN)
    assert write(asked(wire="openai_chat", count=2), replace(PLAIN, drop=True)).lost == ["n"]


def test_a_beginning_of_the_answer() -> None:
    talk = asked(user("q"), said("{"))
    assert messages(talk)[-1] == {"role": "assistant", "content": "{"}
    assert messages(talk, MISTRAL)[-1]["prefix"] is True
    assert messages(talk, Dialect("moonshot", "k"))[-1]["partial"] is True
    assert messages(talk, replace(PLAIN, prefill=False))[-1]["role"] == "user"


def test_members_that_only_this_wire_has_stay_in_it() -> None:
    talk = asked(wire="openai_chat", own={"metadata": {"a": "b"}, "prediction": {}})
    assert body(talk, OPENAI)["prediction"] == {} and "prediction" not in body(talk, GLM)
    assert write(asked(own={"mcp_servers": [], "metadata": {}}), OPENAI).lost == ["mcp_servers"]


PARTS = st.one_of(
    st.sampled_from(["a", "", " ", "b"]).map(Text),
    st.just(Image("AAAA", "image/png")),
    st.sampled_from(["x", "y", ""]).map(lambda told: ToolResult(told, [Text("r")])),
)
SAID = st.one_of(
    st.sampled_from(["a", ""]).map(Text), st.just(Thinking("hm", "s", "anthropic")), st.sampled_from(["x", "y"]).map(lambda told: ToolCall(told, "f"))
)  # fmt: skip
TALK = st.lists(
    st.tuples(st.lists(SAID, max_size=3), st.lists(PARTS, min_size=1, max_size=3), st.booleans()), min_size=1, max_size=4
)  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(TALK, st.sampled_from(sorted(_ROWS)))
def test_what_is_sent_for_a_turn_begins_with_what_was_sent_for_the_one_before(talk: list[Any], provider: str) -> None:
    turns: list[Turn] = [user("first")]
    sent = ""
    for words, parts, reminded in talk:
        turns += [Turn("assistant", words), Turn("user", parts)]
        if reminded:
            turns.append(Turn("system", [Text("mind")]))
        written: Written = write(asked(*turns, system=[Text("s")]), Dialect(provider, "glm-4.6", system_in_middle=None))
        now = json.dumps(written.body["messages"])
        assert now.startswith(sent)
        got: Any = written.body["messages"]
        sent = now.removesuffix("]") if got[-1]["role"] != "assistant" else ""
        _legal(got)


def _legal(got: list[dict[str, Any]]) -> None:
    """Every call has its results right behind it, and no result stands anywhere else."""
    waiting: list[str] = []
    for message in got:
        if message["role"] == "tool":
            assert message["tool_call_id"] == waiting.pop(0)
            continue
        assert not waiting
        waiting = [call["id"] for call in message.get("tool_calls", [])]
        assert len(set(waiting)) == len(waiting)
        assert message.get("content") or waiting
    assert not waiting


def test_what_a_client_of_this_wire_said_is_written_as_it_was() -> None:
    sent = {
        "model": "some-model",
        "messages": [
            {"role": "system", "content": "s"}, {"role": "user", "content": [{"type": "text", "text": "see"}, {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}}]},
            {"role": "assistant", "content": "I will.", "tool_calls": [{"id": "call_1", "type": "function", "function": {"name": "f", "arguments": '{"x": 1}'}}]},
            {"role": "tool", "tool_call_id": "call_1", "content": "done"}, {"role": "user", "content": "and?"},
        ],
        "tools": [{"type": "function", "function": {"name": "f", "description": "does f", "parameters": F.schema}}],
        "tool_choice": "auto", "temperature": 0.3, "max_tokens": 9, "stop": ["x"],
    }  # fmt: skip
    assert body(read(sent, model="some-model", streamed=False)) == sent
