"""Embeddings cross to and from Gemini's two forms, as its official library sends and reads them."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from trunkline.errors import Failure, InvalidRequest, ProviderGarbage
from trunkline.model.dialect import Dialect
from trunkline.wire.embeddings import Asked, Vectors, encode, read_ollama, read_openai, write_ollama, write_openai
from trunkline.wire.embeddings_gemini import decode_gemini, read_gemini, read_gemini_batch, write_gemini

DIALECT = Dialect("gemini", "gemini-embedding-001")
TWO = Vectors([[0.5, -1.25], [0.0, 2.0]], "x", 7)


def request(text: str = "a", **more: Any) -> dict[str, Any]:
    return {"model": "models/m", "content": {"parts": [{"text": text}]}, **more}


def batch(*requests: dict[str, Any]) -> Asked:
    return read_gemini_batch({"requests": list(requests)}, model="m")


def test_an_openai_client_on_a_gemini_model() -> None:
    asked = read_openai({"model": "m", "input": ["a", "b"], "dimensions": 2, "user": "u", "new": 1}, model="m")
    written = write_gemini(asked, DIALECT)
    name = "models/gemini-embedding-001"
    one, two = ({"model": name, "content": {"parts": [{"text": text}]}, "outputDimensionality": 2} for text in "ab")
    assert written.body == {"requests": [one, two]}
    assert written.lost == ["new"]
    body = json.dumps({"embeddings": [{"values": [0.5]}, {"values": [1.5]}]}).encode()
    answer = json.loads(encode(decode_gemini(body, asked), asked, model="m", estimate=9))
    assert [row["embedding"] for row in answer["data"]] == [[0.5], [1.5]]
    assert answer["usage"]["prompt_tokens"] == 9


def test_an_ollama_client_on_a_gemini_model() -> None:
    asked = read_ollama({"input": "a", "truncate": True}, model="m")
    assert write_gemini(asked, DIALECT).lost == ["truncate"]
    body = json.dumps({"embeddings": [{"values": [0.5]}], "usageMetadata": {"promptTokenCount": 3}}).encode()
    answer = json.loads(encode(decode_gemini(body, asked), asked, model="m", estimate=9))
    assert (answer["embeddings"], answer["prompt_eval_count"]) == ([[0.5]], 3)


def test_a_gemini_client_elsewhere_in_either_form() -> None:
    task = {"taskType": "RETRIEVAL_QUERY", "outputDimensionality": 2}
    asked = batch(request("a", **task), request("b", **task))
    openai = write_openai(asked, Dialect("openai", "t"))
    assert openai.body == {"model": "t", "input": ["a", "b"], "encoding_format": "float", "dimensions": 2}
    assert openai.lost == ["taskType"]
    ollama = write_ollama(asked, Dialect("ollama", "n"))
    assert ollama.body == {"model": "n", "input": ["a", "b"], "dimensions": 2}
    assert ollama.lost == ["taskType"]
    answer = json.loads(encode(TWO, asked, model="m", estimate=9))
    assert [one["values"] for one in answer["embeddings"]] == TWO.vectors
    single = read_gemini(request("a", title="t"), model="m")
    assert write_ollama(single, Dialect("ollama", "n")).lost == ["title"]
    answer = json.loads(encode(Vectors([[0.5]]), single, model="m", estimate=9))
    assert answer["embedding"] == {"values": [0.5]}
    assert answer["usageMetadata"]["promptTokenCount"] == 9


def test_both_spellings_and_both_places_of_the_options_are_read() -> None:
    snake = {"content": {"parts": [{"text": "a"}, {"text": "b"}]}, "output_dimensionality": 4}
    assert (read_gemini(snake, model="m").dimensions, read_gemini(snake, model="m").texts) == (4, ["a\nb"])
    inside = request(embedContentConfig={"outputDimensionality": 4, "taskType": "CLUSTERING"})
    asked = read_gemini(inside, model="m")
    assert (asked.dimensions, asked.own) == (4, {"taskType": "CLUSTERING"})


@pytest.mark.parametrize(
    ("requests", "param"),
    [
        ([], "requests"),
        ([{"model": "models/m"}], "requests[0].content"),
        ([request(), {"content": {"parts": []}}], "requests[1].content"),
        ([{"content": {"parts": [{"inlineData": {"data": ""}}]}}], "requests[0].content.parts[0]"),
        ([request(outputDimensionality="many")], "requests[0].outputDimensionality"),
        ([request(outputDimensionality=1), request(outputDimensionality=2)], "outputDimensionality"),
    ],
)
def test_what_cannot_be_carried_is_named(requests: list[Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        batch(*requests)
    assert refused.value.param == param


def test_tokens_are_refused() -> None:
    with pytest.raises(InvalidRequest):
        write_gemini(read_openai({"input": [1, 2]}, model="m"), DIALECT)


@pytest.mark.parametrize(
    "body",
    [b"", b"<html>", b'{"error":{"message":"no"}}', b'{"embeddings":[]}', b'{"embeddings":[{"values":[1e999]}]}'],
)
def test_what_is_no_answer_or_lacks_a_vector_is_garbage(body: bytes) -> None:
    with pytest.raises(ProviderGarbage):
        decode_gemini(body, batch(request()))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["requests", "content", "parts", "text", "outputDimensionality"]), inner)
    ),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from(["requests", "content", "embedContentConfig"]), JSON))
def test_any_body_is_read_or_refused(body: dict[str, Any]) -> None:
    for read in (read_gemini, read_gemini_batch):
        try:
            write_gemini(read(body, model="m"), DIALECT)
        except Failure as failure:
            assert failure.status == 400
