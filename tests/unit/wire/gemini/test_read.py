"""What a Gemini client says is understood, in either spelling, and what makes no sense is refused by name."""

from __future__ import annotations

import base64
from typing import Any

import pytest

from tests.unit.wire.gemini.making import PIXEL, read
from trunkline.errors import InvalidRequest
from trunkline.model.conversation import (
    Audio,
    Document,
    Image,
    Opaque,
    Shape,
    Text,
    Thinking,
    Thought,
    ToolCall,
    ToolChoice,
    ToolResult,
)
from trunkline.wire import marks
from trunkline.wire.gemini.codec import CODEC

CALL = {"functionCall": {"name": "f", "args": {"a": 1}}}


def said(text: str) -> dict[str, Any]:
    return {"role": "model", "parts": [{"text": text}]}


def called(*parts: dict[str, Any]) -> dict[str, Any]:
    return {"role": "model", "parts": list(parts)}


def answered(*given: dict[str, Any]) -> dict[str, Any]:
    return {"role": "user", "parts": [{"functionResponse": one} for one in given]}


def test_both_spellings_say_the_same() -> None:
    camel = read(
        "hi",
        systemInstruction={"parts": [{"text": "Be brief"}]},
        generationConfig={"maxOutputTokens": 9, "topP": 0.5, "stopSequences": ["X"]},
        toolConfig={"functionCallingConfig": {"mode": "ANY", "allowedFunctionNames": ["f"]}},
    )
    snake = read(
        "hi",
        system_instruction={"parts": {"text": "Be brief"}},
        generation_config={"max_output_tokens": 9, "top_p": 0.5, "stop_sequences": ["X"]},
        tool_config={"function_calling_config": {"mode": "any", "allowed_function_names": ["f"]}},
    )
    assert camel == snake
    assert camel.system == [Text("Be brief")]
    assert (camel.limit, camel.sampling.top_p, camel.stop) == (9, 0.5, ["X"])
    assert camel.choice == ToolChoice("one", "f")


def test_one_object_stands_for_a_list_of_it() -> None:
    asked = CODEC.read({"contents": {"parts": {"text": "hi"}}}, model="m", streamed=True)
    assert asked.turns[0].parts == [Text("hi")]
    assert asked.streamed


def test_a_stream_that_is_replayed_chunk_by_chunk_is_one_turn() -> None:
    asked = read("hi", said("Hel"), said("lo"), {"role": "model", "parts": [{"text": ""}]}, "go on")
    assert [turn.role for turn in asked.turns] == ["user", "assistant", "user"]
    assert asked.turns[1].parts == [Text("Hello")]


def test_calls_without_ids_get_the_same_ones_in_every_request() -> None:
    begin = ["hi", called(CALL, CALL), answered({"name": "f", "response": {"result": "1"}}, {"name": "f"})]
    first, later = read(*begin), read(*begin, said("done"), "more", called(CALL))
    calls = [part for part in first.turns[1].parts if isinstance(part, ToolCall)]
    results = [part for part in first.turns[2].parts if isinstance(part, ToolResult)]
    assert len({call.id for call in calls}) == 2
    assert [result.id for result in results] == [call.id for call in calls]
    assert later.turns[1:3] == first.turns[1:3]


def test_arguments_stay_as_they_are() -> None:
    call = {"functionCall": {"name": "f", "args": {"snake_case": None, "n": 1.0}}}
    (made,) = read("hi", called(call)).turns[1].parts
    assert isinstance(made, ToolCall) and made.arguments == '{"snake_case":null,"n":1.0}'


def test_results_are_told_by_id_then_by_name() -> None:
    calls = called(
        {"functionCall": {"id": "a", "name": "f"}},
        {"functionCall": {"id": "b", "name": "f"}},
        {"functionCall": {"name": "g"}},
    )
    asked = read("hi", calls, answered({"id": "b", "name": "f"}, {"id": "a", "name": "f"}, {"name": "g"}))
    made = [part.id for part in asked.turns[1].parts if isinstance(part, ToolCall)]
    given = [part.id for part in asked.turns[2].parts if isinstance(part, ToolResult)]
    assert given == [made[1], made[0], made[2]]


@pytest.mark.parametrize(
    ("response", "text", "failed"),
    [
        ({"result": "42"}, "42", False),
        ({"output": {"a": 1}}, '{"a":1}', False),
        ({"error": "no"}, "no", True),
        ({"city": "Bern", "error": 1}, '{"city":"Bern","error":1}', False),
        ({}, "", False),
    ],
)
def test_a_results_envelope_is_taken_off(response: dict[str, Any], text: str, failed: bool) -> None:
    result = read("hi", called(CALL), answered({"name": "f", "response": response})).turns[2].parts[0]
    assert isinstance(result, ToolResult)
    assert (result.content, result.failed) == ([Text(text)] if text else [], failed)


def test_pictures_in_a_result_are_seen() -> None:
    given = {"name": "f", "response": {}, "parts": [{"inlineData": {"mimeType": "image/png", "data": PIXEL}}]}
    result = read("hi", called(CALL), answered(given)).turns[2].parts[0]
    assert isinstance(result, ToolResult)
    assert result.content == [Image(PIXEL, "image/png")]


def test_sound_and_video_in_a_result_stand_beside_it() -> None:
    heard = {"inlineData": {"mimeType": "audio/wav", "data": "UklG"}}
    seen = {"inlineData": {"mimeType": "video/mp4", "data": "AAAA"}}
    given = {"name": "f", "response": {"result": "x"}, "parts": [heard, seen]}
    result, sound, video = read("hi", called(CALL), answered(given)).turns[2].parts
    assert isinstance(result, ToolResult) and result.content == [Text("x")]
    assert (sound, video) == (Audio("UklG", "wav"), Opaque("gemini", seen, "[video]"))


def test_each_kind_of_data_is_what_it_is() -> None:
    def inline(kind: str, data: str = PIXEL) -> dict[str, Any]:
        return {"inline_data": {"mime_type": kind, "data": data}}

    text = base64.b64encode("grüezi".encode()).decode()
    asked = read(
        {
            "parts": [
                inline("image/png"),
                inline("image/png", "-_-_"),
                inline("audio/mpeg"),
                inline("application/pdf"),
                inline("text/plain", text),
                inline("video/mp4"),
                {"fileData": {"mimeType": "image/png", "fileUri": "https://example.com/a.png"}},
                {"fileData": {"fileUri": "https://generativelanguage.googleapis.com/v1beta/files/x"}},
                {"somethingNew": {}},
            ]
        }
    )
    parts = asked.turns[0].parts
    assert parts[:5] == [
        Image(PIXEL, "image/png"),
        Image("+/+/", "image/png"),
        Audio(PIXEL, "mp3"),
        Document(PIXEL, "application/pdf"),
        Document(media_type="text/plain", text="grüezi"),
    ]
    assert isinstance(parts[5], Opaque)
    assert parts[6] == Image(media_type="image/png", url="https://example.com/a.png")
    assert isinstance(parts[7], Opaque) and isinstance(parts[8], Opaque)


def test_googles_own_signatures_stay_byte_for_byte() -> None:
    thought = {"text": "hm", "thought": True, "thoughtSignature": "c2ln"}
    parts = read("hi", called(thought, {**CALL, "thoughtSignature": "Y2FsbA=="})).turns[1].parts
    assert parts[0] == Thinking("hm", "c2ln", "gemini")
    assert isinstance(parts[1], ToolCall) and parts[1].signature == "Y2FsbA=="


def test_another_wires_signature_comes_back_whatever_alphabet_it_is_spelled_in() -> None:
    proof = "Eq~QB?>" * 5
    mark = marks.seal("anthropic", proof).replace("+", "-").replace("/", "_")
    part = read("hi", called({"text": "hm", "thought": True, "thoughtSignature": mark})).turns[1].parts[0]
    assert part == Thinking("hm", proof, "anthropic")


@pytest.mark.parametrize(
    ("config", "thought"),
    [
        ({"thinkingBudget": 0}, Thought("off", shown=False)),
        ({"thinkingBudget": -1, "includeThoughts": True}, Thought("adaptive", shown=True)),
        ({"thinkingBudget": 2000}, Thought("on", 2000, shown=False)),
        ({"thinkingLevel": "LOW"}, Thought("adaptive", effort="low", shown=False)),
        ({"include_thoughts": True}, Thought("adaptive", shown=True)),
        ({}, Thought(shown=False)),
    ],
)
def test_thinking_is_asked_for_by_budget_or_level(config: dict[str, Any], thought: Thought) -> None:
    assert read("hi", generationConfig={"thinkingConfig": config}).thought == thought


def test_openapi_schemas_become_json_schema() -> None:
    parameters = {
        "type": "OBJECT",
        "properties": {
            "city": {"type": "STRING", "nullable": True},
            "days": {"type": "ARRAY", "items": {"type": "INTEGER"}, "minItems": "1"},
        },
        "required": ["city"],
        "propertyOrdering": ["city"],
    }
    tools = [{"functionDeclarations": [{"name": "f", "parameters": parameters}, {"name": "g"}]}, {"googleSearch": {}}]
    f, g, search = read("hi", tools=tools).tools
    assert f.schema == {
        "type": "object",
        "required": ["city"],
        "properties": {
            "city": {"type": ["string", "null"]},
            "days": {"type": "array", "minItems": 1, "items": {"type": "integer"}},
        },
    }
    assert g.schema == {"type": "object", "properties": {}}
    assert (search.server, search.kind) == (True, "web_search")


def test_the_form_of_the_answer_is_read() -> None:
    json_ = {"responseMimeType": "application/json"}
    assert read("hi", generationConfig=json_).shape == Shape("json")
    schema = {**json_, "responseSchema": {"type": "STRING"}}
    assert read("hi", generationConfig=schema).shape == Shape("schema", schema={"type": "string"})
    assert read("hi", generationConfig={"responseMimeType": "text/plain"}).own == {}


def test_what_only_google_knows_is_kept_by_its_full_name() -> None:
    asked = read(
        "hi",
        safetySettings=[],
        cachedContent="cachedContents/x",
        generationConfig={"responseModalities": ["AUDIO"]},
        toolConfig={"retrievalConfig": {}},
    )
    assert set(asked.own) == {
        "safetySettings",
        "cachedContent",
        "generationConfig.responseModalities",
        "toolConfig.retrievalConfig",
    }


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "contents"),
        ({"contents": []}, "contents"),
        ({"contents": "hi"}, "contents"),
        ({"contents": [{"role": "system", "parts": [{"text": "x"}]}]}, "contents"),
        ({"contents": [{"parts": [{"text": 5}]}]}, "contents[0].parts[0].text"),
        ({"contents": [{"parts": [{"functionCall": {}}]}]}, "contents[0].parts[0].functionCall.name"),
        (
            {"contents": [{"parts": [{"functionResponse": {"name": "f", "response": "42"}}]}]},
            "contents[0].parts[0].functionResponse.response",
        ),
        ({"contents": [{}], "generationConfig": {"temperature": "hot"}}, "generationConfig.temperature"),
        ({"contents": [{}], "generationConfig": {"topK": 1.5}}, "generationConfig.topK"),
        ({"contents": [{}], "systemInstruction": {"parts": [{"inlineData": {}}]}}, "systemInstruction.parts[0]"),
        ({"contents": [{}], "tools": [{"functionDeclarations": [{}]}]}, "tools[0].functionDeclarations[0].name"),
    ],
)
def test_what_makes_no_sense_is_refused_by_name(body: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        CODEC.read(body, model="m", streamed=False)
    assert caught.value.param == param
