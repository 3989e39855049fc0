"""Which tools an Ollama provider is told of, and how."""

import json
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ollama._types import ChatRequest

from trunkline.errors import Failure, InvalidRequest
from trunkline.model.conversation import (
    Conversation,
    Text,
    Tool,
    ToolCall,
    ToolChoice,
    ToolResult,
    Turn,
)
from trunkline.model.dialect import Dialect, Written
from trunkline.wire.ollama.write import write

DIALECT = Dialect("ollama", "qwen3:8b")
HI = Turn("user", [Text("hi")])


def asked(*turns: Turn, **more: Any) -> Conversation:
    return Conversation("anthropic", "m", list(turns) or [HI], **more)


def said(written: Written) -> list[Any]:
    found = written.body["messages"]
    assert isinstance(found, list)
    return found


def test_a_free_text_tool_is_a_function_with_one_string() -> None:
    grammar = {"type": "grammar", "syntax": "lark", "definition": "start: LINE"}
    tool = Tool("apply_patch", "Patches.", custom=True, grammar=grammar)
    call = Turn("assistant", [ToolCall("c", "apply_patch", "*** Begin", custom=True)])
    written = write(
        asked(HI, call, Turn("user", [ToolResult("c", [Text("done")], custom=True)]), tools=[tool]), DIALECT
    )
    assert written.customs == {"apply_patch"}
    assert said(written)[1]["tool_calls"][0]["function"]["arguments"] == {"input": "*** Begin"}
    function = written.body["tools"][0]["function"]  # type: ignore[index]
    assert function["parameters"]["required"] == ["input"]
    assert "start: LINE" in function["description"]


def test_two_namespaces_with_one_name_stay_apart() -> None:
    tools = [Tool("run", namespace="a"), Tool("run", namespace="b"), Tool("go", namespace="a")]
    written = write(asked(tools=tools), DIALECT)
    assert [tool["function"]["name"] for tool in written.body["tools"]] == ["a__run", "b__run", "go"]  # type: ignore[attr-defined]
    assert written.names == {"a__run": "run", "b__run": "run"}


def test_a_schema_is_said_in_words_that_ollama_keeps() -> None:
    schema = {
        "$schema": "x",
        "type": "object",
        "additionalProperties": False,
        "properties": {
            "who": {"$ref": "#/$defs/Who", "description": "the one"},
            "tree": {"$ref": "#/$defs/Tree"},
            "mode": {"const": "fast"},
            "size": {"oneOf": [{"type": "integer", "minimum": 1}, {"type": "null"}]},
            "odd": True,
            "list": {"type": "array", "items": {"$ref": "#/$defs/Who"}},
        },
        "required": ["who", 7],
        "$defs": {
            "Who": {"type": "object", "properties": {"name": {"type": "string", "minLength": 1}}, "required": ["name"]},
            "Tree": {"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}}},
        },
    }
    written = write(asked(tools=[Tool("f", schema=schema), Tool("g")]), DIALECT)
    first, second = (tool["function"]["parameters"] for tool in written.body["tools"])  # type: ignore[attr-defined]
    who = {"type": "object", "properties": {"name": {"type": "string"}}, "required": ["name"]}
    assert first == {
        "type": "object",
        "required": ["who"],
        "properties": {
            "who": {**who, "description": "the one"},
            "tree": {"type": "object", "properties": {"kids": {"type": "array", "items": {}}}},
            "mode": {"enum": ["fast"]},
            "size": {"anyOf": [{"type": "integer"}, {"type": "null"}]},
            "odd": {},
            "list": {"type": "array", "items": {**who, "properties": {"name": {"type": "string", "minLength": 1}}}},
        },
    }
    assert second == {"type": "object", "properties": {}}
    ChatRequest.model_validate(written.body)


def test_a_schema_that_unfolds_without_end_is_cut() -> None:
    defs = {f"D{n}": {"anyOf": [{"$ref": f"#/$defs/D{n + 1}"}, {"$ref": f"#/$defs/D{n + 1}"}]} for n in range(60)}
    schema = {"properties": {"a": {"$ref": "#/$defs/D0"}}, "$defs": defs}
    written = write(asked(tools=[Tool("f", schema=schema)]), DIALECT)
    assert len(json.dumps(written.body)) < 100_000


def test_a_choice_at_the_top_of_a_schema_becomes_all_that_may_be_given() -> None:
    schema = {"anyOf": [{"properties": {"a": {"type": "string"}}, "required": ["a"]}, {"properties": {"b": {}}}]}
    written = write(asked(tools=[Tool("f", schema=schema)]), DIALECT)
    (tool,) = written.body["tools"]  # type: ignore[misc]
    assert tool["function"]["parameters"] == {"type": "object", "properties": {"b": {}, "a": {"type": "string"}}}  # type: ignore[has-type]


def test_a_forced_tool_is_asked_for_behind_all_that_was_said() -> None:
    tools = [Tool("w"), Tool("t")]
    one = write(asked(tools=tools, choice=ToolChoice("one", "w", parallel=False)), DIALECT)
    reminded = "<system-reminder>\nYou must call the tool w.\n</system-reminder>"
    assert said(one) == [{"role": "user", "content": f"hi\n\n{reminded}"}]
    loop = [HI, Turn("assistant", [ToolCall("c", "w")]), Turn("user", [ToolResult("c", [Text("x")])])]
    assert said(write(asked(*loop, tools=tools, choice=ToolChoice("one", "w")), DIALECT))[-1]["content"] == reminded
    assert one.lost == ["tool_choice", "disable_parallel_tool_use"]
    some = write(asked(tools=tools, system=[Text("S")], choice=ToolChoice("any")), DIALECT)
    assert said(some)[0] == {"role": "system", "content": "S"}
    begun = asked(HI, Turn("assistant", [Text("It")]), tools=tools, choice=ToolChoice("any"))
    assert said(write(begun, DIALECT))[0]["content"] == "You must call one of the tools."
    gone = write(asked(tools=tools, choice=ToolChoice("one", "search")), DIALECT)
    assert (said(gone), gone.lost) == ([{"role": "user", "content": "hi"}], ["tool_choice"])
    assert write(asked(tools=tools), DIALECT).lost == []


def test_no_tool_is_offered_where_none_may_be_called() -> None:
    assert "tools" not in write(asked(tools=[Tool("w")], choice=ToolChoice("none")), DIALECT).body
    only = write(asked(tools=[Tool("w"), Tool("t")], choice=ToolChoice(allowed=("t",))), DIALECT)
    assert [tool["function"]["name"] for tool in only.body["tools"]] == ["t"]  # type: ignore[attr-defined]


def test_a_tool_that_the_provider_would_have_to_run_is_named_as_lost() -> None:
    search = Tool("web_search", server=True, kind="web_search_20250305")
    written = write(asked(tools=[search], choice=ToolChoice("one", "web_search")), DIALECT)
    assert "tools" not in written.body
    assert written.lost == ["web_search"]


def test_tools_for_a_model_without_are_refused_or_dropped() -> None:
    without = replace(DIALECT, tools=False)
    with pytest.raises(InvalidRequest):
        write(asked(tools=[Tool("w")]), without)
    dropped = write(asked(tools=[Tool("w")]), replace(without, drop=True))
    assert "tools" not in dropped.body and dropped.lost == ["tools"]


SCHEMA = st.recursive(
    st.booleans() | st.text(max_size=5) | st.just({"$ref": "#/$defs/a"}) | st.just({"type": "object"}),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    "type",
                    "properties",
                    "items",
                    "anyOf",
                    "oneOf",
                    "allOf",
                    "$ref",
                    "$defs",
                    "required",
                    "enum",
                    "a",
                    "const",
                ]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(
    st.dictionaries(st.sampled_from(["properties", "$defs", "anyOf", "allOf", "required", "$ref"]), SCHEMA, max_size=5)
)
def test_any_schema_is_one_that_ollama_reads(schema: dict[str, Any]) -> None:
    try:
        written = write(asked(tools=[Tool("f", schema=schema)]), DIALECT)
    except Failure:
        raise AssertionError("a schema is never refused") from None
    ChatRequest.model_validate(written.body)
