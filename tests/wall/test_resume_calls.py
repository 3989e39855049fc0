"""Calls in a stream that breaks: one of which the client has a part is never spliced, one that it has nothing of is."""

from __future__ import annotations

from typing import Any

import pytest

from tests.property.clients import READERS
from tests.wall.scripted import Scripted
from tests.wall.test_resume import CLIENTS, FIRST, SECOND, Line, calling, is_honest_error, line, resuming

__all__ = ["calling", "line", "resuming"]

SCHEMA: dict[str, Any] = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "note": {"type": "string"}},
    "required": ["city"],
}


def tools(client: str) -> dict[str, Any]:
    match client:
        case "messages":
            return {"tools": [{"name": "weather", "description": "d", "input_schema": SCHEMA}]}
        case "responses":
            return {"tools": [{"type": "function", "name": "weather", "description": "d", "parameters": SCHEMA}]}
        case "gemini":
            offered = {"name": "weather", "description": "d", "parametersJsonSchema": SCHEMA}
            return {"tools": [{"functionDeclarations": [offered]}]}
    function = {"name": "weather", "description": "d", "parameters": SCHEMA}
    return {"tools": [{"type": "function", "function": function}]}


WHOLE = {"anthropic": 10, "openai": 11, "ollama": 8, "gemini": 8}
"""Deltas behind which one call is whole, and another is not."""


def program(line: Line, first: str, second: str, **fault: Any) -> None:
    named = FIRST[first].partition("/")[2]
    line.fake.program({"model": named, "tool": "weather", "slow_ms": 20, **fault})
    line.fake.program({"model": SECOND[second].partition("/")[2], "tool": "weather"})


@pytest.mark.parametrize("first", ["anthropic", "openai"])
@pytest.mark.parametrize("client", ["messages", "chat", "responses"])
def test_a_call_that_has_begun_at_the_client_is_never_gone_on_with(line: Line, client: str, first: str) -> None:
    program(line, first, "openai", cut_after=8)
    reply = line.ask(client, f"{first}-openai", **tools(client))
    assert reply.status == 200
    assert len(line.fake.talks) == 1
    assert is_honest_error(reply.body), reply.body[-800:]


@pytest.mark.parametrize("first", FIRST)
@pytest.mark.parametrize("client", CLIENTS)
def test_whole_calls_without_an_end_are_no_answer(line: Line, client: str, first: str) -> None:
    """Others might have come."""
    program(line, first, "openai", cut_after=WHOLE[first], par=True)
    reply = line.ask(client, f"{first}-openai", **tools(client))
    assert reply.status == 200
    assert len(line.fake.talks) == 1
    assert is_honest_error(reply.body), reply.body[-800:]


@pytest.mark.parametrize("second", SECOND)
@pytest.mark.parametrize("first", ["anthropic", "openai"])
@pytest.mark.parametrize("client", ["ollama", "gemini"])
def test_a_call_that_never_reached_the_client_is_made_by_the_next(
    line: Line, client: str, first: str, second: str
) -> None:
    program(line, first, second, cut_after=8)
    read = line.read(client, f"{first}-{second}", **tools(client))
    assert read.text == "I will call a tool ✓."
    assert [name for name, _ in read.calls] == ["weather"]
    assert len(line.fake.talks) == 2


CALL = b"""data: {"id":"c","created":1,"model":"m","choices":[{"index":0,"delta":{"role":"assistant","content":"",\
"tool_calls":[{"index":0,"id":"call_1","type":"function","function":{"name":"weather","arguments":"{\\"ci"}}]}}]}

"""


@pytest.mark.parametrize("client", CLIENTS)
def test_a_cut_call_fails_over_unseen_where_it_is_told_whole(line: Line, client: str, calling: Scripted) -> None:
    line.fake.program({"model": "wall-2", "tool": "weather"})
    head = b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: close\r\n\r\n"
    calling.pieces = (head, CALL)
    reply = line.ask(client, "calling", **tools(client))
    route = reply.header("x-trunkline-route") or ""
    if client in ("ollama", "gemini"):
        assert ":provider_cut > " in route
        assert [name for name, _ in READERS[CLIENTS[client][1]](reply.body, True).calls] == ["weather"]
    else:
        assert " > " not in route
        assert is_honest_error(reply.body)
        assert len(line.fake.talks) == 0
