"""A model is not shown what it cannot take: words take its place, and nothing else of the request changes."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.errors import InvalidRequest
from trunkline.model.dialect import Dialect
from trunkline.model.wires import Operation
from trunkline.upstream.sight import blind, noted, unserved
from trunkline.wire.body import Body

BOTH = frozenset({"image", "document"})
SHOT = {"type": "image", "source": {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}}
PDF = {
    "type": "document",
    "title": "Plan",
    "source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="},
}
NO_IMAGE = "[image omitted: this model cannot see]"
NO_PDF = "[document omitted: this model cannot read it]"


def told(operation: Operation, kinds: frozenset[str] = BOTH, /, **members: Any) -> tuple[Any, set[str]]:
    """(the body as it would be sent, what was lost)"""
    body = Body(json.dumps(members).encode())
    put: dict[str, bytes] = {}
    drop: set[str] = set()
    lost = noted(body, operation, kinds, put, drop)
    return json.loads(body.spliced(put, drop)), lost


def test_a_picture_in_a_turn_and_one_in_a_tools_result_become_words() -> None:
    result = {"type": "tool_result", "tool_use_id": "t", "content": [{"type": "text", "text": "shot"}, SHOT]}
    sent, lost = told("messages", messages=[{"role": "user", "content": [SHOT, result]}])
    note = {"type": "text", "text": NO_IMAGE}
    kept = {**result, "content": [{"type": "text", "text": "shot"}, note]}
    assert sent == {"messages": [{"role": "user", "content": [note, kept]}]}
    assert lost == {"image"}


def test_a_cache_mark_stays_where_it_was() -> None:
    marked = {**SHOT, "cache_control": {"type": "ephemeral", "ttl": "1h"}}
    sent, _ = told("messages", messages=[{"role": "user", "content": [marked]}])
    assert sent["messages"][0]["content"][0]["cache_control"] == {"type": "ephemeral", "ttl": "1h"}


def test_a_document_is_named_by_its_title_and_one_of_text_is_read_out() -> None:
    text = {"type": "document", "title": "Notes", "source": {"type": "text", "media_type": "text/plain", "data": "abc"}}
    sent, lost = told("messages", messages=[{"role": "user", "content": [PDF, text]}])
    assert [block["text"] for block in sent["messages"][0]["content"]] == [f"{NO_PDF} Plan", "Notes\n\nabc"]
    assert lost == {"document"}
    assert told("messages", messages=[{"role": "user", "content": [text]}])[1] == set()


def test_what_the_model_can_take_is_left() -> None:
    by_id = {"type": "image", "source": {"type": "file", "file_id": "f"}}
    turns = [{"role": "user", "content": [PDF, SHOT, by_id]}]
    sent, lost = told("messages", frozenset({"document"}), messages=turns)
    assert sent["messages"][0]["content"][1:] == [SHOT, by_id]
    assert lost == {"document"}
    assert told("messages", frozenset({"image"}), messages=turns)[0]["messages"][0]["content"][0] == PDF


def test_a_call_whose_arguments_look_like_a_picture_is_left_alone() -> None:
    call = {"type": "tool_use", "id": "t", "name": "draw", "input": {"content": [SHOT], "source": SHOT}}
    turns = [{"role": "assistant", "content": [call]}]
    assert told("messages", messages=turns) == ({"messages": turns}, set())


@pytest.mark.parametrize(
    ("operation", "members", "sent", "lost"),
    [
        (
            "chat",
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "data:x"}}]}]},
            {"messages": [{"role": "user", "content": [{"type": "text", "text": NO_IMAGE}]}]},
            {"image"},
        ),
        (
            "chat",
            {"messages": [{"role": "user", "content": [{"type": "file", "file": {"file_data": "data:x"}}]}]},
            {"messages": [{"role": "user", "content": [{"type": "text", "text": NO_PDF}]}]},
            {"document"},
        ),
        (
            "responses",
            {
                "input": [
                    {"role": "user", "content": [{"type": "input_image", "image_url": "data:x"}]},
                    {
                        "type": "function_call_output",
                        "call_id": "c",
                        "output": [{"type": "input_file", "file_id": "f"}],
                    },
                ]
            },
            {
                "input": [
                    {"role": "user", "content": [{"type": "input_text", "text": NO_IMAGE}]},
                    {
                        "type": "function_call_output",
                        "call_id": "c",
                        "output": [{"type": "input_text", "text": NO_PDF}],
                    },
                ]
            },
            {"image", "document"},
        ),
        (
            "ollama_chat",
            {"messages": [{"role": "user", "content": "Look", "images": ["aGk="]}]},
            {"messages": [{"role": "user", "content": f"Look\n{NO_IMAGE}"}]},
            {"image"},
        ),
        ("ollama_generate", {"prompt": "Look?", "images": ["aGk="]}, {"prompt": f"Look?\n{NO_IMAGE}"}, {"image"}),
        (
            "generate",
            {"contents": [{"parts": [{"inlineData": {"mimeType": "image/png", "data": "x"}}, {"text": '"image'}]}]},
            {"contents": [{"parts": [{"text": NO_IMAGE}, {"text": '"image'}]}]},
            {"image"},
        ),
    ],
)
def test_every_format_has_its_own_words_for_it(
    operation: Operation, members: dict[str, Any], sent: dict[str, Any], lost: set[str]
) -> None:
    assert told(operation, **members) == (sent, lost)


def test_all_else_keeps_its_bytes() -> None:
    call = (
        b'{"type": "tool_use", "id":"t","name":"f","input":{"n": 12345678901234567890123, "x" : 1.50, "e":"\\u00e9"}}'
    )
    raw = b'{"messages":[{"role":"assistant","content":[%s]},{"role":"user","content":[%s]}]}'
    put: dict[str, bytes] = {}
    noted(Body(raw % (call, json.dumps(SHOT).encode())), "messages", BOTH, put, set())
    assert call in put["messages"]


def test_nothing_is_touched_without_a_picture() -> None:
    body = Body(b'{"messages": [ {"role":"user","content":"an \\"image\\" from a \\"source\\""} ]}')
    put: dict[str, bytes] = {}
    assert noted(body, "messages", BOTH, put, set()) == set()
    assert not put


def test_what_cannot_be_read_is_the_callers_fault() -> None:
    block = b'{"type":"image","source":{},"title":"\xff"}'
    body = Body(b'{"messages":[{"role":"user","content":[%s]}]}' % block)
    with pytest.raises(InvalidRequest):
        noted(body, "messages", BOTH, {}, set())


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8")) | st.just(SHOT) | st.just(PDF),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["content", "type", "source", "images", "parts", "x"]), inner, max_size=3)
    ),
    max_leaves=12,
)


@given(JSON, st.sampled_from(["messages", "chat", "ollama_chat", "responses", "generate"]))
def test_any_shape_is_survived_and_looking_twice_finds_nothing_more(value: Any, operation: Operation) -> None:
    member = {"responses": "input", "generate": "contents"}.get(operation, "messages")
    once, _ = told(operation, **{member: value})
    again, lost = told(operation, **once)
    assert again == once
    assert not lost


def test_only_what_the_catalog_denies_is_taken_as_unseen() -> None:
    assert blind(Dialect("", "")) == set()
    assert blind(Dialect("", "", vision=True, documents=True)) == set()
    assert blind(Dialect("", "", vision=False)) == {"image"}
    assert blind(Dialect("", "", vision=True, documents=False)) == {"document"}


SEARCH = {"type": "web_search_20250305", "name": "web_search", "max_uses": 8}
OWN = {"name": "Read", "description": "since _2025", "input_schema": {"type": "object"}}


def served(provider: str, **members: Any) -> tuple[Any, list[str]]:
    body = Body(json.dumps(members).encode())
    put: dict[str, bytes] = {}
    drop: set[str] = set()
    lost = unserved(body, provider, put, drop)
    return json.loads(body.spliced(put, drop)), lost


def test_a_server_tool_goes_where_nobody_runs_it_and_the_others_stay() -> None:
    choice = {"type": "auto"}
    assert served("zai", tools=[SEARCH, OWN], tool_choice=choice) == (
        {"tools": [OWN], "tool_choice": choice},
        ["web_search"],
    )


def test_a_choice_of_the_tool_that_went_goes_too() -> None:
    choice = {"type": "tool", "name": "web_search"}
    assert served("zai", tools=[SEARCH, OWN], tool_choice=choice)[0] == {"tools": [OWN]}
    assert served("bigmodel", tools=[SEARCH], tool_choice={"type": "any"}) == ({}, ["web_search"])


def test_tools_that_the_client_runs_stay_and_so_does_all_at_a_provider_that_is_not_known_to_lack_any() -> None:
    shell = {"type": "bash_20250124", "name": "bash"}
    assert served("zai", tools=[shell, OWN]) == ({"tools": [shell, OWN]}, [])
    assert served("anthropic", tools=[SEARCH]) == ({"tools": [SEARCH]}, [])
    assert served("deepseek", tools=[SEARCH]) == ({"tools": [SEARCH]}, [])


def test_a_search_among_tools_is_named_as_everywhere() -> None:
    finder = {"type": "tool_search_tool_regex_20251119", "name": "tool_search_tool_regex"}
    assert served("zai", tools=[finder, OWN]) == ({"tools": [OWN]}, ["tool_search"])
