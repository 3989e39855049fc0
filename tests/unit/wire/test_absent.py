"""A tool that the provider lacks is answered for: in the client's own form, and to the model when it comes back."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from trunkline.model.conversation import Conversation, Opaque, Part, Text, Tool, ToolCall, ToolChoice, ToolResult, Turn
from trunkline.model.dialect import Dialect, Written
from trunkline.model.events import ArgumentsDelta, BlockStop, Event, Other, Start, Stop, TextDelta, TextStart, ToolStart
from trunkline.model.grammar import check
from trunkline.model.wires import Wire
from trunkline.wire import absent
from trunkline.wire.codecs import codec
from trunkline.wire.restore import Restore

SEARCH = Tool("web_search", server=True, kind="web_search", raw={"type": "web_search_20250305"}, origin="anthropic")
READ = Tool("Read", schema={"type": "object"})
SAID: list[Event] = [TextStart(), TextDelta("No search here."), BlockStop(), Stop("end")]
CALL: list[Event] = [ToolStart("c1", "web_search"), ArgumentsDelta('{"que'), ArgumentsDelta('ry":"x"}'), BlockStop()]


def asked(wire: Wire = "anthropic", **more: Any) -> Conversation:
    turns = [Turn("user", [Text("Perform a web search for the query: x")])]
    return Conversation(wire, "m", turns, tools=[SEARCH, READ], **more)


def restored(talk: Conversation, *events: Event) -> list[Event]:
    out = Restore(talk, Written({}, absent={"web_search": "web_search"})).events([Start(), *events])
    check(out)
    return out


def blocks(events: list[Event]) -> list[dict[str, Any]]:
    return [event.raw for event in events if isinstance(event, Other)]


@pytest.mark.parametrize(
    ("wire", "provider"),
    [
        ("anthropic", Dialect("zai", "glm-4.6")),
        ("openai_chat", Dialect("openai", "gpt-4o")),
        ("openai_responses", Dialect("xai", "grok-4")),
        ("ollama", Dialect("ollama", "qwen3:8b")),
        ("gemini", Dialect("gemini", "gemini-3.8-flash")),
    ],
)
def test_every_format_tells_the_model_what_is_missing(wire: Wire, provider: Dialect) -> None:
    written = codec(wire).write(asked(), provider)
    assert written.absent == {"web_search": "web_search"}
    assert written.lost == ["web_search"]
    assert "Not available in this conversation: web_search." in str(written.body)


def test_what_is_demanded_is_answered_before_the_models_own_words() -> None:
    out = restored(asked(choice=ToolChoice("one", "web_search")), *SAID)
    use, result = blocks(out)
    assert (use["type"], use["name"]) == ("server_tool_use", "web_search")
    assert use["input"] == {"query": "x"}
    assert result == {
        "type": "web_search_tool_result",
        "tool_use_id": use["id"],
        "content": {"type": "web_search_tool_result_error", "error_code": "unavailable"},
    }
    assert out[3:] == SAID


def test_nothing_is_said_before_the_provider_has_said_something() -> None:
    talk = asked(choice=ToolChoice("one", "web_search"))
    assert Restore(talk, Written({}, absent={"web_search": "web_search"})).events([Start()]) == [Start()]


def test_a_demand_of_any_tool_is_one_of_the_missing_only_where_there_is_no_other() -> None:
    alone = replace(asked(choice=ToolChoice("any")), tools=[SEARCH])
    assert blocks(restored(alone, *SAID))
    assert not blocks(restored(asked(choice=ToolChoice("any")), *SAID))


def test_claude_codes_own_search_is_a_demand_whether_it_says_so_or_not() -> None:
    assert blocks(restored(replace(asked(), tools=[SEARCH]), *SAID))
    plain = replace(asked(), tools=[SEARCH], turns=[Turn("user", [Text("Hi")])])
    assert not blocks(restored(plain, *SAID))


def test_a_call_made_all_the_same_is_no_call_of_the_clients() -> None:
    out = restored(asked(), *CALL, Stop("tool"))
    use, _ = blocks(out)
    assert use["input"] == {"query": "x"}
    assert not any(isinstance(event, ToolStart) for event in out)
    assert out[-1] == Stop("pause")


def test_a_call_beside_one_of_the_clients_leaves_the_turn_to_the_client() -> None:
    out = restored(asked(), *CALL, ToolStart("c2", "Read"), BlockStop(), Stop("tool"))
    assert len(blocks(out)) == 2 and out[-1] == Stop("tool")


def test_a_client_that_has_a_tool_of_that_name_itself_is_given_the_call() -> None:
    talk = replace(asked(), tools=[SEARCH, Tool("web_search", schema={})])
    assert ToolStart("c1", "web_search") in restored(talk, *CALL, Stop("tool"))


def test_responses_has_items_that_failed() -> None:
    talk = replace(asked("openai_responses"), own={"tool_choice": {"type": "web_search"}})
    [item] = blocks(restored(talk, *SAID))
    assert (item["type"], item["status"], item["action"]["type"]) == ("web_search_call", "failed", "search")
    [item] = blocks(restored(asked("openai_responses"), *CALL, Stop("tool")))
    assert item["action"] == {"type": "search", "query": "x"}


@pytest.mark.parametrize("wire", ["openai_chat", "ollama", "gemini"])
def test_a_format_without_such_blocks_says_it_in_words(wire: Wire) -> None:
    out = restored(asked(wire), *CALL, Stop("tool"))
    assert out[1:] == [TextStart(), TextDelta("[web_search is not available here.]"), BlockStop(), Stop("end")]


def failed(ident: str = "srvtoolu_1", code: str = "unavailable") -> list[Part]:
    error = {"type": "web_search_tool_result_error", "error_code": code}
    return [
        Opaque("anthropic", {"type": "server_tool_use", "id": ident, "name": "web_search", "input": {"query": "x"}}),
        Opaque("anthropic", {"type": "web_search_tool_result", "tool_use_id": ident, "content": error}),
    ]


RESULT = ToolResult("srvtoolu_1", [Text("web_search failed: unavailable.")], failed=True, name="web_search")
AS_CALL = ToolCall("srvtoolu_1", "web_search", '{"query":"x"}')


def replayed(*turns: Turn) -> list[tuple[str, list[Part]]]:
    talk = Conversation("anthropic", "m", [Turn("user", [Text("a")]), *turns])
    return [(turn.role, turn.parts) for turn in absent.replayed(talk).turns[1:]]


def test_a_turn_that_was_paused_goes_on_behind_the_result() -> None:
    assert replayed(Turn("assistant", failed())) == [("assistant", [AS_CALL]), ("user", [RESULT])]


def test_words_behind_the_result_stay_behind_it() -> None:
    said: list[Part] = [Text("I will look."), *failed(), Text("It is not there.")]
    assert replayed(Turn("assistant", said), Turn("user", [Text("b")])) == [
        ("assistant", [Text("I will look."), AS_CALL]),
        ("user", [RESULT]),
        ("assistant", [Text("It is not there.")]),
        ("user", [Text("b")]),
    ]


def test_a_result_stands_before_what_the_user_says_next() -> None:
    assert replayed(Turn("assistant", failed()), Turn("user", [Text("b")])) == [
        ("assistant", [AS_CALL]),
        ("user", [RESULT, Text("b")]),
    ]


def test_a_search_that_worked_is_left_to_the_formats() -> None:
    worked = failed()
    assert isinstance(worked[1], Opaque)
    worked[1].raw["content"] = [{"type": "web_search_result", "title": "t", "url": "u"}]
    assert replayed(Turn("assistant", list(worked))) == [("assistant", worked)]


def test_a_failed_item_of_responses_is_a_call_that_failed() -> None:
    raw = {"type": "web_search_call", "id": "ws_1", "status": "failed", "action": {"type": "search", "query": "x"}}
    talk = Conversation("openai_responses", "m", [Turn("assistant", [Opaque("openai_responses", raw)])])
    call, result = absent.replayed(talk).turns
    assert isinstance(call.parts[0], ToolCall) and call.parts[0].name == "web_search"
    assert isinstance(result.parts[0], ToolResult) and result.parts[0].failed


def test_a_search_among_tools_is_not_missed() -> None:
    """All tools are offered where it is not there."""
    finder = Tool("tool_search_tool_regex", server=True, kind="tool_search", origin="anthropic")
    assert absent.note([finder]) == ""
    assert "tool_search" not in absent.note([finder, SEARCH])
