"""What clients of the Messages API send, as it is understood."""

from __future__ import annotations

from typing import Any

import pytest

from trunkline.errors import InvalidRequest
from trunkline.model.conversation import Document, Image, Opaque, Text, Thinking, ToolCall, ToolResult
from trunkline.wire import marks
from trunkline.wire.anthropic import signature
from trunkline.wire.anthropic.codec import CODEC


def read(messages: Any = None, **more: Any) -> Any:
    body = {"model": "m", "max_tokens": 10, "messages": messages or [{"role": "user", "content": "hi"}], **more}
    return CODEC.read(body, model=body["model"], streamed=False)


def parts(*blocks: Any, role: str = "user") -> Any:
    return read([{"role": role, "content": list(blocks)}]).turns[0].parts


def test_a_current_claude_code_is_understood() -> None:
    got = read(
        [
            {"role": "user", "content": [{"type": "text", "text": "<system-reminder>x</system-reminder>"}]},
            {"role": "system", "content": "# Environment", "output_config": {"effort": "medium"}},
            {
                "role": "assistant",
                "content": [
                    {"type": "thinking", "thinking": "", "signature": "c2ln"},
                    {"type": "tool_use", "id": "toolu_1", "name": "Bash", "input": {"command": "ls"}},
                ],
            },
            {
                "role": "user",
                "content": [
                    {
                        "tool_use_id": "toolu_1",
                        "type": "tool_result",
                        "content": "a",
                        "is_error": False,
                        "cache_control": {"type": "ephemeral"},
                    }
                ],
            },
        ],
        model="claude-opus-5-5[1m]",
        system=[
            {"type": "text", "text": "x-anthropic-billing-header: cc_version=2"},
            {"type": "text", "text": "You are", "cache_control": {"type": "ephemeral", "ttl": "1h"}},
        ],
        metadata={"user_id": '{"device_id":"d","session_id":"s-1"}'},
        thinking={"type": "adaptive", "display": "omitted"},
        output_config={"effort": "medium", "task_budget": {"type": "tokens", "total": 9}},
        context_management={"edits": []},
        tools=[{"name": "Bash", "input_schema": {"type": "object"}, "defer_loading": True}],
        stream=True,
    )
    assert got.model == "claude-opus-5-5"
    assert [turn.role for turn in got.turns] == ["user", "system", "assistant", "user"]
    assert got.turns[2].parts[0] == Thinking("", "c2ln", "anthropic")
    assert got.turns[3].parts == [ToolResult("toolu_1", [Text("a")], cached="5m")]
    assert got.system[1] == Text("You are", "1h")
    assert (got.session, got.user) == ("s-1", '{"device_id":"d","session_id":"s-1"}')
    assert (got.thought.mode, got.thought.effort, got.thought.shown) == ("adaptive", "medium", False)
    assert got.own == {
        "context_management": {"edits": []},
        "output_config": {"task_budget": {"type": "tokens", "total": 9}},
    }
    assert got.tools[0].raw == {"defer_loading": True}


def test_the_session_of_an_older_claude_code_is_found() -> None:
    got = read(metadata={"user_id": "user_0d65_account__session_12345678-90ab-cdef-1234-567890abcdef"})
    assert got.session == "12345678-90ab-cdef-1234-567890abcdef"


def test_a_budget_is_read() -> None:
    got = read(thinking={"type": "enabled", "budget_tokens": 31999, "display": "updates"})
    assert (got.thought.mode, got.thought.budget, got.thought.shown) == ("on", 31999, True)


def test_pictures_and_files() -> None:
    got = parts(
        {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "QQ=="}},
        {"type": "image", "source": {"type": "url", "url": "https://x/y.png"}},
        {"type": "image", "source": {"type": "file", "file_id": "f"}},
        {"type": "document", "title": "T", "source": {"type": "text", "media_type": "text/plain", "data": "words"}},
        {"type": "document", "source": {"type": "base64", "media_type": "application/pdf", "data": "QQ=="}},
    )
    assert got[:2] == [Image("QQ==", "image/png"), Image(url="https://x/y.png")]
    assert isinstance(got[2], Opaque) and got[2].summary == "[image]"
    assert got[3] == Document(text="words", media_type="text/plain", title="T")
    assert got[4] == Document("QQ==", "application/pdf")


def test_a_result_keeps_its_pictures_and_that_it_failed() -> None:
    picture = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "QQ=="}}
    [got] = parts(
        {
            "type": "tool_result",
            "tool_use_id": "t",
            "is_error": True,
            "content": [{"type": "text", "text": "no"}, picture, {"type": "tool_reference", "tool_name": "Grep"}],
        }
    )
    assert got.failed
    assert got.content == [Text("no"), Image("QQ==", "image/png"), Text("The tool Grep can be called now.")]


def test_what_is_told_about_a_document_stands_before_it() -> None:
    source = {"type": "text", "media_type": "text/plain", "data": "words"}
    document = {"type": "document", "source": source, "title": "t", "context": "a draft"}
    kept = Document(text="words", media_type="text/plain", title="t")
    assert parts(document) == [Text("[about t: a draft]"), kept]
    (result,) = parts({"type": "tool_result", "tool_use_id": "x", "content": [{**document, "title": None}]})
    assert result.content == [
        Text("[about the next document: a draft]"),
        Document(text="words", media_type="text/plain"),
    ]


def test_what_no_result_can_hold_elsewhere_stands_beside_it() -> None:
    state = {"type": "browser_state", "url": "x"}
    held = [{"type": "text", "text": "done"}, state]
    result, beside = parts({"type": "tool_result", "tool_use_id": "x", "content": held})
    assert (result, beside) == (ToolResult("x", [Text("done")]), Opaque("anthropic", state))


def test_what_servers_of_the_vendor_made_stays_as_it_is() -> None:
    raw = {
        "type": "web_search_tool_result",
        "tool_use_id": "srvtoolu_1",
        "content": [{"type": "web_search_result", "url": "https://x", "title": "X", "encrypted_content": "e"}],
    }
    [got] = parts(raw, role="assistant")
    assert got == Opaque("anthropic", raw, "Search results:\nX\nhttps://x")


def test_our_mark_comes_back_as_what_it_holds() -> None:
    sealed = signature.shown("openai_responses", "gAAAA", "rs_1")
    got = parts(
        {"type": "thinking", "thinking": "a", "signature": sealed},
        {"type": "thinking", "thinking": "b", "signature": marks.seal("")},
        {"type": "thinking", "thinking": "c", "signature": ""},
        role="assistant",
    )
    assert got == [Thinking("a", "gAAAA", "openai_responses", id="rs_1"), Thinking("b"), Thinking("c")]


def test_the_signature_of_a_call_comes_back_into_the_call() -> None:
    got = parts(
        {"type": "thinking", "thinking": "", "signature": signature.of_call("gem:1")},
        {"type": "tool_use", "id": "t", "name": "f", "input": {}},
        role="assistant",
    )
    assert got == [ToolCall("t", "f", "{}", signature="gem:1")]


def test_tools_of_three_kinds() -> None:
    mine, built_in, theirs = read(
        tools=[
            {"name": "f", "input_schema": {"type": "object"}, "strict": True, "cache_control": {"type": "ephemeral"}},
            {"type": "bash_20250124", "name": "bash"},
            {"type": "web_search_20250305", "name": "web_search", "max_uses": 2},
        ]
    ).tools
    assert (mine.strict, mine.cached, mine.server) == (True, "5m", False)
    assert built_in.schema["properties"]["command"] and not built_in.server
    assert (theirs.server, theirs.kind, theirs.raw["max_uses"]) == (True, "web_search", 2)


def test_examples_of_a_tools_input_are_told_with_what_it_does() -> None:
    told = {"name": "f", "description": "Finds.", "input_schema": {}, "input_examples": [{"q": "größe"}]}
    assert read(tools=[told]).tools[0].description == 'Finds.\n\nExamples of its input: [{"q":"größe"}]'
    assert read(tools=[{**told, "input_examples": []}]).tools[0].description == "Finds."


def test_the_choice_of_a_tool() -> None:
    got = read(tool_choice={"type": "tool", "name": "f", "disable_parallel_tool_use": True}).choice
    assert (got.mode, got.name, got.parallel) == ("one", "f", False)


def test_the_form_of_the_answer() -> None:
    schema = {"type": "object"}
    assert read(output_config={"format": {"type": "json_schema", "schema": schema}}).shape.schema == schema
    assert read(output_format={"type": "json_schema", "schema": schema}).shape.schema == schema


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({"messages": []}, "messages"),
        ({"messages": ["x"]}, "messages.0"),
        ({"messages": [{"role": "tool", "content": "x"}]}, "messages.0.role"),
        ({"messages": [{"role": "user", "content": 7}]}, "messages.0.content"),
        ({"messages": [{"role": "user", "content": [{}]}]}, "messages.0.content.0.type"),
        ({"max_tokens": "many"}, "max_tokens"),
        ({"max_tokens": -1}, "max_tokens"),
        ({"temperature": True}, "temperature"),
        ({"thinking": {"type": "hard"}}, "thinking.type"),
        ({"tool_choice": {"type": "some"}}, "tool_choice.type"),
        ({"tools": [{"input_schema": {}}]}, "tools.0.name"),
        ({"system": [{"type": "image"}]}, "system.0"),
        ({"stop_sequences": "x"}, "stop_sequences"),
        ({"metadata": {"user_id": 7}}, "metadata.user_id"),
    ],
)
def test_what_has_no_meaning_is_refused_by_name(body: dict[str, Any], param: str) -> None:
    whole = {"max_tokens": 1, "messages": [{"role": "user", "content": "hi"}], **body}
    with pytest.raises(InvalidRequest) as caught:
        CODEC.read(whole, model="m", streamed=False)
    assert caught.value.param == param
