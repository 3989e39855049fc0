"""What Claude and its clones are sent."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.fake.anthropic_rules import check
from tests.unit.wire.anthropic.making import (
    CLAUDE,
    GLM,
    NEWEST,
    OLLAMA,
    OPUS_5,
    call,
    chat,
    model,
    result,
    system,
    user,
)
from tests.unit.wire.catalogued import catalogued
from trunkline.errors import InvalidRequest
from trunkline.model.conversation import (
    Audio,
    Conversation,
    Document,
    Image,
    Opaque,
    Sampling,
    Shape,
    Text,
    Thinking,
    Thought,
    Tool,
    ToolChoice,
    ToolResult,
)
from trunkline.model.dialect import Dialect, Written
from trunkline.wire import marks
from trunkline.wire.anthropic.codec import CODEC

GLM_5_3 = replace(GLM, model="glm-5.3", always_thinks=True)
LOOK = Tool("look", "Looks.", {"type": "object", "properties": {}})
HEADERS = {"anthropic-version": "2023-06-01", "anthropic-beta": "context-management-2025-06-27"}
SIGNED = "ZmFrZS1zaWduYXR1cmU6MQ=="
PNG = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"


def write(conversation: Conversation, dialect: Dialect = CLAUDE) -> Written:
    """Written, and accepted by the rules of the vendor."""
    written = CODEC.write(conversation, dialect)
    check(json.loads(json.dumps(written.body)), HEADERS, lenient=dialect.provider != "anthropic")
    return written


def body(conversation: Conversation, dialect: Dialect = CLAUDE) -> Any:
    return write(conversation, dialect).body


def said(conversation: Conversation, dialect: Dialect = CLAUDE) -> Any:
    """The messages without the marks for the cache."""
    messages: Any = json.loads(json.dumps(body(conversation, dialect)["messages"]))
    for message in messages:
        for block in message["content"]:
            block.pop("cache_control", None)
    return messages


def words(text: str) -> dict[str, str]:
    return {"type": "text", "text": text}


def test_results_stand_before_words_in_one_message() -> None:
    got = said(
        chat(
            user("go"),
            model("well", call("a"), call("b")),
            user("also", result("b", "2")),
            user(result("a", "1")),
            tools=[LOOK],
        )
    )
    assert [block["type"] for block in got[2]["content"]] == ["tool_result", "tool_result", "text"]
    assert [block.get("tool_use_id") for block in got[2]["content"]] == ["b", "a", None]


def test_a_cut_history_is_mended() -> None:
    written = write(chat(user(result("gone", "old")), model(call("a")), user("and?"), tools=[LOOK]))
    got = written.body["messages"]
    assert isinstance(got, list)
    assert got[0]["content"][0] == words("[result of an earlier tool call]")
    assert got[2]["content"][0] == {
        "type": "tool_result",
        "tool_use_id": "a",
        "content": "[interrupted]",
        "is_error": True,
    }
    assert written.repairs == ["orphan_result", "interrupted_call"]


def test_a_user_speaks_first_and_nobody_says_nothing() -> None:
    got = said(chat(model("before"), user(""), model("", " "), user("  ")))
    assert [message["role"] for message in got] == ["user", "assistant", "user"]
    assert got[2]["content"] == [words("(empty message)"), words("(empty message)")]


def test_ids_that_claude_refuses_are_made_anew_on_both_sides() -> None:
    got = said(
        chat(user("go"), model(call("a.1")), user(result("a.1")), model(call("a.1")), user(result("a.1")), tools=[LOOK])
    )
    first, second = got[1]["content"][0]["id"], got[3]["content"][0]["id"]
    assert first != second
    assert got[2]["content"][0]["tool_use_id"] == first and got[4]["content"][0]["tool_use_id"] == second


def test_arguments_are_always_an_object() -> None:
    broken = ["", "[1]", '"x"', '{"a":', '{"a":1}']
    calls = [call(f"c{nth}", arguments=text) for nth, text in enumerate(broken)]
    got = said(chat(user("go"), model(*calls), user(*(result(one.id) for one in calls)), tools=[LOOK]))
    assert [block["input"] for block in got[1]["content"]] == [
        {}, {"value": [1]}, {"value": "x"}, {"_raw": '{"a":'}, {"a": 1},
    ]  # fmt: skip


def test_a_system_in_the_middle_stays_where_it_is() -> None:
    talk = chat(user("go"), model(call()), system("be brief"), user(result()), model("ok"), user("more"), tools=[LOOK])
    assert [message["role"] for message in said(talk, OPUS_5)] == [
        "user",
        "assistant",
        "user",
        "system",
        "assistant",
        "user",
    ]
    older = said(talk, CLAUDE)
    assert older[2]["content"][1] == words("<system-reminder>\nbe brief\n</system-reminder>")


def test_leading_systems_go_above_and_a_lonely_one_is_said_by_the_user() -> None:
    assert body(chat(system("one"), user("hi")))["system"][0]["text"] == "one"
    alone = write(chat(system=[Text("do it")]))
    assert "system" not in alone.body and alone.repairs == ["system_as_user"]


def test_thinking_goes_back_only_to_who_signed_it() -> None:
    talk = chat(
        user("go"),
        model(
            Thinking("mine", SIGNED, "anthropic"),
            Thinking("theirs", "x", "openai_responses"),
            Thinking("marked", marks.seal(""), "anthropic"),
            Thinking("", SIGNED, "anthropic", redacted=True),
            "words",
        ),
        user("on"),
    )
    assert [block["type"] for block in said(talk)[1]["content"]] == ["thinking", "redacted_thinking", "text"]
    clone = said(talk, GLM)[1]["content"]
    assert [(block["thinking"], block["signature"]) for block in clone[:3]] == [
        ("mine", SIGNED),
        ("theirs", ""),
        ("marked", ""),
    ]
    assert len(clone) == 4


def test_thinking_is_not_the_last_of_a_message() -> None:
    got = said(chat(user("go"), model("a", Thinking("t", SIGNED, "anthropic")), user("on")))
    assert got[1]["content"] == [words("a")]


def test_a_loop_without_its_thinking_is_gone_on_without() -> None:
    talk = chat(user("go"), model(call()), user(result()), tools=[LOOK], thought=Thought(effort="high"))
    written = write(talk)
    assert "thinking" not in written.body and "thinking_paused" in written.repairs
    assert body(talk, OPUS_5)["thinking"] == {"type": "adaptive"}


@pytest.mark.parametrize(
    ("dialect", "thought", "thinking", "effort"),
    [
        (CLAUDE, Thought(), None, None),
        (CLAUDE, Thought(effort="low"), {"type": "enabled", "budget_tokens": 2048}, None),
        (CLAUDE, Thought("adaptive", effort="high"), {"type": "enabled", "budget_tokens": 24_000}, None),
        (CLAUDE, Thought("off"), {"type": "disabled"}, None),
        (NEWEST, Thought("off"), None, "low"),
        (NEWEST, Thought("on", 2000), {"type": "adaptive"}, "low"),
        (NEWEST, Thought(effort="max"), {"type": "adaptive"}, "max"),
        (OPUS_5, Thought("off", effort="max"), {"type": "disabled"}, "high"),
        (OPUS_5, Thought("on", shown=True), {"type": "adaptive", "display": "summarized"}, None),
        (replace(NEWEST, model="claude-sonnet-5-5"), Thought(effort="none"), {"type": "between_tools"}, None),
        (replace(CLAUDE, model="claude-opus-4-6"), Thought(effort="xhigh"), {"type": "adaptive"}, "high"),
        (replace(CLAUDE, model="claude-3-5-haiku-latest"), Thought(effort="high"), None, None),
        (GLM, Thought("adaptive", effort="high"), {"type": "enabled", "budget_tokens": 24_000}, None),
        (GLM_5_3, Thought("adaptive", effort="high"), {"type": "enabled", "budget_tokens": 24_000}, "high"),
        (GLM_5_3, Thought("off"), None, "low"),
    ],
)
def test_thinking_is_asked_for_as_the_model_takes_it(
    dialect: Dialect, thought: Thought, thinking: Any, effort: Any
) -> None:
    got = body(chat(user("hi"), thought=thought, limit=32_000), catalogued(dialect))
    assert got.get("thinking") == thinking
    assert got.get("output_config", {}).get("effort") == effort


def test_a_budget_leaves_room_for_the_answer() -> None:
    assert body(chat(user("hi"), thought=Thought(effort="high"), limit=4000))["thinking"]["budget_tokens"] == 3000
    tight = write(chat(user("hi"), thought=Thought(effort="high"), limit=500))
    assert "thinking" not in tight.body and tight.lost == ["reasoning_effort"]


def test_the_limit_is_always_said() -> None:
    assert body(chat(user("hi")))["max_tokens"] == 32_000
    assert body(chat(user("hi")), OLLAMA)["max_tokens"] == 8192
    assert body(chat(user("hi"), limit=10**6))["max_tokens"] == 64_000


def test_sampling_is_fitted_or_named() -> None:
    wish = Sampling(temperature=1.7, top_p=0.9, top_k=5, seed=1, presence=0.5)
    older = write(chat(user("hi"), sampling=wish))
    assert older.body["temperature"] == 1 and older.body["top_k"] == 5
    assert older.lost == ["top_p", "seed", "presence_penalty"]
    newest = write(chat(user("hi"), sampling=wish), NEWEST)
    assert newest.lost == ["temperature", "top_p", "top_k", "seed", "presence_penalty"]
    thoughtful = write(chat(user("hi"), sampling=Sampling(temperature=0.2), thought=Thought(effort="low")))
    assert thoughtful.lost == ["temperature"]


def test_a_forced_tool_is_asked_for_where_it_may_not_be_forced() -> None:
    talk = chat(user("hi"), tools=[LOOK], choice=ToolChoice("one", "look", parallel=False))
    assert body(talk)["tool_choice"] == {"type": "tool", "name": "look", "disable_parallel_tool_use": True}
    newest = write(talk, NEWEST)
    assert newest.body["tool_choice"] == {"type": "auto", "disable_parallel_tool_use": True}
    asked: Any = newest.body["messages"]
    demand = 'You must call the tool "look" in this turn.'
    assert asked[-1]["content"][-1]["text"] == f"<system-reminder>\n{demand}\n</system-reminder>"
    assert ("system" in newest.body, newest.repairs) == (False, ["tool_choice"])
    begun: Any = body(
        chat(user("hi"), model("It"), tools=[LOOK], choice=ToolChoice("any")), replace(CLAUDE, forced_tool=False)
    )
    assert (
        begun["system"][-1]["text"] == "You must call one of your tools in this turn."
    )  # nothing stands behind a prefill
    thoughtful = write(replace(talk, thought=Thought(effort="high")))
    assert thoughtful.body["thinking"] == {"type": "disabled"} and thoughtful.lost == ["reasoning_effort"]


def test_a_beginning_is_gone_on_from() -> None:
    talk = chat(user("hi"), model("It is "))
    assert said(talk)[-1] == {"role": "assistant", "content": [words("It is")]}
    newest = write(talk, NEWEST)
    assert newest.repairs == ["prefill"] and newest.body["messages"][-1]["role"] == "user"  # type: ignore[index]


def test_names_are_fitted_and_given_back() -> None:
    written = write(chat(user("hi"), model(call(name="a b")), user(result()), tools=[Tool("a b"), Tool("x" * 200)]))
    tools: Any = written.body["tools"]
    assert [written.names[tool["name"]] for tool in tools] == ["a b", "x" * 200]
    assert written.body["messages"][1]["content"][0]["name"] == tools[0]["name"]  # type: ignore[index]


def test_a_schema_has_an_object_at_its_root() -> None:
    either = {"anyOf": [{"type": "object", "properties": {"a": {}, "b": {}}, "required": ["a", "b"]},
                        {"type": "object", "properties": {"b": {}}, "required": ["b"]}]}  # fmt: skip
    got = body(
        chat(
            user("hi"),
            tools=[
                Tool("f", schema=either),
                Tool("g"),
                Tool("h", schema={"$ref": "#/$defs/X", "$defs": {"X": {"type": "object"}}}),
            ],
        )
    )
    assert got["tools"][0]["input_schema"] == {"type": "object", "properties": {"a": {}, "b": {}}, "required": ["b"]}
    assert got["tools"][1]["input_schema"] == {"type": "object", "properties": {}}
    assert got["tools"][2]["input_schema"]["type"] == "object"


def test_a_free_text_tool_is_offered_as_a_function() -> None:
    patch = Tool("apply_patch", "Patches.", custom=True, grammar={"syntax": "lark", "definition": "start: X"})
    once = call(name="apply_patch", arguments="*** Begin")
    once.custom = True
    written = write(chat(user("hi"), model(once), user(result()), tools=[patch]))
    assert written.customs == {"apply_patch"}
    assert "start: X" in written.body["tools"][0]["description"]  # type: ignore[index]
    assert written.body["messages"][1]["content"][0]["input"] == {"input": "*** Begin"}  # type: ignore[index]


def test_web_search_finds_its_like_and_others_are_named() -> None:
    search = Tool("web_search", server=True, kind="web_search", origin="openai_responses", raw={"type": "web_search"})
    other = Tool("x", server=True, kind="code_interpreter", origin="openai_responses")
    got = write(chat(user("hi"), tools=[search, other]))
    assert got.body["tools"][0]["type"] == "web_search_20250305"  # type: ignore[index]
    assert got.lost == ["code_execution"]
    assert write(chat(user("hi"), tools=[search]), GLM).lost == ["web_search"]


def test_calls_of_a_history_need_their_tools() -> None:
    written = write(chat(user("hi"), model(call()), user(result())))
    assert written.body["tools"][0]["name"] == "look" and written.body["tool_choice"] == {"type": "none"}  # type: ignore[index]


def test_the_form_of_an_answer() -> None:
    closed = {
        "type": "object",
        "properties": {"a": {"type": "string"}},
        "required": ["a"],
        "additionalProperties": False,
    }
    bound = body(chat(user("hi"), shape=Shape("schema", schema=closed)))
    assert bound["output_config"]["format"] == {"type": "json_schema", "schema": closed}
    hinted = body(chat(user("hi"), shape=Shape("schema", schema={**closed, "additionalProperties": {}})))
    assert "JSON Schema" in hinted["system"][-1]["text"] and "output_config" not in hinted
    assert "one JSON object" in body(chat(user("hi"), shape=Shape("json")))["system"][0]["text"]


def test_a_schema_that_only_forgot_to_close_itself_binds_the_answer() -> None:
    """As Ollama's and Gemini's clients send theirs: an answer of the closed form fits the open one."""
    inner = {"type": "object", "properties": {"b": {"type": "integer"}}}
    loose = {
        "type": "object",
        "properties": {
            "a": {"type": "array", "items": {"$ref": "#/$defs/I"}},
            "c": {"anyOf": [inner, {"type": "null"}]},
        },
        "$defs": {"I": inner},
    }
    before = json.dumps(loose)
    bound: Any = write(chat(user("hi"), shape=Shape("schema", schema=loose)))
    sent = bound.body["output_config"]["format"]["schema"]
    tight = {**inner, "additionalProperties": False}
    assert (sent["$defs"]["I"], sent["properties"]["c"]["anyOf"][0]) == (tight, tight)
    assert (sent["additionalProperties"], bound.repairs, json.dumps(loose)) == (False, [], before)
    free = {"type": "object", "properties": {"any": {"type": "object"}}}
    assert write(chat(user("hi"), shape=Shape("schema", schema=free))).repairs == ["schema_in_prompt"]


def test_pictures_are_sent_as_what_they_are() -> None:
    got = said(
        chat(user(Image(PNG, "image/jpeg"), Image(url=f"data:image/png;base64,{PNG}"), Image(url="https://x/y")))
    )
    assert [block["source"].get("media_type") for block in got[0]["content"]] == ["image/png", "image/png", None]


def test_a_model_that_cannot_see_is_told_so() -> None:
    written = write(chat(user("look", Image(PNG, "image/png"), Document("QQ==", "application/pdf", title="T"))), GLM)
    assert written.lost == ["image", "document"]
    assert "[image omitted: this model cannot see]" in json.dumps(written.body)


def test_what_cannot_be_sent_is_refused_unless_it_may_be_dropped() -> None:
    for part, param in ((Audio("QQ==", "wav"), "audio"), (Image("QQ==", "image/bmp"), "messages")):
        with pytest.raises(InvalidRequest) as caught:
            CODEC.write(chat(user(part)), CLAUDE)
        assert caught.value.param == param
        assert CODEC.write(chat(user(part)), replace(CLAUDE, drop=True)).lost
    with pytest.raises(InvalidRequest):
        CODEC.write(chat(user(Image(url="https://x/y"))), OLLAMA)
    with pytest.raises(InvalidRequest):
        CODEC.write(chat(user("hi"), count=2), CLAUDE)


def test_results_keep_pictures_and_failures() -> None:
    shown = ToolResult("call_1", [Text("no"), Image(PNG, "image/png")], failed=True)
    [block] = said(chat(user("go"), model(call()), user(shown), tools=[LOOK]))[2]["content"]
    assert block["is_error"] and [inner["type"] for inner in block["content"]] == ["text", "image"]
    silent = chat(user("go"), model(call()), user(ToolResult("call_1", [])), tools=[LOOK])
    assert said(silent)[2]["content"][0]["content"] == ""
    assert said(silent, GLM)[2]["content"][0]["content"] == "(no output)"


def test_the_cache_is_marked_where_the_client_could_not() -> None:
    talk = chat(user("1"), model("2"), user("3"), model("4"), user("5"), system=[Text("be")], tools=[LOOK])
    got = body(talk)
    marked = [nth for nth, one in enumerate(got["messages"]) if "cache_control" in one["content"][-1]]
    assert marked == [2, 4]
    assert "cache_control" in got["tools"][0] and "cache_control" in got["system"][0]
    assert "cache_control" not in json.dumps(body(talk, GLM))
    own = Conversation("anthropic", "m", [user(Text("1", "1h"))])
    assert body(own)["messages"][0]["content"][0]["cache_control"] == {"type": "ephemeral", "ttl": "1h"}


def test_what_was_written_stays_as_the_conversation_goes_on() -> None:
    turns = [
        user("1"), model(Thinking("t", SIGNED, "anthropic"), "2", call("a.b", "x y")), user(result("a.b")), system("s"),
        model("3", call("a.b")), user(result("a.b"), "and"), model("4"), user(""), model("5"), user("6"),
    ]  # fmt: skip
    for dialect in (CLAUDE, OPUS_5, GLM):
        before = "["
        for length in (1, 3, 4, 6, 8, 10):
            now = json.dumps(said(chat(*turns[:length], tools=[LOOK]), dialect))
            assert now.startswith(before.rstrip("]}"))
            before = now


def test_the_line_that_changes_is_left_out_for_clones() -> None:
    talk = Conversation(
        "anthropic",
        "m",
        [user("hi")],
        system=[Text("x-anthropic-billing-header: v=1"), Text("You are")],
        user="u",
        own={"context_management": {"edits": []}, "output_config": {"task_budget": {}}},
        thought=Thought(effort="low"),
    )
    assert [block["text"] for block in body(talk, GLM)["system"]] == ["You are"]
    assert body(talk, GLM)["metadata"]["user_id"] != "u"
    real = body(talk, OPUS_5)
    assert len(real["system"]) == 2 and real["metadata"] == {"user_id": "u"}
    assert real["context_management"] == {"edits": []} and real["output_config"] == {"task_budget": {}, "effort": "low"}


def test_what_servers_made_goes_back_to_them_only() -> None:
    made = Opaque("anthropic", {"type": "web_search_tool_result", "tool_use_id": "s", "content": []}, "Found: X")
    talk = chat(user("hi"), model(made, "so"), user("on"))
    assert said(talk)[1]["content"][0] == made.raw
    assert said(talk, GLM)[1]["content"][0] == words("Found: X")
    assert "cache_control" not in made.raw


def test_an_empty_conversation_is_refused() -> None:
    with pytest.raises(InvalidRequest):
        CODEC.write(chat(), CLAUDE)
