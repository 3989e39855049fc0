"""What is sent to a Gemini provider is what Gemini takes, whatever the client's conversation looks like."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from tests.fake.gemini_rules import signature
from tests.unit.wire.catalogued import catalogued
from tests.unit.wire.gemini.making import FLASH, OLD, PIXEL, WEATHER, contents, model, read, talk, user, written
from trunkline.errors import InvalidRequest
from trunkline.model.conversation import (
    Document,
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
    Turn,
)
from trunkline.model.dialect import Dialect
from trunkline.wire.gemini.hidden import SKIP

CALL = ToolCall("c1", "get_weather", '{"city":"Bern"}')
SIGNED = replace(CALL, signature=signature(1))
DONE = ToolResult("c1", [Text("21°")])
PRO = Dialect("gemini", "gemini-3.1-pro-preview")


def responses(content: dict[str, Any]) -> list[Any]:
    return [part["functionResponse"] for part in content["parts"] if "functionResponse" in part]


def test_the_system_comes_first_and_attribution_stays_at_home() -> None:
    told = [Text("x-anthropic-billing-header: cc_version=2"), Text("You are Claude"), Text("Be brief")]
    body = written(talk(user("hi"), system=told)).body
    assert body["systemInstruction"] == {"parts": [{"text": "You are Claude\n\nBe brief"}]}
    assert "stream" not in body and "model" not in body


def test_a_system_in_the_middle_becomes_a_reminder_where_it_stands() -> None:
    made = contents(talk(user("hi"), Turn("system", [Text("now")]), model("ok"), user("bye")))
    assert made[0]["parts"] == [{"text": "hi"}, {"text": "<system-reminder>\nnow\n</system-reminder>"}]
    leading = written(talk(Turn("system", [Text("first")]), user("hi"))).body
    assert leading["systemInstruction"] == {"parts": [{"text": "first"}]}


def test_only_a_system_is_asked_as_a_user() -> None:
    made = written(talk(system=[Text("Tell me a joke")]))
    assert made.body["contents"] == [{"role": "user", "parts": [{"text": "Tell me a joke"}]}]
    assert made.repairs == ["system_as_user"]
    with pytest.raises(InvalidRequest):
        written(talk())


def test_results_stand_behind_their_calls_in_their_order_before_all_words() -> None:
    two = replace(CALL, id="c2")
    asked = talk(
        user("hi"),
        model("calling", SIGNED, two),
        user("by the way", ToolResult("c2", [Text("b")]), ToolResult("c1", [Text("a")], failed=True)),
    )
    made = contents(asked)
    assert [one["role"] for one in made] == ["user", "model", "user"]
    assert [(one["id"], one["name"], one["response"]) for one in responses(made[2])] == [
        ("c1", "get_weather", {"error": "a"}),
        ("c2", "get_weather", {"result": "b"}),
    ]
    assert made[2]["parts"][-1] == {"text": "by the way"}


def test_a_call_without_a_result_and_a_result_without_a_call_are_mended() -> None:
    asked = talk(user("hi"), model(SIGNED), user(ToolResult("gone", [Text("old")])), model("ok"), user("next"))
    made = written(asked)
    third: Any = made.body["contents"]
    assert responses(third[2])[0]["response"] == {"error": "[interrupted]"}
    assert third[2]["parts"][-1] == {"text": "old"}
    assert made.repairs == ["interrupted_call", "orphan_result"]


def test_a_history_that_begins_with_the_model_gets_a_beginning() -> None:
    made = written(talk(model(SIGNED), user(DONE)))
    told: Any = made.body["contents"]
    assert [one["role"] for one in told] == ["user", "model", "user"]
    assert "leading_assistant" in made.repairs


def test_empty_turns_are_dropped_and_neighbours_merged() -> None:
    made = contents(talk(user("a"), model(""), user("b"), model("c"), model("d"), user("e")))
    assert [one["role"] for one in made] == ["user", "model", "user"]
    assert made[1]["parts"] == [{"text": "c"}, {"text": "d"}]


def test_calls_keep_their_signature() -> None:
    made = contents(talk(user("hi"), model(SIGNED, replace(CALL, id="c2")), user(DONE, ToolResult("c2", []))))
    assert [part.get("thoughtSignature") for part in made[1]["parts"]] == [signature(1), None]


def test_a_signature_that_came_in_a_block_of_thinking_goes_to_the_next_call() -> None:
    carrier = Thinking("", signature(7), "gemini")
    made = contents(talk(user("hi"), model(carrier, "words", CALL), user(DONE)))
    assert made[1]["parts"] == [
        {"text": "words"},
        {
            "functionCall": {"id": "c1", "name": "get_weather", "args": {"city": "Bern"}},
            "thoughtSignature": signature(7),
        },
    ]


def test_thoughts_keep_their_own_signature_beside_a_signed_call() -> None:
    thought = Thinking("hm", signature(6), "gemini")
    made = contents(talk(user("hi"), model(thought, SIGNED), user(DONE)))
    assert made[1]["parts"][0] == {"text": "hm", "thought": True, "thoughtSignature": signature(6)}
    assert made[1]["parts"][1]["thoughtSignature"] == signature(1)


def test_calls_that_another_model_made_skip_the_check_where_there_is_one() -> None:
    foreign = Thinking("hm", "EqQB", "anthropic")
    asked = talk(user("hi"), model(foreign, CALL, replace(CALL, id="c2")), user(DONE, ToolResult("c2", [])))
    assert [part.get("thoughtSignature") for part in contents(asked)[1]["parts"]] == [SKIP, None]
    assert "thoughtSignature" not in json.dumps(contents(asked, OLD))


def test_arguments_are_objects_whatever_the_model_wrote() -> None:
    broken = [replace(CALL, id=f"c{at}", arguments=text) for at, text in enumerate(["", "[1]", '{"a":'])]
    made = contents(talk(user("hi"), model(*broken)))
    args = [part["functionCall"]["args"] for part in made[1]["parts"]]
    assert args == [{}, {"value": [1]}, {"_raw": '{"a":'}]


def test_pictures_ride_inside_results_or_behind_them() -> None:
    seen = ToolResult("c1", [Text("look"), Image(PIXEL, "image/png")])
    inside = contents(talk(user("hi"), model(SIGNED), user(seen)))[2]["parts"]
    assert inside[0]["functionResponse"]["parts"] == [{"inlineData": {"mimeType": "image/png", "data": PIXEL}}]
    behind = contents(talk(user("hi"), model(CALL), user(seen)), OLD)[2]["parts"]
    assert "parts" not in behind[0]["functionResponse"]
    assert behind[1:] == [
        {"text": "[returned by tool call c1]"},
        {"inlineData": {"mimeType": "image/png", "data": PIXEL}},
    ]


def test_a_model_that_cannot_see_is_told_that_there_was_a_picture() -> None:
    made = written(talk(user(Image(PIXEL, "image/png"), "what?")), replace(FLASH, vision=False))
    assert made.lost == ["image"]
    assert "[image omitted: this model cannot see]" in json.dumps(made.body)


def test_addresses_are_fetched_by_google_where_it_does_that() -> None:
    parts = contents(talk(user(Image(url="https://example.com/a.png"), Document(url="https://example.com/x"))))
    assert parts[0]["parts"] == [
        {"fileData": {"mimeType": "image/png", "fileUri": "https://example.com/a.png"}},
        {"fileData": {"fileUri": "https://example.com/x"}},
    ]
    older = Dialect("gemini", "gemini-2.0-flash")
    with pytest.raises(InvalidRequest):
        written(talk(user(Image(url="https://example.com/a.png"))), older)
    assert written(talk(user(Image(url="https://example.com/a.png"))), replace(older, drop=True)).lost == ["image"]


def test_tools_are_declared_in_json_schema_with_names_that_fit() -> None:
    odd = Tool("päckli/ship it" * 6, "", {"type": "object", "additionalProperties": False, "properties": {}})
    free = Tool("apply_patch", "p", custom=True, grammar={"syntax": "lark"})
    made = written(
        talk(
            user("hi"),
            model(ToolCall("c", odd.name, "{}", signature=signature(1))),
            user(ToolResult("c", [])),
            tools=[WEATHER, odd, free],
        )
    )
    tools: Any = made.body["tools"]
    declared = tools[0]["functionDeclarations"]
    assert declared[0] == {"name": "get_weather", "description": "w", "parametersJsonSchema": WEATHER.schema}
    assert made.names == {declared[1]["name"]: odd.name}
    told: Any = made.body["contents"]
    assert told[1]["parts"][0]["functionCall"]["name"] == declared[1]["name"]
    assert made.customs == {"apply_patch"}
    assert declared[2]["parametersJsonSchema"]["required"] == ["input"]


def test_free_text_calls_are_wrapped() -> None:
    call = ToolCall("c", "apply_patch", "*** Begin", custom=True, signature=signature(1))
    made = contents(talk(user("hi"), model(call), tools=[Tool("apply_patch", custom=True)]))
    assert made[1]["parts"][0]["functionCall"]["args"] == {"input": "*** Begin"}


@pytest.mark.parametrize(
    ("choice", "calling"),
    [
        (ToolChoice("auto"), {"mode": "AUTO"}),
        (ToolChoice("any"), {"mode": "ANY"}),
        (ToolChoice("none"), {"mode": "NONE"}),
        (ToolChoice("one", "get_weather"), {"mode": "ANY", "allowedFunctionNames": ["get_weather"]}),
        (
            ToolChoice("auto", allowed=("get_weather",)),
            {"mode": "VALIDATED", "allowedFunctionNames": ["get_weather"]},
        ),
    ],
)
def test_tool_choice(choice: ToolChoice, calling: dict[str, Any]) -> None:
    body = written(talk(user("hi"), tools=[WEATHER], choice=choice)).body
    assert body["toolConfig"] == {"functionCallingConfig": calling}


def test_what_google_runs_itself_is_mapped_unless_there_are_functions() -> None:
    search = Tool("web_search", server=True, kind="web_search", raw={"type": "web_search_20250305"}, origin="anthropic")
    other = Tool("shell", server=True, kind="shell")
    made = written(talk(user("hi"), tools=[search, other]))
    assert (made.body["tools"], made.lost) == ([{"googleSearch": {}}], ["shell"])
    assert written(talk(user("hi"), tools=[search, WEATHER])).lost == ["web_search"]


@pytest.mark.parametrize(
    ("choice", "mode"), [(None, "VALIDATED"), (ToolChoice(), "VALIDATED"), (ToolChoice("any"), "ANY")]
)
def test_a_strict_tool_is_held_to_its_schema(choice: ToolChoice | None, mode: str) -> None:
    strict = replace(WEATHER, strict=True)
    made = written(talk(user("hi"), tools=[strict, Tool("other")], choice=choice))
    assert (made.body["toolConfig"], made.lost) == ({"functionCallingConfig": {"mode": mode}}, [])
    old = written(talk(user("hi"), tools=[strict], choice=choice), Dialect("gemini", "gemini-2.0-flash"))
    assert old.lost == ["strict"]
    assert "toolConfig" not in written(talk(user("hi"), tools=[WEATHER])).body


@pytest.mark.parametrize("choice", [ToolChoice("one", "web_search"), ToolChoice("any", allowed=("web_search",))])
def test_a_demanded_call_of_what_is_not_declared_is_not_demanded(choice: ToolChoice) -> None:
    search = Tool("web_search", server=True, kind="web_search", raw={"type": "web_search_20250305"}, origin="anthropic")
    both = written(talk(user("hi"), tools=[search, WEATHER], choice=choice))
    assert both.body["toolConfig"] == {"functionCallingConfig": {"mode": "AUTO"}}
    assert both.lost == ["web_search", "tool_choice"]
    alone = written(talk(user("hi"), tools=[search], choice=choice))
    assert (alone.body["tools"], alone.lost) == ([{"googleSearch": {}}], ["tool_choice"])


@pytest.mark.parametrize(
    ("dialect", "thought", "config"),
    [
        (FLASH, Thought(), None),
        (FLASH, Thought(effort="low"), {"thinkingLevel": "LOW"}),
        (FLASH, Thought(effort="none"), {"thinkingLevel": "LOW"}),
        (OLD, Thought(effort="low"), {"thinkingBudget": 1024}),
        (FLASH, Thought("adaptive"), {"includeThoughts": True}),
        (FLASH, Thought("adaptive", effort="xhigh"), {"includeThoughts": True, "thinkingLevel": "HIGH"}),
        (FLASH, Thought("on", 2000), {"includeThoughts": True, "thinkingLevel": "LOW"}),
        (FLASH, Thought("on", 31999, shown=False), {"thinkingLevel": "HIGH"}),
        (FLASH, Thought("off"), {"thinkingLevel": "LOW"}),
        (Dialect("gemini", "gemini-3.5-flash"), Thought("off"), {"thinkingLevel": "MINIMAL"}),
        (PRO, Thought("adaptive", effort="minimal"), {"includeThoughts": True, "thinkingLevel": "LOW"}),
        (OLD, Thought("adaptive"), {"includeThoughts": True, "thinkingBudget": -1}),
        (OLD, Thought("adaptive", effort="medium"), {"includeThoughts": True, "thinkingBudget": 8192}),
        (OLD, Thought("on", 31999), {"includeThoughts": True, "thinkingBudget": 24576}),
        (OLD, Thought("off"), {"thinkingBudget": 0}),
        (Dialect("gemini", "gemini-2.5-pro"), Thought("off"), {"thinkingBudget": 128}),
        (Dialect("gemini", "gemini-2.0-flash"), Thought("on", 2000), None),
        (replace(FLASH, reasoning=False), Thought("on", 2000), None),
    ],
)
def test_thinking_is_asked_for_as_each_generation_knows_it(
    dialect: Dialect, thought: Thought, config: dict[str, Any] | None
) -> None:
    made: Any = written(talk(user("hi"), thought=thought), catalogued(dialect)).body.get("generationConfig", {})
    assert made.get("thinkingConfig") == config


@pytest.mark.parametrize(
    "dialect",
    [Dialect("gemini", "gemini-2.0-flash"), Dialect("gemini", "gemma-3-27b-it"), replace(FLASH, reasoning=False)],
)
def test_thinking_of_a_model_that_cannot_is_named(dialect: Dialect) -> None:
    for thought, lost in ((Thought("on", 2000), ["thinking"]), (Thought(effort="low"), ["thinking"])):
        assert written(talk(user("hi"), thought=thought), dialect).lost == lost
    for thought in (Thought("off"), Thought()):
        assert written(talk(user("hi"), thought=thought), dialect).lost == []


def test_sampling_limits_and_stops() -> None:
    sampling = Sampling(temperature=3, top_p=0.5, top_k=3, min_p=0.1, seed=2**40 + 5, presence=1)
    asked = talk(user("hi"), sampling=sampling, limit=99, stop=["a", "", "b"], logprobs=3)
    made = written(asked, replace(FLASH, max_output=50))
    assert made.body["generationConfig"] == {
        "temperature": 2,
        "topP": 0.5,
        "topK": 3,
        "seed": 5,
        "presencePenalty": 1,
        "maxOutputTokens": 50,
        "stopSequences": ["a", "b"],
    }
    assert made.lost == ["min_p", "logprobs"]


def test_what_would_change_the_meaning_is_refused_unless_it_may_be_dropped() -> None:
    many = talk(user("hi"), count=3, stop=list("abcdef"), wire="openai_chat")
    with pytest.raises(InvalidRequest) as caught:
        written(many)
    assert caught.value.param == "stop"
    assert written(many, replace(FLASH, drop=True)).lost == ["stop", "n"]


def test_the_form_of_the_answer_is_a_schema_or_words() -> None:
    shape = Shape("schema", schema={"type": "object"})
    made: Any = written(talk(user("hi"), shape=shape)).body["generationConfig"]
    assert made == {"responseMimeType": "application/json", "responseJsonSchema": {"type": "object"}}
    wordy = written(talk(user("hi"), shape=shape, tools=[WEATHER]), OLD).body
    assert "generationConfig" not in wordy
    assert "fits this schema" in json.dumps(wordy["systemInstruction"])


def test_what_only_another_wire_understands_is_named() -> None:
    search = Opaque("anthropic", {"type": "server_tool_use"})
    made = written(talk(user("hi"), model("ok", search), user("go"), own={"container": "x", "metadata": {}}))
    assert made.lost == ["container", "server_tool_use"]


def test_a_gemini_clients_own_words_go_back_where_they_stood() -> None:
    asked = read(
        "hi",
        safetySettings=[{"category": "X"}],
        generationConfig={"mediaResolution": "MEDIA_RESOLUTION_LOW", "topK": 3},
        tools=[{"googleSearch": {}}],
    )
    asked.own["array"] = True
    made = written(asked)
    assert made.body["safetySettings"] == [{"category": "X"}]
    assert made.body["generationConfig"] == {"topK": 3, "mediaResolution": "MEDIA_RESOLUTION_LOW"}
    assert "array" not in made.body
    assert made.lost == []


def test_each_turn_is_a_prefix_of_the_next() -> None:
    turns = [
        user("hi"),
        model(Thinking("hm", signature(1), "gemini"), "calling", CALL, replace(CALL, id="c2")),
        user(DONE, ToolResult("c2", [Text("x"), Image(PIXEL, "image/png")])),
        model("fine"),
        Turn("system", [Text("mind the gap")]),
        user("more"),
        model(replace(CALL, id="c3")),
        user(ToolResult("gone", [Text("?")]), ToolResult("c3", [])),
        model("done"),
        user("bye"),
    ]
    before = ""
    for end in (1, 3, 6, 8, 10):
        for dialect in (FLASH,):
            sent = json.dumps(written(talk(*turns[:end], tools=[WEATHER]), dialect).body["contents"])
            assert sent.startswith(before)
            before = sent.removesuffix("]")


def test_a_prefill_that_is_not_taken_up_becomes_a_request_to_go_on() -> None:
    asked = talk(user("hi"), model("Once upon"))
    assert contents(asked)[-1]["role"] == "model"
    made = written(asked, replace(FLASH, prefill=False))
    assert made.repairs == ["prefill"]
