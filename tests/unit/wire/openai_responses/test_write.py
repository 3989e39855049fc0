"""What a provider of the Responses format is asked, whatever the client's own format is."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.unit.wire.catalogued import catalogued
from tests.unit.wire.openai_responses.making import OPENAI, asks, items, read, says, written
from trunkline.errors import InvalidRequest
from trunkline.model.conversation import (
    Audio,
    Document,
    Effort,
    Image,
    Opaque,
    Sampling,
    Shape,
    Text,
    Thinking,
    Thought,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
)
from trunkline.model.dialect import Dialect
from trunkline.wire.openai_responses import stored

PLAIN = Dialect("other", "some-model")


def test_a_claude_code_turn_becomes_items() -> None:
    talk = asks(
        "anthropic",
        says("user", Text("go", "5m")),
        says("assistant", Thinking("hm", "EqQB", "anthropic"), Text("ok"), ToolCall("toolu_1", "Read", '{"a": 1}')),
        says("user", Text("[reminder]"), ToolResult("toolu_1", [Text("no such file")], failed=True)),
        system=[Text("x-anthropic-billing-header: cc_version=1"), Text("You are."), Text("Be terse.")],
        limit=32000,
        session="s-1",
        streamed=True,
    )
    made = written(talk)
    assert made.body == {
        "model": "gpt-5.6-sol",
        "instructions": "You are.\n\nBe terse.",
        "input": [
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "go"}]},
            {
                "type": "message",
                "role": "assistant",
                "content": [{"type": "output_text", "text": "ok", "annotations": []}],
            },
            {"type": "function_call", "call_id": "toolu_1", "name": "Read", "arguments": '{"a": 1}'},
            {"type": "function_call_output", "call_id": "toolu_1", "output": "Error: no such file"},
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "[reminder]"}]},
        ],
        "max_output_tokens": 32000,
        "include": ["reasoning.encrypted_content"],
        "store": False,
        "prompt_cache_key": "s-1",
        "stream": True,
    }
    assert (made.lost, made.repairs) == ([], [])


def test_codex_reads_back_what_it_sent() -> None:
    body: dict[str, Any] = {
        "model": "gpt-5.6-sol",
        "input": [
            {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "go"}]},
            {"type": "reasoning", "id": "rs_1", "summary": [], "encrypted_content": "gAAA"},
            {
                "type": "custom_tool_call",
                "id": "ctc_1",
                "call_id": "c",
                "name": "exec",
                "namespace": "functions",
                "input": "x",
            },
            {"type": "custom_tool_call_output", "call_id": "c", "output": "done"},
            {
                "type": "web_search_call",
                "id": "ws_1",
                "status": "completed",
                "action": {"type": "search", "query": "q"},
            },
        ],
        "tools": [
            {
                "type": "namespace",
                "name": "functions",
                "description": "d",
                "tools": [{"type": "custom", "name": "exec"}],
            },
            {"type": "function", "name": "f", "parameters": {"type": "object"}, "strict": False, "defer_loading": True},
            {"type": "web_search", "external_web_access": True},
        ],
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "reasoning": {"effort": "max", "summary": "auto", "context": "all_turns"},
        "prompt_cache_key": "s",
        "stream": False,
        "store": False,
        "include": ["reasoning.encrypted_content"],
        "client_metadata": {"a": "b"},
        "previous_response_id": "resp_0",
    }
    made = written(read(**body))
    assert made.body == body
    assert made.lost == []


def test_the_vendors_reasoning_goes_back_with_its_id_and_no_other_does() -> None:
    talk = asks(
        "anthropic",
        says("user", Text("go")),
        says(
            "assistant",
            Thinking("mine", "rs_9:gAAA", "openai_responses"),
            Thinking("theirs", "EqQB", "anthropic"),
            Thinking("nobody's"),
            Text("ok"),
            Thinking("at the end", "rs_8:gBBB", "openai_responses"),
        ),
        says("user", Text("on")),
    )
    made = items(talk)
    assert [item["type"] for item in made] == ["message", "reasoning", "message", "message"]
    summary = [{"type": "summary_text", "text": "mine"}]
    assert made[1] == {"type": "reasoning", "id": "rs_9", "summary": summary, "encrypted_content": "gAAA"}


def test_orphans_and_interrupted_calls_are_mended_and_named() -> None:
    talk = asks(
        "openai_chat",
        says("user", ToolResult("call_0", [Text("old")]), Text("hi")),
        says("assistant", ToolCall("call_1", "f"), ToolCall("call_2", "p", "text", custom=True)),
        says("user", Text("stop that")),
    )
    made = written(talk)
    sent: Any = made.body["input"]
    assert [part["text"] for part in sent[0]["content"]] == ["[result of an earlier tool call call_0]", "old", "hi"]
    assert sent[1]["arguments"] == "{}"
    assert sent[3:5] == [
        {"type": "function_call_output", "call_id": "call_1", "output": "[interrupted]"},
        {"type": "custom_tool_call_output", "call_id": "call_2", "output": "[interrupted]"},
    ]
    assert made.repairs == ["orphan_result", "interrupted_call"]


def test_ids_that_came_twice_or_do_not_fit_are_made_anew_with_their_results() -> None:
    def turn() -> list[Any]:
        return [
            says("assistant", ToolCall("call_0", "f"), ToolCall("", "g")),
            says("user", ToolResult("call_0", []), ToolResult("", [], name="g")),
        ]

    made = items(asks("ollama", says("user", Text("hi")), *turn(), *turn()))
    ids = [item["call_id"] for item in made[1:]]
    assert ids[0] == "call_0"
    assert ids[:2] == ids[2:4]
    assert ids[4:6] == ids[6:8]
    assert len(set(ids)) == 4


def test_three_results_and_words_come_in_the_vendors_order() -> None:
    calls = [ToolCall(f"c{nth}", "f") for nth in range(3)]
    talk = asks(
        "anthropic",
        says("user", Text("hi")),
        says("assistant", *calls),
        says(
            "user",
            ToolResult("c1", [Text("1")]),
            ToolResult("c0", [Text("0"), Image("AA", "image/png")]),
            ToolResult("c2", []),
            Text("go on"),
        ),
    )
    made = items(talk)
    assert [item.get("call_id") for item in made[1:]] == ["c0", "c1", "c2", "c1", "c0", "c2", None]
    assert made[5]["output"] == [
        {"type": "input_text", "text": "0"},
        {"type": "input_image", "image_url": "data:image/png;base64,AA", "detail": "auto"},
    ]
    assert made[6]["output"] == ""


def test_words_of_the_system_in_the_middle_stay_there() -> None:
    talk = asks("anthropic", says("user", Text("a")), says("system", Text("b")), says("user", Text("c")))
    assert [item["role"] for item in items(talk)] == ["user", "developer", "user"]
    assert [item["role"] for item in items(talk, PLAIN)] == ["user", "system", "user"]
    one = items(talk, replace(PLAIN, system_in_middle=False))[1]
    assert (one["role"], one["content"][0]["text"]) == ("user", "<system-reminder>\nb\n</system-reminder>")


def test_tools_are_offered_as_the_vendor_takes_them() -> None:
    root = {
        "oneOf": [
            {"type": "object", "properties": {"a": {}}, "required": ["a"]},
            {"type": "object", "properties": {"b": {}}},
        ]
    }
    closed = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
        "additionalProperties": False,
    }
    talk = asks(
        "anthropic",
        says("user", Text("a")),
        tools=[
            Tool("Read", "reads", {"type": "object", "properties": {"p": {"type": "string"}}}, strict=True),
            Tool("none"),
            Tool("choice", schema=root),
            Tool("closed", schema=closed, strict=True),
            Tool("ein größerer name!"),
            Tool("web_search", server=True, kind="web_search", raw={"allowed_domains": ["a.example"], "max_uses": 3}),
            Tool("code_execution", server=True, kind="code_execution"),
        ],
        choice=ToolChoice("one", "ein größerer name!", parallel=False),
    )
    made = written(talk)
    tools: Any = made.body["tools"]
    assert tools[0]["strict"] is False
    assert tools[1]["parameters"] == {"type": "object", "properties": {}}
    assert tools[2]["parameters"] == {"type": "object", "properties": {"a": {}, "b": {}}}
    assert tools[3]["strict"] is True
    sent = tools[4]["name"]
    assert made.names == {sent: "ein größerer name!"}
    assert made.body["tool_choice"] == {"type": "function", "name": sent}
    assert made.body["parallel_tool_calls"] is False
    assert tools[5] == {"type": "web_search", "filters": {"allowed_domains": ["a.example"]}}
    assert made.lost == ["strict", "search_options", "code_execution"]
    assert made.repairs == ["schema_root"]


def test_a_free_text_tool_of_the_chat_wire_keeps_its_grammar() -> None:
    nested = {"type": "grammar", "grammar": {"syntax": "lark", "definition": "start: x"}}
    talk = asks("openai_chat", says("user", Text("a")), tools=[Tool("p", custom=True, grammar=nested)])
    assert written(talk).body["tools"] == [
        {"type": "custom", "name": "p", "format": {"type": "grammar", "syntax": "lark", "definition": "start: x"}}
    ]


def test_a_forced_tool_becomes_words_where_it_cannot_be_forced() -> None:
    talk = asks("anthropic", says("user", Text("a")), tools=[Tool("f")], choice=ToolChoice("one", "f"))
    made = written(talk, replace(OPENAI, forced_tool=False))
    sent: Any = made.body["input"]
    assert made.body["tool_choice"] == "auto"
    assert sent[-1]["content"][0]["text"] == "You must call the tool `f` now."
    assert written(replace(talk, choice=ToolChoice("any"))).body["tool_choice"] == "required"
    assert written(replace(talk, choice=ToolChoice("one", "gone"))).body["tool_choice"] == "auto"


@pytest.mark.parametrize(
    ("model", "thought", "reasoning"),
    [
        ("gpt-5.6-sol", Thought("on", 31999), {"effort": "high", "summary": "auto"}),
        ("gpt-5.6-sol", Thought("on", 8000), {"effort": "medium", "summary": "auto"}),
        ("gpt-5.6-sol", Thought("on", 1024), {"effort": "low", "summary": "auto"}),
        ("gpt-5.6-sol", Thought("adaptive", effort="max", shown=False), {"effort": "max"}),
        ("gpt-5.2", Thought("adaptive", effort="max", shown=False), {"effort": "xhigh"}),
        ("gpt-5.2", Thought("adaptive", effort="minimal", shown=False), {"effort": "low"}),
        ("o3", Thought("adaptive", effort="xhigh", shown=False), {"effort": "high"}),
        ("o3", Thought("off"), {"effort": "low"}),
        ("gpt-5-mini", Thought("between_tools"), {"effort": "minimal"}),
        ("openai/gpt-5.1", Thought("off"), {"effort": "none"}),
        ("gpt-6.1-sol", Thought("off"), {"effort": "low"}),
        ("some-model", Thought("adaptive", effort="max", shown=False), {"effort": "max"}),
        ("gpt-5.6-sol", Thought("adaptive"), {"summary": "auto"}),
        ("gpt-5.6-sol", Thought("on"), {"effort": "medium", "summary": "auto"}),
        ("o3", Thought("on"), {"summary": "auto"}),
        ("gpt-5.6-sol", Thought(), None),
    ],
)
def test_how_much_is_thought_fits_the_model(model: str, thought: Thought, reasoning: Any) -> None:
    talk = asks("anthropic", says("user", Text("a")), thought=thought)
    assert written(talk, catalogued(Dialect("openai", model))).body.get("reasoning") == reasoning


def test_a_model_that_cannot_think_is_not_asked_to() -> None:
    talk = asks("openai_chat", says("user", Text("a")), thought=Thought("on", effort="high"))
    made = written(talk, Dialect("openai", "gpt-4o", reasoning=False))
    assert "reasoning" not in made.body
    assert "include" not in made.body
    assert made.lost == ["reasoning_effort"]
    open_ended = written(replace(talk, thought=Thought("adaptive")), Dialect("openai", "gpt-4o", reasoning=False))
    assert open_ended.lost == ["reasoning_effort"]
    effort: Effort = "none"
    assert (
        written(replace(talk, thought=Thought("off", effort=effort)), Dialect("openai", "gpt-4o", reasoning=False)).lost
        == []
    )


def test_what_a_model_showed_has_no_place_in_what_it_said_and_is_named() -> None:
    shown = says("assistant", Image("aGk=", "image/png"), Audio("UklG", "wav"), Document("JVBE", "application/pdf"))
    read_out = says("assistant", Document(text="words", media_type="text/plain"))
    talk = asks("gemini", says("user", Text("a")), shown, says("user", Text("b")), read_out, says("user", Text("c")))
    spoken = [item["content"] for item in items(talk) if item["role"] == "assistant"]
    assert [[part["text"] for part in parts] for parts in spoken] == [["[image]", "[audio]", "[document]"], ["words"]]
    assert written(talk).lost == ["image", "audio", "document"]


def test_what_has_no_member_here_is_named_in_the_clients_words() -> None:
    talk = asks(
        "anthropic",
        says("user", Text("a")),
        stop=["END"],
        sampling=Sampling(temperature=0.5, top_k=3),
        own={"metadata": {}, "mcp_servers": []},
    )
    made = written(talk)
    assert made.body["temperature"] == 0.5
    assert made.lost == ["stop_sequences", "mcp_servers", "top_k"]
    assert written(talk, replace(OPENAI, sampling=False)).lost == [
        "stop_sequences",
        "mcp_servers",
        "temperature",
        "top_k",
    ]


def test_several_answers_are_refused_unless_parameters_may_be_dropped() -> None:
    talk = asks("openai_chat", says("user", Text("a")), count=2)
    with pytest.raises(InvalidRequest) as refused:
        written(talk)
    assert refused.value.param == "n"
    assert written(talk, replace(OPENAI, drop=True)).lost == ["n"]


def test_tools_are_refused_where_the_model_takes_none() -> None:
    talk = asks("openai_chat", says("user", Text("a")), tools=[Tool("f")])
    with pytest.raises(InvalidRequest):
        written(talk, replace(OPENAI, tools=False))
    assert "tools" not in written(talk, replace(OPENAI, tools=False, drop=True)).body


def test_a_limit_is_fitted_to_the_model_and_to_the_vendors_least() -> None:
    talk = asks("anthropic", says("user", Text("quota")), limit=1)
    assert written(talk).body["max_output_tokens"] == 16
    assert written(replace(talk, limit=10**6), replace(OPENAI, max_output=128000)).body["max_output_tokens"] == 128000
    assert "max_output_tokens" not in written(replace(talk, limit=None)).body


def test_what_a_model_cannot_see_is_replaced_by_a_named_note() -> None:
    talk = asks("anthropic", says("user", Image("AA", "image/png"), Document("AA", "application/pdf", title="a.pdf")))
    blind = written(talk, replace(OPENAI, vision=False, documents=False))
    sent: Any = blind.body["input"]
    assert [part["text"] for part in sent[0]["content"]] == [
        "[image omitted: this model cannot see]",
        "[document omitted: this model cannot read files]",
    ]
    assert blind.lost == ["image", "document"]
    seen: Any = written(talk).body["input"]
    assert seen[0]["content"][1] == {
        "type": "input_file",
        "filename": "a.pdf",
        "file_data": "data:application/pdf;base64,AA",
    }


def test_a_text_document_is_words_under_its_title() -> None:
    talk = asks("anthropic", says("user", Document(text="body", title="notes")))
    assert items(talk)[0]["content"] == [{"type": "input_text", "text": "notes\n\nbody"}]


def test_the_form_of_the_answer_is_asked_for() -> None:
    closed = {"type": "object", "properties": {}, "required": [], "additionalProperties": False}
    talk = asks("anthropic", says("user", Text("a")), shape=Shape("schema", "", closed))
    made: Any = written(talk).body["text"]
    assert made == {"format": {"type": "json_schema", "name": "answer", "schema": closed, "strict": True}}
    loose: Any = written(replace(talk, shape=Shape("schema", "n", {"type": "object"}, True))).body["text"]
    assert loose["format"]["strict"] is False
    words = written(replace(talk, shape=Shape("json")))
    assert words.body["text"] == {"format": {"type": "json_object"}}
    assert "JSON" in str(words.body["instructions"])
    weak = written(talk, replace(OPENAI, json_schema=False))
    assert weak.body["text"] == {"format": {"type": "json_object"}}
    assert weak.lost == ["output_config.format"]


def test_a_prefill_is_asked_for_in_words_at_the_very_end() -> None:
    talk = asks("anthropic", says("user", Text("a")), says("assistant", Text("{")))
    made = written(talk)
    sent: Any = made.body["input"]
    assert sent[-1]["role"] == "developer"
    assert made.repairs == ["prefill"]


def test_an_end_user_is_not_told_to_strangers() -> None:
    talk = asks("anthropic", says("user", Text("a")), user='{"account_uuid":"secret"}', session="s" * 65)
    made = written(talk).body
    assert "secret" not in json.dumps(made)
    assert len(str(made["safety_identifier"])) == 32
    assert len(str(made["prompt_cache_key"])) == 32


def test_only_words_of_the_system_are_sent_as_input() -> None:
    talk = asks("openai_chat", system=[Text("Say hi.")])
    assert items(talk) == [
        {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "Say hi."}]}
    ]


def test_other_wires_blocks_are_told_in_words_or_left_out() -> None:
    talk = asks(
        "anthropic",
        says("user", Text("a")),
        says(
            "assistant",
            Opaque("anthropic", {"type": "server_tool_use"}, "[searched]"),
            Opaque("anthropic", {"type": "x"}),
        ),
        says("user", Text("b")),
    )
    made = written(talk)
    sent: Any = made.body["input"]
    assert sent[1]["content"] == [{"type": "output_text", "text": "[searched]", "annotations": []}]
    assert made.lost == ["server_tool_use", "block"]


def test_what_the_vendor_keeps_cannot_go_to_another_wire() -> None:
    talk = read(previous_response_id="resp_1", background=False)
    with pytest.raises(InvalidRequest) as refused:
        stored.refuse(talk, PLAIN)
    assert refused.value.param == "previous_response_id"
    assert stored.refuse(talk, replace(PLAIN, drop=True)) == ["previous_response_id"]
    assert stored.refuse(read(background=True), replace(PLAIN, drop=True)) == ["background"]
    assert stored.refuse(read(store=True), PLAIN) == []
    assert stored.refuse(asks("anthropic", own={"prompt": 1}), PLAIN) == []
