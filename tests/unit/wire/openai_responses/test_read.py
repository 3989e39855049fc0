"""What a client of the Responses format asks, read."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.wire.openai_responses.making import read
from trunkline.errors import InvalidRequest
from trunkline.model.conversation import (
    Audio,
    Document,
    Image,
    Opaque,
    Refusal,
    Shape,
    Text,
    Thinking,
    Thought,
    ToolCall,
    ToolChoice,
    ToolResult,
    Turn,
)
from trunkline.wire import marks


def test_a_string_is_what_the_user_says() -> None:
    talk = read(input="hello", instructions="Be terse.", max_output_tokens=50, prompt_cache_key="s1")
    assert talk.turns == [Turn("user", [Text("hello")])]
    assert talk.system == [Text("Be terse.")]
    assert (talk.limit, talk.session, talk.own) == (50, "s1", {})


def test_a_turn_of_the_model_is_one_turn_and_its_results_another() -> None:
    talk = read(
        input=[
            {"role": "user", "content": [{"type": "input_text", "text": "go"}]},
            {"type": "reasoning", "id": "rs_1", "summary": [{"type": "summary_text", "text": "hm"}]},
            {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "I go."}]},
            {"type": "function_call", "id": "fc_1", "call_id": "call_1", "name": "f", "arguments": '{"a":1}'},
            {"type": "custom_tool_call", "call_id": "call_2", "name": "apply_patch", "input": "*** Begin"},
            {"type": "function_call_output", "call_id": "call_1", "output": "one"},
            {"type": "custom_tool_call_output", "call_id": "call_2", "output": "two"},
            {"role": "user", "content": "and now?"},
        ]
    )
    assert talk.turns == [
        Turn("user", [Text("go")]),
        Turn(
            "assistant",
            [
                Thinking("hm", id="rs_1"),
                Text("I go."),
                ToolCall("call_1", "f", '{"a":1}', item="fc_1"),
                ToolCall("call_2", "apply_patch", "*** Begin", custom=True),
            ],
        ),
        Turn("user", [ToolResult("call_1", [Text("one")]), ToolResult("call_2", [Text("two")], custom=True)]),
        Turn("user", [Text("and now?")]),
    ]


def test_words_of_the_system_before_the_talk_are_the_system_and_later_ones_stay() -> None:
    talk = read(
        instructions="a",
        input=[
            {"type": "additional_tools", "role": "developer", "tools": [{"type": "custom", "name": "exec"}]},
            {"role": "developer", "content": "b"},
            {"role": "system", "content": [{"type": "input_text", "text": "c"}]},
            {"role": "user", "content": "hi"},
            {"role": "developer", "content": "d"},
        ],
    )
    assert talk.system == [Text("a"), Text("b"), Text("c")]
    assert talk.turns[1] == Turn("system", [Text("d")], developer=True)
    assert [(tool.name, tool.custom) for tool in talk.tools] == [("exec", True)]


def test_tools_of_a_namespace_keep_it_and_two_of_one_name_stay_apart() -> None:
    space = {
        "type": "namespace",
        "name": "functions",
        "description": "d",
        "tools": [{"type": "custom", "name": "exec"}],
    }
    other = {"type": "namespace", "name": "agents", "tools": [{"type": "function", "name": "exec", "parameters": {}}]}
    talk = read(
        input=[
            {"type": "additional_tools", "role": "developer", "tools": [space, other]},
            {"role": "user", "content": "hi"},
            {"type": "function_call", "call_id": "c", "name": "exec", "namespace": "agents", "arguments": "{}"},
        ]
    )
    assert [(tool.namespace, tool.name) for tool in talk.tools] == [("functions", "exec"), ("agents", "agents__exec")]
    call = talk.turns[1].parts[0]
    assert isinstance(call, ToolCall)
    assert (call.namespace, call.name) == ("agents", "agents__exec")


def test_tools_are_read_with_what_they_take() -> None:
    grammar = {"type": "grammar", "syntax": "lark", "definition": "start: x"}
    talk = read(
        tools=[
            {"type": "function", "name": "f", "description": "d", "parameters": {"type": "object"}, "strict": None},
            {"type": "custom", "name": "p", "format": grammar},
            {"type": "custom", "name": "q", "format": {"type": "text"}},
            {"type": "web_search", "external_web_access": True},
            {"type": "local_shell"},
        ]
    )
    one, two, three, four, five = talk.tools
    assert (one.name, one.description, one.schema, one.strict) == ("f", "d", {"type": "object"}, None)
    assert (two.custom, two.grammar) == (True, grammar)
    assert (three.custom, three.grammar) == (True, None)
    assert (four.server, four.kind, four.raw["external_web_access"]) == (True, "web_search", True)
    assert (five.server, five.kind) == (True, "local_shell")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ({"tool_choice": "auto", "parallel_tool_calls": False}, ToolChoice(parallel=False)),
        ({"parallel_tool_calls": True}, ToolChoice(parallel=True)),
        ({"tool_choice": "none"}, ToolChoice("none")),
        ({"tool_choice": "required"}, ToolChoice("any")),
        ({"tool_choice": {"type": "function", "name": "f"}}, ToolChoice("one", "f")),
        ({"tool_choice": {"type": "custom", "name": "p"}}, ToolChoice("one", "p")),
        (
            {
                "tool_choice": {
                    "type": "allowed_tools",
                    "mode": "required",
                    "tools": [{"type": "function", "name": "f"}],
                }
            },
            ToolChoice("any", allowed=("f",)),
        ),
        ({}, None),
    ],
)
def test_every_choice_of_tools_is_understood(said: dict[str, Any], meant: ToolChoice | None) -> None:
    assert read(**said).choice == meant


def test_a_tool_of_the_vendors_that_must_be_used_stays_this_wires_own() -> None:
    talk = read(tool_choice={"type": "web_search_preview"})
    assert talk.own == {"tool_choice": {"type": "web_search_preview"}}
    assert talk.choice == ToolChoice()


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ({"effort": "high", "summary": "auto"}, Thought("on", None, "high", True, "auto")),
        ({"effort": "none"}, Thought("off", None, "none")),
        ({"summary": "auto"}, Thought("", None, "", True, "auto")),
        ({"effort": None}, Thought()),
    ],
)
def test_how_much_it_thinks(said: dict[str, Any], meant: Thought) -> None:
    assert read(reasoning=said).thought == meant


def test_the_form_of_the_answer() -> None:
    assert read(text={"format": {"type": "json_object"}}).shape == Shape("json")
    form = {"type": "json_schema", "name": "n", "schema": {"type": "object"}, "strict": True, "description": "d"}
    talk = read(text={"format": form, "verbosity": "low"})
    assert talk.shape == Shape("schema", "n", {"type": "object"}, True, "d")
    assert talk.verbosity == "low"
    assert read(text={"format": {"type": "text"}}).shape is None


def test_pictures_files_and_sound_are_read() -> None:
    talk = read(
        input=[
            {
                "role": "user",
                "content": [
                    {"type": "input_image", "image_url": "data:image/jpeg;base64,AAAA", "detail": "low"},
                    {"type": "input_image", "image_url": "https://x.example/a.png"},
                    {"type": "input_file", "filename": "a.pdf", "file_data": "data:application/pdf;base64,AAAA"},
                    {"type": "input_file", "filename": "a.txt", "file_data": "data:text/plain;base64,aGk="},
                    {"type": "input_file", "file_url": "https://x.example/a.pdf"},
                    {"type": "input_audio", "input_audio": {"data": "AAAA", "format": "wav"}},
                    {"type": "input_image", "file_id": "file-1"},
                ],
            }
        ]
    )
    assert talk.turns[0].parts == [
        Image("AAAA", "image/jpeg", detail="low"),
        Image(url="https://x.example/a.png"),
        Document("AAAA", "application/pdf", title="a.pdf"),
        Document(text="hi", media_type="text/plain", title="a.txt"),
        Document(url="https://x.example/a.pdf"),
        Audio("AAAA", "wav"),
        Opaque(
            "openai_responses",
            {"type": "message", "role": "user", "content": [{"type": "input_image", "file_id": "file-1"}]},
            "[image file-1]",
        ),
    ]


def test_a_result_may_be_a_list_with_pictures() -> None:
    output = [{"type": "input_text", "text": "see"}, {"type": "input_image", "image_url": "data:image/png;base64,AA"}]
    talk = read(input=[{"type": "function_call_output", "call_id": "c", "output": output}])
    assert talk.turns[0].parts == [ToolResult("c", [Text("see"), Image("AA", "image/png")])]


def test_the_vendors_own_items_have_words_for_others() -> None:
    shell = {"type": "local_shell_call", "id": "x", "call_id": "c", "action": {"type": "exec", "command": ["ls", "-l"]}}
    search = {"type": "web_search_call", "id": "ws_1", "action": {"type": "search", "query": "rome"}}
    output = {"type": "local_shell_call_output", "id": "x", "output": "a b"}
    reference = {"type": "item_reference", "id": "msg_1"}
    talk = read(input=[shell, search, output, reference])
    assert [(turn.role, [part.summary for part in turn.parts if isinstance(part, Opaque)]) for turn in talk.turns] == [
        ("assistant", ["[ran: ls -l]", "[searched the web: rome]"]),
        ("user", ["[output: a b]"]),
        ("assistant", [""]),
    ]


def test_a_refusal_of_the_model_and_empty_content() -> None:
    talk = read(
        input=[
            {"role": "assistant", "content": [{"type": "refusal", "refusal": "no"}]},
            {"role": "user", "content": ""},
        ]
    )
    assert talk.turns == [Turn("assistant", [Refusal("no")])]


def _thought(**more: Any) -> Thinking:
    part = read(input=[{"type": "reasoning", "summary": [], **more}]).turns[0].parts[0]
    assert isinstance(part, Thinking)
    return part


def test_the_vendors_proof_keeps_the_id_of_its_item() -> None:
    one = _thought(id="rs_1", summary=[{"type": "summary_text", "text": "a"}], encrypted_content="gAAA")
    assert (one.signature, one.origin, one.id) == ("rs_1:gAAA", "openai_responses", "rs_1")
    assert _thought(id="rs_2", encrypted_content="gAAA").redacted


def test_what_another_wire_signed_comes_out_of_its_wrapping() -> None:
    one = _thought(id="rs_tl_1", encrypted_content=marks.seal("anthropic", "EqQB"))
    assert (one.signature, one.origin, one.redacted) == ("EqQB", "anthropic", False)
    bare = _thought(summary=[{"type": "summary_text", "text": "a"}], encrypted_content=marks.seal(""))
    assert (bare.text, bare.signature, bare.origin) == ("a", "", "")


def test_raw_reasoning_comes_before_its_summary() -> None:
    content = [{"type": "reasoning_text", "text": "raw"}]
    assert _thought(content=content, summary=[{"type": "summary_text", "text": "short"}]).text == "raw"
    two = [{"type": "summary_text", "text": "a"}, {"type": "summary_text", "text": "b"}]
    assert _thought(summary=two, content=None).text == "a\n\nb"


def test_members_that_only_this_wire_understands_are_kept() -> None:
    own = {"store": False, "include": ["reasoning.encrypted_content"], "max_tool_calls": 3, "brand_new": {"a": 1}}
    talk = read(**own, reasoning={"effort": "low", "context": "all_turns"}, text={"new": 1}, previous_response_id=None)
    assert talk.own == {**own, "reasoning.context": "all_turns", "text.new": 1}


def test_an_answer_that_goes_on_from_a_stored_one_needs_no_input() -> None:
    assert read(input=None, previous_response_id="resp_1").turns == []


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"input": None}, "input"),
        ({"input": 7}, "input"),
        ({"input": ["x"]}, "input[0]"),
        ({"input": [{"role": "tool", "content": "x"}]}, "input[0].role"),
        ({"input": [{"content": "x"}]}, "input[0].type"),
        ({"input": [{"role": "user", "content": [{"text": "x"}]}]}, "input[0].content[0].type"),
        ({"input": [{"role": "user", "content": [{"type": "input_text"}]}]}, "input[0].content[0].text"),
        ({"input": [{"role": "user", "content": [{"type": "input_image"}]}]}, "input[0].content[0].image_url"),
        ({"input": [{"type": "function_call", "name": "f"}]}, "input[0].call_id"),
        ({"input": [{"type": "function_call_output", "output": "x"}]}, "input[0].call_id"),
        ({"instructions": 1}, "instructions"),
        ({"max_output_tokens": True}, "max_output_tokens"),
        ({"max_output_tokens": 0}, "max_output_tokens"),
        ({"temperature": "hot"}, "temperature"),
        ({"tools": [{"type": "function"}]}, "tools[0].name"),
        ({"tools": [{"type": "namespace", "name": "n", "tools": [{"type": "custom"}]}]}, "tools[0].tools[0].name"),
        ({"tool_choice": "maybe"}, "tool_choice"),
        ({"tool_choice": {"type": "function"}}, "tool_choice.name"),
        ({"reasoning": {"effort": "huge"}}, "reasoning.effort"),
        ({"text": {"format": {"type": "xml"}}}, "text.format.type"),
        ({"text": {"format": {"type": "json_schema", "name": "n"}}}, "text.format.schema"),
    ],
)
def test_what_has_no_meaning_is_refused_by_name(body: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        read(**body)
    assert refused.value.param == param
