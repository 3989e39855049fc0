"""The fake speaks Gemini in both forms of its streams, and refuses what Google refuses."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.fake import GOOD_KEY, FakeProvider
from tests.fake.gemini_rules import SKIP
from tests.unit.fake.caller import WEATHER, Reply, call

KEY = {"x-goog-api-key": GOOD_KEY, "content-type": "application/json"}
TOOLS = [{"functionDeclarations": [{"name": "get_weather", "parametersJsonSchema": WEATHER}]}]
MODEL = "gemini-3.8-flash"


def generate(fake: FakeProvider, *said: Any, verb: str = "generateContent", model: str = MODEL, **more: Any) -> Reply:
    contents = [one if isinstance(one, dict) else {"role": "user", "parts": [{"text": one}]} for one in said]
    return call(fake, f"/v1beta/models/{model}:{verb}", {"contents": contents, **more}, headers=KEY)


def parts(answer: Any) -> list[Any]:
    return list(answer["candidates"][0]["content"]["parts"])


def model(*given: dict[str, Any]) -> dict[str, Any]:
    return {"role": "model", "parts": list(given)}


def result(**more: Any) -> dict[str, Any]:
    return {"role": "user", "parts": [{"functionResponse": {"name": "f", "response": {}, **more}}]}


CALL = {"functionCall": {"name": "f", "args": {}}, "thoughtSignature": SKIP}


def test_both_forms_of_a_stream_say_what_a_whole_answer_says(fake_provider: FakeProvider) -> None:
    thinking = {"thinkingConfig": {"includeThoughts": True}}
    ask: dict[str, Any] = {"generationConfig": thinking}
    whole = generate(fake_provider, "THINK SAY=grüezi✓", **ask).json
    events = generate(fake_provider, "THINK SAY=grüezi✓", verb="streamGenerateContent?alt=sse", **ask).events
    array = generate(fake_provider, "THINK SAY=grüezi✓", verb="streamGenerateContent", **ask).json
    assert [one["text"] for one in parts(whole)] == ["Let me think about it: naïve ✓ 思考 🤔.", "grüezi✓"]
    for chunks in (events, array):
        said = [part for chunk in chunks for part in parts(chunk)]
        assert "".join(part["text"] for part in said if not part.get("thought")) == "grüezi✓"
        assert chunks[-1]["candidates"][0]["finishReason"] == "STOP"
        assert chunks[-1]["usageMetadata"] == whole["usageMetadata"]


def test_thoughts_are_shown_only_when_asked_for(fake_provider: FakeProvider) -> None:
    answer = generate(fake_provider, "THINK SAY=x").json
    assert [part.get("thought") for part in parts(answer)] == [None]
    assert answer["usageMetadata"]["thoughtsTokenCount"] > 0


def test_of_parallel_calls_the_first_is_signed(fake_provider: FakeProvider) -> None:
    calls = parts(generate(fake_provider, "TOOL PAR SAY=Bern", tools=TOOLS).json)[1:]
    assert [part["functionCall"]["args"] for part in calls] == [{"city": "Bern"}, {"city": "Bern-2"}]
    assert ["thoughtSignature" in part for part in calls] == [True, False]
    bare = parts(generate(fake_provider, "TOOL QUIRK=noid", tools=TOOLS).json)[-1]
    assert "id" not in bare["functionCall"]


def test_usage_counts_thoughts_apart(fake_provider: FakeProvider) -> None:
    usage = generate(fake_provider, "IN=100 CACHED=60 OUT=20 THINK").json["usageMetadata"]
    assert usage["promptTokenCount"] == 100
    assert usage["cachedContentTokenCount"] == 60
    assert usage["candidatesTokenCount"] + usage["thoughtsTokenCount"] == 20


def test_a_prompt_may_be_blocked(fake_provider: FakeProvider) -> None:
    answer = generate(fake_provider, "STOP=blocked").json
    assert "candidates" not in answer
    assert answer["promptFeedback"] == {"blockReason": "PROHIBITED_CONTENT"}


@pytest.mark.parametrize(
    ("said", "more", "sentence"),
    [
        (["hi"], {"max_tokens": 5}, 'Unknown name "maxTokens"'),
        ([], {}, "contents is not specified"),
        ([{"role": "assistant", "parts": [{"text": "x"}]}], {}, "valid role"),
        ([{"role": "user", "parts": []}], {}, "must not be empty"),
        (["hi", model(CALL), "go on"], {}, "number of function response parts"),
        (["hi", model({"text": "x"}), result()], {}, "immediately after a function call turn"),
        ([model(CALL), result()], {}, "function call turn comes immediately after a user turn"),
        (["hi", model(CALL), result(response="42")], {}, "google.protobuf.Struct"),
        (["hi", model(CALL), result(name="")], {}, "Name cannot be empty"),
        (["hi", model({"functionCall": {"name": "f"}}), result()], {}, "missing a thought_signature"),
        (["hi", model({**CALL, "thoughtSignature": "Zm9yZWlnbg=="}), result()], {}, "Corrupted"),
        (["hi"], {"tools": [{"functionDeclarations": [{"name": "no good"}]}]}, "Invalid function name"),
        (
            ["hi"],
            {"tools": [{"functionDeclarations": [{"name": "f", "parameters": {"additionalProperties": False}}]}]},
            'Unknown name "additionalProperties"',
        ),
        (["hi"], {"tools": [*TOOLS, {"googleSearch": {}}]}, "cannot be combined"),
        (["hi"], {"generationConfig": {"thinkingConfig": {"thinkingBudget": 1, "thinkingLevel": "LOW"}}}, "only one"),
        (["hi"], {"generationConfig": {"stopSequences": list("abcdef")}}, "stop sequences"),
    ],
)
def test_it_refuses(fake_provider: FakeProvider, said: list[Any], more: dict[str, Any], sentence: str) -> None:
    reply = generate(fake_provider, *said, **more)
    assert reply.status == 400
    assert reply.json["error"]["status"] == "INVALID_ARGUMENT"
    assert sentence in reply.json["error"]["message"]


def test_only_the_current_turn_and_new_models_are_strict_about_signatures(fake_provider: FakeProvider) -> None:
    unsigned = ["hi", model({"functionCall": {"name": "f"}}), result()]
    assert generate(fake_provider, *unsigned, model({"text": "x"}), "SAY=later").status == 200
    assert generate(fake_provider, *unsigned, model="gemini-2.5-flash").status == 200


def test_keys_are_googles(fake_provider: FakeProvider) -> None:
    path, body = f"/v1beta/models/{MODEL}:generateContent", {"contents": [{"parts": [{"text": "SAY=x"}]}]}
    assert call(fake_provider, f"{path}?key={GOOD_KEY}", body, headers={}).status == 200
    assert call(fake_provider, path, body, headers={}).status == 403
    wrong = call(fake_provider, path, body, headers={"x-goog-api-key": "sk-fake-wrong"})
    assert (wrong.status, wrong.json["error"]["details"][0]["reason"]) == (400, "API_KEY_INVALID")


def test_errors_are_googles(fake_provider: FakeProvider) -> None:
    busy = generate(fake_provider, "ERR=429").json["error"]
    assert (busy["code"], busy["status"]) == (429, "RESOURCE_EXHAUSTED")
    assert busy["details"][-1]["retryDelay"] == "1s"
    assert generate(fake_provider, "hi", model="missing-1").json["error"]["status"] == "NOT_FOUND"
    broken = generate(fake_provider, "LONG=9 ERRMID=2", verb="streamGenerateContent").json
    assert broken[-1]["error"]["code"] == 503


def test_models_tokens_and_embeddings(fake_provider: FakeProvider) -> None:
    for path in ("/v1beta/models", "/v1/models"):
        names = [one["name"] for one in call(fake_provider, path, headers=KEY).json["models"]]
        assert f"models/{MODEL}" in names
    assert call(fake_provider, f"/v1beta/models/{MODEL}", headers=KEY).json["name"] == f"models/{MODEL}"
    assert generate(fake_provider, "one two", verb="countTokens").json["totalTokens"] == 3
    content = {"content": {"parts": [{"text": "a b"}]}}
    one = call(fake_provider, "/v1beta/models/e:embedContent", {**content, "outputDimensionality": 4}, headers=KEY)
    two = {"requests": [{**content, "model": "models/e"}] * 2}
    many = call(fake_provider, "/v1/models/e:batchEmbedContents", two, headers=KEY)
    assert len(one.json["embedding"]["values"]) == 4
    assert len(many.json["embeddings"]) == 2
    assert json.loads(fake_provider.talks[-1].body) == two


def test_what_is_said_twice_of_the_model_must_agree(fake_provider: FakeProvider) -> None:
    content = {"content": {"parts": [{"text": "a"}]}}
    for one in (content, {**content, "model": "models/other"}, {**content, "model": "e"}):
        assert call(fake_provider, "/v1/models/e:batchEmbedContents", {"requests": [one]}, headers=KEY).status == 400
    inner = {"contents": [{"parts": [{"text": "a b"}]}], "model": "models/other"}
    asked = {"generateContentRequest": inner}
    assert call(fake_provider, f"/v1beta/models/{MODEL}:countTokens", asked, headers=KEY).status == 400
