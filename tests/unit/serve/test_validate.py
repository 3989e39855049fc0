"""Conversations that are looked through before anything is sent."""

from __future__ import annotations

import json
from typing import Any, Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.making import deployment, snapshot
from trunkline.config.schema import Extras
from trunkline.errors import InvalidRequest
from trunkline.model.wires import Operation
from trunkline.serve.validate import SHORT, check_messages
from trunkline.wire.body import Body

Mode = Literal["short", "always", "off"]
USER = {"role": "user", "content": "hello"}


def look(
    messages: Any,
    *,
    mode: Mode = "short",
    most: int | None = None,
    operation: Operation = "chat",
    strict: bool = False,
    **more: Any,
) -> None:
    given = {} if messages is None else {"messages": messages}
    wanted = snapshot(deployment("m", model="m"), extras=Extras(validate=mode, max_messages=most))
    check_messages(wanted, operation, Body(json.dumps({**given, **more}).encode()), strict=strict)


@pytest.mark.parametrize("operation", ["chat", "messages"])
@pytest.mark.parametrize(
    ("messages", "where"),
    [
        (None, "messages"),
        ([], "messages"),
        ({}, "messages"),
        ("hi", "messages"),
        (["hi"], "messages"),
        ([USER, {"content": "x"}], "messages[1].role"),
        ([{"role": None, "content": "x"}], "messages[0].role"),
        ([{"role": "", "content": "x"}], "messages[0].role"),
        ([{"role": 3, "content": "x"}], "messages[0].role"),
        ([USER, USER, {"role": "user"}], "messages[2].content"),
        ([{"role": "user", "content": None}], "messages[0].content"),
        ([{"role": "user", "content": []}], "messages[0].content"),
        ([{"role": "tool", "content": None}], "messages[0].content"),
        ([{"role": "assistant", "content": None}], "messages[0].content"),
        ([{"role": "assistant", "tool_calls": None}], "messages[0].content"),
    ],
)
def test_what_is_no_conversation_is_named(messages: Any, where: str, operation: Operation) -> None:
    with pytest.raises(InvalidRequest) as caught:
        look(messages, operation=operation)
    assert caught.value.param == where
    assert caught.value.status == 400
    assert caught.value.remedy


@pytest.mark.parametrize(
    "message",
    [
        {"role": "user", "content": ""},
        {"role": "tool", "content": "", "tool_call_id": "c"},
        {"role": "user", "content": [{"type": "text", "text": ""}]},
        {"role": "assistant", "tool_calls": [{"id": "c"}]},
        {"role": "assistant", "content": None, "tool_calls": [{"id": "c"}]},
        {"role": "assistant", "content": [], "function_call": {"name": "f"}},
        {"role": "assistant", "content": None, "refusal": "no"},
        {"role": "assistant", "audio": {"id": "a"}},
        {"role": "assistant", "content": None, "reasoning_content": "hm"},
        {"role": "assistant", "content": []},
        {"role": "function", "name": "f", "content": None},
        {"role": "developer", "content": "x"},
        {"role": "whoever", "content": "x"},
    ],
)
def test_what_may_be_empty_passes(message: dict[str, Any]) -> None:
    look([message])


@pytest.mark.parametrize("operation", ["responses", "completions", "ollama_chat", "embeddings", "other"])
def test_other_operations_have_no_messages_to_look_at(operation: Operation) -> None:
    look(None, operation=operation)
    look([], operation=operation)


def test_long_conversations_are_looked_through_where_that_is_wanted() -> None:
    long = [{"role": "user", "content": "x" * SHORT}, {"role": "user"}]
    look(long)
    for wanted in ({"mode": "always"}, {"strict": True}):
        with pytest.raises(InvalidRequest, match=r"messages\[1\]"):
            look(long, **wanted)
    look([{"role": "user"}], mode="off")


@pytest.mark.parametrize("mode", ["short", "always", "off"])
def test_too_many_messages_are_refused(mode: Mode) -> None:
    look([USER] * 3, most=3, mode=mode)
    with pytest.raises(InvalidRequest, match="4 messages; 3 are") as caught:
        look([USER] * 4, most=3, mode=mode)
    assert "max_messages" in caught.value.remedy
    with pytest.raises(InvalidRequest, match="2001 messages"):
        look([USER] * 2001, most=2000, mode=mode)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["role", "content", "tool_calls", "refusal", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(_JSON)
def test_whatever_stands_there_it_passes_or_is_refused(messages: Any) -> None:
    try:
        look(messages, mode="always")
    except InvalidRequest as refused:
        assert refused.param is not None and refused.param.startswith("messages")
