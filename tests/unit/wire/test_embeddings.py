"""Embeddings cross between OpenAI's form and Ollama's two, as the official libraries send and read them."""

import base64
import json
import struct
from typing import Any

import ollama
import pytest
from hypothesis import given
from hypothesis import strategies as st
from openai.types import CreateEmbeddingResponse

from trunkline.errors import Failure, InvalidRequest, ProviderGarbage
from trunkline.model.dialect import Dialect
from trunkline.wire.embeddings import (
    Asked,
    Vectors,
    decode_ollama,
    decode_openai,
    encode,
    read_ollama,
    read_ollama_old,
    read_openai,
    write_ollama,
    write_openai,
)

DIALECT = Dialect("ollama", "nomic-embed-text")
TWO = Vectors([[0.5, -1.25], [0.0, 2.0]], "x", 7)


def openai(**body: Any) -> Asked:
    return read_openai({"model": "m", **body}, model="m")


def answered(vectors: Vectors, asked: Asked) -> Any:
    return json.loads(encode(vectors, asked, model="m", estimate=99))


def packed(*numbers: float) -> str:
    return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()


def test_an_openai_client_on_an_ollama_model() -> None:
    asked = openai(input=["a", "b"], dimensions=2, user="u")
    written = write_ollama(asked, DIALECT)
    assert written.body == {"model": "nomic-embed-text", "input": ["a", "b"], "dimensions": 2}
    assert written.lost == []
    body = json.dumps({"model": "x", "embeddings": TWO.vectors, "prompt_eval_count": 7}).encode()
    answer = answered(decode_ollama(body, asked), asked)
    assert CreateEmbeddingResponse.model_validate(answer).data[1].embedding == [0.0, 2.0]
    assert answer["usage"] == {"prompt_tokens": 7, "total_tokens": 7}


def test_the_openai_library_asks_for_base64_and_gets_it() -> None:
    asked = openai(input="a", encoding_format="base64")
    (row,) = answered(Vectors([[0.5, -1.25]]), asked)["data"]
    assert struct.unpack("<2f", base64.b64decode(row["embedding"])) == (0.5, -1.25)


def test_an_ollama_client_on_an_openai_model() -> None:
    asked = read_ollama({"model": "m", "input": "a", "truncate": True, "keep_alive": "5m", "dimensions": 0}, model="m")
    written = write_openai(asked, Dialect("openai", "text-embedding-3-small"))
    assert written.body == {"model": "text-embedding-3-small", "input": ["a"], "encoding_format": "float"}
    assert written.lost == ["truncate"]
    row = {"object": "embedding", "index": 0, "embedding": [0.5, 1.0]}
    usage = {"prompt_tokens": 3, "total_tokens": 3}
    body = json.dumps({"object": "list", "data": [row], "model": "x", "usage": usage}).encode()
    told = ollama.EmbedResponse(**answered(decode_openai(body, asked), asked))
    assert (told.embeddings, told.prompt_eval_count, told.model) == ([[0.5, 1.0]], 3, "m")


def test_the_older_form_has_one_prompt_and_one_vector() -> None:
    asked = read_ollama_old({"model": "m", "prompt": "a"}, model="m")
    assert write_ollama(asked, DIALECT).body["input"] == ["a"]
    assert ollama.EmbeddingsResponse(**answered(Vectors([[0.5]]), asked)).embedding == [0.5]


def test_tokens_are_kept_for_openai_and_refused_for_ollama() -> None:
    for given_, lists in (([1, 2], [[1, 2]]), ([[1], [2, 3]], [[1], [2, 3]])):
        asked = openai(input=given_)
        assert asked.token_lists == lists
        assert write_openai(asked, DIALECT).body["input"] == lists
        with pytest.raises(InvalidRequest) as refused:
            write_ollama(asked, DIALECT)
        assert refused.value.param == "input"


def test_the_same_form_keeps_what_only_it_knows() -> None:
    assert write_openai(openai(input="a", user="u", new=1), DIALECT).body["new"] == 1
    same = read_ollama({"input": ["a"], "options": {"num_ctx": 512}}, model="m")
    assert write_ollama(same, DIALECT).body["options"] == {"num_ctx": 512}
    assert write_ollama(openai(input="a", new=1), DIALECT).lost == ["new"]


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "input"),
        ({"input": []}, "input"),
        ({"input": [1, "a"]}, "input"),
        ({"input": [True]}, "input"),
        ({"input": [[]]}, "input"),
        ({"input": "a", "encoding_format": "hex"}, "encoding_format"),
        ({"input": "a", "dimensions": "many"}, "dimensions"),
        ({"input": "a", "dimensions": True}, "dimensions"),
    ],
)
def test_what_no_request_may_say_is_named(body: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidRequest) as refused:
        openai(**body)
    assert refused.value.param == param


def test_ollamas_forms_take_text_only() -> None:
    for body in ({"input": [1]}, {"input": None}, {}):
        with pytest.raises(InvalidRequest):
            read_ollama(body, model="m")
    with pytest.raises(InvalidRequest):
        read_ollama_old({"prompt": ""}, model="m")


def test_vectors_come_in_the_order_of_their_index_and_in_either_form() -> None:
    rows = [{"index": 1, "embedding": packed(0.1, 2.0)}, {"index": 0, "embedding": [3.0, 4.0]}]
    found = decode_openai(json.dumps({"data": rows}).encode(), openai(input=["a", "b"]))
    assert found == Vectors([[3.0, 4.0], [0.1, 2.0]], "", None)
    assert answered(found, openai(input=["a", "b"]))["usage"]["prompt_tokens"] == 99


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>",
        b'{"error":{"message":"no"}}',
        b'{"data":[],"embeddings":[]}',
        b'{"data":[{"embedding":"?"}],"embeddings":[["a"]]}',
        b'{"data":[{"embedding":"AAA="}],"embeddings":[[1],[2]]}',
        b'{"data":[{"embedding":"AADAfw=="}],"embeddings":[[1e308,1e308]]}',
    ],
)
def test_what_is_no_answer_or_lacks_a_vector_is_garbage(body: bytes) -> None:
    for decode in (decode_openai, decode_ollama):
        with pytest.raises(ProviderGarbage):
            decode(body, openai(input="a"))


FLOATS = st.lists(
    st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), max_size=4), min_size=1, max_size=3
)


@given(FLOATS, st.booleans())
def test_numbers_cross_without_a_change(vectors: list[list[float]], as_base64: bool) -> None:
    asked = openai(input=["a"] * len(vectors), encoding_format="base64" if as_base64 else "float")
    found = decode_openai(encode(Vectors(vectors, "", 1), asked, model="m", estimate=0), asked)
    pack = [struct.pack(f"<{len(one)}f", *one) for one in found.vectors]
    assert pack == [struct.pack(f"<{len(one)}f", *one) for one in vectors]


@given(st.binary(max_size=60) | st.just(b'{"embeddings":[[1e999]]}'))
def test_any_bytes_are_vectors_or_a_failure(body: bytes) -> None:
    for decode in (decode_openai, decode_ollama):
        try:
            found = decode(body, openai(input="a"))
        except Failure:
            continue
        encode(found, openai(input="a", encoding_format="base64"), model="m", estimate=0)
